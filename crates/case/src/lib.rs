//! Case types, TOML front end, matrix, selection and lint of wsanvil.

#[cfg(any(test, feature = "arbitrary"))]
mod arbitrary;
pub mod checks;
pub mod corpus;
mod dsl;
mod error;
mod library;
mod lint;
mod load;
mod schema;
pub mod script;
mod select;
mod types;

pub use dsl::dsl;
pub use error::LoadError;
pub use library::Library;
pub use lint::{Diagnostic, Severity, lint_file, lint_text};
pub use schema::schema;
pub use select::{ProfileName, SelectError, Selection};
pub use types::{Autobahn, Case, End, ExpectedEvent, Instance, Judge, Limits, Need, Profiles, Transport};

/// The requirement of that id.
pub fn requirement(id: &str) -> Option<&'static wsanvil_cases::SpecRow> {
    wsanvil_cases::requirements().iter().find(|row| row.id == id)
}
