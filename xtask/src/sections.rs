//! Which Autobahn cases are meant.

use std::str::FromStr;

/// A list of Autobahn case patterns such as `1.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sections(pub(crate) Vec<String>);

impl FromStr for Sections {
    type Err = String;

    /// `1-7,10,9.1.*`: ranges and numbers of sections, or patterns.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut patterns = Vec::new();
        for part in text.split(',').map(str::trim) {
            let number = |text: &str| text.parse::<u8>().map_err(|_| format!("no section: {part:?}"));
            if let Some((first, last)) = part.split_once('-') {
                let (first, last) = (number(first)?, number(last)?);
                if first > last {
                    return Err(format!("empty range: {part:?}"));
                }
                patterns.extend((first..=last).map(|section| format!("{section}.*")));
            } else if part.contains('.') {
                if part.chars().any(|c| !c.is_ascii_digit() && c != '.' && c != '*') {
                    return Err(format!("no case pattern: {part:?}"));
                }
                patterns.push(part.to_owned());
            } else {
                patterns.push(format!("{}.*", number(part)?));
            }
        }
        Ok(Self(patterns))
    }
}

/// Order of Autobahn ids: by their numbers.
pub(crate) fn order(id: &str) -> Vec<u32> {
    id.split('.')
        .map(|part| part.parse().unwrap_or(u32::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_numbers_and_patterns() {
        let sections: Sections = "1-3,10, 9.1.*,12.1.1".parse().unwrap();
        assert_eq!(sections.0, ["1.*", "2.*", "3.*", "10.*", "9.1.*", "12.1.1"]);
        for wrong in ["", "7-1", "x", "1.x", "-"] {
            assert!(wrong.parse::<Sections>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn ids_are_ordered_by_number() {
        let mut ids = ["10.1.1", "2.10", "2.9"];
        ids.sort_by_key(|id| order(id));
        assert_eq!(ids, ["2.9", "2.10", "10.1.1"]);
    }
}
