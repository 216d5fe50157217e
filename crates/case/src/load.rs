//! The TOML front end: from case files to instances.
//!
//! A file becomes a [`tree`] that knows where everything stands; [`expand`] multiplies rows and axes; each instance
//! is then built from the same tree with its own values ([`scope`]), checked against [`grammar`].

mod autobahn;
mod build;
mod case;
mod expand;
mod fields;
pub(crate) mod file;
pub(crate) mod grammar;
pub(crate) mod lines;
mod pairwise;
mod scope;
pub(crate) mod sets;
pub(crate) mod shape;
mod template;
pub(crate) mod tree;
