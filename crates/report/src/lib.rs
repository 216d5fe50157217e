//! Reports of wsanvil: from the event stream of a run to files people and programs read.
//!
//! A [`Collector`] folds events into a [`wsanvil_model::Report`], [`redact()`] takes the secrets out of it,
//! [`ReportFormat`] turns it into the octets of a file and [`write_atomic`] puts them in place. Everything here is a
//! pure function of the report except [`write_atomic`]; nothing knows a socket or prints.

mod atomic;
mod badge;
pub mod baseline;
mod collect;
pub mod diff;
mod error;
mod format;
mod gate;
pub mod github;
mod hexdump;
pub mod html;
pub mod json;
mod junit;
mod markdown;
pub mod merge;
pub mod ndjson;
mod pcapng;
mod plain;
pub mod redact;
mod requirement;
mod sarif;
mod spread;
pub mod summary;
mod tap;
mod visible;

pub use atomic::write_atomic;
pub use collect::{CaseMeta, Collector};
pub use error::{DestinationError, ReadError, ReportError};
pub use format::{Context, Destination, ReportFormat};
pub use gate::{Gate, Standing};
pub use redact::{redact, redact_transcript, redact_url};
pub use requirement::{Place, RequirementText};
pub use spread::Spread;
