//! Foreign text made harmless: a target must not move the cursor, change the title or reorder what is read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One line: every control character, line ends included, is written as an escape.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    escape_all_but(text, None)
}

/// Several lines: only line feeds stay.
pub(crate) fn escape_block(text: &str) -> Cow<'_, str> {
    escape_all_but(text, Some('\n'))
}

fn escape_all_but(text: &str, kept: Option<char>) -> Cow<'_, str> {
    let harmful = |c: char| is_harmful(c) && Some(c) != kept;
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !harmful(c) => clean.push(c),
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            _ => {
                let _ = write!(clean, "\\u{{{:x}}}", c as u32);
            }
        }
    }
    Cow::Owned(clean)
}

/// Control characters (C0, DEL, C1), separators that some terminals take for line ends, and marks that change the
/// direction of writing.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A word as a POSIX shell reads it back.
pub(crate) fn shell_quote(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_drives_a_terminal_stays() {
        assert_eq!(
            escape("a\u{1b}[31mb\r\n\u{9b}c\u{7f}"),
            "a\\u{1b}[31mb\\r\\n\\u{9b}c\\u{7f}"
        );
        assert_eq!(escape("\u{202e}evil"), "\\u{202e}evil");
        assert_eq!(escape_block("a\nb\u{7}"), "a\nb\\u{7}");
        assert!(matches!(escape("κόσμε"), Cow::Borrowed("κόσμε")));
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_quote("ws://h:1/x"), "ws://h:1/x");
        assert_eq!(shell_quote("it's"), r"'it'\''s'");
        assert_eq!(shell_quote("a[b]"), "'a[b]'");
        assert_eq!(shell_quote(""), "''");
    }
}
