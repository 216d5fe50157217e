//! Case types, TOML front end, matrix, selection and lint of wsanvil.

pub mod corpus;
pub mod script;
mod types;

pub use types::{
    Autobahn, Case, End, ExpectedEvent, Instance, Judge, Limits, Need, Profiles, Transport,
};
