//! How a terminal was set before an editor changed it.

#[cfg(unix)]
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// The settings of stdin.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Mode(Termios);

#[cfg(unix)]
impl Mode {
    /// As they are now; nothing when stdin is no terminal.
    pub(crate) fn now() -> Option<Self> {
        tcgetattr(std::io::stdin()).ok().map(Self)
    }

    /// Puts them back. A terminal that is gone needs nothing.
    pub(crate) fn restore(self) {
        let _ = tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, &self.0);
    }
}

/// The settings of stdin; the console of Windows takes them back by itself when a program ends.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Mode;

#[cfg(not(unix))]
impl Mode {
    pub(crate) fn now() -> Option<Self> {
        None
    }

    pub(crate) fn restore(self) {}
}
