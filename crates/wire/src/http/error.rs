//! What makes the octets not a head.

use thiserror::Error;

/// The first rule of HTTP/1.1 that the octets break. The sender of the head is to blame in every case
/// but [`HeadError::TooLarge`], which is this side's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeadError {
    /// No blank line within the limit.
    #[error("the head does not end within {limit} octets")]
    TooLarge {
        /// The limit in octets.
        limit: usize,
    },
    /// A line ends in LF alone (RFC 9112 section 2.2).
    #[error("line feed without carriage return at octet {offset}")]
    BareLf {
        /// Where the LF is.
        offset: usize,
    },
    /// A CR is not followed by LF (RFC 9112 section 2.2).
    #[error("carriage return without line feed at octet {offset}")]
    BareCr {
        /// Where the CR is.
        offset: usize,
    },
    /// Whitespace between the field name and the colon (RFC 9112 section 5.1).
    #[error("whitespace before the colon at octet {offset}")]
    SpaceBeforeColon {
        /// Where the whitespace begins.
        offset: usize,
    },
    /// A field line is continued on the next one (RFC 9112 section 5.2).
    #[error("folded field line at octet {offset}")]
    ObsFold {
        /// Where the continuation line begins.
        offset: usize,
    },
    /// The first line after the start line begins with whitespace (RFC 9112 section 2.2).
    #[error("whitespace between the start line and the first field at octet {offset}")]
    SpaceAfterStartLine {
        /// Where the whitespace begins.
        offset: usize,
    },
    /// A field line begins with the colon.
    #[error("empty field name at octet {offset}")]
    EmptyName {
        /// Where the colon is.
        offset: usize,
    },
    /// A field line has no colon.
    #[error("field line without colon, it ends at octet {offset}")]
    MissingColon {
        /// Where the line ends.
        offset: usize,
    },
    /// An octet of a field name is not a `tchar` (RFC 9110 section 5.6.2).
    #[error("octet {octet:#04x} in a field name at octet {offset}")]
    InvalidNameOctet {
        /// Where it is.
        offset: usize,
        /// The octet.
        octet: u8,
    },
    /// A control character in a field value (RFC 9110 section 5.5).
    #[error("octet {octet:#04x} in a field value at octet {offset}")]
    InvalidValueOctet {
        /// Where it is.
        offset: usize,
        /// The octet.
        octet: u8,
    },
    /// The first line is not `method SP target SP version` (RFC 9112 section 3).
    #[error("malformed request line at octet {offset}")]
    BadRequestLine {
        /// The first octet that does not fit.
        offset: usize,
    },
    /// The HTTP version is not `HTTP/` digit `.` digit (RFC 9112 section 2.3).
    #[error("malformed HTTP version at octet {offset}")]
    BadVersion {
        /// The first octet that does not fit.
        offset: usize,
    },
    /// The first line is not `version SP status SP reason` (RFC 9112 section 4).
    #[error("malformed status line at octet {offset}")]
    BadStatusLine {
        /// The first octet that does not fit.
        offset: usize,
    },
    /// The status code is not followed by a space (RFC 9112 section 4).
    #[error("no space after the status code at octet {offset}")]
    MissingSpaceAfterStatus {
        /// The octet after the status code.
        offset: usize,
    },
}

impl HeadError {
    /// The octet of the head that proves the fault; the limit for [`HeadError::TooLarge`].
    pub fn offset(&self) -> usize {
        match *self {
            Self::TooLarge { limit } => limit,
            Self::BareLf { offset }
            | Self::BareCr { offset }
            | Self::SpaceBeforeColon { offset }
            | Self::ObsFold { offset }
            | Self::SpaceAfterStartLine { offset }
            | Self::EmptyName { offset }
            | Self::MissingColon { offset }
            | Self::InvalidNameOctet { offset, .. }
            | Self::InvalidValueOctet { offset, .. }
            | Self::BadRequestLine { offset }
            | Self::BadVersion { offset }
            | Self::BadStatusLine { offset }
            | Self::MissingSpaceAfterStatus { offset } => offset,
        }
    }

    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "9112-3-2",
            Self::BareLf { .. } => "9112-2.2-2",
            Self::BareCr { .. } => "9112-2.2-3",
            Self::SpaceBeforeColon { .. } => "9112-5.1-1",
            Self::ObsFold { .. } => "9112-5.2-1",
            Self::SpaceAfterStartLine { .. } => "9112-2.2-5",
            Self::EmptyName { .. } | Self::MissingColon { .. } => "9112-2.2-6",
            Self::InvalidNameOctet { .. } => "9110-5.6.2-1",
            Self::InvalidValueOctet { .. } => "9110-5.5-2",
            Self::BadRequestLine { .. } => "9112-3.2-3",
            Self::BadVersion { .. } => "6455-4.2.1-4",
            Self::BadStatusLine { .. } => "6455-4.2.2-18",
            Self::MissingSpaceAfterStatus { .. } => "9112-4-1",
        }
    }

    /// The status a server answers with: 431 for a head over the limit, 505 for a malformed version, else 400.
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } => 431,
            Self::BadVersion { .. } => 505,
            _ => 400,
        }
    }
}
