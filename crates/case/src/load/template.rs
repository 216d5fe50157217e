//! `{name}`, `{name+N}`, `{name-N}`, `{{` and `}}` in strings.

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Text as it is.
    Literal(&'t str),
    /// The place of a name.
    Name {
        /// Which.
        name: &'t str,
        /// Added to its value, which must be a number then.
        add: i64,
    },
}

/// Whether the text has to be looked at at all.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.bytes().any(|octet| octet == b'{' || octet == b'}')
}

/// The pieces of a template, or what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            parts.push(Part::Literal(&rest[..at]));
        }
        let from = &rest[at..];
        if from.starts_with("{{") || from.starts_with("}}") {
            parts.push(Part::Literal(&from[..1]));
            rest = &from[2..];
        } else if from.starts_with('}') {
            return Err("`}` without `{`; a literal one is written `}}`".to_owned());
        } else {
            let end = from
                .find('}')
                .ok_or("`{` without `}`; a literal one is written `{{`")?;
            parts.push(place(&from[1..end])?);
            rest = &from[end + 1..];
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    Ok(parts)
}

/// The single name of a string that is nothing but `{name}` or `{name±N}`.
pub(crate) fn only_name(text: &str) -> Option<(&str, i64)> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    if !is_plain(inside) {
        return None;
    }
    match place(inside) {
        Ok(Part::Name { name, add }) => Some((name, add)),
        _ => None,
    }
}

fn place(inside: &str) -> Result<Part<'_>, String> {
    let wrong = || format!("`{{{inside}}}` is not a name; a literal brace is written `{{{{`");
    if is_name(inside) {
        return Ok(Part::Name { name: inside, add: 0 });
    }
    // The sign is searched from the end: names may hold `-`.
    let sign = inside.rfind(['+', '-']).ok_or_else(wrong)?;
    let (name, number) = inside.split_at(sign);
    let add = number.parse().map_err(|_| wrong())?;
    if is_name(name) {
        Ok(Part::Name { name, add })
    } else {
        Err(wrong())
    }
}

/// Letters, digits, `_`, and `.` inside; `-` too, unless digits only follow (that is a subtraction).
fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let all_legal = text
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-'));
    let subtracts = text
        .rsplit_once('-')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()));
    starts_well && all_legal && !subtracts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_numbers_and_literal_braces() {
        assert_eq!(
            parse("a {b} {c+1}{d-2} {{x}}").unwrap(),
            [
                Part::Literal("a "),
                Part::Name { name: "b", add: 0 },
                Part::Literal(" "),
                Part::Name { name: "c", add: 1 },
                Part::Name { name: "d", add: -2 },
                Part::Literal(" "),
                Part::Literal("{"),
                Part::Literal("x"),
                Part::Literal("}"),
            ]
        );
    }

    #[test]
    fn a_whole_name_is_told_from_a_mixture() {
        assert_eq!(only_name("{len}"), Some(("len", 0)));
        assert_eq!(only_name("{len-1}"), Some(("len", -1)));
        assert_eq!(only_name("{target.max-message}"), Some(("target.max-message", 0)));
        for other in ["len", "{a}{b}", "{{a}}", "{a} ", "{}", "{1}"] {
            assert_eq!(only_name(other), None, "{other}");
        }
    }

    #[test]
    fn stray_braces_are_mistakes() {
        for wrong in ["{", "a}", "{a", "{ a }", "{a+}", "{}"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn doubled_braces_give_the_text_back(text in "[a{}\"é ]{0,12}") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            let back: String = parse(&doubled)
                .unwrap()
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => *text,
                    Part::Name { .. } => "?",
                })
                .collect();
            prop_assert_eq!(back, text);
        }
    }
}
