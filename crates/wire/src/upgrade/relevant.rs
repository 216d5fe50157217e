//! The fields by which a request is judged, found in one pass over its head.

use crate::http::{FieldSink, FieldSpan, Fields, Span};

/// The values of all fields of a name, in the order they were sent.
#[derive(Debug, Clone)]
pub(super) struct Found<V> {
    first: Option<V>,
    /// Empty, and not allocated, but for fields that are repeated.
    more: Vec<V>,
}

impl<V> Default for Found<V> {
    fn default() -> Self {
        Self {
            first: None,
            more: Vec::new(),
        }
    }
}

impl<V: Copy> Found<V> {
    fn add(&mut self, value: V) {
        if self.first.is_none() {
            self.first = Some(value);
        } else {
            self.more.push(value);
        }
    }

    fn map<W>(self, with: impl Fn(V) -> W) -> Found<W> {
        Found {
            first: self.first.map(&with),
            more: self.more.into_iter().map(with).collect(),
        }
    }

    pub(super) fn first(&self) -> Option<V> {
        self.first
    }

    pub(super) fn is_there(&self) -> bool {
        self.first.is_some()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = V> {
        self.first.into_iter().chain(self.more.iter().copied())
    }

    /// The one value; its absence or repetition is the rule broken.
    pub(super) fn one<E>(&self, missing: E, repeated: E) -> Result<V, E> {
        match self.first {
            None => Err(missing),
            Some(_) if !self.more.is_empty() => Err(repeated),
            Some(value) => Ok(value),
        }
    }
}

/// The fields that decide. `V` is a value, or where it lies.
#[derive(Debug, Default)]
pub(super) struct Relevant<V> {
    pub(super) host: Found<V>,
    pub(super) origin: Found<V>,
    pub(super) upgrade: Found<V>,
    pub(super) connection: Found<V>,
    pub(super) content_length: Found<V>,
    pub(super) transfer_encoding: Found<V>,
    pub(super) key: Found<V>,
    pub(super) version: Found<V>,
    pub(super) protocol: Found<V>,
    pub(super) extensions: Found<V>,
}

impl<'h> Relevant<&'h [u8]> {
    pub(super) fn of(fields: &'h Fields) -> Self {
        let mut found = Self::default();
        for field in fields.iter() {
            if let Some(place) = found.place(field.name()) {
                place.add(field.value());
            }
        }
        found
    }
}

impl Relevant<Span> {
    /// The values in the head that begins `octets`.
    pub(super) fn resolve(self, octets: &[u8]) -> Relevant<&[u8]> {
        let of = |found: Found<Span>| found.map(|span| span.of(octets));
        Relevant {
            host: of(self.host),
            origin: of(self.origin),
            upgrade: of(self.upgrade),
            connection: of(self.connection),
            content_length: of(self.content_length),
            transfer_encoding: of(self.transfer_encoding),
            key: of(self.key),
            version: of(self.version),
            protocol: of(self.protocol),
            extensions: of(self.extensions),
        }
    }
}

impl FieldSink for Relevant<Span> {
    fn take(&mut self, head: &[u8], field: FieldSpan) {
        if let Some(place) = self.place(field.name.of(head)) {
            place.add(field.value);
        }
    }
}

impl<V> Relevant<V> {
    /// Where fields of this name go, if they decide anything.
    fn place(&mut self, name: &[u8]) -> Option<&mut Found<V>> {
        // The length leaves one name, or two that the first octet tells apart.
        let (known, place) = match name.len() {
            4 => ("Host", &mut self.host),
            6 => ("Origin", &mut self.origin),
            7 => ("Upgrade", &mut self.upgrade),
            10 => ("Connection", &mut self.connection),
            14 => ("Content-Length", &mut self.content_length),
            17 if matches!(name.first(), Some(b't' | b'T')) => {
                ("Transfer-Encoding", &mut self.transfer_encoding)
            }
            17 => ("Sec-WebSocket-Key", &mut self.key),
            21 => ("Sec-WebSocket-Version", &mut self.version),
            22 => ("Sec-WebSocket-Protocol", &mut self.protocol),
            24 => ("Sec-WebSocket-Extensions", &mut self.extensions),
            _ => return None,
        };
        let known = known.as_bytes();
        // Nearly everyone writes the names as the RFC does, and that is the quicker comparison.
        (name == known || name.eq_ignore_ascii_case(known)).then_some(place)
    }
}
