//! Findings: a rule broken, with what was expected, what came, and where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why an instance is not a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Kind of deviation.
    pub kind: FindingKind,
    /// The standing rule or check broken, for the kinds `rule` and `check`; a kebab-case name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Id of the requirement it rests on.
    pub requirement: String,
    /// What the requirement asks for here.
    pub expected: String,
    /// What came.
    pub observed: String,
    /// Connection.
    pub on: String,
    /// Line of the step in the case file; 0 when the step was generated.
    #[serde(default)]
    pub line: u32,
    /// Offset in the octets received on that connection, where one octet proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// Kinds of deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Nothing came until the deadline.
    Silence,
    /// Another event than the one wanted.
    UnexpectedEvent,
    /// The right kind of event with wrong content.
    WrongContent,
    /// An echo that is not octet for octet what was sent.
    WrongEcho,
    /// The peer went on where it must fail the connection.
    NotFailed,
    /// The peer ended the connection where it must go on.
    EndedEarly,
    /// A Close code that is not allowed here.
    WrongCloseCode,
    /// An HTTP answer that is not allowed here.
    WrongHead,
    /// The opening handshake was refused where it must succeed.
    Refused,
    /// The opening handshake was accepted where it must be refused.
    AcceptedWrongly,
    /// A standing rule was broken.
    Rule,
    /// A named check found a deviation.
    Check,
    /// More octets than are owed.
    Flood,
    /// A write made no progress.
    Blocked,
    /// The instance ran into its absolute deadline.
    Deadline,
    /// The target died, or stopped serving new connections.
    Crash,
    /// No connection came about.
    Unreachable,
    /// The target grew beyond a limit.
    Growth,
    /// wsanvil itself could not go on.
    Internal,
}

/// A remark that costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// What was noticed.
    pub text: String,
    /// Connection.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
    /// Line of the step in the case file; 0 when no step is meant.
    #[serde(default)]
    pub line: u32,
}
