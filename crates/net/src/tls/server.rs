//! TLS towards clients.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{Acceptor, ClientHello, ParsedCertificate};
use rustls::{CipherSuite, KeyLogFile, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::client::{certificates, private_key};
use super::failure::TlsFailure;
use super::setup::TlsSetupError;
use crate::stream::Stream;

/// The fatal alert `unrecognized_name` (RFC 8446 section 6.2) in a record of its own.
const UNRECOGNIZED_NAME: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 112];

/// The serving side of TLS: one certificate for every client. `SSLKEYLOGFILE` is honoured.
#[derive(Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    /// The certificate itself, for the names it is valid for.
    leaf: CertificateDer<'static>,
    conduct: TlsConduct,
}

/// What the serving side does where a client asks for something that it does not have. The default is what RFC 6066 and
/// RFC 7301 want; everything else is there to be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TlsConduct {
    /// What happens to a server name that the certificate does not have.
    pub unknown_name: UnknownName,
    /// Goes on without a protocol when it speaks none of those offered.
    pub without_protocol: bool,
    /// Falls silent when a client does not offer TLS 1.3.
    pub ignores_old_version: bool,
    /// Leaves TCP open when TLS has failed, for as long as the client does.
    pub keeps_failed: bool,
}

/// What happens to a client that asks for a server name which is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownName {
    /// TLS goes on with the usual certificate.
    #[default]
    Served,
    /// The alert `unrecognized_name`, and the end of TCP.
    Refused,
    /// The end of TCP, without an alert.
    Dropped,
    /// Nothing at all.
    Ignored,
}

impl ServerTls {
    /// Reads certificate chain and key from PEM files.
    pub fn from_files(cert: &Path, key: &Path) -> Result<Self, TlsSetupError> {
        Self::new(certificates(cert)?, private_key(key)?)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsSetupError> {
        // A chain from a file has at least one certificate.
        let leaf = chain.first().cloned().unwrap_or_else(|| Vec::new().into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsSetupError::Provider {
                cause: error.to_string(),
            })?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| TlsSetupError::Identity {
                cause: error.to_string(),
            })?;
        config.key_log = Arc::new(KeyLogFile::new());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            leaf,
            conduct: TlsConduct::default(),
        })
    }

    /// Behaves otherwise than a server should.
    #[must_use]
    pub fn with_conduct(mut self, conduct: TlsConduct) -> Self {
        self.conduct = conduct;
        if conduct.without_protocol {
            Arc::make_mut(&mut self.config).alpn_protocols.clear();
        }
        self
    }

    /// The TLS handshake over an accepted TCP connection.
    pub async fn handshake(&self, tcp: TcpStream) -> Result<Stream, TlsFailure> {
        let (error, tcp) = match self.attempt(tcp).await {
            Ok(stream) => return Ok(stream),
            Err(failed) => failed,
        };
        if let Some(tcp) = tcp {
            self.end(tcp).await;
        }
        Err(TlsFailure::from_io(&error, ""))
    }

    /// The handshake; a failed one gives TCP back when it is still there.
    async fn attempt(&self, tcp: TcpStream) -> Result<Stream, (io::Error, Option<TcpStream>)> {
        let mut hello = LazyConfigAcceptor::new(Acceptor::default(), tcp);
        let mut start = match (&mut hello).await {
            Ok(start) => start,
            Err(error) => return Err((error, hello.take_io())),
        };
        if self.conduct.ignores_old_version && !offers_tls13(&start.client_hello()) {
            until_the_end(&mut start.io).await;
        }
        let known = start
            .client_hello()
            .server_name()
            .is_none_or(|name| self.has(name));
        if !known && self.conduct.unknown_name != UnknownName::Served {
            match self.conduct.unknown_name {
                UnknownName::Ignored => until_the_end(&mut start.io).await,
                // The client may be gone, and then nobody has to be told.
                UnknownName::Refused => drop(start.io.write_all(&UNRECOGNIZED_NAME).await),
                UnknownName::Served | UnknownName::Dropped => {}
            }
            return Err((io::ErrorKind::ConnectionAborted.into(), Some(start.io)));
        }
        let accept = start.into_stream(Arc::clone(&self.config)).into_fallible();
        match accept.await {
            Ok(tls) => Ok(Stream::Tls(Box::new(tls.into()))),
            Err((error, tcp)) => Err((error, Some(tcp))),
        }
    }

    /// Whether the certificate is valid for a name.
    fn has(&self, name: &str) -> bool {
        let (Ok(cert), Ok(name)) = (
            ParsedCertificate::try_from(&self.leaf),
            ServerName::try_from(name),
        ) else {
            return false;
        };
        verify_server_name(&cert, &name).is_ok()
    }

    /// Ends TCP when TLS has failed (RFC 6455 section 4.2.2).
    async fn end(&self, mut tcp: TcpStream) {
        if !self.conduct.keeps_failed {
            // A socket closed over unread octets sends RST, and RST can overtake the alert.
            let _ = tcp.shutdown().await;
        }
        until_the_end(&mut tcp).await;
    }
}

/// Whether a client offers TLS 1.3, by its cipher suites (RFC 8446 appendix B.4).
fn offers_tls13(hello: &ClientHello<'_>) -> bool {
    let of_tls13 = |suite: &CipherSuite| u16::from(*suite) >> 8 == 0x13;
    hello.cipher_suites().iter().any(of_tls13)
}

/// Reads until the client has ended TCP.
async fn until_the_end(tcp: &mut TcpStream) {
    let mut sink = [0; 1024];
    while matches!(tcp.read(&mut sink).await, Ok(1..)) {}
}

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}
