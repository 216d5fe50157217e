//! Scheduling of wsanvil cases: jobs, liveness, retries; emits the event stream.

mod drive;

pub use drive::{Machine, Opening, Source, drive};
