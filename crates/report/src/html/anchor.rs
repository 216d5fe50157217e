//! Addresses within the page that stay the same from run to run.

use std::collections::HashSet;
use std::fmt::Write;

use crate::visible::Visible;

/// The id of an element, and what a link to it is written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) id: Visible,
    /// With the `#` in front.
    pub(super) href: String,
}

/// Characters of a name.
const MOST: usize = 300;

impl Anchor {
    /// `#kind=name`. An id holds no white space (HTML section 3.2.6); a very long name is cut.
    pub(super) fn of(kind: &str, name: &str) -> Self {
        let name: String = name
            .chars()
            .take(MOST)
            .map(|c| if c.is_whitespace() { '_' } else { c })
            .collect();
        let id = Visible::new(&format!("{kind}={name}"));
        let mut href = "#".to_owned();
        for octet in id.to_string().bytes() {
            if octet.is_ascii_alphanumeric() || b"-._~/=,:[]".contains(&octet) {
                href.push(octet.into());
            } else {
                // Writing to a String cannot fail.
                let _ = write!(href, "%{octet:02X}");
            }
        }
        Self { id, href }
    }

    /// The same, with a number behind it when the page has such an id already: foreign reports may repeat names.
    pub(super) fn unique(kind: &str, name: &str, number: usize, taken: &mut HashSet<String>) -> Self {
        let anchor = Self::of(kind, name);
        if taken.insert(anchor.id.to_string()) {
            return anchor;
        }
        let start: String = name.chars().take(MOST / 2).collect();
        let anchor = Self::of(kind, &format!("{start}~{number}"));
        taken.insert(anchor.id.to_string());
        anchor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_addresses_as_they_are() {
        let anchor = Anchor::of("finding", "utf8/split-at[at=13]");
        assert_eq!(anchor.id.to_string(), "finding=utf8/split-at[at=13]");
        assert_eq!(anchor.href, "#finding=utf8/split-at[at=13]");
    }

    #[test]
    fn what_an_address_cannot_hold_is_encoded() {
        let anchor = Anchor::of("case", "a b\"<é%\u{202e}");
        assert_eq!(anchor.id.to_string(), "case=a_b\"<é%\\u{202e}");
        assert_eq!(anchor.href, "#case=a_b%22%3C%C3%A9%25%5Cu%7B202e%7D");
        let long = Anchor::of("case", &"x".repeat(9_000)).id.to_string();
        assert!(long.len() < 400 && !long.contains(' '));
    }

    #[test]
    fn no_id_is_given_twice() {
        let mut taken = HashSet::new();
        let ids: HashSet<String> = (0..3)
            .map(|number| Anchor::unique("case", "a/x", number, &mut taken).id.to_string())
            .collect();
        assert_eq!(ids.len(), 3);
    }
}
