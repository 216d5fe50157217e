//! Verdicts, findings, transcripts, events and the report: the stable JSON contract of wsanvil.
//!
//! Everything downstream of the engine speaks these types: the runner emits [`Event`]s, the terminal and every
//! report format consume them. A field added here bumps [`SCHEMA_VERSION`] only when a reader of the old schema
//! could misread the new data.

mod event;
mod finding;
mod report;
mod shard;
mod transcript;
mod verdict;

pub use event::Event;
pub use finding::{Finding, FindingKind, Note};
pub use report::{
    AutobahnResult, CaseReport, CloseReport, Closer, InstanceReport, Report, RunInfo, SCHEMA_VERSION,
    Summary, TargetInfo, ToolInfo,
};
pub use shard::Shard;
pub use transcript::{Direction, Entry, FrameInfo, KEPT_OCTETS, What};
pub use verdict::{Grade, Level, TargetRole, Verdict};
