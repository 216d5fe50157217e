//! HTTP/1.1 message heads as the opening handshake needs them: a strict parser that names the broken
//! rule and its octet, and the reader that feeds it from a transport.
//!
//! ```
//! use wsanvil_wire::http::{HeadError, HeadReader, RequestHead};
//!
//! let mut reader = HeadReader::<RequestHead>::new(8192);
//! assert!(reader.push(b"GET / HTTP/1.1\r\nHo").unwrap().is_none());
//! let (head, surplus) = reader.push(b"st: example.com\r\n\r\n\x81\x00").unwrap().unwrap();
//! assert_eq!(head.fields.get("host"), Some(&b"example.com"[..]));
//! assert_eq!(surplus, b"\x81\x00");
//! assert_eq!(reader.push(b"GET / HTTP/1.1\n"), Err(HeadError::BareLf { offset: 14 }));
//! ```
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
