//! TLS towards a target.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, KeyLogFile, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::failure::TlsFailure;
use super::setup::TlsSetupError;
use super::verify::{AnyCertificate, GivenRoots};
use crate::stream::Stream;

/// How to speak TLS with a target. The names are curl's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// Take any certificate.
    pub insecure: bool,
    /// PEM file of the roots to trust instead of the system's. A certificate in it is also trusted as the target's
    /// own, whatever its extensions say.
    pub cacert: Option<PathBuf>,
    /// PEM file of our certificate chain.
    pub cert: Option<PathBuf>,
    /// PEM file of our private key.
    pub key: Option<PathBuf>,
    /// Server name to ask and to check for instead of the host of the address.
    pub sni: Option<String>,
}

/// TLS towards one target, ready for any number of connections. `SSLKEYLOGFILE` is honoured.
#[derive(Clone)]
pub struct ClientTls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl ClientTls {
    /// Reads roots and certificates and sets TLS up for a target called `host`.
    pub fn new(host: &str, options: &TlsOptions) -> Result<Self, TlsSetupError> {
        let name = options.sni.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| TlsSetupError::BadName {
            name: name.to_owned(),
        })?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsSetupError::Provider {
                cause: error.to_string(),
            })?
            .dangerous()
            .with_custom_certificate_verifier(verifier(options, provider)?);
        let mut config = match (&options.cert, &options.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(cert), Some(key)) => builder
                .with_client_auth_cert(certificates(cert)?, private_key(key)?)
                .map_err(|error| TlsSetupError::Identity {
                    cause: error.to_string(),
                })?,
            _ => return Err(TlsSetupError::HalfIdentity),
        };
        config.key_log = Arc::new(KeyLogFile::new());
        // The opening handshake is HTTP/1.1 (RFC 6455 section 4.1); servers with HTTP/2 need to be told.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name,
        })
    }

    /// The TLS handshake over an open TCP connection.
    pub async fn handshake(&self, tcp: TcpStream) -> Result<Stream, TlsFailure> {
        match self.connector.connect(self.name.clone(), tcp).await {
            Ok(tls) => Ok(Stream::Tls(Box::new(tls.into()))),
            Err(error) => Err(TlsFailure::from_io(&error, &self.name.to_str())),
        }
    }
}

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientTls")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

fn verifier(
    options: &TlsOptions,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsSetupError> {
    if options.insecure {
        return Ok(Arc::new(AnyCertificate::new(&provider)));
    }
    let given = options.cacert.as_deref().map(certificates).transpose()?;
    let mut roots = RootCertStore::empty();
    let certificates = given
        .clone()
        .unwrap_or_else(|| rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(match &options.cacert {
            Some(path) => TlsSetupError::NoCertificate { path: path.clone() },
            None => TlsSetupError::NoRoots,
        });
    }
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| TlsSetupError::Provider {
            cause: error.to_string(),
        })?;
    Ok(match given {
        Some(given) => Arc::new(GivenRoots::new(chain, given)),
        None => chain,
    })
}

/// The certificates of a PEM file; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| TlsSetupError::File {
            path: path.to_owned(),
            cause: error.to_string(),
        })?;
    if found.is_empty() {
        return Err(TlsSetupError::NoCertificate {
            path: path.to_owned(),
        });
    }
    Ok(found)
}

/// The private key of a PEM file.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsSetupError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| TlsSetupError::File {
        path: path.to_owned(),
        cause: error.to_string(),
    })
}
