//! Why no target could be started.

use std::time::Duration;

use super::exit::ExitReport;
use crate::address::AddressError;
use crate::blame::Blame;
use crate::connect::ConnectError;
use crate::tls::TlsSetupError;

/// Why no target could be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// No program given.
    #[error("there is no command to start the target with")]
    NoCommand,
    /// The program does not exist or may not run.
    #[error("{program} cannot be started: {cause}")]
    Spawn {
        /// The program.
        program: String,
        /// What the system says.
        cause: String,
    },
    /// Somebody else serves there.
    #[error("port {port} already answers: stop what runs there or use {{port}}")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// No loopback port is free.
    #[error("no free port: {cause}")]
    NoPort {
        /// What the system says.
        cause: String,
    },
    /// The process ended before it served.
    #[error("the target ended before it served: {report}")]
    Exited {
        /// How it ended.
        report: ExitReport,
    },
    /// It does not serve in time.
    #[error("the target did not serve within {} s: {last}{}", within.as_secs_f32(), Tail(last_lines))]
    NotReady {
        /// How long was waited.
        within: Duration,
        /// What the last attempt came to.
        last: String,
        /// The last lines of its output.
        last_lines: Vec<String>,
    },
    /// The URL is wrong.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The host of the URL stands for no address.
    #[error(transparent)]
    Connect(ConnectError),
}

impl LaunchError {
    /// Who is to blame.
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoCommand | Self::Spawn { .. } | Self::PortTaken { .. } => Blame::Usage,
            Self::NoPort { .. } => Blame::Tester,
            Self::Exited { .. } | Self::NotReady { .. } => Blame::Target,
            Self::Address(error) => error.blame(),
            Self::Tls(error) => error.blame(),
            Self::Connect(error) => error.blame(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoCommand => "write the command behind --",
            Self::Spawn { .. } => "check path and permissions; a shell line needs sh -c 'LINE'",
            Self::PortTaken { .. } => "with {port} in URL and command, wsanvil picks a free port",
            Self::NoPort { .. } => "close some of the servers on this machine",
            Self::Exited { .. } => "run the command by hand and look at its output",
            Self::NotReady { .. } => "check that the command serves WebSocket at the URL",
            Self::Address(error) => return error.hint(),
            Self::Tls(error) => return error.hint(),
            Self::Connect(error) => return error.hint(),
        }
        .to_owned()
    }
}

/// Output of a process below a message.
pub(super) struct Tail<'a>(pub(super) &'a [String]);

impl std::fmt::Display for Tail<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in self.0 {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}
