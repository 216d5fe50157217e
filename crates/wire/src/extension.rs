//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 section 9.1).
//!
//! ```
//! use wsanvil_wire::extension::{Extension, ExtensionError, parse_list};
//!
//! let list = parse_list(b"permessage-deflate; client_max_window_bits, x-other; a=\"1\"").unwrap();
//! assert_eq!(list[0], Extension::new("permessage-deflate").with("client_max_window_bits", None));
//! assert_eq!(list[1].to_string(), "x-other; a=\"1\"");
//! assert_eq!(parse_list(b"a;"), Err(ExtensionError::TokenExpected { offset: 2 }));
//! ```

use crate::http::{is_tchar, is_token};
use std::borrow::Cow;
use std::fmt;
use thiserror::Error;

/// One element of the list: an extension and its parameters, in the order they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension {
    /// The extension's name, a token.
    pub name: String,
    /// Its parameters.
    pub params: Vec<Param>,
}

/// A parameter of an extension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Param {
    /// The parameter's name, a token.
    pub name: String,
    /// Its value without quotes, a token; `None` when it has none.
    pub value: Option<String>,
    /// Was the value a quoted string? It means the same (RFC 7692 section 5.2).
    pub quoted: bool,
}

/// Where a value leaves the grammar. The sender is to blame; the recipient fails the connection
/// (RFC 6455 section 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExtensionError {
    /// The list has no element (`1#extension`).
    #[error("the list names no extension")]
    Empty,
    /// A token should begin here.
    #[error("a token should begin at octet {offset}")]
    TokenExpected {
        /// Where, in the field value.
        offset: usize,
    },
    /// Something other than `;`, `,` or the end follows.
    #[error("octet {octet:#04x} at octet {offset} can not follow here")]
    Unexpected {
        /// Where, in the field value.
        offset: usize,
        /// The octet.
        octet: u8,
    },
    /// A quoted string has no closing quote.
    #[error("the quoted string at octet {offset} does not end")]
    UnclosedQuote {
        /// The opening quote.
        offset: usize,
    },
    /// A quoted string is not a token once unquoted (RFC 6455 section 9.1).
    #[error("the quoted string at octet {offset} is not a token when unquoted")]
    QuotedNotToken {
        /// The opening quote.
        offset: usize,
    },
}

impl ExtensionError {
    /// The octet of the field value that does not fit; 0 for an empty list.
    pub fn offset(&self) -> usize {
        match *self {
            Self::Empty => 0,
            Self::TokenExpected { offset }
            | Self::Unexpected { offset, .. }
            | Self::UnclosedQuote { offset }
            | Self::QuotedNotToken { offset } => offset,
        }
    }

    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::QuotedNotToken { .. } => "6455-4.3-7",
            _ => "6455-9.1-1",
        }
    }
}

/// Parses one field value. Empty list elements are passed over (RFC 9110 section 5.6.1.2), whitespace
/// around `;` and `=` too, but one element there must be.
pub fn parse_list(value: &[u8]) -> Result<Vec<Extension>, ExtensionError> {
    parse_fields(std::iter::once(value))
}

/// Parses the list that several fields of this name make together (RFC 6455 section 9.1). The offset of an
/// error counts in the field at fault.
pub fn parse_fields<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Extension>, ExtensionError> {
    let mut list = Vec::new();
    scan(values, &mut list)?;
    Ok(list)
}

/// Whether [`parse_fields`] would succeed, without making the list.
pub(crate) fn check_fields<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<(), ExtensionError> {
    scan(values, &mut Unheard)
}

fn scan<'a>(values: impl IntoIterator<Item = &'a [u8]>, sink: &mut impl Sink) -> Result<(), ExtensionError> {
    let mut any = false;
    for value in values {
        any |= Scanner { value, at: 0 }.elements(sink)?;
    }
    if any { Ok(()) } else { Err(ExtensionError::Empty) }
}

/// Takes what the scanner finds, in order.
trait Sink {
    /// An element of the list begins.
    fn extension(&mut self, name: &str);
    /// A parameter of the last element.
    fn param(&mut self, name: &str, value: Option<Cow<'_, str>>, quoted: bool);
}

impl Sink for Vec<Extension> {
    fn extension(&mut self, name: &str) {
        self.push(Extension::new(name));
    }

    fn param(&mut self, name: &str, value: Option<Cow<'_, str>>, quoted: bool) {
        if let Some(extension) = self.last_mut() {
            extension.params.push(Param {
                name: name.to_owned(),
                value: value.map(Cow::into_owned),
                quoted,
            });
        }
    }
}

/// For those who only want to know whether the grammar is kept.
struct Unheard;

impl Sink for Unheard {
    fn extension(&mut self, _: &str) {}
    fn param(&mut self, _: &str, _: Option<Cow<'_, str>>, _: bool) {}
}

impl Extension {
    /// An extension without parameters.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            params: Vec::new(),
        }
    }

    /// The same with one more parameter.
    pub fn with(mut self, name: impl Into<String>, value: Option<&str>) -> Self {
        self.params.push(Param {
            name: name.into(),
            value: value.map(str::to_owned),
            quoted: false,
        });
        self
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.params.iter().try_for_each(|param| write!(f, "; {param}"))
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.value {
            Some(value) if self.quoted => write!(f, "=\"{value}\""),
            Some(value) => write!(f, "={value}"),
            None => Ok(()),
        }
    }
}

struct Scanner<'a> {
    value: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Whether there was an element.
    fn elements(&mut self, sink: &mut impl Sink) -> Result<bool, ExtensionError> {
        let mut any = false;
        loop {
            self.space();
            match self.peek() {
                None => return Ok(any),
                Some(b',') => self.at += 1,
                Some(_) => {
                    self.extension(sink)?;
                    any = true;
                    match self.peek() {
                        None => return Ok(any),
                        Some(b',') => self.at += 1,
                        Some(octet) => {
                            return Err(ExtensionError::Unexpected {
                                offset: self.at,
                                octet,
                            });
                        }
                    }
                }
            }
        }
    }

    fn extension(&mut self, sink: &mut impl Sink) -> Result<(), ExtensionError> {
        sink.extension(self.token()?);
        self.space();
        while self.peek() == Some(b';') {
            self.at += 1;
            self.space();
            let name = self.token()?;
            self.space();
            let mut value = None;
            let mut quoted = false;
            if self.peek() == Some(b'=') {
                self.at += 1;
                self.space();
                quoted = self.peek() == Some(b'"');
                value = Some(if quoted {
                    self.quoted()?
                } else {
                    Cow::Borrowed(self.token()?)
                });
                self.space();
            }
            sink.param(name, value, quoted);
        }
        Ok(())
    }

    fn token(&mut self) -> Result<&'a str, ExtensionError> {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let len = rest
            .iter()
            .position(|&octet| !is_tchar(octet))
            .unwrap_or(rest.len());
        let (token, _) = rest.split_at(len);
        match std::str::from_utf8(token) {
            Ok(token) if !token.is_empty() => {
                self.at += len;
                Ok(token)
            }
            _ => Err(ExtensionError::TokenExpected { offset: self.at }),
        }
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, ExtensionError> {
        let offset = self.at;
        self.at += 1;
        let mut octets = Vec::new();
        loop {
            let octet = self.next().ok_or(ExtensionError::UnclosedQuote { offset })?;
            match octet {
                b'"' => break,
                b'\\' => octets.push(self.next().ok_or(ExtensionError::UnclosedQuote { offset })?),
                _ => octets.push(octet),
            }
        }
        let text = String::from_utf8(octets)
            .ok()
            .filter(|text| is_token(text.as_bytes()));
        text.map(Cow::Owned)
            .ok_or(ExtensionError::QuotedNotToken { offset })
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.value.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let octet = self.peek()?;
        self.at += 1;
        Some(octet)
    }
}

#[cfg(test)]
mod tests {
    use super::{Extension, ExtensionError, parse_fields, parse_list};
    use proptest::prelude::*;

    fn written(value: &str) -> Result<String, ExtensionError> {
        let list = parse_list(value.as_bytes())?;
        Ok(list
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "))
    }

    #[test]
    fn legal_values_read_as_written() {
        for (value, expected) in [
            ("permessage-foo", "permessage-foo"),
            ("permessage-foo; x=10", "permessage-foo; x=10"),
            ("permessage-foo; x=\"10\"", "permessage-foo; x=\"10\""),
            ("permessage-foo, permessage-bar", "permessage-foo, permessage-bar"),
            (
                "permessage-foo; use_y, permessage-foo",
                "permessage-foo; use_y, permessage-foo",
            ),
            ("a;b=\"\\1\\0\"", "a; b=\"10\""),
            (" ,a ;\tb = c ,, d,", "a; b=c, d"),
        ] {
            assert_eq!(written(value).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn illegal_values_are_refused_at_their_octet() {
        use ExtensionError::{Empty, QuotedNotToken, TokenExpected, UnclosedQuote, Unexpected};
        for (value, error) in [
            ("", Empty),
            (" , ,", Empty),
            ("permessage-deflate;", TokenExpected { offset: 19 }),
            (";x", TokenExpected { offset: 0 }),
            (
                "a=b",
                Unexpected {
                    offset: 1,
                    octet: b'=',
                },
            ),
            ("foo; =1", TokenExpected { offset: 5 }),
            ("foo; a=", TokenExpected { offset: 7 }),
            ("foo; a=\"x", UnclosedQuote { offset: 7 }),
            ("foo; a=\"x\\", UnclosedQuote { offset: 7 }),
            ("foo; a=\"\"", QuotedNotToken { offset: 7 }),
            ("foo; a=\"a b\"", QuotedNotToken { offset: 7 }),
            (
                "foo; a=\"b\"c",
                Unexpected {
                    offset: 10,
                    octet: b'c',
                },
            ),
            (
                "foo bar",
                Unexpected {
                    offset: 4,
                    octet: b'b',
                },
            ),
            ("@", TokenExpected { offset: 0 }),
            (
                "foo; a\u{e4}",
                Unexpected {
                    offset: 6,
                    octet: 0xC3,
                },
            ),
        ] {
            assert_eq!(written(value), Err(error), "{value}");
        }
    }

    #[test]
    fn two_fields_are_one_list() {
        // RFC 6455 section 9.1.
        let two = parse_fields([&b"foo"[..], b"bar; baz=2"]);
        assert_eq!(two, parse_list(b"foo, bar; baz=2"));
        assert_eq!(parse_fields([&b""[..], b"foo"]), Ok(vec![Extension::new("foo")]));
        assert_eq!(parse_fields([]), Err(ExtensionError::Empty));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            list in prop::collection::vec(
                ("[a-z-]{1,8}", prop::collection::vec(("[a-z_]{1,8}", prop::option::of("[a-z0-9]{1,4}")), 0..3)),
                1..4,
            )
        ) {
            let list: Vec<Extension> = list
                .into_iter()
                .map(|(name, params)| {
                    params.into_iter().fold(Extension::new(name), |e, (n, v)| e.with(n, v.as_deref()))
                })
                .collect();
            let value = list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(parse_list(value.as_bytes()), Ok(list));
        }

        #[test]
        fn any_octets_are_parsed_or_refused(value in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Err(error) = parse_list(&value) {
                prop_assert!(error.offset() <= value.len());
            }
        }
    }
}
