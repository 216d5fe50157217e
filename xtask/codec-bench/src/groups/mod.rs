//! The groups, one module per kind of work.

pub mod frames;
pub mod mask;
pub mod utf8;
