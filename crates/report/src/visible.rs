//! Foreign text made harmless to look at.

use std::fmt;

/// Text in which nothing is hidden: control characters, direction marks and other characters without a shape stand as
/// `\u{202e}`. The page holds no foreign text of another type, so none can get in unescaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Visible(String);

/// Characters of one text shown in a page; more are counted.
const MOST: usize = 2_000;

impl Visible {
    /// Makes `text` visible and cuts what is too long for a page.
    pub(crate) fn new(text: &str) -> Self {
        Self::within(text, MOST)
    }

    /// The same, cut after `most` characters, at most those of [`Self::new`].
    pub(crate) fn within(text: &str, most: usize) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars();
        for c in chars.by_ref().take(most.min(MOST)) {
            if is_hidden(c) {
                out.extend(c.escape_unicode());
            } else {
                out.push(c);
            }
        }
        let left = chars.count();
        if left > 0 {
            out.push_str(" … (");
            out.push_str(&left.to_string());
            out.push_str(" more characters)");
        }
        Self(out)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `c` has no shape of its own or moves its neighbours: controls, format characters of Unicode's category Cf,
/// separators of lines, and fillers that look like nothing.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}'
            | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_hidden() {
        let text = "a\u{1b}[31mb\r\n\u{202e}c\u{200b}d\u{2028}\0é\u{feff}";
        assert_eq!(
            Visible::new(text).to_string(),
            r"a\u{1b}[31mb\u{d}\u{a}\u{202e}c\u{200b}d\u{2028}\u{0}é\u{feff}"
        );
        assert_eq!(Visible::new("Grüße 世界 👋").to_string(), "Grüße 世界 👋");
    }

    #[test]
    fn long_texts_are_cut_and_counted() {
        let shown = Visible::new(&"x".repeat(MOST + 5)).to_string();
        assert!(shown.ends_with("x … (5 more characters)"));
    }
}
