//! What an instance came to.

use std::time::Duration;

use wsanvil_model::{AutobahnResult, CloseReport, Entry, Finding, Level, Note, Verdict};

/// Result of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Judgement.
    pub verdict: Verdict,
    /// One sentence saying why.
    pub reason: String,
    /// The rule broken; absent on pass and skip.
    pub finding: Option<Finding>,
    /// Remarks that cost nothing.
    pub notes: Vec<Note>,
    /// Standing rules broken, whether or not they decided the verdict.
    pub standing: Vec<StandingHit>,
    /// Verdicts of the Autobahn judge.
    pub autobahn: Option<AutobahnResult>,
    /// How the first connection ended.
    pub close: CloseReport,
    /// What crossed the wire.
    pub transcript: Vec<Entry>,
    /// From start to end.
    pub duration: Duration,
    /// Slowest round trip of a barrier.
    pub barrier_round_trip: Option<Duration>,
    /// Whether a fresh handshake must prove that the target still serves: something illegal was sent, or the peer
    /// dropped a connection.
    pub suspect: bool,
    /// Whether the verdict rests on the end of TCP without a Close: provisional until the target proves alive.
    pub provisional: bool,
    /// Whether the peer ended a connection without a Close while the tester kept it open.
    pub dropped: bool,
    /// Whether the closing handshake or the end of TCP behind it took longer than a second.
    pub late_end: bool,
    /// Whether a deadline passed in silence.
    pub timed_out: bool,
    /// Whether the first connection never opened.
    pub unreachable: bool,
    /// Whether an opening handshake was answered by 429 or 503: the target lives and has no time.
    pub busy: bool,
    /// Value of the Server field of the first handshake.
    pub server: Option<String>,
    /// Whether a data message came back as sent, in this instance.
    pub echoed: bool,
}

/// A standing rule seen broken.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingHit {
    /// Name of the rule, such as `mask`.
    pub rule: &'static str,
    /// What it costs: some rules bind a sender in words that leave room.
    pub level: Level,
    /// The evidence.
    pub finding: Finding,
}
