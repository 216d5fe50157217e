//! The table of disagreements with other implementations: every entry is still true, and the page says the same.
#![expect(clippy::unwrap_used, reason = "a panic here is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use wsanvil_fuzz::differential::{Disagreement, Peer, TABLE, compare, markdown};

fn fuzz() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("fuzz")
}

#[test]
fn each_example_shows_its_disagreement() {
    for entry in TABLE {
        let used = compare(entry.peer, entry.role, entry.example, &mut |_| false);
        let used = used.unwrap_or_else(|unexplained| panic!("{} {}: {unexplained}", entry.peer, entry.id));
        assert!(
            used.contains(&entry.id),
            "{} {} is stale: {used:?}",
            entry.peer,
            entry.id
        );
    }
}

#[test]
fn no_other_entry_explains_an_example() {
    for entry in TABLE {
        let mut this = |other: &Disagreement| other.id == entry.id;
        let explained = compare(entry.peer, entry.role, entry.example, &mut this);
        assert!(
            explained.is_err(),
            "{} {} is not needed: {explained:?}",
            entry.peer,
            entry.id
        );
    }
}

#[test]
fn entries_have_names_of_their_own() {
    let names: BTreeSet<_> = TABLE
        .iter()
        .map(|entry| (entry.peer.to_string(), entry.id))
        .collect();
    assert_eq!(names.len(), TABLE.len());
}

#[test]
fn the_table_is_about_the_versions_that_are_built() {
    let manifest: toml::Table = fs::read_to_string(fuzz().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    for peer in Peer::ALL {
        let asked = &manifest["dependencies"][&peer.to_string()];
        let version = asked.get("version").unwrap_or(asked).as_str();
        assert_eq!(version, Some(&*format!("={}", peer.version())), "{peer}");
    }
}

#[test]
fn the_page_is_fresh() {
    let page = fs::read_to_string(fuzz().join("DISAGREEMENTS.md")).unwrap_or_default();
    assert!(
        page == markdown(),
        "fuzz/DISAGREEMENTS.md is stale: run `cargo xtask fuzz --disagreements` and commit it"
    );
}
