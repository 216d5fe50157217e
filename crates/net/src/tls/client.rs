//! TLS towards a target.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, DEFAULT_VERSIONS, KeyLogFile, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::failure::TlsFailure;
use super::hello::HelloFailure;
use super::setup::TlsSetupError;
use super::verify::{AnyCertificate, GivenRoots, OwnName};
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
pub struct ClientTls {
    connector: TlsConnector,
    name: ServerName<'static>,
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<Identity>,
}

/// Our certificate chain and its key.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// What one `ClientHello` says otherwise than those of [`ClientTls`] in general.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Server name: `None`: the target's own; `Some(None)`: none; another one is sent, while the certificate is still
    /// checked for the target's own.
    pub name: Option<Option<String>>,
    /// Protocols offered (RFC 7301), at most 255 octets each; empty: no such extension; `None`: `http/1.1`.
    pub protocols: Option<Vec<String>>,
    /// Whether TLS 1.2 is offered.
    pub tls12: bool,
    /// Whether TLS 1.3 is offered.
    pub tls13: bool,
}

impl ClientTls {
    /// Reads roots and certificates and sets TLS up for a target called `host`.
    pub fn new(host: &str, options: &TlsOptions) -> Result<Self, TlsSetupError> {
        let name = options.sni.as_deref().unwrap_or(host);
        let name = server_name(name)?;
        let provider = Arc::new(ring::default_provider());
        let verifier = verifier(options, Arc::clone(&provider))?;
        let identity = match (&options.cert, &options.key) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some((certificates(cert)?, private_key(key)?)),
            _ => return Err(TlsSetupError::HalfIdentity),
        };
        let config = config(
            DEFAULT_VERSIONS,
            &provider,
            Arc::clone(&verifier),
            identity.as_ref(),
        )?;
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name,
            provider,
            verifier,
            identity,
        })
    }

    /// The TLS handshake over an open TCP connection.
    pub async fn handshake(&self, tcp: TcpStream) -> Result<Stream, TlsFailure> {
        match self.connector.connect(self.name.clone(), tcp).await {
            Ok(tls) => Ok(Stream::Tls(Box::new(tls.into()))),
            Err(error) => Err(TlsFailure::from_io(&error, &self.name.to_str())),
        }
    }

    /// The TLS handshake with a `ClientHello` of one's own. When the target refuses it TCP is read on until it ends.
    pub async fn handshake_with(&self, hello: &Hello, tcp: TcpStream) -> Result<Stream, HelloFailure> {
        let (connector, name) = self
            .connector_for(hello)
            .map_err(|error| HelloFailure::Setup(error.to_string()))?;
        match connector.connect(name, tcp).into_fallible().await {
            Ok(tls) => Ok(Stream::Tls(Box::new(tls.into()))),
            Err((error, tcp)) => Err(HelloFailure::of(&error, &self.name.to_str(), tcp)),
        }
    }

    /// A connector that says `hello`, and the server name for it.
    fn connector_for(&self, hello: &Hello) -> Result<(TlsConnector, ServerName<'static>), TlsSetupError> {
        let versions: Vec<_> = [(hello.tls12, &TLS12), (hello.tls13, &TLS13)]
            .into_iter()
            .filter_map(|(offered, version)| offered.then_some(version))
            .collect();
        let (name, verifier) = match &hello.name {
            Some(Some(other)) => {
                let own = OwnName::new(Arc::clone(&self.verifier), self.name.clone());
                (server_name(other)?, Arc::new(own) as Arc<dyn ServerCertVerifier>)
            }
            _ => (self.name.clone(), Arc::clone(&self.verifier)),
        };
        let mut config = config(&versions, &self.provider, verifier, self.identity.as_ref())?;
        config.enable_sni = hello.name != Some(None);
        if let Some(protocols) = &hello.protocols {
            config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        }
        Ok((TlsConnector::from(Arc::new(config)), name))
    }
}

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientTls")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

fn server_name(name: &str) -> Result<ServerName<'static>, TlsSetupError> {
    ServerName::try_from(name.to_owned()).map_err(|_| TlsSetupError::BadName {
        name: name.to_owned(),
    })
}

fn config(
    versions: &[&'static SupportedProtocolVersion],
    provider: &CryptoProvider,
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<&Identity>,
) -> Result<ClientConfig, TlsSetupError> {
    // Cipher suites of a version that is not offered would be offered all the same.
    let mut provider = CryptoProvider::clone(provider);
    provider
        .cipher_suites
        .retain(|suite| versions.contains(&suite.version()));
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .map_err(|error| TlsSetupError::Provider {
            cause: error.to_string(),
        })?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let made = builder.with_client_auth_cert(chain.clone(), key.clone_key());
            made.map_err(|error| TlsSetupError::Identity {
                cause: error.to_string(),
            })?
        }
    };
    config.key_log = Arc::new(KeyLogFile::new());
    // The opening handshake is HTTP/1.1 (RFC 6455 section 4.1); servers with HTTP/2 need to be told.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
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
