//! The reports as files: a deterministic sample, its schema, hostile content, redaction and size.

#![expect(clippy::unwrap_used, reason = "a panic in a test is a failed test")]
#![expect(
    clippy::assigning_clones,
    reason = "fixtures are made once and read more often"
)]

mod differing;
mod formats;
mod hostile;
mod merging;
mod page;
mod redaction;
mod sample;
mod schema;
