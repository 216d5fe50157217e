//! The event stream of a run: the one interface between the runner and everything that shows or writes results.

use crate::{InstanceReport, RunInfo, TargetInfo};

/// What a run says while it goes on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The target is ready and the selection is known.
    Started {
        /// What is tested.
        target: TargetInfo,
        /// How.
        run: RunInfo,
        /// Instances selected.
        total: u32,
    },
    /// An instance is judged. May come again for the same name when a suspect was rerun: the last one counts.
    Finished {
        /// Id of its case.
        case: String,
        /// The result.
        instance: Box<InstanceReport>,
    },
    /// Something a reader should know.
    Warning(String),
    /// All instances are judged, or the run was interrupted.
    Ended {
        /// How it went.
        run: RunInfo,
    },
}
