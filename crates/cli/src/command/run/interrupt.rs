//! Ctrl-C and, on Unix, SIGTERM.

use std::io;

use crate::exit_code;
use crate::failure::Failure;

pub(crate) use system::Interrupts;

impl Interrupts {
    /// Takes the signals over; until then they kill the process.
    pub(crate) fn new() -> Result<Self, Failure> {
        Self::take().map_err(|error: io::Error| {
            Failure::new(exit_code::TARGET, format!("cannot take signals: {error}"))
        })
    }
}

#[cfg(unix)]
mod system {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Requests to end.
    #[derive(Debug)]
    pub(crate) struct Interrupts {
        interrupt: Signal,
        terminate: Signal,
    }

    impl Interrupts {
        pub(super) fn take() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        /// Resolves at the next one.
        pub(crate) async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }
}

#[cfg(windows)]
mod system {
    use std::io;

    use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

    /// Requests to end.
    #[derive(Debug)]
    pub(crate) struct Interrupts {
        interrupt: CtrlC,
        terminate: CtrlBreak,
    }

    impl Interrupts {
        pub(super) fn take() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                terminate: ctrl_break()?,
            })
        }

        /// Resolves at the next one.
        pub(crate) async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }
}
