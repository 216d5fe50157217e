//! The rules a response can break before the client regards the connection as open (RFC 6455 section 4.1).

use crate::deflate::DeflateRule;
use crate::extension::ExtensionError;
use thiserror::Error;

/// The rule that a response breaks. The server is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResponseRule {
    /// The status is not 101. Alone it is no fault but a refusal.
    #[error("the status is {0}, not 101")]
    Status(u16),
    /// The HTTP version is not 1.1 or a later 1.x.
    #[error("the HTTP version is {0}.{1}")]
    Version(u8, u8),
    /// There is no Upgrade field.
    #[error("there is no Upgrade field")]
    UpgradeMissing,
    /// The Upgrade field does not name websocket.
    #[error("the Upgrade field is {0:?}, not websocket")]
    UpgradeWrong(String),
    /// The Upgrade field names websocket among others or with a version. RFC 6455 wants the one value, RFC 9110 a list
    /// of protocols with versions.
    #[error("the Upgrade field {0:?} names more than websocket")]
    UpgradeList(String),
    /// There is no Connection field.
    #[error("there is no Connection field")]
    ConnectionMissing,
    /// The Connection field lacks the token Upgrade.
    #[error("the Connection field {0:?} lacks the token Upgrade")]
    ConnectionWrong(String),
    /// A list has an empty element, which a sender must not generate (RFC 9110 section 5.6.1.1).
    #[error("the field {0} has an empty list element")]
    EmptyElement(&'static str),
    /// A Content-Length in a 101 (RFC 9110 section 8.6).
    #[error("the 101 response has a Content-Length")]
    ContentLength,
    /// A Transfer-Encoding in a 101 (RFC 9112 section 6.1).
    #[error("the 101 response has a Transfer-Encoding")]
    TransferEncoding,
    /// There is no accept value.
    #[error("there is no Sec-WebSocket-Accept field")]
    AcceptMissing,
    /// There is more than one accept value.
    #[error("there is more than one Sec-WebSocket-Accept field")]
    AcceptRepeated,
    /// The accept value is not the one of the key.
    #[error("Sec-WebSocket-Accept is {got:?}, not {expected:?}")]
    AcceptWrong {
        /// The value for the key that was sent.
        expected: String,
        /// The value that came.
        got: String,
    },
    /// The subprotocol is not one that was offered.
    #[error("the subprotocol {0:?} was not offered")]
    ProtocolNotOffered(String),
    /// There is more than one subprotocol field.
    #[error("there is more than one Sec-WebSocket-Protocol field")]
    ProtocolRepeated,
    /// The subprotocol is not one token.
    #[error("the subprotocol {0:?} is not one token")]
    ProtocolGrammar(String),
    /// An extension that was not offered.
    #[error("the extension {0:?} was not offered")]
    ExtensionNotOffered(String),
    /// An extension is accepted twice.
    #[error("the extension {0:?} is accepted twice")]
    ExtensionRepeated(String),
    /// The list of extensions is malformed.
    #[error("Sec-WebSocket-Extensions: {0}")]
    ExtensionGrammar(#[from] ExtensionError),
    /// The answer about permessage-deflate is against RFC 7692.
    #[error("permessage-deflate: {0}")]
    Deflate(#[from] DeflateRule),
}

impl ResponseRule {
    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::Status(_) | Self::Version(..) => "6455-4.2.2-18",
            Self::UpgradeMissing | Self::UpgradeWrong(_) | Self::UpgradeList(_) => "6455-4.2.2-19",
            Self::ConnectionMissing | Self::ConnectionWrong(_) => "6455-4.2.2-20",
            Self::EmptyElement(_) => "9110-5.6.1.1-1",
            Self::ContentLength => "9110-8.6-1",
            Self::TransferEncoding => "9112-6.1-1",
            Self::AcceptMissing | Self::AcceptWrong { .. } => "6455-4.2.2-21",
            Self::AcceptRepeated => "6455-11.3.3-1",
            Self::ProtocolNotOffered(_) => "6455-4.2.2-12",
            Self::ProtocolRepeated => "6455-11.3.4-2",
            Self::ProtocolGrammar(value) if value.is_empty() => "6455-4.2.2-14",
            Self::ProtocolGrammar(_) => "6455-4.2.2-15",
            Self::ExtensionNotOffered(_) => "6455-4.2.2-17",
            Self::ExtensionRepeated(_) => "7692-7-9",
            Self::ExtensionGrammar(_) => "6455-4.3-2",
            Self::Deflate(rule) => rule.requirement(),
        }
    }

    /// The standing rule it belongs to: `response-head`, `response-accept` or `response-offer`.
    pub fn group(&self) -> &'static str {
        match self {
            Self::Status(_)
            | Self::Version(..)
            | Self::UpgradeMissing
            | Self::UpgradeWrong(_)
            | Self::UpgradeList(_)
            | Self::ConnectionMissing
            | Self::ConnectionWrong(_)
            | Self::EmptyElement(_)
            | Self::ContentLength
            | Self::TransferEncoding => "response-head",
            Self::AcceptMissing | Self::AcceptRepeated | Self::AcceptWrong { .. } => "response-accept",
            Self::ProtocolNotOffered(_)
            | Self::ProtocolRepeated
            | Self::ProtocolGrammar(_)
            | Self::ExtensionNotOffered(_)
            | Self::ExtensionRepeated(_)
            | Self::ExtensionGrammar(_)
            | Self::Deflate(_) => "response-offer",
        }
    }

    /// Do the texts disagree whether this is a fault, so that it merits a note at most?
    pub fn is_disputed(&self) -> bool {
        matches!(self, Self::UpgradeList(_))
    }
}
