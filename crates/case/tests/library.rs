//! The embedded library as a whole: it loads, and its names, references and aliases are in order.

use std::collections::{BTreeMap, BTreeSet};

use wsanvil_case::script::{Action, Expect, Kind, Step};
use wsanvil_case::{Library, Need, ProfileName, Selection};

fn library() -> Library {
    Library::embedded().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn ids_and_instance_names_are_unique() {
    let library = library();
    let names: BTreeSet<&str> = library
        .instances
        .iter()
        .map(|instance| instance.name.as_str())
        .collect();
    assert_eq!(names.len(), library.instances.len());
    let ids: BTreeSet<&str> = library.cases().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), library.cases().count());
}

#[test]
fn every_requirement_named_is_in_the_inventory() {
    let known: BTreeSet<&str> = wsanvil_cases::requirements().iter().map(|row| row.id).collect();
    for case in library().cases() {
        assert!(!case.spec.is_empty(), "{} names no requirement", case.id);
        for id in &case.spec {
            assert!(
                known.contains(id.as_str()),
                "{}: unknown requirement {id}",
                case.id
            );
        }
    }
}

#[test]
fn every_rule_rests_on_a_known_requirement() {
    use wsanvil_case::checks::{NAMED_CHECKS, STANDING_RULES};

    let known: BTreeSet<&str> = wsanvil_cases::requirements().iter().map(|row| row.id).collect();
    for check in STANDING_RULES.iter().chain(NAMED_CHECKS) {
        for id in check.spec {
            assert!(known.contains(id), "{}: unknown requirement {id}", check.name);
        }
    }
}

/// Autobahn has 517 cases: 16 + 11 + 7 + 10 + 20 + 145 + 37 + 54 + 1 in sections 1 to 7, 9 and 10, 90 in 12, 126 in 13.
#[test]
fn every_autobahn_case_has_exactly_one_instance() {
    let library = library();
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for instance in &library.instances {
        for alias in instance
            .alias
            .iter()
            .filter_map(|alias| alias.strip_prefix("autobahn:"))
        {
            owners.entry(alias).or_default().push(&instance.name);
        }
    }
    for (alias, owners) in &owners {
        assert_eq!(owners.len(), 1, "{alias}: {owners:?}");
    }
    let mut sections: BTreeMap<&str, usize> = BTreeMap::new();
    for alias in owners.keys() {
        *sections
            .entry(alias.split('.').next().unwrap_or_default())
            .or_default() += 1;
    }
    let expected = [
        ("1", 16),
        ("10", 1),
        ("12", 90),
        ("13", 126),
        ("2", 11),
        ("3", 7),
        ("4", 10),
        ("5", 20),
        ("6", 145),
        ("7", 37),
        ("9", 54),
    ];
    assert_eq!(sections.into_iter().collect::<Vec<_>>(), expected);
}

fn selected(include: &[&str], profile: Option<ProfileName>) -> usize {
    let selection = Selection {
        include: include.iter().map(|pattern| (*pattern).to_owned()).collect(),
        profile,
        ..Selection::default()
    };
    selection.select(&library()).expect("cases match").len()
}

#[test]
fn autobahn_patterns_select_whole_sections() {
    assert_eq!(selected(&["autobahn:5.*"], None), 20);
    assert_eq!(selected(&["autobahn:5.*"], Some(ProfileName::Autobahn)), 20);
    assert_eq!(selected(&["autobahn:1.1.1"], None), 1);
    assert_eq!(selected(&["autobahn:*"], None), 517);
    assert_eq!(selected(&[], Some(ProfileName::Autobahn)), 517);
}

#[test]
fn every_case_file_holds_to_the_schema() {
    let schema = jsonschema::validator_for(&wsanvil_case::schema()).unwrap();
    for file in wsanvil_cases::FILES {
        let document: serde_json::Value = toml::from_str(file.text).unwrap();
        if let Err(error) = schema.validate(&document) {
            panic!("{}: {} at {}", file.path, error, error.instance_path());
        }
    }
}

#[test]
fn the_library_has_no_lint_errors() {
    let library = library();
    for file in wsanvil_cases::FILES {
        for found in wsanvil_case::lint_text(&library, file.path, file.text, None) {
            assert_eq!(found.severity, wsanvil_case::Severity::Warning, "{}", found.error);
        }
    }
}

/// Whether a step cannot go on without a message of the target.
fn wants_a_message(step: &Step) -> bool {
    let message = |expect: &Expect| {
        let lasts = |kind: &Kind| matches!(kind, Kind::Echo { .. } | Kind::Message { .. });
        lasts(&expect.want.kind) && expect.or.iter().all(|other| lasts(&other.want.kind))
    };
    match &step.action {
        Action::Expect(expect) => message(expect),
        Action::Repeat(repeat) => repeat.steps.iter().any(wants_a_message),
        _ => false,
    }
}

#[test]
fn who_waits_for_a_message_needs_an_echo() {
    let library = library();
    let wanting: BTreeSet<&str> = library
        .instances
        .iter()
        .filter(|instance| instance.script.steps.iter().any(wants_a_message))
        .filter(|instance| !instance.case.needs.contains(&Need::Echo))
        .map(|instance| instance.case.id.as_str())
        .collect();
    assert!(wanting.is_empty(), "without needs = [\"echo\"]: {wanting:?}");
}
