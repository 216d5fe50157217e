//! The reports as files: a deterministic sample, its schema, hostile content, redaction and size.

mod hostile;
mod page;
mod redaction;
mod sample;
mod schema;
