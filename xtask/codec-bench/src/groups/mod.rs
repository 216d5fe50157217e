//! The groups, one module per kind of work.

pub mod deflate;
pub mod frames;
pub mod handshake;
pub mod mask;
pub mod utf8;
