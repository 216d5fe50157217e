//! Why a TLS handshake failed.

use std::io;

use rustls::{CertificateError, Error, InvalidMessage};

use super::alert;

use crate::blame::Blame;

/// Why a TLS handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsFailure {
    /// The chain ends at nobody we trust.
    #[error("the certificate is signed by an unknown issuer")]
    UnknownIssuer,
    /// The certificate is for other names.
    #[error("the certificate is not valid for {name}")]
    NameMismatch {
        /// The name asked for.
        name: String,
    },
    /// The certificate has expired.
    #[error("the certificate has expired")]
    Expired,
    /// The certificate is not valid yet.
    #[error("the certificate is not valid yet")]
    NotValidYet,
    /// Any other fault of the certificate.
    #[error("the certificate is bad: {cause}")]
    Certificate {
        /// What rustls says.
        cause: String,
    },
    /// What came is not TLS.
    #[error("the peer does not speak TLS")]
    NotTls,
    /// The peer ended the handshake with an alert.
    #[error("the peer refused TLS with the alert {alert}")]
    Alert {
        /// Name of the alert, RFC 8446 section 6.
        alert: String,
    },
    /// The peer ended TCP in the middle of the handshake.
    #[error("the peer ended the connection inside the TLS handshake")]
    Ended,
    /// Anything else, such as no version or cipher suite in common.
    #[error("no TLS: {cause}")]
    Other {
        /// What rustls says.
        cause: String,
    },
}

impl TlsFailure {
    /// Who is to blame: the target always shows what it has, but a name mismatch comes from the address given.
    pub fn blame(&self) -> Blame {
        match self {
            Self::NameMismatch { .. } => Blame::Usage,
            _ => Blame::Target,
        }
    }

    /// Whether TLS would have been agreed if the certificate were another.
    pub fn is_about_the_certificate(&self) -> bool {
        matches!(
            self,
            Self::UnknownIssuer
                | Self::NameMismatch { .. }
                | Self::Expired
                | Self::NotValidYet
                | Self::Certificate { .. }
        )
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownIssuer => "use --cacert FILE with the issuer's certificate, or --insecure",
            Self::NameMismatch { .. } => "use a host name the certificate names, or --insecure",
            Self::Expired | Self::NotValidYet => "renew the certificate, or use --insecure",
            Self::Certificate { .. } => {
                "use --cacert FILE with this very certificate, another certificate, or --insecure"
            }
            Self::NotTls => "use ws:// for this port, or the port where TLS is served",
            Self::Alert { alert } if alert.contains("ertificate") => "the target may want --cert and --key",
            Self::Alert { .. } | Self::Ended | Self::Other { .. } => {
                "check that the port serves TLS 1.2 or 1.3 for this host name"
            }
        }
        .to_owned()
    }

    /// What the error of a handshake for `name` means.
    pub(crate) fn from_io(error: &io::Error, name: &str) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        match inner {
            Some(error) => Self::from_rustls(error, name),
            None if ended(error.kind()) => Self::Ended,
            None => Self::Other {
                cause: error.to_string(),
            },
        }
    }

    fn from_rustls(error: &Error, name: &str) -> Self {
        use CertificateError as Bad;
        match error {
            Error::InvalidCertificate(bad) => match bad {
                Bad::UnknownIssuer => Self::UnknownIssuer,
                Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Self::NameMismatch {
                    name: name.to_owned(),
                },
                Bad::Expired | Bad::ExpiredContext { .. } => Self::Expired,
                Bad::NotValidYet | Bad::NotValidYetContext { .. } => Self::NotValidYet,
                // What most commands for a self-signed certificate make. The error is of a crate below rustls.
                other if other.to_string().contains("CaUsedAsEndEntity") => Self::Certificate {
                    cause: "it is the certificate of an authority, not of a server".to_owned(),
                },
                other => Self::Certificate {
                    cause: other.to_string(),
                },
            },
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge,
            ) => Self::NotTls,
            Error::AlertReceived(alert) => Self::Alert {
                alert: alert::name(*alert),
            },
            other => Self::Other {
                cause: other.to_string(),
            },
        }
    }
}

fn ended(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}
