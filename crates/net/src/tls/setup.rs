//! Why TLS cannot be set up, before any connection.

use std::path::PathBuf;

use crate::blame::Blame;

/// Why TLS cannot be set up with the given options.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsSetupError {
    /// The system has no root certificates and none were given.
    #[error("this system has no root certificates, so no certificate of a target can be trusted")]
    NoRoots,
    /// A PEM file could not be read.
    #[error("{path}: {cause}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        cause: String,
    },
    /// A PEM file without a certificate.
    #[error("{path} holds no certificate in PEM form", path = path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A client certificate without key, or a key without certificate.
    #[error("a client certificate needs both a certificate and a key")]
    HalfIdentity,
    /// Certificate and key do not fit together or cannot be used.
    #[error("certificate and key cannot be used: {cause}")]
    Identity {
        /// What rustls says.
        cause: String,
    },
    /// The server name is neither a DNS name nor an address.
    #[error("{name:?} cannot be a TLS server name")]
    BadName {
        /// The name.
        name: String,
    },
    /// The provider refuses the configuration; a fault of this program.
    #[error("TLS cannot be configured: {cause}")]
    Provider {
        /// What rustls says.
        cause: String,
    },
}

impl TlsSetupError {
    /// Who is to blame.
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoRoots | Self::Provider { .. } => Blame::Tester,
            _ => Blame::Usage,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoRoots => "install the system's CA certificates, or use --cacert FILE or --insecure",
            Self::File { .. } | Self::NoCertificate { .. } => {
                "give a readable PEM file with -----BEGIN CERTIFICATE----- or a private key in it"
            }
            Self::HalfIdentity => "give --cert and --key together",
            Self::Identity { .. } => "check that the key is the one the certificate was made for",
            Self::BadName { .. } => "use a host name of letters, digits, hyphens and dots, or an IP address",
            Self::Provider { .. } => "report it as a bug",
        }
        .to_owned()
    }
}
