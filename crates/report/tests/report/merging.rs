//! Shards made whole, and several targets on one page.

use proptest::prelude::*;
use wsanvil_model::{CaseReport, Finding, FindingKind, InstanceReport, Level, Report, Shard, Verdict};
use wsanvil_report::merge::{self, MergeError};
use wsanvil_report::{CaseMeta, Collector, html};

use crate::hostile::poisoned;
use crate::sample;

/// A rule that an instance saw broken.
#[derive(Debug, Clone)]
struct Hit {
    rule: usize,
    verdict: Verdict,
}

/// An instance as a run judges it.
#[derive(Debug, Clone)]
struct Ran {
    case: usize,
    label: u32,
    verdict: Verdict,
    hits: Vec<Hit>,
}

const CASES: [&str; 4] = ["b/one", "a/two", "b/three", "own/four"];
const RULES: [&str; 3] = ["standing/mask", "standing/rsv", "standing/pong-order"];

impl Ran {
    fn name(&self) -> String {
        format!("{}[{}]", CASES[self.case], self.label)
    }
}

/// The report of a run of these: what the runner would write.
fn run(all: &[Ran], shard: Option<Shard>) -> Report {
    let meta = |id: &str| CaseMeta {
        id: id.to_owned(),
        title: format!("title of {id}"),
        area: id.split('/').next().unwrap().to_owned(),
        role: wsanvil_model::TargetRole::Server,
        level: Level::Must,
        spec: Vec::new(),
        why: None,
        file: String::new(),
    };
    let tool = sample::report().tool;
    let metas = CASES.iter().chain(&RULES).map(|id| meta(id)).collect();
    let mut collector = Collector::new(tool, metas);
    let mine = |ran: &&Ran| shard.is_none_or(|shard| shard.holds(&ran.name()));
    let mut finished = |case: &str, instance: InstanceReport| {
        collector.fold(wsanvil_model::Event::Finished {
            case: case.to_owned(),
            instance: Box::new(instance),
        });
    };
    for ran in all.iter().filter(mine) {
        let mut instance = InstanceReport::new(ran.name(), ran.verdict);
        instance.alias = vec![format!("alias:{}", ran.label % 3)];
        finished(CASES[ran.case], instance);
    }
    for (rule, id) in RULES.iter().enumerate() {
        let mut seen: Vec<(Verdict, String)> = Vec::new();
        for ran in all.iter().filter(mine) {
            let worst = ran
                .hits
                .iter()
                .filter(|hit| hit.rule == rule)
                .map(|hit| hit.verdict)
                .max();
            seen.extend(worst.map(|verdict| (verdict, ran.name())));
        }
        let mut instance = InstanceReport::new(*id, Verdict::Pass);
        // The worst, and of those the first by name, is the evidence.
        seen.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        if let Some((verdict, evidence)) = seen.first().cloned() {
            instance.verdict = verdict;
            instance.reason = format!("evidence of {evidence}");
            let mut others: Vec<String> = seen.into_iter().skip(1).map(|(_, name)| name).collect();
            others.sort_unstable();
            instance.set_seen_in(std::iter::once(evidence).chain(others).collect());
        } else if !all.iter().any(|ran| mine(&ran)) {
            instance.verdict = Verdict::Skip;
        }
        finished(id, instance);
    }
    let mut report = collector.finish();
    report.run.shard = shard;
    report
}

fn library() -> Vec<String> {
    CASES.iter().chain(&RULES).map(|id| (*id).to_owned()).collect()
}

fn rans() -> impl Strategy<Value = Vec<Ran>> {
    let verdict = || prop::sample::select(Verdict::ALL.to_vec());
    let standing = prop::sample::select(vec![Verdict::Pass, Verdict::Nonstrict, Verdict::Fail]);
    let hit = (0..RULES.len(), standing).prop_map(|(rule, verdict)| Hit { rule, verdict });
    let ran = (
        0..CASES.len(),
        0..40_u32,
        verdict(),
        prop::collection::vec(hit, 0..3),
    );
    let ran = ran.prop_map(|(case, label, verdict, hits)| Ran {
        case,
        label,
        verdict,
        hits,
    });
    prop::collection::vec(ran, 0..40).prop_map(|mut all: Vec<Ran>| {
        all.sort_by_key(Ran::name);
        all.dedup_by_key(|ran| ran.name());
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// However a run is split, and in whatever order its parts come: together they are the run.
    #[test]
    fn the_shards_of_any_run_are_the_run(all in rans(), count in 1..6_u32, turn in 0..6_usize) {
        let whole = run(&all, None);
        let mut parts: Vec<Report> = (1..=count).map(|index| run(&all, Some(Shard { index, count }))).collect();
        let turn = turn % parts.len();
        parts.rotate_left(turn);
        let numbered: Vec<(usize, &Report)> = parts.iter().enumerate().collect();
        let merged = merge::shards(&numbered, &library()).unwrap();
        prop_assert_eq!(&merged.cases, &whole.cases);
        prop_assert_eq!(merged.summary, whole.summary);
        prop_assert_eq!(&merged.run.warnings, &whole.run.warnings);
        prop_assert_eq!(merged.run.shard, None);
    }
}

#[test]
fn what_is_missing_is_told() {
    let part = |index| run(&[], Some(Shard { index, count: 3 }));
    let (one, three) = (part(1), part(3));
    let merged = merge::shards(&[(0, &one), (1, &three)], &library()).unwrap();
    assert_eq!(
        merged.run.warnings,
        ["this is not the whole run: shard 2/3 is missing"]
    );
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let ran = Ran {
        case: 0,
        label: 1,
        verdict: Verdict::Pass,
        hits: Vec::new(),
    };
    let whole = run(std::slice::from_ref(&ran), None);
    assert_eq!(
        merge::shards(&[(4, &whole), (7, &whole)], &[]),
        Err(MergeError::Overlap {
            first: 4,
            second: 7,
            name: ran.name()
        })
    );
    let shard = |index, count| run(&[], Some(Shard { index, count }));
    for (one, other) in [(shard(1, 3), shard(1, 3)), (shard(1, 3), shard(2, 4))] {
        let error = merge::shards(&[(0, &one), (1, &other)], &[]).unwrap_err();
        assert!(
            matches!(
                error,
                MergeError::Shards {
                    first: 0,
                    second: 1,
                    ..
                }
            ),
            "{error}"
        );
    }
    assert_eq!(merge::shards(&[], &[]), Err(MergeError::Nothing));
}

#[test]
fn a_target_is_known_by_its_agent_or_its_command() {
    let report = |agent: &str, url: &str, command: Option<&str>| {
        let mut report = run(&[], None);
        report.target.agent = agent.to_owned();
        report.target.url = url.to_owned();
        report.target.command = command.map(str::to_owned);
        report
    };
    let groups = merge::by_agent(vec![
        report("a", "ws://h:1/", None),
        report("127.0.0.1:5001", "ws://127.0.0.1:5001/x", Some("./server {port}")),
        report("a", "ws://h:2/", None),
        report("127.0.0.1:5002", "ws://127.0.0.1:5002/x", Some("./server {port}")),
        report("127.0.0.1:5002", "ws://127.0.0.1:5002/x", None),
    ]);
    let places: Vec<Vec<usize>> = groups
        .iter()
        .map(|group| group.iter().map(|(place, _)| *place).collect())
        .collect();
    assert_eq!(places, [vec![0, 2], vec![1, 3], vec![4]]);
}

fn finding(name: &str, reason: &str) -> InstanceReport {
    let mut instance = InstanceReport::new(name, Verdict::Fail);
    instance.reason = reason.to_owned();
    instance.finding = Some(Finding {
        kind: FindingKind::Silence,
        rule: None,
        requirement: "6455-5.2-3".to_owned(),
        expected: String::new(),
        observed: String::new(),
        on: String::new(),
        line: 0,
        offset: None,
    });
    instance
}

#[test]
fn the_matrix_has_a_row_for_each_case_and_a_column_for_each_agent() {
    let ran = |case, label, verdict| Ran {
        case,
        label,
        verdict,
        hits: Vec::new(),
    };
    let mut one = run(&[ran(0, 1, Verdict::Pass), ran(1, 1, Verdict::Pass)], None);
    one.target.agent = "first".to_owned();
    let mut other = run(&[ran(0, 1, Verdict::Pass), ran(2, 1, Verdict::Fail)], None);
    other.target.agent = "second".to_owned();
    other.cases[1]
        .instances
        .push(finding("b/three[2]", "it said nothing"));
    let page = html::agents::render(&[one, other], &library()).unwrap();
    assert_eq!(
        page.matches("<th scope=\"row\" class=\"case\">").count(),
        3 + RULES.len()
    );
    assert!(page.contains("2 agents, 6 cases"));
    // b/three is in one report only; the finding is linked and told.
    assert_eq!(page.matches("not in the report").count(), 2);
    let cell = page.split("href=\"#c").nth(1).unwrap();
    let anchor = format!("id=\"c{}\"", cell.split('"').next().unwrap());
    assert!(page.contains(&anchor), "{anchor}");
    assert!(cell.contains(">2/2</span>"));
    let (finding, clean) = page
        .split_once("Cases in which no agent has a finding: 5")
        .unwrap();
    assert!(finding.contains("b/three") && !finding.contains("b/one") && !finding.contains("a/two"));
    assert!(
        clean.find("b/one").unwrap() < clean.find("a/two").unwrap(),
        "in the order of the library"
    );
}

/// The page without foreign text: tags and their attributes.
fn structure(page: &str) -> Vec<String> {
    let body = page.split_once("<body>").unwrap().1;
    let tags = body
        .split('<')
        .skip(1)
        .map(|part| part.split('>').next().unwrap());
    tags.map(|tag| tag.split('"').step_by(2).collect()).collect()
}

#[test]
fn nothing_a_target_sends_is_live_in_the_matrix() {
    let page = |text: &str| {
        let reports = [poisoned(text), poisoned(text)];
        html::agents::render(&reports, &[]).unwrap()
    };
    let harmless = page("y");
    for trick in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onclick='alert(1)",
        "\u{202e}\u{0}\u{1b}[31m",
        "{{ 7 * 7 }}",
        "]]>--><!--",
    ] {
        let poisoned = page(trick);
        assert_eq!(structure(&poisoned), structure(&harmless), "{trick}");
        assert!(!poisoned.contains(['\u{202e}', '\u{0}', '\u{1b}']), "{trick}");
    }
    let policy = harmless
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .unwrap();
    let policy = policy.split('"').next().unwrap().replace("&#39;", "'");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("script-src"));
    assert!(
        !harmless.contains("<script") && !harmless.contains("src=") && !harmless.contains("<link"),
        "it loads nothing and runs nothing"
    );
}

#[test]
fn a_matrix_of_long_reasons_stays_small() {
    let mut report = sample::report();
    for instance in report.cases.iter_mut().flat_map(|case| &mut case.instances) {
        instance.reason = "x".repeat(5 << 20);
    }
    let case: CaseReport = report.cases[0].clone();
    let page = html::agents::render(&[report.clone(), report], &[]).unwrap();
    assert!(page.len() < 200_000, "{} octets; {}", page.len(), case.id);
}
