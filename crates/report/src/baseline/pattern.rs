//! Patterns over ids of cases and names of instances, as `--case` takes them.

/// A pattern: `*` stands for any text, slashes included, `?` for one character; everything else is literal, brackets
/// too, because names of instances are full of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(pub(super) String);

impl Pattern {
    /// Whether it matches the id of a case or the name of its instance.
    pub(super) fn matches(&self, case: &str, name: &str) -> bool {
        holds(&self.0, case) || holds(&self.0, name)
    }
}

/// Linear but for the last star: a pattern cannot make this slow.
fn holds(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // What follows the last star, and the text that it was tried on.
    let mut again: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let (behind_pattern, behind_text) = (pattern.clone(), text.clone());
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = behind_text;
                again = Some((pattern.clone(), text.clone()));
                continue;
            }
            (Some('?'), Some(_)) => continue,
            (Some(wanted), Some(found)) if wanted == found => continue,
            _ => {}
        }
        drop(behind_pattern);
        let Some((rest, tried)) = &mut again else {
            return false;
        };
        if tried.next().is_none() {
            return false;
        }
        (pattern, text) = (rest.clone(), tried.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_wildcards_are_special() {
        for (pattern, text, matches) in [
            ("a/x[1]", "a/x[1]", true),
            ("a/x[1]", "a/x1", false),
            ("a/*", "a/x/y[1]", true),
            ("*", "", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*c", "abbbc", true),
            ("*b*c", "abbbcd", false),
            ("é?*", "éü", true),
            ("", "", true),
            ("a", "ab", false),
        ] {
            assert_eq!(holds(pattern, text), matches, "{pattern} {text}");
        }
        let many = "*a".repeat(200);
        assert!(!holds(&many, &("a".repeat(199) + "b")));
    }

    /// The definition, word for word.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                naive(rest, text) || text.split_first().is_some_and(|(_, text)| naive(pattern, text))
            }
            (['?', rest @ ..], [_, text @ ..]) => naive(rest, text),
            ([wanted, rest @ ..], [found, text @ ..]) if wanted == found => naive(rest, text),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn as_defined(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(holds(&pattern, &text), naive(&chars(&pattern), &chars(&text)));
        }
    }
}
