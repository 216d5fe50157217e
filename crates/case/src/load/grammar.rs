//! The grammar of case files: keys of a file, fields of a case, verbs, kinds and their fields.
//!
//! The loader, its messages and the JSON Schema all read these tables.

mod case;
mod expect;
mod send;
mod verbs;

pub(crate) use case::{AUTOBAHN, AXIS, CASE, EVENT, FILE, GROUP_OWN};
pub(crate) use expect::{ALTERNATIVE, EXPECT_KINDS, PAYLOAD};
pub(crate) use verbs::{STEP, VERBS};

use super::shape::Shape;

/// A key and what it takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) doc: &'static str,
}

const fn field(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { name, shape, doc }
}

/// One verb of steps.
#[derive(Debug)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    /// What stands behind the verb.
    pub(crate) argument: Argument,
    /// Fields that every kind has.
    pub(crate) fields: &'static [Field],
}

/// What stands behind a verb.
#[derive(Debug)]
pub(crate) enum Argument {
    /// A kind, which decides about further fields.
    Kind(&'static [Kind]),
    /// A value.
    Value(Shape),
}

/// A kind of a verb.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) fields: &'static [&'static [Field]],
    pub(crate) required: &'static [&'static str],
    /// Whether this version can run it; the format already has the name.
    pub(crate) supported: bool,
}

const fn kind(name: &'static str, doc: &'static str, fields: &'static [&'static [Field]]) -> Kind {
    Kind {
        name,
        doc,
        fields,
        required: &[],
        supported: true,
    }
}

const fn later(name: &'static str) -> Kind {
    Kind {
        name,
        doc: "not supported by this version",
        fields: &[],
        required: &[],
        supported: false,
    }
}

impl Verb {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.name == name)
    }

    /// Every field name of every kind.
    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        let kinds: &'static [Kind] = match self.argument {
            Argument::Kind(kinds) => kinds,
            Argument::Value(_) => &[],
        };
        let of_kinds = kinds
            .iter()
            .flat_map(|kind| kind.fields.iter().copied().flatten());
        self.fields.iter().chain(of_kinds)
    }
}
