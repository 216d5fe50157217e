//! The pages that are checked: of a report as it is, with hundreds of findings, and of a target that means harm.

use serde::Serialize;
use wsanvil_model::{Finding, FindingKind, InstanceReport, Note, Report, Summary, Verdict};
use wsanvil_report::{RequirementText, html};

use crate::Done;
use crate::error::Error;

/// Findings of the large page.
const MANY: usize = 630;
/// From this number of findings on a report is a large one.
const LARGE: usize = 200;
/// Octets of the reason with which a hostile target closes.
const REASON: usize = 5_000_000;

/// What is asked of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Everything.
    Ordinary,
    /// It stays usable.
    Large,
    /// It stays inert.
    Hostile,
}

/// By the number of findings.
pub(super) fn kind(report: &Report) -> Kind {
    let findings = instances(report).filter(|instance| instance.verdict.is_finding());
    if findings.count() < LARGE {
        Kind::Ordinary
    } else {
        Kind::Large
    }
}

fn instances(report: &Report) -> impl Iterator<Item = &InstanceReport> {
    report.cases.iter().flat_map(|case| &case.instances)
}

/// The page of a report.
pub(super) fn render(report: &Report) -> Done<String> {
    let requirement = |id: &str| {
        wsanvil_case::requirement(id).map(|row| RequirementText {
            level: row.level.to_owned(),
            text: row.requirement.to_owned(),
        })
    };
    html::render(report, &requirement).map_err(|cause| Error::Wsanvil(cause.to_string()))
}

/// The report with most of what passed failing.
pub(super) fn many(report: &Report) -> Report {
    let mut report = report.clone();
    let mut found = instances(&report)
        .filter(|instance| instance.verdict.is_finding())
        .count();
    for case in &mut report.cases {
        for instance in &mut case.instances {
            if found < MANY && instance.verdict == Verdict::Pass {
                fail(instance);
                found += 1;
            }
        }
        case.verdict = case
            .instances
            .iter()
            .map(|instance| instance.verdict)
            .max()
            .unwrap_or(case.verdict);
    }
    counted(report)
}

fn fail(instance: &mut InstanceReport) {
    let text = String::from;
    instance.verdict = Verdict::Fail;
    instance.reason =
        text("expected the target to fail the connection; it answered as if nothing had happened");
    instance.expected = text("the target fails the connection");
    instance.observed = text("an answer");
    instance.finding = Some(Finding {
        kind: FindingKind::WrongEcho,
        rule: None,
        requirement: String::new(),
        expected: instance.expected.clone(),
        observed: instance.observed.clone(),
        on: "main".to_owned(),
        line: 1,
        offset: Some(1),
    });
}

/// The report with tricks wherever a target, a user or a case file puts text, and a Close with a reason of 5 MB.
pub(super) fn hostile(report: &Report) -> Report {
    let mut report = many(report);
    let tricks = [
        "<script>window.hit=1;alert(1)</script>",
        "\"><img src=x onerror=\"window.hit=1\">",
        "' onmouseover='window.hit=1' autofocus onfocus='window.hit=1",
        "</style></script></title><svg onload=window.hit=1>",
        "javascript:window.hit=1",
        "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
        "\u{1b}[2J\u{1b}]8;;http://203.0.113.1/\u{7}",
        "<iframe srcdoc='<script>top.hit=1</script>'>",
        "<a href=javascript:window.hit=1>x</a>",
        "<meta http-equiv=refresh content='0;url=http://203.0.113.1/'>",
    ];
    let mut next = 0;
    let mut poison = |field: &mut String| {
        field.push_str(tricks[next % tricks.len()]);
        next += 1;
    };
    for field in [
        &mut report.target.agent,
        &mut report.target.url,
        &mut report.target.app,
    ] {
        poison(field);
    }
    for field in [
        &mut report.target.command,
        &mut report.target.version,
        &mut report.target.server,
    ] {
        poison(field.get_or_insert_default());
    }
    for case in &mut report.cases {
        for field in [&mut case.id, &mut case.title, &mut case.area] {
            poison(field);
        }
        case.spec.iter_mut().for_each(&mut poison);
        poison(case.why.get_or_insert_default());
        for instance in &mut case.instances {
            for field in [
                &mut instance.name,
                &mut instance.title,
                &mut instance.reason,
                &mut instance.expected,
                &mut instance.observed,
                &mut instance.replay,
                &mut instance.close.reason,
            ] {
                poison(field);
            }
            poison(instance.baseline.get_or_insert_default());
            instance.notes.push(Note {
                text: String::new(),
                on: String::new(),
                line: 0,
            });
            for note in &mut instance.notes {
                poison(&mut note.text);
                poison(&mut note.on);
            }
            for entry in &mut instance.transcript {
                poison(&mut entry.remark);
            }
        }
    }
    let mut findings = report.cases.iter_mut().flat_map(|case| &mut case.instances);
    if let Some(instance) = findings.find(|instance| instance.verdict.is_finding()) {
        let trick = "<script>window.hit=1</script>\u{202e}";
        let reason = trick.repeat(REASON.div_ceil(trick.len()));
        instance.close.reason.clone_from(&reason);
        instance.observed = reason;
        instance.expected_by_baseline = true;
    }
    report
}

fn counted(mut report: Report) -> Report {
    report.summary = Summary::default();
    let verdicts: Vec<Verdict> = instances(&report).map(|instance| instance.verdict).collect();
    for verdict in verdicts {
        report.summary.count(verdict);
    }
    report
}
