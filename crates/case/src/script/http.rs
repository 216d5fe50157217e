//! Opening heads: a correct request or response, and what a case changes in it.

use super::Text;

/// Changes to a correct opening head. Applied in the order of the fields here.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeadEdit {
    /// Origin field.
    pub origin: Option<Text>,
    /// Sub-protocols offered (request) in one field.
    pub subprotocols: Vec<Text>,
    /// Value of Sec-WebSocket-Extensions: the offer in a request.
    pub deflate: Option<Text>,
    /// Value of Sec-WebSocket-Extensions in a response of the tester, one per offered element.
    pub answer: Vec<Text>,
    /// Fields whose value is replaced (or added when absent).
    pub set: Vec<(String, Text)>,
    /// Fields taken away.
    pub remove: Vec<String>,
    /// Fields added after the others, duplicates kept.
    pub add: Vec<(String, Text)>,
    /// Names in the order wanted; others follow.
    pub order: Vec<String>,
    /// Raw lines in place of all fields.
    pub lines: Option<Vec<Text>>,
}

/// `send = "request"`.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSend {
    /// Method in place of GET.
    pub method: Option<Text>,
    /// Request target in place of the configured one.
    pub target: Option<Text>,
    /// Version in place of HTTP/1.1.
    pub version: Option<Text>,
    /// Changes to the fields.
    pub edit: HeadEdit,
    /// Line end; CR LF normally.
    pub eol: String,
    /// Whether the blank line follows.
    pub end: bool,
    /// Octets behind the head.
    pub body: Option<Text>,
}

/// `send = "response"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseSend {
    /// Status code; 101 normally.
    pub status: u16,
    /// Reason phrase.
    pub reason: Option<Text>,
    /// Version in place of HTTP/1.1.
    pub version: Option<Text>,
    /// Form of Sec-WebSocket-Accept.
    pub accept: AcceptForm,
    /// Sec-WebSocket-Protocol.
    pub subprotocol: Option<Text>,
    /// Changes to the fields.
    pub edit: HeadEdit,
    /// Line end; CR LF normally.
    pub eol: String,
    /// Whether the blank line follows.
    pub end: bool,
    /// Octets behind the head.
    pub body: Option<Text>,
}

/// Form of Sec-WebSocket-Accept in a response of the tester.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AcceptForm {
    /// As RFC 6455 4.2.2 demands.
    #[default]
    Right,
    /// Left out.
    Absent,
    /// With the case of its letters swapped.
    SwapCase,
    /// Without the padding character.
    Unpadded,
    /// Made from another key.
    OtherKey,
    /// With octets behind it.
    Trailing,
}
