//! Why no connection came about.

use std::io;
use std::time::Duration;

use crate::blame::Blame;
use crate::tls::TlsFailure;

/// Why no connection came about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody listens.
    #[error("{to} refuses connections")]
    Refused {
        /// Host and port.
        to: String,
    },
    /// No answer in time.
    #[error("{to} did not answer within {} ms", within.as_millis())]
    TimedOut {
        /// Host and port.
        to: String,
        /// How long was waited.
        within: Duration,
    },
    /// The name stands for no address.
    #[error("the host name {host} cannot be resolved: {cause}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        cause: String,
    },
    /// The name has addresses, but none of the family asked for.
    #[error("the host {host} has no {family} address")]
    Family {
        /// The name.
        host: String,
        /// `IPv4` or `IPv6`.
        family: &'static str,
    },
    /// TCP is there, TLS is not.
    #[error("TLS with {to}: {failure}")]
    Tls {
        /// Host and port.
        to: String,
        /// What went wrong.
        failure: TlsFailure,
    },
    /// Something is missing on the tester's side: descriptors, ports, memory, permission.
    #[error("no connection can be opened here: {cause}")]
    Local {
        /// What the system says.
        cause: String,
        /// Whether it was the limit on open descriptors.
        descriptors: bool,
    },
    /// Anything else: no route, reset while connecting.
    #[error("no connection with {to}: {cause}")]
    Other {
        /// Host and port.
        to: String,
        /// What the system says.
        cause: String,
    },
}

/// Why no TLS came of a `ClientHello` that the target need not like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HelloError {
    /// No TCP.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// TCP is open, and nothing came of TLS in time.
    #[error("the TLS handshake came to nothing in time")]
    TimedOut,
    /// The target refused it.
    #[error("the peer refused TLS")]
    Refused {
        /// Its fatal alert (RFC 8446 section 6) as code and name; `None`: it ended TCP without one.
        alert: Option<(u8, String)>,
        /// How it ended TCP: in order, or with an error such as a reset; `None`: not in time.
        end: Option<Result<(), io::ErrorKind>>,
    },
    /// We refused what came back, or it is no TLS.
    #[error("{0}")]
    Failed(TlsFailure),
    /// The `ClientHello` cannot be made.
    #[error("the ClientHello cannot be made: {cause}")]
    Setup {
        /// What is wrong with it.
        cause: String,
    },
    /// The target has an address without TLS.
    #[error("the address of the target is without TLS")]
    NoTls,
}

impl ConnectError {
    /// Who is to blame.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Resolve { .. } | Self::Family { .. } => Blame::Usage,
            Self::Tls { failure, .. } => failure.blame(),
            Self::Local { .. } => Blame::Tester,
            Self::Refused { .. } | Self::TimedOut { .. } | Self::Other { .. } => Blame::Target,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Refused { .. } => {
                "start the target first, or let wsanvil start it: wsanvil run URL -- COMMAND"
            }
            Self::TimedOut { .. } => "check host, port and firewall",
            Self::Resolve { .. } => "check the spelling of the host name",
            Self::Family { .. } => "leave -4 or -6 out",
            Self::Tls { failure, .. } => return failure.hint(),
            Self::Local {
                descriptors: true, ..
            } => "raise the limit (ulimit -n) or lower --jobs",
            Self::Local { .. } => "lower --jobs, or wait until ports are free again",
            Self::Other { .. } => "check the route to the target",
        }
        .to_owned()
    }

    /// What an error of a socket call means.
    pub(super) fn from_io(error: &io::Error, to: &str) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => return Self::Refused { to: to.to_owned() },
            // The kernel gave up before our own deadline.
            io::ErrorKind::TimedOut => {
                return Self::Other {
                    to: to.to_owned(),
                    cause: "timed out in the network".to_owned(),
                };
            }
            _ => {}
        }
        let cause = error.to_string();
        match shortage(error) {
            Some(descriptors) => Self::Local { cause, descriptors },
            None => Self::Other {
                to: to.to_owned(),
                cause,
            },
        }
    }
}

/// Whether this machine ran out of something; true when of descriptors.
#[cfg(unix)]
fn shortage(error: &io::Error) -> Option<bool> {
    use nix::errno::Errno;
    match error.raw_os_error().map(Errno::from_raw)? {
        Errno::EMFILE | Errno::ENFILE => Some(true),
        Errno::EADDRNOTAVAIL
        | Errno::EADDRINUSE
        | Errno::ENOBUFS
        | Errno::ENOMEM
        | Errno::EACCES
        | Errno::EPERM => Some(false),
        _ => None,
    }
}

/// Whether this machine ran out of something; true when of descriptors, which other systems than Unix do not tell.
#[cfg(not(unix))]
fn shortage(error: &io::Error) -> Option<bool> {
    let kinds = [
        io::ErrorKind::AddrInUse,
        io::ErrorKind::AddrNotAvailable,
        io::ErrorKind::OutOfMemory,
        io::ErrorKind::PermissionDenied,
    ];
    kinds.contains(&error.kind()).then_some(false)
}
