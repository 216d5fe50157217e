//! TLS towards clients.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{KeyLogFile, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::client::{certificates, private_key};
use super::failure::TlsFailure;
use super::setup::TlsSetupError;
use crate::stream::Stream;

/// The serving side of TLS: one certificate for every client. `SSLKEYLOGFILE` is honoured.
#[derive(Clone)]
pub struct ServerTls {
    acceptor: TlsAcceptor,
}

impl ServerTls {
    /// Reads certificate chain and key from PEM files.
    pub fn from_files(cert: &Path, key: &Path) -> Result<Self, TlsSetupError> {
        Self::new(certificates(cert)?, private_key(key)?)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsSetupError> {
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
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// The TLS handshake over an accepted TCP connection.
    pub async fn handshake(&self, tcp: TcpStream) -> Result<Stream, TlsFailure> {
        match self.acceptor.accept(tcp).await {
            Ok(tls) => Ok(Stream::Tls(Box::new(tls.into()))),
            Err(error) => Err(TlsFailure::from_io(&error, "")),
        }
    }
}

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}
