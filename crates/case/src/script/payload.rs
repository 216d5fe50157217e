//! Payload sources and run-time templates.

use std::fmt;

use bytes::Bytes;

use crate::corpus::{Corpus, Unit};

/// A payload: one source, repeated `times` times.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// Where the octets come from.
    pub source: Source,
    /// How often the result is repeated; 1 normally.
    pub times: u32,
}

impl Payload {
    /// No octets.
    pub const EMPTY: Self = Self {
        source: Source::Empty,
        times: 1,
    };
}

/// Where payload octets come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// No octets.
    Empty,
    /// Text that may hold run-time names.
    Text(Text),
    /// Octets as they are (`hex`, `file`).
    Octets(Bytes),
    /// `unit` repeated and cut to `len` octets.
    Fill {
        /// The repeated octets, never empty.
        unit: Bytes,
        /// Octets in all.
        len: Length,
    },
    /// A piece of a payload corpus, wrapping at its end.
    Corpus {
        /// Which one.
        corpus: Corpus,
        /// What `len` and `at` count.
        unit: Unit,
        /// Where the piece begins.
        at: At,
        /// Units in all.
        len: u64,
    },
    /// Octets from the seed and the instance name.
    Random {
        /// Alphabet.
        kind: RandomKind,
        /// Octets in all (for `utf8`: at most, cut at a character).
        len: u64,
    },
    /// A DEFLATE stream that inflates to `len` zero octets.
    Bomb {
        /// Inflated octets.
        len: u64,
    },
    /// What an expectation saved.
    Saved(String),
    /// One after another.
    Parts(Vec<Payload>),
}

/// How long a fill is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Length {
    /// So many octets.
    Fixed(u64),
    /// What the user's configuration declares, and so many more.
    Declared {
        /// Name in the `[target]` table.
        name: String,
        /// Added to it.
        add: i64,
    },
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(len) => write!(f, "{len}"),
            Self::Declared { name, add: 0 } => write!(f, "{{target.{name}}}"),
            Self::Declared { name, add } => write!(f, "{{target.{name}{add:+}}}"),
        }
    }
}

/// Where a corpus piece begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At this unit.
    Fixed(u64),
    /// Where the last piece of this connection ended.
    Next,
}

/// Alphabet of random payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RandomKind {
    /// Any octet.
    Octets,
    /// Printable ASCII.
    Ascii,
    /// Well-formed UTF-8 of all lengths.
    Utf8,
}

/// Text with places filled in while the script runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub Vec<Piece>);

/// A piece of [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Lit(String),
    /// The value of a name, plus `add` when it is a number.
    Var {
        /// Which value.
        name: RunVar,
        /// Added to a number.
        add: i64,
    },
}

/// Names known only while a script runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunVar {
    /// `{host}`: host and port of the target, as in the Host field.
    Host,
    /// `{path}`: the configured request target.
    Path,
    /// `{scheme}`: `ws` or `wss`.
    Scheme,
    /// `{key}`: the Sec-WebSocket-Key of this connection.
    Key,
    /// `{accept}`: the Sec-WebSocket-Accept that belongs to it.
    Accept,
    /// `{conn}`: index in a group of connections.
    Conn,
    /// `{target.NAME}`: declared by the user's configuration.
    Target(String),
    /// The counter of a loop.
    Loop(String),
    /// What `save` captured.
    Saved(String),
}

impl Text {
    /// Text without names.
    pub fn literal(text: impl Into<String>) -> Self {
        Self(vec![Piece::Lit(text.into())])
    }

    /// The text when it holds no names.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Lit(text)] => Some(text),
            _ => None,
        }
    }
}
