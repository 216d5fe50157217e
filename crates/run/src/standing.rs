//! Standing rules as cases of their own: one fault of the target is one finding, however many cases saw it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wsanvil_case::checks::{Check, watched_on_servers};
use wsanvil_engine::{Outcome, StandingHit};
use wsanvil_model::{Direction, Event, Finding, FindingKind, InstanceReport, Level, Note, Verdict, What};

/// A standing rule as a case, for reports and `explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingCase {
    /// `standing/NAME`.
    pub id: String,
    /// What it watches.
    pub title: String,
    /// What a miss costs.
    pub level: Level,
    /// Requirement ids, the main one first.
    pub spec: Vec<String>,
    /// Why it is no case with steps.
    pub why: &'static str,
}

/// Names in a list.
const SHOWN: usize = 10;
/// Name of the rule that no octets show: the target serves to the end of the run.
const SERVING: &str = "serving";
const GOES_ON_SERVING: &str = "the target goes on serving";

/// All standing rules that a tester in the client role watches over HTTP/1.1, and that the target lives.
pub fn standing_cases() -> impl Iterator<Item = StandingCase> {
    let serving = StandingCase {
        id: id(SERVING),
        title: "The target goes on serving, whatever runs together".to_owned(),
        level: Level::Must,
        spec: Vec::new(),
        why: "A target that dies is run again with each case that could have done it alone. One that does it is a \
              crash; where none does, nobody but the run can be blamed.",
    };
    let watched = watched_on_servers().map(|rule| StandingCase {
        id: id(rule.name),
        title: rule.doc.to_owned(),
        level: level(rule.name),
        spec: rule.spec.iter().map(|id| (*id).to_owned()).collect(),
        why: "Watched in every case: whatever the script is about, the frames and heads of the target must be legal.",
    });
    watched.chain([serving])
}

/// The target died while these ran, none of which is known to have killed it; and as often again.
pub(crate) fn not_serving(why: &str, names: &[String], more: usize, replay: &str) -> Event {
    let mut text = format!(
        "the target died ({why}) while {} cases ran together, and none of them is known to kill it alone",
        names.len()
    );
    if more > 0 {
        let _ = write!(text, "; that happened {} times", more + 1);
    }
    let mut replay = replay.to_owned();
    for name in names.iter().take(SHOWN) {
        let _ = write!(replay, " --case '{}'", name.replace('\'', "'\\''"));
    }
    let instance = InstanceReport {
        verdict: Verdict::Crash,
        reason: text.clone(),
        notes: vec![Note {
            text: format!("these ran: {}", listed(names)),
            on: String::new(),
            line: 0,
        }],
        expected: GOES_ON_SERVING.to_owned(),
        observed: text.clone(),
        finding: Some(Finding {
            kind: FindingKind::Crash,
            rule: None,
            requirement: String::new(),
            expected: GOES_ON_SERVING.to_owned(),
            observed: text,
            on: "main".to_owned(),
            line: 0,
            offset: None,
        }),
        replay,
        ..entry(SERVING, "The target goes on serving, whatever runs together")
    };
    Event::Finished {
        case: id(SERVING),
        instance: Box::new(instance),
    }
}

fn id(name: &str) -> String {
    format!("standing/{name}")
}

/// The order of Pongs is no MUST in so many words.
fn level(name: &str) -> Level {
    if name == "pong-order" {
        Level::Should
    } else {
        Level::Must
    }
}

/// Hits of a run, by rule.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    broken: BTreeMap<&'static str, Seen>,
    /// Whether a response head came at all.
    heads: bool,
    /// Whether a frame came at all.
    frames: bool,
}

#[derive(Debug)]
struct Seen {
    hit: StandingHit,
    /// Instances, worst evidence first: the one the finding is from.
    instances: Vec<String>,
    evidence: Box<InstanceReport>,
}

impl Hits {
    /// An instance saw these rules broken. Of several the worst, and of those the one with the smallest name, is the evidence, so that the order
    /// of concurrent instances does not show.
    pub(crate) fn add(&mut self, hits: &[StandingHit], report: &InstanceReport) {
        for hit in hits {
            let seen = self.broken.entry(hit.rule).or_insert_with(|| Seen {
                hit: hit.clone(),
                instances: Vec::new(),
                evidence: Box::new(report.clone()),
            });
            let rank = |level: Level, name: &str| (std::cmp::Reverse(level.cost()), name.to_owned());
            if rank(hit.level, &report.name) < rank(seen.hit.level, &seen.evidence.name) {
                seen.hit = hit.clone();
                *seen.evidence = report.clone();
            }
            if !seen.instances.contains(&report.name) {
                seen.instances.push(report.name.clone());
            }
        }
    }

    /// Takes note of what came: who sends nothing keeps no rule.
    pub(crate) fn watch(&mut self, outcome: &Outcome) {
        let came = |what| {
            let mut entries = outcome.transcript.iter();
            entries.any(|entry| entry.dir == Direction::In && entry.what == what)
        };
        self.heads = self.heads || came(What::Head);
        self.frames = self.frames || came(What::Frame);
    }

    /// The entries of the report. Rules that nothing broke pass, when the whole library ran and there was something to
    /// watch.
    pub(crate) fn events(mut self, selective: bool) -> Vec<Event> {
        let mut events = Vec::new();
        for rule in watched_on_servers() {
            let watched = if is_about_heads(rule) {
                self.heads
            } else {
                self.frames
            };
            let instance = match self.broken.remove(rule.name) {
                Some(seen) => broken(rule, seen),
                None if selective => continue,
                None if watched => kept(rule),
                None => unseen(rule),
            };
            events.push(Event::Finished {
                case: id(rule.name),
                instance: Box::new(instance),
            });
        }
        events
    }
}

fn kept(rule: &Check) -> InstanceReport {
    entry(rule.name, rule.doc)
}

fn entry(name: &str, title: &str) -> InstanceReport {
    InstanceReport {
        title: title.to_owned(),
        reason: "kept in every case".to_owned(),
        ..InstanceReport::new(id(name), Verdict::Pass)
    }
}

fn is_about_heads(rule: &Check) -> bool {
    matches!(
        rule.name,
        "response-head" | "response-accept" | "response-offer" | "refusal-head"
    )
}

fn unseen(rule: &Check) -> InstanceReport {
    InstanceReport {
        verdict: Verdict::Skip,
        reason: "the target sent nothing that could keep or break it".to_owned(),
        ..kept(rule)
    }
}

fn broken(rule: &Check, mut seen: Seen) -> InstanceReport {
    let verdict = match seen.hit.level {
        Level::Must => Verdict::Fail,
        Level::Should => Verdict::Nonstrict,
        Level::May => Verdict::Pass,
    };
    // The one that the finding is from goes first: who merges reports can tell then whose evidence to keep.
    let evidence = &seen.evidence.name;
    seen.instances
        .sort_by_key(|name| (name != evidence, name.clone()));
    let finding = seen.hit.finding;
    let mut report = InstanceReport {
        verdict,
        reason: finding.observed.clone(),
        expected: rule.doc.to_owned(),
        observed: finding.observed.clone(),
        finding: verdict.is_finding().then_some(finding),
        close: seen.evidence.close,
        transcript: seen.evidence.transcript,
        replay: seen.evidence.replay,
        ..kept(rule)
    };
    report.set_seen_in(seen.instances);
    report
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    let mut text = shown.join(", ");
    if names.len() > shown.len() {
        let _ = write!(text, " and {} more", names.len() - shown.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_nothing_keeps_no_rule() {
        let verdicts = |hits: Hits| -> Vec<Verdict> {
            let verdict = |event| match event {
                Event::Finished { instance, .. } => instance.verdict,
                _ => Verdict::Error,
            };
            hits.events(false).into_iter().map(verdict).collect()
        };
        let nothing = verdicts(Hits::default());
        assert!(!nothing.is_empty() && nothing.iter().all(|verdict| *verdict == Verdict::Skip));
        let heads = verdicts(Hits {
            heads: true,
            ..Hits::default()
        });
        assert!(heads.contains(&Verdict::Pass) && heads.contains(&Verdict::Skip));
        assert!(Hits::default().events(true).is_empty());
    }
}
