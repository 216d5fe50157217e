//! How a target ended.

use std::fmt;
use std::process::ExitStatus;

use super::error::Tail;

/// How a target ended: exactly one of status and signal is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitReport {
    /// Exit status, 0 to 255.
    pub status: Option<i32>,
    /// Number of the signal that killed it.
    pub signal: Option<i32>,
    /// The last lines it wrote, stdout and stderr in the order they came.
    pub last_lines: Vec<String>,
}

impl ExitReport {
    pub(super) fn new(status: ExitStatus, last_lines: Vec<String>) -> Self {
        Self {
            status: status.code(),
            signal: signal_of(status),
            last_lines,
        }
    }

    /// The end in few words: `exit status 3` or `killed by signal 11 (SIGSEGV)`.
    pub fn summary(&self) -> String {
        match (self.status, self.signal) {
            (Some(status), _) => format!("exit status {status}"),
            (None, Some(number)) => match name_of(number) {
                Some(name) => format!("killed by signal {number} ({name})"),
                None => format!("killed by signal {number}"),
            },
            (None, None) => "ended in an unknown way".to_owned(),
        }
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// Other systems than Unix know no signals.
#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(unix)]
fn name_of(signal: i32) -> Option<&'static str> {
    let signal = nix::sys::signal::Signal::try_from(signal).ok()?;
    Some(signal.as_str())
}

#[cfg(not(unix))]
fn name_of(_: i32) -> Option<&'static str> {
    None
}

impl fmt::Display for ExitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.summary(), Tail(&self.last_lines))
    }
}
