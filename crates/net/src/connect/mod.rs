//! Opening connections to a target.

mod error;
mod source;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

pub use self::error::{ConnectError, HelloError};
use self::source::Sources;
use crate::address::Address;
use crate::stream::Stream;
use crate::tls::{ClientTls, Hello, HelloFailure, TlsOptions, TlsSetupError};

/// Which addresses of a name are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// All, in the resolver's order.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// How to reach a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectorOptions {
    /// TLS; used only when the address is `wss`.
    pub tls: TlsOptions,
    /// Addresses to use.
    pub family: Family,
    /// Host and port to connect to instead of those of the address (curl's `--connect-to`).
    pub connect_to: Option<(String, u16)>,
}

/// How to open one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectOptions {
    /// `SO_RCVBUF` in octets, set before connecting so that it bounds the window; the system's choice when absent.
    pub recv_buffer: Option<u32>,
    /// `SO_SNDBUF` in octets.
    pub send_buffer: Option<u32>,
    /// How long resolving, TCP and TLS may take together.
    pub within: Duration,
}

impl ConnectOptions {
    /// Buffers as the system gives them.
    pub fn within(within: Duration) -> Self {
        Self {
            recv_buffer: None,
            send_buffer: None,
            within,
        }
    }
}

/// Opens connections to one target. Shared by all workers of a run.
#[derive(Debug)]
pub struct Connector {
    address: Address,
    host: String,
    port: u16,
    family: Family,
    tls: Option<ClientTls>,
    resolved: Mutex<Option<Arc<[SocketAddr]>>>,
    /// Index of the resolved address that answered last.
    preferred: AtomicUsize,
    sources: Sources,
}

impl Connector {
    /// A connector for `address`. Nothing is opened or resolved yet; certificates are read when it is `wss`.
    pub fn new(address: Address, options: &ConnectorOptions) -> Result<Self, TlsSetupError> {
        let tls = address
            .secure()
            .then(|| ClientTls::new(address.host(), &options.tls))
            .transpose()?;
        let (host, port) = options
            .connect_to
            .clone()
            .unwrap_or_else(|| (address.host().to_owned(), address.port()));
        Ok(Self {
            address,
            host,
            port,
            family: options.family,
            tls,
            resolved: Mutex::new(None),
            preferred: AtomicUsize::new(0),
            sources: Sources::default(),
        })
    }

    /// The address it connects to.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Whether every address of the target is this machine's own; resolves the name when that has not happened yet.
    pub async fn is_loopback(&self, within: Duration) -> Result<bool, ConnectError> {
        let deadline = Instant::now() + within;
        Ok(self
            .resolve(deadline, within)
            .await?
            .iter()
            .all(|to| to.ip().is_loopback()))
    }

    /// Opens a connection: TCP with `TCP_NODELAY`, and TLS when the address is `wss`. The addresses of the target are
    /// tried in turn, the one that answered last first.
    pub async fn connect(&self, options: ConnectOptions) -> Result<Stream, ConnectError> {
        let deadline = Instant::now() + options.within;
        let tcp = self.connect_tcp_until(options, deadline).await?;
        let Some(tls) = &self.tls else {
            return Ok(Stream::Plain(tcp));
        };
        match timeout_at(deadline, tls.handshake(tcp)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(failure)) => Err(ConnectError::Tls {
                to: self.target(),
                failure,
            }),
            Err(_) => Err(self.timed_out(options.within)),
        }
    }

    /// Opens a connection with a `ClientHello` of one's own, which the target may refuse. An address without TLS cannot
    /// take one.
    pub async fn connect_saying(&self, hello: &Hello, options: ConnectOptions) -> Result<Stream, HelloError> {
        let deadline = Instant::now() + options.within;
        let tcp = self.connect_tcp_until(options, deadline).await?;
        let Some(tls) = &self.tls else {
            return Err(HelloError::NoTls);
        };
        match timeout_at(deadline, tls.handshake_with(hello, tcp)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(HelloFailure::Refused(mut refusal))) => {
                let end = timeout_at(deadline, refusal.end()).await.ok();
                Err(HelloError::Refused {
                    alert: refusal.alert.take(),
                    end: end.map(|end| end.map_err(|error| error.kind())),
                })
            }
            Ok(Err(HelloFailure::Failed(failure))) => Err(HelloError::Failed(failure)),
            Ok(Err(HelloFailure::Setup(cause))) => Err(HelloError::Setup { cause }),
            Err(_) => Err(HelloError::TimedOut),
        }
    }

    /// Opens a connection without TLS, also when the address is `wss`.
    pub async fn connect_in_the_clear(&self, options: ConnectOptions) -> Result<Stream, ConnectError> {
        self.connect_tcp(options).await.map(Stream::Plain)
    }

    /// Opens TCP alone, also when the address is `wss`.
    pub(crate) async fn connect_tcp(&self, options: ConnectOptions) -> Result<TcpStream, ConnectError> {
        self.connect_tcp_until(options, Instant::now() + options.within)
            .await
    }

    async fn connect_tcp_until(
        &self,
        options: ConnectOptions,
        deadline: Instant,
    ) -> Result<TcpStream, ConnectError> {
        let addresses = self.resolve(deadline, options.within).await?;
        let first = self.preferred.load(Ordering::Relaxed);
        let mut failure = None;
        for turn in 0..addresses.len() {
            let index = (first + turn) % addresses.len();
            // An address that swallows packets must leave time for those behind it.
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - turn).unwrap_or(u32::MAX);
            let attempt = self.connect_one(addresses[index], options);
            let error = match timeout_at(Instant::now() + share, attempt).await {
                Ok(Ok(tcp)) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(tcp);
                }
                Ok(Err(error)) => error,
                Err(_) => self.timed_out(options.within),
            };
            // "Refused" says the least: often it is only the other address family of the same host.
            if failure.is_none() || matches!(failure, Some(ConnectError::Refused { .. })) {
                failure = Some(error);
            }
        }
        Err(failure.unwrap_or_else(|| self.timed_out(options.within)))
    }

    async fn connect_one(&self, to: SocketAddr, options: ConnectOptions) -> Result<TcpStream, ConnectError> {
        let open = async {
            let socket = if to.is_ipv4() {
                TcpSocket::new_v4()
            } else {
                TcpSocket::new_v6()
            }?;
            if let Some(octets) = options.recv_buffer {
                socket.set_recv_buffer_size(octets)?;
            }
            if let Some(octets) = options.send_buffer {
                socket.set_send_buffer_size(octets)?;
            }
            if let Some(source) = self.sources.next(to.ip()) {
                socket.bind(SocketAddr::new(source, 0))?;
            }
            let tcp = socket.connect(to).await?;
            tcp.set_nodelay(true)?;
            Ok(tcp)
        };
        open.await
            .map_err(|error| ConnectError::from_io(&error, &self.target()))
    }

    /// The addresses of the target; resolved once, so that a run neither floods the resolver nor changes its target.
    async fn resolve(&self, deadline: Instant, within: Duration) -> Result<Arc<[SocketAddr]>, ConnectError> {
        let known = self
            .resolved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let host = self.host.as_str();
        let found: Vec<SocketAddr> = if let Ok(ip) = host.parse::<IpAddr>() {
            vec![SocketAddr::new(ip, self.port)]
        } else {
            let failed = |cause: String| ConnectError::Resolve {
                host: host.to_owned(),
                cause,
            };
            match timeout_at(deadline, lookup_host((host, self.port))).await {
                Ok(Ok(found)) => found.collect(),
                Ok(Err(error)) => return Err(failed(error.to_string())),
                Err(_) => {
                    return Err(failed(format!("no answer within {} ms", within.as_millis())));
                }
            }
        };
        let fits = |to: &SocketAddr| match self.family {
            Family::Any => true,
            Family::V4 => to.is_ipv4(),
            Family::V6 => to.is_ipv6(),
        };
        let addresses: Arc<[SocketAddr]> = found.into_iter().filter(fits).collect();
        if addresses.is_empty() {
            let family = if self.family == Family::V6 { "IPv6" } else { "IPv4" };
            return Err(ConnectError::Family {
                host: host.to_owned(),
                family,
            });
        }
        *self.resolved.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&addresses));
        Ok(addresses)
    }

    fn timed_out(&self, within: Duration) -> ConnectError {
        ConnectError::TimedOut {
            to: self.target(),
            within,
        }
    }

    /// Host and port for messages.
    fn target(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}
