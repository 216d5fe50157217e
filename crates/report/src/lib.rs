//! Reports of wsanvil: from the event stream of a run to files people and programs read.
//!
//! A [`Collector`] folds events into a [`wsanvil_model::Report`], [`redact()`] takes the secrets out of it,
//! [`ReportFormat`] turns it into the octets of a file and [`write_atomic`] puts them in place. Everything here is a
//! pure function of the report except [`write_atomic`]; nothing knows a socket or prints.

mod atomic;
mod collect;
mod error;
mod format;
mod hexdump;
pub mod html;
pub mod json;
pub mod redact;
mod requirement;
mod spread;
pub mod summary;
mod visible;

pub use atomic::write_atomic;
pub use collect::{CaseMeta, Collector};
pub use error::{DestinationError, ReadError, ReportError};
pub use format::{Context, Destination, ReportFormat};
pub use redact::{redact, redact_url};
pub use requirement::{Place, RequirementText};
pub use spread::Spread;
