//! The two kinds of head and their one-shot parsers.

use super::error::HeadError;
use super::fields::{Fields, Span};
use super::parse::Parser;
use super::reader::Head;
use std::fmt;

/// The head of a request: request line and fields.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestHead {
    pub(super) method: Span,
    pub(super) target: Span,
    /// Major and minor HTTP version, 0 to 9 each.
    pub version: (u8, u8),
    /// The field lines.
    pub fields: Fields,
    /// Octets of the head, the blank line included, and any empty line before the request line.
    pub len: usize,
}

impl RequestHead {
    /// The method as it was sent; a token.
    pub fn method(&self) -> &[u8] {
        self.method.of(&self.fields.octets)
    }

    /// The request target as it was sent: visible ASCII, not empty.
    pub fn target(&self) -> &[u8] {
        self.target.of(&self.fields.octets)
    }

    /// The octets of the head as they were sent.
    pub fn octets(&self) -> &[u8] {
        &self.fields.octets
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &format_args!("{}", self.method().escape_ascii()))
            .field("target", &format_args!("{}", self.target().escape_ascii()))
            .field("version", &self.version)
            .field("fields", &self.fields)
            .field("len", &self.len)
            .finish()
    }
}

/// The head of a response: status line and fields.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseHead {
    pub(super) reason: Span,
    /// Major and minor HTTP version, 0 to 9 each.
    pub version: (u8, u8),
    /// The status code, 0 to 999.
    pub status: u16,
    /// The field lines.
    pub fields: Fields,
    /// Octets of the head, the blank line included.
    pub len: usize,
}

impl ResponseHead {
    /// The reason phrase, which can be empty.
    pub fn reason(&self) -> &[u8] {
        self.reason.of(&self.fields.octets)
    }

    /// The octets of the head as they were sent.
    pub fn octets(&self) -> &[u8] {
        &self.fields.octets
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("version", &self.version)
            .field("status", &self.status)
            .field("reason", &format_args!("{}", self.reason().escape_ascii()))
            .field("fields", &self.fields)
            .field("len", &self.len)
            .finish()
    }
}

/// Parses the request head at the front of `buf`; `None` when it is not complete yet.
///
/// Fails as soon as a broken rule is certain, and with [`HeadError::TooLarge`] when the first `limit`
/// octets hold no complete head. To feed octets as they arrive use [`super::HeadReader`].
pub fn parse_request(buf: &[u8], limit: usize) -> Result<Option<RequestHead>, HeadError> {
    parse(buf, limit)
}

/// Parses the response head at the front of `buf`; as [`parse_request`].
pub fn parse_response(buf: &[u8], limit: usize) -> Result<Option<ResponseHead>, HeadError> {
    parse(buf, limit)
}

fn parse<H: Head>(buf: &[u8], limit: usize) -> Result<Option<H>, HeadError> {
    let mut parser = Parser::new(H::KIND);
    let limit = limit.min(u32::MAX as usize);
    let within = buf.get(..limit).unwrap_or(buf);
    if parser.advance(within)? {
        let octets = within.get(..parser.position()).unwrap_or_default().to_vec();
        Ok(Some(H::assemble(parser, octets)))
    } else if buf.len() >= limit {
        Err(HeadError::TooLarge { limit })
    } else {
        Ok(None)
    }
}
