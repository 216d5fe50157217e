//! The grammar of `Sec-WebSocket-Protocol` (RFC 6455 sections 4.1 and 4.3).
//!
//! ```
//! use wsanvil_wire::subprotocol::{SubprotocolError, parse_fields, parse_list};
//!
//! assert_eq!(parse_list(b"chat, superchat").unwrap(), ["chat", "superchat"]);
//! // Several fields are one list, in which a name stands once.
//! let twice = parse_fields([&b"chat"[..], b"superchat, chat"]);
//! assert_eq!(twice, Err(SubprotocolError::Repeated("chat".into())));
//! ```

use crate::http::{is_token, list_elements};
use thiserror::Error;

/// What is wrong with a list of subprotocols. Its sender is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SubprotocolError {
    /// The list has no element (`1#token`).
    #[error("the list names no subprotocol")]
    Empty,
    /// An element is not a token.
    #[error("the subprotocol {0:?} is not a token")]
    NotToken(String),
    /// An element stands in the list twice (RFC 6455 section 4.1, item 10).
    #[error("the subprotocol {0:?} is named twice")]
    Repeated(String),
}

impl SubprotocolError {
    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotToken(_) => "6455-4.3-3",
            Self::Repeated(_) => "6455-4.1-35",
        }
    }
}

/// The subprotocols that all fields of a request name together, in order of preference. Names differ by
/// case (RFC 7936 section 2).
pub fn parse_fields<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, SubprotocolError> {
    let mut list: Vec<String> = Vec::new();
    for element in values.into_iter().flat_map(list_elements) {
        let text = String::from_utf8_lossy(element).into_owned();
        if !is_token(element) {
            return Err(SubprotocolError::NotToken(text));
        }
        if list.contains(&text) {
            return Err(SubprotocolError::Repeated(text));
        }
        list.push(text);
    }
    if list.is_empty() {
        Err(SubprotocolError::Empty)
    } else {
        Ok(list)
    }
}

/// Parses one field value; as [`parse_fields`].
pub fn parse_list(value: &[u8]) -> Result<Vec<String>, SubprotocolError> {
    parse_fields(std::iter::once(value))
}

#[cfg(test)]
mod tests {
    use super::{SubprotocolError, parse_fields, parse_list};

    #[test]
    fn lists_keep_order_and_case() {
        assert_eq!(parse_list(b"chat, superchat").unwrap(), ["chat", "superchat"]);
        assert_eq!(parse_list(b",a,,b ,").unwrap(), ["a", "b"]);
        assert_eq!(parse_list(b"chat, Chat").unwrap(), ["chat", "Chat"]);
        assert_eq!(parse_fields([&b"a"[..], b"b"]).unwrap(), ["a", "b"]);
    }

    #[test]
    fn faults_are_named() {
        for value in [&b"a b"[..], b"a;b", b"\"a\"", b"a\x7F", b"a/b", b"a, \xE4"] {
            assert!(
                matches!(parse_list(value), Err(SubprotocolError::NotToken(_))),
                "{value:?}"
            );
        }
        assert_eq!(parse_list(b""), Err(SubprotocolError::Empty));
        assert_eq!(parse_list(b" , "), Err(SubprotocolError::Empty));
        assert_eq!(
            parse_fields([&b"a"[..], b"b, a"]),
            Err(SubprotocolError::Repeated("a".into()))
        );
    }
}
