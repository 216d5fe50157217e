//! Taking connections.

use std::io;
use std::net::SocketAddr;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream, lookup_host};

use crate::blame::Blame;
use crate::stream::Stream;
use crate::tls::{ServerTls, TlsConduct, TlsFailure};

/// A listening socket, with TLS when it was given.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    tls: Option<ServerTls>,
}

impl Listener {
    /// Listens on `HOST:PORT`; port 0 takes a free one.
    pub async fn bind(address: &str) -> Result<Self, ListenError> {
        let failed = |error: io::Error| ListenError::from_io(&error, address);
        // Resolved apart from binding, so that a name that does not resolve is told from a port that is taken.
        let found: Vec<SocketAddr> = lookup_host(address)
            .await
            .map_err(|error| ListenError::Address {
                address: address.to_owned(),
                cause: error.to_string(),
            })?
            .collect();
        let socket = TcpListener::bind(found.as_slice()).await.map_err(failed)?;
        Ok(Self { socket, tls: None })
    }

    /// Speaks TLS on every connection from now on.
    #[must_use]
    pub fn with_tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Treats TLS otherwise than a server should, when it speaks TLS.
    #[must_use]
    pub fn with_tls_conduct(mut self, conduct: TlsConduct) -> Self {
        self.tls = self.tls.map(|tls| tls.with_conduct(conduct));
        self
    }

    /// The address and port it listens on.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// The next TCP connection. A connection that broke while it was waiting is passed over. Fails with
    /// [`ListenError::Local`] when descriptors are short; the listener stays usable.
    pub async fn accept(&self) -> Result<Incoming, ListenError> {
        loop {
            match self.socket.accept().await {
                Ok((tcp, peer)) => {
                    // Fails only on a socket that is already gone, which reading will show.
                    let _ = tcp.set_nodelay(true);
                    return Ok(Incoming {
                        tcp,
                        peer,
                        tls: self.tls.clone(),
                    });
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::Interrupted => {}
                    _ => {
                        return Err(ListenError::Local {
                            cause: error.to_string(),
                        });
                    }
                },
            }
        }
    }
}

/// An accepted TCP connection before TLS. Apart from [`Listener::accept`], so that a slow TLS handshake holds nobody
/// else up.
#[derive(Debug)]
pub struct Incoming {
    tcp: TcpStream,
    peer: SocketAddr,
    tls: Option<ServerTls>,
}

impl Incoming {
    /// Who connects.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Bounds `SO_RCVBUF` and `SO_SNDBUF`, in octets. Later than a client can do it: a window already announced does
    /// not shrink.
    pub fn set_buffers(&self, receive: Option<u32>, send: Option<u32>) -> io::Result<()> {
        let socket = SockRef::from(&self.tcp);
        if let Some(octets) = receive {
            socket.set_recv_buffer_size(octets as usize)?;
        }
        if let Some(octets) = send {
            socket.set_send_buffer_size(octets as usize)?;
        }
        Ok(())
    }

    /// The TLS handshake, when there is TLS.
    pub async fn handshake(self) -> Result<Stream, TlsFailure> {
        match self.tls {
            Some(tls) => tls.handshake(self.tcp).await,
            None => Ok(Stream::Plain(self.tcp)),
        }
    }
}

/// Why nothing can be listened on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Not an address of the form HOST:PORT.
    #[error("cannot listen on {address:?}: {cause}")]
    Address {
        /// What was given.
        address: String,
        /// What the resolver says.
        cause: String,
    },
    /// Somebody else listens there.
    #[error("{address} is in use")]
    InUse {
        /// What was given.
        address: String,
    },
    /// Not allowed or not an address of this machine.
    #[error("cannot listen on {address}: {cause}")]
    Denied {
        /// What was given.
        address: String,
        /// What the system says.
        cause: String,
    },
    /// Descriptors or memory are short.
    #[error("cannot take connections: {cause}")]
    Local {
        /// What the system says.
        cause: String,
    },
}

impl ListenError {
    /// Who is to blame.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Local { .. } => Blame::Tester,
            _ => Blame::Usage,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Address { .. } => "write it as HOST:PORT, such as 127.0.0.1:9001",
            Self::InUse { .. } => "stop what runs there, or use port 0 for a free one",
            Self::Denied { .. } => "use a port above 1023 and an address of this machine",
            Self::Local { .. } => "raise the limit on open descriptors (ulimit -n)",
        }
        .to_owned()
    }

    fn from_io(error: &io::Error, address: &str) -> Self {
        let address = address.to_owned();
        let cause = error.to_string();
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::InUse { address },
            io::ErrorKind::PermissionDenied | io::ErrorKind::AddrNotAvailable => {
                Self::Denied { address, cause }
            }
            _ => Self::Local { cause },
        }
    }
}
