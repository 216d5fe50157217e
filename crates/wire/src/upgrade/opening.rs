//! The server's side in one call: octets in, an opening handshake or its refusal out.

use super::accept::accept_for;
use super::judge::{StartLine, judge};
use super::relevant::{Found, Relevant};
use super::request::Refusal;
use super::request_rule::RequestRule;
use super::spec::{ResponseSpec, write_switching_protocols};
use crate::extension::{self, Extension};
use crate::http::{HeadError, Kind, Parser, Span};

/// A request that keeps all rules, borrowed from the octets that were read.
#[derive(Debug, Clone)]
pub struct Opening<'b> {
    /// The key as it was sent.
    pub key: [u8; 24],
    /// The request target as it was sent.
    pub target: &'b [u8],
    /// The origin, when the client names one.
    pub origin: Option<&'b [u8]>,
    /// The subprotocols offered, in order of preference.
    pub protocols: Vec<String>,
    pub(super) extensions: Found<&'b [u8]>,
}

impl Opening<'_> {
    /// The extensions offered, in order of preference.
    pub fn extensions(&self) -> Vec<Extension> {
        if self.extensions.is_there() {
            // The grammar has been checked.
            extension::parse_fields(self.extensions.iter()).unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// Appends the answer that opens the connection, with the subprotocol and the extensions that were chosen.
    pub fn accept(&self, protocol: Option<&str>, extensions: Option<&str>, out: &mut Vec<u8>) {
        write_switching_protocols(&accept_for(&self.key), protocol, extensions, out);
    }
}

/// Why octets are no opening handshake. The client is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// They are not the head of an HTTP/1.1 request.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// They are, and the request breaks a rule of the opening handshake.
    #[error("{}", .0.rule)]
    Refused(Refusal),
}

impl From<RequestRule> for OpeningError {
    fn from(rule: RequestRule) -> Self {
        Self::Refused(rule.into())
    }
}

impl OpeningError {
    /// The answer that refuses the request; the connection ends behind it.
    pub fn response(&self) -> ResponseSpec {
        match self {
            Self::Refused(refusal) => refusal.response(),
            Self::Head(error) => {
                let mut response = ResponseSpec::new(error.status(), "");
                response.add("Connection", "close").add("Content-Length", "0");
                response
            }
        }
    }
}

/// Reads the opening handshake at the front of `buf`: the request and the octets it takes, or `None` when the head is
/// not complete yet.
///
/// The rules are those of [`crate::http::parse_request`] and [`super::check_request`], which see the same head by
/// pieces: a head of more than `limit` octets is refused.
///
/// ```
/// use wsanvil_wire::upgrade::{RequestSpec, read_opening};
///
/// let request = RequestSpec::upgrade("example.com", "/chat", b"dGhlIHNhbXBsZSBub25jZQ==").write();
/// let (opening, len) = read_opening(&request, 8192)?.expect("it is complete");
/// assert_eq!((opening.target, len), (&b"/chat"[..], request.len()));
/// let mut out = Vec::new();
/// opening.accept(None, None, &mut out);
/// assert!(out.starts_with(b"HTTP/1.1 101 "));
/// # Ok::<(), wsanvil_wire::upgrade::OpeningError>(())
/// ```
pub fn read_opening(buf: &[u8], limit: usize) -> Result<Option<(Opening<'_>, usize)>, OpeningError> {
    let limit = limit.min(u32::MAX as usize);
    let within = buf.get(..limit).unwrap_or(buf);
    let mut parser = Parser::<Relevant<Span>>::new(Kind::Request);
    if !parser.advance(within)? {
        return if buf.len() >= limit {
            Err(HeadError::TooLarge { limit }.into())
        } else {
            Ok(None)
        };
    }
    let (start, found, len) = parser.into_parts();
    let start = StartLine {
        method: start.first.of(within),
        target: start.second.of(within),
        version: start.version,
    };
    let opening = judge(start, found.resolve(within))?;
    Ok(Some((opening, len)))
}
