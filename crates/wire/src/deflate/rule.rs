//! The rules of RFC 7692 section 7.1 about parameters.

use thiserror::Error;

/// The rule that an offer or an answer breaks. Its sender is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeflateRule {
    /// The element is not permessage-deflate.
    #[error("the extension is {0:?}")]
    Name(String),
    /// A parameter that RFC 7692 does not define.
    #[error("unknown parameter {0:?}")]
    UnknownParameter(String),
    /// A parameter stands there twice.
    #[error("the parameter {0} is given twice")]
    DuplicateParameter(&'static str),
    /// A parameter without value has one.
    #[error("the parameter {0} takes no value")]
    ValueForbidden(&'static str),
    /// A parameter lacks its value.
    #[error("the parameter {0} lacks its value")]
    ValueMissing(&'static str),
    /// A value is not a decimal from 8 to 15 without leading zeros.
    #[error("{name}={value:?} is not a number from 8 to 15")]
    ValueInvalid {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The answer accepts what was not offered at all.
    #[error("the extension was not offered")]
    NotOffered,
    /// The answer has `client_max_window_bits` though the offer has not (RFC 7692 section 7.1.2.2).
    #[error("client_max_window_bits was not offered")]
    ClientWindowNotOffered,
    /// The answer lacks the `server_max_window_bits` that was offered (RFC 7692 section 7.1.2.1).
    #[error("the answer lacks server_max_window_bits, which was offered as {offered}")]
    ServerWindowMissing {
        /// The value offered.
        offered: u8,
    },
    /// The answer's `server_max_window_bits` is larger than the offer's (RFC 7692 section 7.1.2.1).
    #[error("server_max_window_bits is {answered}, more than the {offered} offered")]
    ServerWindowLarger {
        /// The value offered.
        offered: u8,
        /// The value answered.
        answered: u8,
    },
    /// The answer lacks the `server_no_context_takeover` that was offered (RFC 7692 section 7.1.1.1).
    #[error("the answer lacks server_no_context_takeover, which was offered")]
    ServerTakeoverMissing,
}

impl DeflateRule {
    /// The id of the broken requirement in the inventory, for an answer.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::Name(_) | Self::NotOffered => "7692-5-17",
            Self::UnknownParameter(_) => "7692-7-5",
            Self::DuplicateParameter(_) => "7692-7-7",
            Self::ValueForbidden("server_no_context_takeover") => "7692-7.1.1.1-2",
            Self::ValueForbidden(_) => "7692-7.1.1.2-3",
            Self::ValueMissing("client_max_window_bits")
            | Self::ValueInvalid {
                name: "client_max_window_bits",
                ..
            } => "7692-7.1.2.2-2",
            Self::ValueMissing(_) | Self::ValueInvalid { .. } => "7692-7.1.2.1-2",
            Self::ClientWindowNotOffered => "7692-7.1.2.2-5",
            Self::ServerWindowMissing { .. } | Self::ServerWindowLarger { .. } => "7692-7.1.2.1-4",
            Self::ServerTakeoverMissing => "7692-7.1.1.1-3",
        }
    }
}
