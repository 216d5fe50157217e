//! Who has to act on an error.

/// The party an error lies with; the command line turns it into an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// What the user gave: an address, a file, an option.
    Usage,
    /// The target: not there, not ready, or not what the address promises.
    Target,
    /// The machine of the tester: no descriptors, no ports, no permission.
    Tester,
}
