//! Peers that need adapting before they can do a group's work.

pub mod deflate;
pub mod frames;
pub mod handshake;
pub mod memory;
pub mod utf8;
