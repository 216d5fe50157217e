//! The rules a request can break before the server switches protocols (RFC 6455 section 4.2.1).

use crate::extension::ExtensionError;
use crate::subprotocol::SubprotocolError;
use thiserror::Error;

/// The rule that a request breaks. The client is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestRule {
    /// The method is not GET.
    #[error("the method is not GET")]
    Method,
    /// The HTTP version is below 1.1.
    #[error("the HTTP version {0}.{1} is below 1.1")]
    VersionBelow(u8, u8),
    /// The HTTP version is above 1.
    #[error("the HTTP version {0}.{1} is not spoken here")]
    VersionUnknown(u8, u8),
    /// The target is neither an absolute path nor an http or https URI.
    #[error("the request target is neither a path nor an http URI")]
    Target,
    /// There is no Host field.
    #[error("there is no Host field")]
    HostMissing,
    /// There is more than one Host field.
    #[error("there is more than one Host field")]
    HostRepeated,
    /// The Host value is not `host [":" port]`.
    #[error("the Host value is not a host")]
    HostInvalid,
    /// A Content-Length or Transfer-Encoding announces a body, which could be taken for frames.
    #[error("the request announces a body")]
    Body,
    /// The Content-Length is not a number or disagrees with itself or with Transfer-Encoding.
    #[error("the Content-Length is invalid")]
    ContentLength,
    /// There is no Upgrade field.
    #[error("there is no Upgrade field")]
    UpgradeMissing,
    /// The Upgrade field does not name websocket.
    #[error("the Upgrade field does not name websocket")]
    UpgradeWrong,
    /// There is no Connection field.
    #[error("there is no Connection field")]
    ConnectionMissing,
    /// The Connection field lacks the token Upgrade.
    #[error("the Connection field lacks the token Upgrade")]
    ConnectionWrong,
    /// There is no key.
    #[error("there is no Sec-WebSocket-Key field")]
    KeyMissing,
    /// There is more than one key.
    #[error("there is more than one Sec-WebSocket-Key field")]
    KeyRepeated,
    /// The key is empty.
    #[error("the Sec-WebSocket-Key is empty")]
    KeyEmpty,
    /// The key is not base64.
    #[error("the Sec-WebSocket-Key is not base64")]
    KeyNotBase64,
    /// The key is base64 of another number of octets than 16.
    #[error("the Sec-WebSocket-Key does not encode 16 octets")]
    KeyLength,
    /// There is no version field.
    #[error("there is no Sec-WebSocket-Version field")]
    VersionMissing,
    /// There is more than one version field.
    #[error("there is more than one Sec-WebSocket-Version field")]
    VersionRepeated,
    /// The version is not 13.
    #[error("the Sec-WebSocket-Version is not 13")]
    VersionWrong,
    /// The list of subprotocols is malformed.
    #[error("Sec-WebSocket-Protocol: {0}")]
    Protocol(#[from] SubprotocolError),
    /// The list of extensions is malformed.
    #[error("Sec-WebSocket-Extensions: {0}")]
    Extension(#[from] ExtensionError),
}

impl RequestRule {
    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::Method => "6455-4.2.1-2",
            Self::VersionBelow(..) => "6455-4.2.1-3",
            Self::VersionUnknown(..) => "6455-4.2.1-4",
            Self::Target => "6455-4.1-21",
            Self::HostMissing => "6455-4.2.1-6",
            Self::HostRepeated | Self::HostInvalid => "6455-4.2.1-7",
            Self::Body => "9112-6.3-3",
            Self::ContentLength => "9112-6.3-2",
            Self::UpgradeMissing => "6455-4.2.1-8",
            Self::UpgradeWrong => "6455-4.2.1-9",
            Self::ConnectionMissing => "6455-4.2.1-12",
            Self::ConnectionWrong => "6455-4.2.1-13",
            Self::KeyMissing => "6455-4.2.1-15",
            Self::KeyRepeated => "6455-11.3.1-2",
            Self::KeyEmpty => "6455-4.2.1-16",
            Self::KeyNotBase64 => "6455-4.2.1-17",
            Self::KeyLength => "6455-4.2.1-18",
            Self::VersionMissing => "6455-4.2.1-20",
            Self::VersionRepeated => "6455-11.3.5-3",
            Self::VersionWrong => "6455-4.2.1-21",
            Self::Protocol(SubprotocolError::Repeated(_)) => "6455-4.1-35",
            Self::Protocol(_) => "6455-4.3-8",
            Self::Extension(error) => error.requirement(),
        }
    }

    /// The status a strict server refuses with.
    pub fn status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::VersionUnknown(..) => 505,
            Self::UpgradeMissing | Self::UpgradeWrong | Self::VersionMissing | Self::VersionWrong => 426,
            _ => 400,
        }
    }
}
