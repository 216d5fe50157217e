//! Findings with their evidence.

use std::collections::HashSet;

use wsanvil_model::{CaseReport, CloseReport, Closer, FindingKind, InstanceReport, Report, Verdict};

use super::anchor::Anchor;
use super::wire::Wire;
use super::{Mark, areas, duration};
use crate::visible::Visible;
use crate::{Place, RequirementText, Spread};

/// A case with at least one finding.
pub(super) struct Case {
    pub(super) id: Visible,
    pub(super) anchor: Anchor,
    /// Number of its area, in the order of the matrix.
    pub(super) area: usize,
    pub(super) title: Visible,
    pub(super) level: &'static str,
    pub(super) mark: Mark,
    pub(super) why: Option<Visible>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) findings: Vec<Finding>,
    /// Which of its instances are findings, in words.
    pub(super) spread: Option<Visible>,
}

pub(super) struct Requirement {
    pub(super) id: Visible,
    pub(super) place: Option<Place>,
    pub(super) level: Visible,
    pub(super) text: Visible,
}

pub(super) struct Finding {
    pub(super) anchor: Anchor,
    pub(super) mark: Mark,
    pub(super) name: Visible,
    pub(super) title: Visible,
    pub(super) reason: Visible,
    /// Whether the reason says no more than what was expected and observed.
    pub(super) repeats: bool,
    pub(super) kind: Visible,
    pub(super) rule: Visible,
    /// The requirement of the finding, when it is not the main one of the case.
    pub(super) requirement: Option<Requirement>,
    pub(super) expected: Visible,
    pub(super) observed: Visible,
    pub(super) place: Visible,
    pub(super) notes: Vec<Note>,
    pub(super) close: Visible,
    pub(super) autobahn: Visible,
    pub(super) wire: Wire,
    pub(super) replay: Visible,
    pub(super) duration: String,
    pub(super) accepted: bool,
    /// Why the baseline accepts it.
    pub(super) accepted_because: Option<Visible>,
    pub(super) flaky: bool,
    pub(super) open: bool,
}

pub(super) struct Note {
    pub(super) on: Visible,
    pub(super) text: Visible,
}

type Lookup<'a> = &'a dyn Fn(&str) -> Option<RequirementText>;

/// Findings shown unfolded in a page without a click.
const UNFOLDED: usize = 3;

/// How much more of the page the first finding of a case may have than one further down, which mostly repeats it.
const FIRST: usize = 8;

/// What is new first, then the worst. `evidence` is what all findings may spend on their transcripts, in octets of the
/// page.
pub(super) fn of(report: &Report, lookup: Lookup<'_>, evidence: usize) -> Vec<Case> {
    let areas = areas(report);
    let mut cases: Vec<&CaseReport> = report
        .cases
        .iter()
        .filter(|case| findings(case).next().is_some())
        .collect();
    // Stable: within a verdict the order of the library stays.
    cases.sort_by_key(|case| std::cmp::Reverse(worst_new(case)));
    let all: usize = cases.iter().map(|case| findings(case).count()).sum();
    let share = evidence / (all + cases.len() * (FIRST - 1)).max(1);
    let mut taken = HashSet::new();
    let mut shown = 0;
    cases
        .into_iter()
        .map(|case| {
            let parts = findings(case).enumerate().map(|(index, instance)| {
                shown += 1;
                let share = if index == 0 { share * FIRST } else { share };
                let anchor = Anchor::unique("finding", &instance.name, shown, &mut taken);
                finding(case, instance, lookup, share, anchor, shown <= UNFOLDED)
            });
            let findings = parts.collect();
            Case {
                id: Visible::new(&case.id),
                anchor: Anchor::unique("case", &case.id, shown, &mut taken),
                area: areas
                    .iter()
                    .position(|area| *area == case.area)
                    .unwrap_or_default(),
                title: Visible::new(&case.title),
                level: case.level.word(),
                mark: Mark::of(case.verdict),
                why: case.why.as_deref().map(Visible::new),
                requirements: case.spec.iter().map(|id| requirement(id, lookup)).collect(),
                spread: Spread::of(case).map(|spread| Visible::new(&spread.to_string())),
                findings,
            }
        })
        .collect()
}

fn findings(case: &CaseReport) -> impl Iterator<Item = &InstanceReport> {
    case.instances
        .iter()
        .filter(|instance| instance.verdict.is_finding())
}

/// The worst verdict that no baseline accepts.
fn worst_new(case: &CaseReport) -> Option<Verdict> {
    findings(case)
        .filter(|instance| !instance.expected_by_baseline)
        .map(|instance| instance.verdict)
        .max()
}

fn finding(
    case: &CaseReport,
    instance: &InstanceReport,
    lookup: Lookup<'_>,
    share: usize,
    anchor: Anchor,
    open: bool,
) -> Finding {
    let found = instance.finding.as_ref();
    let or = |own: &str, other: Option<&String>| {
        if own.is_empty() {
            other.cloned().unwrap_or_default()
        } else {
            own.to_owned()
        }
    };
    let expected = or(&instance.expected, found.map(|found| &found.expected));
    let observed = or(&instance.observed, found.map(|found| &found.observed));
    // A page that many share leaves less room to each, also for what a target says.
    let most = (share / 2).clamp(300, 2_000);
    let text = |text: &str| Visible::within(text, most);
    Finding {
        anchor,
        mark: Mark::of(instance.verdict),
        name: Visible::new(&instance.name),
        title: Visible::new(&instance.title),
        reason: text(&instance.reason),
        repeats: !expected.is_empty() && instance.reason == format!("expected {expected}; {observed}"),
        kind: Visible::new(&found.map_or_else(String::new, |found| kind(found.kind))),
        rule: Visible::new(found.and_then(|found| found.rule.as_deref()).unwrap_or_default()),
        requirement: found
            .map(|found| &found.requirement)
            .filter(|id| !id.is_empty() && case.spec.first() != Some(id))
            .map(|id| requirement(id, lookup)),
        expected: text(&expected),
        observed: text(&observed),
        place: Visible::new(&found.map_or_else(String::new, place)),
        notes: notes(instance, most),
        close: close(&instance.close, most),
        autobahn: autobahn(instance),
        wire: Wire::of(&instance.transcript, found, share),
        replay: Visible::new(&instance.replay),
        duration: duration(instance.duration_ms),
        accepted: instance.expected_by_baseline,
        accepted_because: instance.baseline.as_deref().map(Visible::new),
        flaky: instance.flaky,
        open,
    }
}

fn requirement(id: &str, lookup: Lookup<'_>) -> Requirement {
    let (level, text) = lookup(id).map_or_else(Default::default, |found| (found.level, found.text));
    Requirement {
        id: Visible::new(id),
        place: Place::of(id),
        level: Visible::new(&level),
        text: Visible::new(&text),
    }
}

/// The kind as the JSON report spells it, with spaces.
fn kind(kind: FindingKind) -> String {
    let name = serde_json::to_value(kind).ok();
    name.as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .replace('-', " ")
}

fn place(found: &wsanvil_model::Finding) -> String {
    let mut parts = Vec::new();
    if let Some(offset) = found.offset {
        parts.push(format!("octet {offset} received"));
    }
    if !found.on.is_empty() {
        parts.push(format!("connection {}", found.on));
    }
    if found.line > 0 {
        parts.push(format!("line {} of the case file", found.line));
    }
    parts.join(", ")
}

/// The notes, each cut after `most` characters.
pub(super) fn notes(instance: &InstanceReport, most: usize) -> Vec<Note> {
    instance
        .notes
        .iter()
        .map(|note| Note {
            on: Visible::within(&note.on, most),
            text: Visible::within(&note.text, most),
        })
        .collect()
}

/// How the connection ended, in words, at most `most` characters.
pub(super) fn close(close: &CloseReport, most: usize) -> Visible {
    let who = match close.by {
        Closer::Nobody => "nobody closed",
        Closer::Tester => "the tester closed first",
        Closer::Target => "the target closed first",
    };
    let code = match close.code {
        Some(code) => format!("the target's Close carried {code}"),
        None => "no code from the target".to_owned(),
    };
    let reason = if close.reason.is_empty() {
        String::new()
    } else {
        format!(" with the reason “{}”", close.reason)
    };
    let clean = if close.clean { "clean" } else { "not clean" };
    Visible::within(&format!("{who}, {clean}; {code}{reason}"), most)
}

/// The verdicts of the Autobahn judge, in its words.
pub(super) fn autobahn(instance: &InstanceReport) -> Visible {
    Visible::new(&instance.autobahn.as_ref().map_or_else(String::new, |result| {
        format!(
            "case {}: behavior {}, close {}",
            result.id, result.behavior, result.behavior_close
        )
    }))
}
