//! Lines that fit.

use std::io::IsTerminal as _;

/// Width when stdout is no terminal: a file or a pipe has room, a log viewer not endlessly.
const NO_TERMINAL: usize = 160;
/// Narrower terminals wrap by themselves.
const NARROWEST: usize = 40;

/// Columns of stdout.
pub(crate) fn stdout_width() -> usize {
    let columns = std::io::stdout()
        .is_terminal()
        .then(|| terminal_size::terminal_size_of(std::io::stdout()))
        .flatten()
        .map(|(width, _)| usize::from(width.0));
    columns.unwrap_or(NO_TERMINAL).max(NARROWEST)
}

/// The first `width` characters, the last of them an ellipsis when something is cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// Breaks `text` at spaces into lines of at most `width` characters, each behind `indent` spaces; a longer word
/// stays whole.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    let margin = " ".repeat(indent);
    lines
        .iter()
        .flat_map(|line| [&margin, line.as_str(), "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_and_wraps_by_characters() {
        assert_eq!(fit("κόσμε", 5), "κόσμε");
        assert_eq!(fit("κόσμε!", 5), "κόσμ…");
        assert_eq!(fit("a b c", 3), "a…");
        assert_eq!(
            wrap("one two three four five six", 24, 2),
            "  one two three four\n  five six\n"
        );
    }
}
