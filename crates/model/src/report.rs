//! The report: one entry per case, one per instance below it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Entry, Finding, Level, Note, Shard, TargetRole, Verdict};

/// Version of the report's schema.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What made it.
    pub tool: ToolInfo,
    /// What was tested.
    pub target: TargetInfo,
    /// How.
    pub run: RunInfo,
    /// Instances by verdict.
    pub summary: Summary,
    /// Cases, in the order of the library.
    pub cases: Vec<CaseReport>,
}

/// What made a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolInfo {
    /// `wsanvil`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was tested.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// Name in reports.
    pub agent: String,
    /// URL without credentials.
    pub url: String,
    /// `echo` or `none`: what its application does with data messages.
    pub app: String,
    /// Command wsanvil started it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Version as the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Value of its Server field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// How a run was made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// Seed of every random choice.
    pub seed: u64,
    /// Profile.
    pub profile: String,
    /// Cases at once.
    pub jobs: u32,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// Duration in milliseconds.
    pub wall_ms: u64,
    /// Whether it was interrupted before its end.
    #[serde(default)]
    pub interrupted: bool,
    /// The part of the selection that was run; absent: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// What a reader should know before trusting the numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Instances by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Verdict pass.
    pub pass: u32,
    /// Verdict nonstrict.
    pub nonstrict: u32,
    /// Verdict fail.
    pub fail: u32,
    /// Verdict crash.
    pub crash: u32,
    /// Verdict error.
    pub error: u32,
    /// Verdict skip.
    pub skip: u32,
}

impl Summary {
    /// Counts one.
    pub fn count(&mut self, verdict: Verdict) {
        let field = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Nonstrict => &mut self.nonstrict,
            Verdict::Fail => &mut self.fail,
            Verdict::Crash => &mut self.crash,
            Verdict::Error => &mut self.error,
            Verdict::Skip => &mut self.skip,
        };
        *field += 1;
    }

    /// All instances.
    pub fn total(&self) -> u32 {
        self.pass + self.nonstrict + self.fail + self.crash + self.error + self.skip
    }
}

/// A case and its instances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseReport {
    /// `area/slug`.
    pub id: String,
    /// Title.
    pub title: String,
    /// First part of the id.
    pub area: String,
    /// What the target is.
    pub role: TargetRole,
    /// What a miss costs.
    pub level: Level,
    /// The worst of its instances.
    pub verdict: Verdict,
    /// Requirement ids, the main one first.
    pub spec: Vec<String>,
    /// Aliases of all instances.
    pub alias: Vec<String>,
    /// Why the rule is as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The file it stands in; empty for standing rules, which stand in none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Its instances.
    pub instances: Vec<InstanceReport>,
}

impl CaseReport {
    /// A case of which only its id is known, without instances.
    pub fn of_unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: id.to_owned(),
            area: id.split('/').next().unwrap_or(id).to_owned(),
            role: TargetRole::Both,
            level: Level::Must,
            verdict: Verdict::Skip,
            spec: Vec::new(),
            alias: Vec::new(),
            why: None,
            file: String::new(),
            instances: Vec::new(),
        }
    }
}

/// One instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceReport {
    /// `id[label,axis=value]`.
    pub name: String,
    /// Title with the values filled in.
    pub title: String,
    /// Values of rows and axes.
    pub values: BTreeMap<String, serde_json::Value>,
    /// Judgement.
    pub verdict: Verdict,
    /// One sentence saying why.
    pub reason: String,
    /// Remarks that cost nothing.
    pub notes: Vec<Note>,
    /// What was expected; empty on a pass.
    pub expected: String,
    /// What came; empty on a pass.
    pub observed: String,
    /// The rule broken; absent on pass and skip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// Whether a baseline entry expects this verdict.
    pub expected_by_baseline: bool,
    /// Why it does, in the words of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Whether repeated runs disagreed.
    pub flaky: bool,
    /// Duration in milliseconds.
    pub duration_ms: u64,
    /// How the (first) connection ended.
    pub close: CloseReport,
    /// Verdicts of the Autobahn judge, when the instance is one of its cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autobahn: Option<AutobahnResult>,
    /// Aliases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alias: Vec<String>,
    /// What crossed the wire.
    pub transcript: Vec<Entry>,
    /// Instances that saw a standing rule broken: first the one that the finding is from, then the others by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_in: Vec<String>,
    /// Command that runs it again.
    pub replay: String,
}

impl InstanceReport {
    /// An instance of which only its name and its verdict are known.
    pub fn new(name: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            name: name.into(),
            title: String::new(),
            values: BTreeMap::new(),
            verdict,
            reason: String::new(),
            notes: Vec::new(),
            expected: String::new(),
            observed: String::new(),
            finding: None,
            expected_by_baseline: false,
            baseline: None,
            flaky: false,
            duration_ms: 0,
            close: CloseReport::default(),
            autobahn: None,
            alias: Vec::new(),
            transcript: Vec::new(),
            seen_in: Vec::new(),
            replay: String::new(),
        }
    }
}

impl InstanceReport {
    /// Instances named in the note of a standing rule.
    const NAMED: usize = 10;

    /// Says which instances saw a standing rule broken: in [`Self::seen_in`], and in the one note that such an entry has.
    pub fn set_seen_in(&mut self, names: Vec<String>) {
        let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let more = sorted.len().saturating_sub(Self::NAMED);
        let shown = sorted[..sorted.len() - more].join(", ");
        let mut text = format!("seen in {}: {shown}", sorted.len());
        if more > 0 {
            text = format!("{text} and {more} more");
        }
        self.notes = vec![Note {
            text,
            on: String::new(),
            line: 0,
        }];
        self.seen_in = names;
    }
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CloseReport {
    /// Who began.
    pub by: Closer,
    /// Code of the peer's Close; absent: none came, or it had an empty body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Reason of the peer's Close.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Whether a Close went both ways.
    pub clean: bool,
}

/// Who ended a connection first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Closer {
    /// Nobody, or it never was open.
    #[default]
    Nobody,
    /// The tester.
    Tester,
    /// The target.
    Target,
}

/// Verdicts in Autobahn's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AutobahnResult {
    /// Case number such as `1.1.1`.
    pub id: String,
    /// OK, NON-STRICT, INFORMATIONAL, UNIMPLEMENTED or FAILED.
    pub behavior: String,
    /// OK, WRONG CODE, UNCLEAN, FAILED BY CLIENT, INFORMATIONAL or FAILED.
    pub behavior_close: String,
}
