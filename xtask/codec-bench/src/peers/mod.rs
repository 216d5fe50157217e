//! Peers that need adapting before they can do a group's work.

pub mod frames;
pub mod utf8;
