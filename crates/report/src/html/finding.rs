//! Findings with their evidence.

use wsanvil_model::{CaseReport, CloseReport, Closer, FindingKind, InstanceReport, Report};

use super::wire::Wire;
use super::{Mark, duration};
use crate::visible::Visible;
use crate::{Place, RequirementText, Spread};

/// A case with at least one finding.
pub(super) struct Case {
    pub(super) id: Visible,
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
    /// Number of the instance in the report.
    pub(super) number: usize,
    pub(super) mark: Mark,
    pub(super) name: Visible,
    pub(super) title: Visible,
    pub(super) reason: Visible,
    pub(super) kind: Visible,
    pub(super) rule: Visible,
    /// The requirement of the finding, when the case does not name it.
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
    pub(super) baseline: Visible,
    pub(super) flaky: bool,
    pub(super) open: bool,
}

pub(super) struct Note {
    pub(super) on: Visible,
    pub(super) text: Visible,
}

type Lookup<'a> = &'a dyn Fn(&str) -> Option<RequirementText>;

/// Findings shown unfolded in a page without a click.
const UNFOLDED: usize = 10;

/// The worst cases first. `share` is what one finding may spend on its transcript, in octets of the page.
pub(super) fn of(report: &Report, lookup: Lookup<'_>, share: usize) -> Vec<Case> {
    let mut numbered = Vec::new();
    let mut number = 0;
    for case in &report.cases {
        numbered.push((number, case));
        number += case.instances.len();
    }
    numbered.retain(|(_, case)| case.verdict.is_finding());
    // Stable: within a verdict the order of the library stays.
    numbered.sort_by_key(|(_, case)| std::cmp::Reverse(case.verdict));
    let mut shown = 0;
    numbered
        .into_iter()
        .map(|(first, case)| {
            let found = case.instances.iter().zip(first..);
            let findings = found
                .filter(|(instance, _)| instance.verdict.is_finding())
                .map(|(instance, number)| {
                    shown += 1;
                    finding(case, instance, lookup, share, number, shown <= UNFOLDED)
                })
                .collect();
            Case {
                id: Visible::new(&case.id),
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

fn finding(
    case: &CaseReport,
    instance: &InstanceReport,
    lookup: Lookup<'_>,
    share: usize,
    number: usize,
    open: bool,
) -> Finding {
    let found = instance.finding.as_ref();
    let or = |own: &str, other: Option<&String>| {
        Visible::new(if own.is_empty() {
            other.map_or("", String::as_str)
        } else {
            own
        })
    };
    Finding {
        number,
        mark: Mark::of(instance.verdict),
        name: Visible::new(&instance.name),
        title: Visible::new(&instance.title),
        reason: Visible::new(&instance.reason),
        kind: Visible::new(&found.map_or_else(String::new, |found| kind(found.kind))),
        rule: Visible::new(found.and_then(|found| found.rule.as_deref()).unwrap_or_default()),
        requirement: found
            .map(|found| &found.requirement)
            .filter(|id| !id.is_empty() && !case.spec.contains(id))
            .map(|id| requirement(id, lookup)),
        expected: or(&instance.expected, found.map(|found| &found.expected)),
        observed: or(&instance.observed, found.map(|found| &found.observed)),
        place: Visible::new(&found.map_or_else(String::new, place)),
        notes: notes(instance),
        close: close(&instance.close),
        autobahn: autobahn(instance),
        wire: Wire::of(&instance.transcript, found, share),
        replay: Visible::new(&instance.replay),
        duration: duration(instance.duration_ms),
        accepted: instance.expected_by_baseline,
        baseline: Visible::new(instance.baseline.as_deref().unwrap_or_default()),
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

pub(super) fn notes(instance: &InstanceReport) -> Vec<Note> {
    instance
        .notes
        .iter()
        .map(|note| Note {
            on: Visible::new(&note.on),
            text: Visible::new(&note.text),
        })
        .collect()
}

/// How the connection ended, in words.
pub(super) fn close(close: &CloseReport) -> Visible {
    let who = match close.by {
        Closer::Nobody => "nobody closed",
        Closer::Tester => "the tester closed first",
        Closer::Target => "the target closed first",
    };
    let code = match close.code {
        Some(code) => format!("its Close carried {code}"),
        None => "no code from the target".to_owned(),
    };
    let reason = if close.reason.is_empty() {
        String::new()
    } else {
        format!(" with the reason “{}”", close.reason)
    };
    let clean = if close.clean { "clean" } else { "not clean" };
    Visible::new(&format!("{who}; {code}{reason}; {clean}"))
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
