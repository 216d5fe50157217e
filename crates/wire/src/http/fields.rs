//! The field lines of a head.

use super::token::list_elements;
use std::fmt;

/// One field line, borrowed from its head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

impl<'a> Field<'a> {
    /// The name as it was sent.
    pub fn name(&self) -> &'a [u8] {
        self.name
    }

    /// The value without the whitespace around it.
    pub fn value(&self) -> &'a [u8] {
        self.value
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name.escape_ascii(), self.value.escape_ascii())
    }
}

/// Where octets lie in the head's own buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(crate) fn of(self, octets: &[u8]) -> &[u8] {
        octets
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// The spans of one field line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpan {
    pub(crate) name: Span,
    pub(crate) value: Span,
}

/// The field lines of a head, in the order they were sent. Owns the octets of the whole head.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields {
    pub(super) octets: Vec<u8>,
    pub(super) spans: Vec<FieldSpan>,
}

impl Fields {
    /// The value of the first field of this name, matched without regard to case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.get_all(name).next()
    }

    /// The values of all fields of this name, matched without regard to case.
    pub fn get_all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.spans.iter().filter_map(move |field| {
            // Lengths differ for nearly every other field: no octet is touched.
            let length = (field.name.end - field.name.start) as usize;
            (length == name.len() && field.name.of(&self.octets).eq_ignore_ascii_case(name.as_bytes()))
                .then(|| field.value.of(&self.octets))
        })
    }

    /// How many fields have this name.
    pub fn count(&self, name: &str) -> usize {
        self.get_all(name).count()
    }

    /// Is the token in the comma list that all fields of this name make together? Without regard to case.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.get_all(name)
            .flat_map(list_elements)
            .any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// All fields in the order they were sent.
    pub fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        self.spans.iter().map(|field| Field {
            name: field.name.of(&self.octets),
            value: field.value.of(&self.octets),
        })
    }

    /// How many field lines there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
