//! Groups `decode`, `encode` and `echo`.

use crate::Group;

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    Vec::new()
}
