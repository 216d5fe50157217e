//! Groups `decode`, `encode` and `echo`: frames in, frames out, and both with messages between.

use crate::Group;

pub mod decode;
pub mod echo;
pub mod encode;
pub mod traffic;

mod ours;
mod read_buffer;

pub use read_buffer::ReadBuffer;

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    let mut groups = decode::groups();
    groups.extend(encode::groups());
    groups.extend(echo::groups());
    groups
}
