//! The words for judgements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Judgement of an instance or a case.
///
/// The order is from harmless to worst, so that the worst of several is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not run, with the reason.
    Skip,
    /// Conformant.
    Pass,
    /// A SHOULD was missed, or the texts disagree.
    Nonstrict,
    /// wsanvil could not judge.
    Error,
    /// A MUST was broken.
    Fail,
    /// The target died or stopped serving.
    Crash,
}

impl Verdict {
    /// All, worst last.
    pub const ALL: [Self; 6] = [
        Self::Skip,
        Self::Pass,
        Self::Nonstrict,
        Self::Error,
        Self::Fail,
        Self::Crash,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Pass => "pass",
            Self::Nonstrict => "nonstrict",
            Self::Error => "error",
            Self::Fail => "fail",
            Self::Crash => "crash",
        }
    }

    /// Whether it is a finding: not pass and not skip.
    pub fn is_finding(self) -> bool {
        !matches!(self, Self::Pass | Self::Skip)
    }
}

/// What an event of a script is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As wanted.
    Pass,
    /// Pass with a remark.
    Note,
    /// A SHOULD was missed.
    Nonstrict,
    /// A MUST was broken.
    Fail,
}

/// Strength of the requirement a case rests on: what a miss costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// MUST, MUST NOT: a miss is fail.
    Must,
    /// SHOULD, SHOULD NOT: a miss is nonstrict.
    Should,
    /// MAY: a miss is a note.
    May,
}

impl Level {
    /// What a miss costs.
    pub fn cost(self) -> Grade {
        match self {
            Self::Must => Grade::Fail,
            Self::Should => Grade::Nonstrict,
            Self::May => Grade::Note,
        }
    }

    /// The word of RFC 2119.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

/// What the target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetRole {
    /// A server; the tester is the client.
    Server,
    /// A client; the tester is the server.
    Client,
    /// Either.
    Both,
    /// Something between; the tester is on both sides.
    Proxy,
}
