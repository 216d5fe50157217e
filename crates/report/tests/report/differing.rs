//! What changed between two reports.

use proptest::prelude::*;
use wsanvil_model::{CaseReport, Finding, FindingKind, InstanceReport, Report, Verdict};
use wsanvil_report::diff::{self, Change, Diff};

use crate::hostile::poisoned;
use crate::sample;

fn instance(name: &str, verdict: Verdict, observed: &str) -> InstanceReport {
    let mut instance = InstanceReport::new(name, verdict);
    instance.reason = format!("expected something; {observed}");
    instance.observed = observed.to_owned();
    instance.replay = format!("wsanvil run --case '{name}'");
    instance.finding = verdict.is_finding().then(|| Finding {
        kind: FindingKind::UnexpectedEvent,
        rule: None,
        requirement: "6455-5.2-3".to_owned(),
        expected: "something".to_owned(),
        observed: observed.to_owned(),
        on: "main".to_owned(),
        line: 0,
        offset: None,
    });
    instance
}

fn report(instances: Vec<InstanceReport>) -> Report {
    let mut report = sample::report();
    let mut case = CaseReport::of_unknown("a/x");
    case.instances = instances;
    report.cases = vec![case];
    report
}

fn names(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.name.as_str()).collect()
}

fn of(old: &[(&str, Verdict)], new: &[(&str, Verdict)]) -> Diff {
    let all = |list: &[(&str, Verdict)]| {
        report(
            list.iter()
                .map(|(name, verdict)| instance(name, *verdict, "a Ping"))
                .collect(),
        )
    };
    Diff::of(&all(old), &all(new))
}

#[test]
fn each_change_has_its_list() {
    let diff = of(
        &[
            ("same-pass", Verdict::Pass),
            ("same-fail", Verdict::Fail),
            ("broke", Verdict::Pass),
            ("worse", Verdict::Nonstrict),
            ("fixed", Verdict::Crash),
            ("milder", Verdict::Fail),
            ("removed-finding", Verdict::Fail),
            ("skipped-finding", Verdict::Fail),
            ("removed-pass", Verdict::Pass),
            ("awoken", Verdict::Skip),
            ("asleep", Verdict::Skip),
        ],
        &[
            ("same-pass", Verdict::Pass),
            ("same-fail", Verdict::Fail),
            ("broke", Verdict::Fail),
            ("worse", Verdict::Crash),
            ("fixed", Verdict::Pass),
            ("milder", Verdict::Nonstrict),
            ("skipped-finding", Verdict::Skip),
            ("awoken", Verdict::Fail),
            ("asleep", Verdict::Skip),
            ("new-finding", Verdict::Error),
            ("new-pass", Verdict::Pass),
        ],
    );
    assert_eq!(names(&diff.regressed), ["broke", "worse"]);
    assert_eq!(names(&diff.fixed), ["fixed"]);
    assert_eq!(names(&diff.changed), ["milder"]);
    assert_eq!(names(&diff.appeared), ["awoken", "new-finding"]);
    assert_eq!(names(&diff.gone), ["skipped-finding", "removed-finding"]);
    assert_eq!((diff.unchanged, diff.passes_new, diff.passes_gone), (3, 1, 1));
    assert!(diff.is_worse());
}

#[test]
fn only_what_is_not_expected_makes_it_worse() {
    let old = report(vec![instance("a", Verdict::Pass, "")]);
    let mut new = report(vec![instance("a", Verdict::Fail, "a Ping")]);
    assert!(Diff::of(&old, &new).is_worse());
    new.cases[0].instances[0].expected_by_baseline = true;
    let diff = Diff::of(&old, &new);
    assert!(!diff.is_worse() && diff.regressed.len() == 1);
    assert!(diff::text(&diff).contains("(expected by the baseline)"));
    assert!(
        !of(&[], &[("a", Verdict::Fail)]).is_worse(),
        "what was not judged cannot regress"
    );
}

#[test]
fn evidence_is_compared_without_what_chance_decides() {
    let one = |observed: &str, duration| {
        let mut instance = instance("a", Verdict::Fail, observed);
        instance.duration_ms = duration;
        report(vec![instance])
    };
    let old = one("a binary message of 8 octets: 00fffefdfcfb00ff after 12 ms", 3);
    assert_eq!(
        Diff::of(
            &old,
            &one("a binary message of 8 octets: 0123456789abcdef after 9 ms", 900)
        )
        .unchanged,
        1
    );
    let diff = Diff::of(&old, &one("a Close with 1002", 3));
    assert_eq!(names(&diff.changed), ["a"]);
    let mut kind = old.clone();
    kind.cases[0].instances[0].finding.as_mut().unwrap().kind = FindingKind::Silence;
    assert_eq!(names(&Diff::of(&old, &kind).changed), ["a"]);
}

#[test]
fn it_follows_its_schema() {
    let schema = serde_json::from_str(&diff::schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let diff = of(
        &[("a", Verdict::Pass), ("b", Verdict::Fail)],
        &[("a", Verdict::Fail)],
    );
    let text = diff::json(&diff).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()));
    assert_eq!(serde_json::from_str::<Diff>(&text).unwrap(), diff);
}

#[test]
fn it_reads_well() {
    let diff = of(
        &[
            ("a/x[1]", Verdict::Pass),
            ("a/x[2]", Verdict::Fail),
            ("a/x[3]", Verdict::Fail),
        ],
        &[
            ("a/x[1]", Verdict::Fail),
            ("a/x[2]", Verdict::Pass),
            ("a/x[4]", Verdict::Fail),
        ],
    );
    insta::assert_snapshot!("diff_as_text", diff::text(&diff));
    insta::assert_snapshot!("diff_as_markdown", diff::markdown(&diff));
}

#[test]
fn one_fault_does_not_take_all_the_room() {
    let names: Vec<String> = (0..9).map(|nth| format!("a/x[{nth}]")).collect();
    let all = |verdict| {
        let case = |nth: u32| {
            let made = |name: &String| instance(&format!("{nth}{name}"), verdict, "a Ping");
            let mut case = CaseReport::of_unknown(&format!("{nth}a/x"));
            case.instances = names.iter().map(made).collect();
            case
        };
        let mut report = sample::report();
        report.cases = (0..20).map(case).collect();
        report
    };
    let diff = Diff::of(&all(Verdict::Pass), &all(Verdict::Fail));
    let text = diff::text(&diff);
    assert_eq!(diff.regressed.len(), 180);
    assert_eq!(text.matches("pass -> fail").count(), 52, "13 cases with 4 each");
    assert_eq!(text.matches("and 5 more of").count(), 13);
    assert!(text.contains("… and 63 more: --format json names all"));
    assert!(diff::markdown(&diff).contains("- … and 63 more\n"));
}

#[test]
fn what_a_target_sends_is_shown_and_is_no_markup() {
    let mut old = sample::report();
    for instance in old.cases.iter_mut().flat_map(|case| &mut case.instances) {
        instance.verdict = Verdict::Pass;
    }
    for trick in ["\u{1b}[31m\u{202e}\n", "<b>*x*</b> [a](http://b) @all", "`"] {
        let mut new = poisoned(trick);
        for (case, earlier) in new.cases.iter_mut().zip(&old.cases) {
            for (instance, earlier) in case.instances.iter_mut().zip(&earlier.instances) {
                instance.name.clone_from(&earlier.name);
            }
        }
        let diff = Diff::of(&old, &new);
        assert!(!diff.regressed.is_empty());
        for text in [diff::text(&diff), diff::markdown(&diff)] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        }
        let markdown = diff::markdown(&diff);
        for event in pulldown_cmark::Parser::new(&markdown) {
            let live = matches!(
                event,
                pulldown_cmark::Event::Html(_)
                    | pulldown_cmark::Event::InlineHtml(_)
                    | pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { .. })
            );
            assert!(!live, "{event:?}\n{markdown}");
        }
    }
}

fn lists() -> impl Strategy<Value = Vec<(usize, Verdict)>> {
    prop::collection::vec((0..6_usize, prop::sample::select(Verdict::ALL.to_vec())), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing differs from itself, every instance is counted once, and what is not judged now is never fixed.
    #[test]
    fn every_instance_is_told_once(old in lists(), new in lists()) {
        const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        let unique = |list: Vec<(usize, Verdict)>| {
            let map: std::collections::BTreeMap<usize, Verdict> = list.into_iter().collect();
            map.into_iter().map(|(at, verdict)| (NAMES[at], verdict)).collect::<Vec<_>>()
        };
        let (old, new) = (unique(old), unique(new));
        let same = of(&old, &old);
        prop_assert_eq!(same.unchanged as usize, old.len());
        let diff = of(&old, &new);
        let told = [&diff.regressed, &diff.fixed, &diff.appeared, &diff.gone, &diff.changed];
        let told: usize = told.iter().map(|list| list.len()).sum();
        let all: std::collections::BTreeSet<&str> = old.iter().chain(&new).map(|(name, _)| *name).collect();
        let skips = |list: &[(&str, Verdict)], other: &[(&str, Verdict)]| {
            list.iter().filter(|(name, verdict)| {
                *verdict == Verdict::Skip && other.iter().all(|(known, _)| known != name)
            }).count()
        };
        let silent = skips(&old, &new) + skips(&new, &old);
        prop_assert_eq!(
            told + (diff.unchanged + diff.passes_new + diff.passes_gone) as usize + silent,
            all.len()
        );
        for change in &diff.fixed {
            prop_assert_eq!(change.new.as_ref().map(|state| state.verdict), Some(Verdict::Pass));
        }
        // Regressions of one direction are fixed or milder in the other.
        let back = of(&new, &old);
        prop_assert_eq!(
            back.regressed.len(),
            diff.fixed.len() + diff.changed.len(),
        );
    }
}
