//! The inventory of requirements.

use std::sync::LazyLock;

use crate::{INVENTORY, lines};

/// One requirement of the inventory: a sentence of a specification that binds an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecRow {
    /// Table of the inventory: `rfc6455` for `cases/spec/rfc6455.tsv`.
    pub table: &'static str,
    /// Frozen id: `6455-5.5.3-2` is the second requirement of RFC 6455 section 5.5.3.
    pub id: &'static str,
    /// RFC number or the name of another document.
    pub rfc: &'static str,
    /// Section of that document.
    pub section: &'static str,
    /// RFC 2119 level in capitals: `MUST`, `MUST NOT`, `SHOULD`, `SHOULD NOT` or `MAY`.
    pub level: &'static str,
    /// The party that is bound: `client`, `server`, `endpoint` or `intermediary`.
    pub actor: &'static str,
    /// The requirement in own words.
    pub requirement: &'static str,
    /// Whether a tester in client role can check it: `yes`, `partly` or `no`.
    pub as_client: &'static str,
    /// Whether a tester in server role can check it: `yes`, `partly` or `no`.
    pub as_server: &'static str,
    /// How it is provoked and how reactions are graded.
    pub how: &'static str,
    /// `verified` against the text of the document, or `unverified`.
    pub status: &'static str,
}

/// The inventory, table by table, parsed on first use.
pub fn requirements() -> &'static [SpecRow] {
    static ROWS: LazyLock<Vec<SpecRow>> = LazyLock::new(|| {
        let tables = INVENTORY.iter();
        tables
            .flat_map(|(table, text)| lines(text).filter_map(|columns| row(table, columns)))
            .collect()
    });
    &ROWS
}

fn row(table: &'static str, mut columns: impl Iterator<Item = &'static str>) -> Option<SpecRow> {
    let mut next = || columns.next();
    Some(SpecRow {
        table,
        id: next()?,
        rfc: next()?,
        section: next()?,
        level: next()?,
        actor: next()?,
        requirement: next()?,
        as_client: next()?,
        as_server: next()?,
        how: next()?,
        status: next()?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_inventory_is_a_requirement() {
        let lines: usize = INVENTORY.iter().map(|(_, text)| text.lines().count() - 1).sum();
        assert_eq!(requirements().len(), lines);
        for row in requirements() {
            assert!(
                ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"].contains(&row.level),
                "{}: level {}",
                row.id,
                row.level
            );
            assert!(
                ["client", "server", "endpoint", "intermediary"].contains(&row.actor),
                "{}: actor {}",
                row.id,
                row.actor
            );
            for role in [row.as_client, row.as_server] {
                assert!(["yes", "partly", "no"].contains(&role), "{}: {role}", row.id);
            }
            assert!(
                ["verified", "unverified"].contains(&row.status),
                "{}: status {}",
                row.id,
                row.status
            );
        }
    }

    #[test]
    fn requirement_ids_are_unique() {
        let ids: BTreeSet<&str> = requirements().iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), requirements().len());
    }
}
