//! What changed between two reports, instance by instance.

mod evidence;
mod markdown;
mod text;

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wsanvil_model::{InstanceReport, Report, Shard, Verdict};

use crate::ReportError;

pub use markdown::markdown;
pub use text::text;

/// Version of the schema of a difference.
pub const SCHEMA_VERSION: u32 = 1;

/// The difference between two reports. Instances are compared by name; how long they took, which ports and random octets
/// they used, and in which order they ran makes no difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// Version of this schema.
    pub schema_version: u32,
    /// The earlier report.
    pub old: Side,
    /// The later report.
    pub new: Side,
    /// Judged in both, and worse now.
    pub regressed: Vec<Change>,
    /// Judged in both, and passes now.
    pub fixed: Vec<Change>,
    /// Found now, and not judged before.
    pub appeared: Vec<Change>,
    /// Found before, and not judged now: neither fixed nor there.
    pub gone: Vec<Change>,
    /// A finding in both, with another verdict that is milder, or with other evidence.
    pub changed: Vec<Change>,
    /// Instances that pass now, and were not judged before.
    pub passes_new: u32,
    /// Instances that passed before, and are not judged now.
    pub passes_gone: u32,
    /// Instances of which both reports say the same.
    pub unchanged: u32,
}

/// One of the two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// Name of the target.
    pub agent: String,
    /// Version of the target, as the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Start of the run, RFC 3339 in UTC.
    pub started: String,
    /// Profile.
    pub profile: String,
    /// The part of the selection that was run; absent: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Whether it was interrupted before its end.
    pub interrupted: bool,
}

/// An instance that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Id of the case.
    pub case: String,
    /// Name of the instance.
    pub name: String,
    /// Before; absent: the report had no such instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<State>,
    /// Now; absent: the report has no such instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<State>,
    /// Whether the baseline of the later run expects it.
    pub expected_by_baseline: bool,
    /// Whether repeated runs disagreed in the later run.
    pub flaky: bool,
    /// Command that runs it again.
    pub replay: String,
}

/// What a report says about an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// Judgement.
    pub verdict: Verdict,
    /// One sentence saying why.
    pub reason: String,
}

impl State {
    fn of(instance: &InstanceReport) -> Self {
        Self {
            verdict: instance.verdict,
            reason: instance.reason.clone(),
        }
    }
}

impl Diff {
    /// Compares two reports.
    pub fn of(old: &Report, new: &Report) -> Self {
        let mut diff = Self {
            schema_version: SCHEMA_VERSION,
            old: side(old),
            new: side(new),
            regressed: Vec::new(),
            fixed: Vec::new(),
            appeared: Vec::new(),
            gone: Vec::new(),
            changed: Vec::new(),
            passes_new: 0,
            passes_gone: 0,
            unchanged: 0,
        };
        let mut before: HashMap<&str, &InstanceReport> = HashMap::new();
        for (_, instance) in instances(old) {
            before.insert(&instance.name, instance);
        }
        for (case, instance) in instances(new) {
            let earlier = before.remove(instance.name.as_str());
            diff.add(case, earlier, Some(instance));
        }
        // In the order of the report, not of the map.
        for (case, instance) in instances(old) {
            if before.contains_key(instance.name.as_str()) {
                diff.add(case, Some(instance), None);
            }
        }
        diff
    }

    /// Whether something regressed that no baseline expects.
    pub fn is_worse(&self) -> bool {
        self.regressed.iter().any(|change| !change.expected_by_baseline)
    }

    fn add(&mut self, case: &str, old: Option<&InstanceReport>, new: Option<&InstanceReport>) {
        let (was, is) = (old.filter(|old| judged(old)), new.filter(|new| judged(new)));
        let list = match (was, is) {
            (None, None) => {
                self.unchanged += u32::from(old.is_some() && new.is_some());
                return;
            }
            (None, Some(is)) if is.verdict.is_finding() => &mut self.appeared,
            (None, Some(_)) => {
                self.passes_new += 1;
                return;
            }
            (Some(was), None) if was.verdict.is_finding() => &mut self.gone,
            (Some(_), None) => {
                self.passes_gone += 1;
                return;
            }
            (Some(was), Some(is)) if is.verdict > was.verdict => &mut self.regressed,
            (Some(was), Some(is)) if is.verdict < was.verdict => {
                if is.verdict.is_finding() {
                    &mut self.changed
                } else {
                    &mut self.fixed
                }
            }
            (Some(was), Some(is)) => {
                if evidence::of(was) == evidence::of(is) {
                    self.unchanged += 1;
                    return;
                }
                &mut self.changed
            }
        };
        let Some(shown) = new.or(old) else { return };
        list.push(Change {
            case: case.to_owned(),
            name: shown.name.clone(),
            old: old.map(State::of),
            new: new.map(State::of),
            expected_by_baseline: new.is_some_and(|new| new.expected_by_baseline),
            flaky: new.is_some_and(|new| new.flaky),
            replay: shown.replay.clone(),
        });
    }

    /// The lists with what a reader calls them, the worst first.
    fn lists(&self) -> [(&'static str, &'static str, &[Change]); 5] {
        [
            ("regressed", "worse than before", self.regressed.as_slice()),
            ("new", "found now, not judged before", self.appeared.as_slice()),
            (
                "changed",
                "still a finding, milder or with other evidence",
                self.changed.as_slice(),
            ),
            (
                "gone",
                "found before, not judged now: this is no fix",
                self.gone.as_slice(),
            ),
            ("fixed", "passes now", self.fixed.as_slice()),
        ]
    }

    /// `3 regressed, 1 fixed`: the lists that are not empty, and what is the same.
    fn counts(&self) -> String {
        let lists = self.lists().into_iter();
        let mut parts: Vec<String> = lists
            .filter(|(name, _, list)| !list.is_empty() || *name == "regressed")
            .map(|(name, _, list)| format!("{} {name}", list.len()))
            .collect();
        parts.push(format!("{} unchanged", self.unchanged));
        for (count, what) in [
            (self.passes_new, "passed and not judged before"),
            (self.passes_gone, "passed before and not judged now"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        parts.join(", ")
    }
}

/// Changes of a list that are told; the rest is counted.
const SHOWN: usize = 50;
/// Changes of one case: one fault must not take all the room.
const OF_A_CASE: usize = 4;

/// What a reader sees of a list.
enum Shown<'d> {
    Change(&'d Change),
    /// So many more, of this case or of the list.
    More(usize, Option<&'d str>),
}

/// The first changes of each case, and how many there are beside them.
fn shown(list: &[Change]) -> Vec<Shown<'_>> {
    let mut all = Vec::new();
    let mut told = 0;
    let mut counted = 0;
    for of_case in list.chunk_by(|one, other| one.case == other.case) {
        if told >= SHOWN {
            break;
        }
        let few = of_case.len().min(OF_A_CASE);
        told += few;
        counted += of_case.len();
        all.extend(of_case[..few].iter().map(Shown::Change));
        if of_case.len() > few {
            all.push(Shown::More(of_case.len() - few, Some(&of_case[0].case)));
        }
    }
    if list.len() > counted {
        all.push(Shown::More(list.len() - counted, None));
    }
    all
}

/// The difference as JSON, with a newline at the end.
pub fn json(diff: &Diff) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(diff).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema of a difference, as text with a newline at the end: the content of `reports/diff-schema.json`.
pub fn schema() -> Result<String, ReportError> {
    let mut schema = schemars::schema_for!(Diff);
    schema.insert("title".to_owned(), "wsanvil diff".into());
    let mut text = serde_json::to_string_pretty(&schema).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

/// What was not run, is not judged.
fn judged(instance: &InstanceReport) -> bool {
    instance.verdict != Verdict::Skip
}

fn instances(report: &Report) -> impl Iterator<Item = (&str, &InstanceReport)> {
    report
        .cases
        .iter()
        .flat_map(|case| case.instances.iter().map(|instance| (case.id.as_str(), instance)))
}

fn side(report: &Report) -> Side {
    Side {
        agent: report.target.agent.clone(),
        version: report.target.version.clone(),
        started: report.run.started.clone(),
        profile: report.run.profile.clone(),
        shard: report.run.shard,
        interrupted: report.run.interrupted,
    }
}
