//! What a run knows about its target before an instance starts.

use std::collections::BTreeMap;
use std::time::Duration;

use wsanvil_wire::Role;

use crate::compressed::CompressedMessages;

/// What the application of the target does with data messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum App {
    /// Sends them back.
    Echo,
    /// Something else: only the protocol can be judged.
    None,
}

/// The target, as far as scripts need it.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetFacts {
    /// Role of the target.
    pub role: Role,
    /// Host and port as in the Host field.
    pub host: String,
    /// Request target: path and query.
    pub path: String,
    /// `ws` or `wss`.
    pub scheme: String,
    /// Fields added to every opening request.
    pub headers: Vec<(String, String)>,
    /// Origin field of every opening request.
    pub origin: Option<String>,
    /// Sub-protocols offered in every opening request.
    pub subprotocols: Vec<String>,
    /// What its application does.
    pub app: App,
    /// What the `[target]` table declares, by name.
    pub declared: BTreeMap<String, String>,
}

/// How an instance is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The target.
    pub target: std::sync::Arc<TargetFacts>,
    /// Seed of the run; instances draw from it and their name.
    pub seed: u64,
    /// Deadline of a step, counted from the last octet that moved in the instance.
    pub step_deadline: Duration,
    /// How long to wait where a barrier cannot go: ten times the slowest recent barrier round trip, 20 to 500 ms.
    pub quiet_window: Duration,
    /// How long the peer's Close and the end of TCP are waited for when nothing depends on them. Less than [`CLOSING`]
    /// is too short to say anything of a peer that takes longer.
    ///
    /// [`CLOSING`]: crate::CLOSING
    pub closing: Duration,
    /// Whether whole transcripts are kept for instances that pass.
    pub keep_all: bool,
    /// Compressed messages shared by the instances of a run.
    pub compressed: std::sync::Arc<CompressedMessages>,
}
