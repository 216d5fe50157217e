//! HTTP/1.1 message heads as the opening handshake needs them: a strict parser that names the broken
//! rule and its octet, and the reader that feeds it from a transport.
//!
//! The writer, which can lie, is [`crate::upgrade::RequestSpec`] and [`crate::upgrade::ResponseSpec`].

mod error;
mod fields;
mod head;
mod parse;
mod reader;
mod token;

pub use error::HeadError;
pub use fields::{Field, Fields};
pub(crate) use fields::{FieldSpan, Span};
pub use head::{RequestHead, ResponseHead, parse_request, parse_response};
pub(crate) use parse::{FieldSink, Kind, Parser};
pub use reader::{Head, HeadReader};
pub(crate) use token::is_tchar;
pub use token::{is_token, list_elements, trim_ows};
