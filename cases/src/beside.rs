//! What is said about requirements: errata, ambiguous places, exceptions.

use std::sync::LazyLock;

use crate::lines;

/// An erratum of a specification that a requirement takes into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erratum {
    /// Number of the erratum at the RFC editor.
    pub number: &'static str,
    /// RFC that it is about.
    pub rfc: &'static str,
    /// What the RFC editor made of it: `verified`, `held`, `reported`; `not verified` when no more than that is known.
    pub status: &'static str,
    /// What it says, in own words.
    pub says: &'static str,
    /// The requirements that it touches.
    pub requirements: Vec<&'static str>,
}

impl Erratum {
    /// Where it is published.
    pub fn address(&self) -> String {
        format!("https://www.rfc-editor.org/errata/eid{}", self.number)
    }
}

/// A place where the texts are unclear or disagree, and how wsanvil grades there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// Name in kebab case.
    pub slug: &'static str,
    /// What is unclear.
    pub unclear: &'static str,
    /// How reactions are graded.
    pub graded: &'static str,
    /// The requirements that rest on it.
    pub requirements: Vec<&'static str>,
}

/// A requirement that could be tested and has no case, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The requirement.
    pub requirement: &'static str,
    /// `later`: for what wsanvil cannot do yet, another protocol above all; `local`: only inside the target;
    /// `nothing-to-see`: no reaction tells who keeps it from who does not.
    pub kind: &'static str,
    /// Why, for this requirement.
    pub reason: &'static str,
}

/// The errata, by number.
pub fn errata() -> &'static [Erratum] {
    static ROWS: LazyLock<Vec<Erratum>> = LazyLock::new(|| {
        let table = include_str!("../spec/errata.tsv");
        lines(table)
            .filter_map(|mut columns| {
                let mut next = || columns.next();
                Some(Erratum {
                    number: next()?,
                    rfc: next()?,
                    status: next()?,
                    says: next()?,
                    requirements: ids(next()?),
                })
            })
            .collect()
    });
    &ROWS
}

/// The ambiguous places.
pub fn ambiguities() -> &'static [Ambiguity] {
    static ROWS: LazyLock<Vec<Ambiguity>> = LazyLock::new(|| {
        let table = include_str!("../spec/ambiguities.tsv");
        lines(table)
            .filter_map(|mut columns| {
                let mut next = || columns.next();
                Some(Ambiguity {
                    slug: next()?,
                    unclear: next()?,
                    graded: next()?,
                    requirements: ids(next()?),
                })
            })
            .collect()
    });
    &ROWS
}

/// The exceptions from the rule that every testable requirement has a case.
pub fn exceptions() -> &'static [Exception] {
    static ROWS: LazyLock<Vec<Exception>> = LazyLock::new(|| {
        let table = include_str!("../spec/exceptions.tsv");
        lines(table)
            .filter_map(|mut columns| {
                let mut next = || columns.next();
                Some(Exception {
                    requirement: next()?,
                    kind: next()?,
                    reason: next()?,
                })
            })
            .collect()
    });
    &ROWS
}

fn ids(column: &'static str) -> Vec<&'static str> {
    column.split(' ').collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::requirements;

    fn assert_known(owner: &str, id: &str) {
        let known = requirements().iter().any(|row| row.id == id);
        assert!(known, "{owner}: unknown requirement {id:?}");
    }

    #[test]
    fn every_line_is_read() {
        for (read, text) in [
            (errata().len(), include_str!("../spec/errata.tsv")),
            (ambiguities().len(), include_str!("../spec/ambiguities.tsv")),
            (exceptions().len(), include_str!("../spec/exceptions.tsv")),
        ] {
            assert_eq!(read, text.lines().count() - 1);
        }
    }

    #[test]
    fn errata_name_known_requirements_of_their_document() {
        let numbers: BTreeSet<&str> = errata().iter().map(|erratum| erratum.number).collect();
        assert_eq!(numbers.len(), errata().len());
        for erratum in errata() {
            assert!(
                ["verified", "held", "reported", "not verified"].contains(&erratum.status),
                "{}: {}",
                erratum.number,
                erratum.status
            );
            assert!(erratum.number.parse::<u32>().is_ok() && erratum.says.ends_with('.'));
            for id in &erratum.requirements {
                assert_known(erratum.number, id);
                assert!(id.starts_with(erratum.rfc), "{}: {id}", erratum.number);
            }
        }
    }

    #[test]
    fn every_erratum_that_a_requirement_names_is_in_the_table() {
        for row in requirements() {
            for text in [row.requirement, row.how] {
                for (at, word) in text.match_indices("errata ") {
                    let rest = &text[at + word.len()..];
                    let number = rest
                        .split(|c: char| !c.is_ascii_digit())
                        .next()
                        .unwrap_or_default();
                    let found = errata().iter().find(|erratum| erratum.number == number);
                    let found =
                        found.unwrap_or_else(|| panic!("{}: errata {number} is not in the table", row.id));
                    assert!(found.requirements.contains(&row.id), "{number} lacks {}", row.id);
                }
            }
        }
    }

    #[test]
    fn ambiguities_name_known_requirements() {
        let slugs: BTreeSet<&str> = ambiguities().iter().map(|place| place.slug).collect();
        assert_eq!(slugs.len(), ambiguities().len());
        for place in ambiguities() {
            assert!(
                place.unclear.ends_with('.') && place.graded.ends_with('.'),
                "{}",
                place.slug
            );
            for id in &place.requirements {
                assert_known(place.slug, id);
            }
        }
    }

    #[test]
    fn exceptions_name_known_requirements_once() {
        let ids: BTreeSet<&str> = exceptions()
            .iter()
            .map(|exception| exception.requirement)
            .collect();
        assert_eq!(ids.len(), exceptions().len());
        for exception in exceptions() {
            assert_known("exceptions.tsv", exception.requirement);
            assert!(
                ["later", "local", "nothing-to-see"].contains(&exception.kind),
                "{}: {}",
                exception.requirement,
                exception.kind
            );
            assert!(exception.reason.ends_with('.'), "{}", exception.requirement);
        }
    }
}
