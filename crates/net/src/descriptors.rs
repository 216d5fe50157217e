//! The limit on open descriptors.

use std::io;

#[cfg(unix)]
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// More than any run opens; some systems report an unlimited hard limit and then refuse to set it.
const ENOUGH: u64 = 1 << 20;

/// Raises the soft limit on open descriptors as far as the hard limit lets it go, at most to 1,048,576, and returns
/// the soft limit that holds now. A limit that is already higher stays.
///
/// Fails with the error of the system call; the old limit holds then. Other systems than Unix know no such limit.
#[cfg(unix)]
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let wanted = hard.min(ENOUGH);
    if soft >= wanted {
        return Ok(soft);
    }
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)?;
    Ok(wanted)
}

/// Other systems than Unix know no such limit.
#[cfg(not(unix))]
pub fn raise_descriptor_limit() -> io::Result<u64> {
    Ok(ENOUGH)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn raising_twice_changes_nothing_more() {
        let first = raise_descriptor_limit().unwrap();
        assert_eq!(raise_descriptor_limit().unwrap(), first);
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap().0, first);
    }
}
