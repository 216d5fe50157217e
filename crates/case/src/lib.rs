//! Case types, TOML front end, matrix, selection and lint of wsanvil.

pub mod checks;
pub mod corpus;
mod error;
mod library;
mod load;
pub mod script;
mod select;
mod types;

pub use error::LoadError;
pub use library::Library;
pub use select::{ProfileName, SelectError, Selection};
pub use types::{Autobahn, Case, End, ExpectedEvent, Instance, Judge, Limits, Need, Profiles, Transport};
