//! The fields of one table, checked against the grammar and with this instance's values in place.

use std::borrow::Cow;
use std::ops::Range;

use super::grammar::Field;
use super::scope::Scope;
use super::tree::{Node, Table};
use crate::error::Fault;
use crate::script::Text;

/// Checked fields.
pub(crate) struct Fields<'n> {
    scope: &'n Scope<'n>,
    span: Range<usize>,
    present: Vec<(&'static str, Cow<'n, Node>)>,
}

impl<'n> Fields<'n> {
    /// Reads a table. Keys in `apart` are somebody else's. `what` names the table in messages.
    pub(crate) fn read(
        table: &'n Table,
        span: &Range<usize>,
        grammar: &[&'static [Field]],
        apart: &[&str],
        what: &str,
        scope: &'n Scope<'n>,
    ) -> Result<Self, Fault> {
        let mut present = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            if apart.contains(&entry.key.as_str()) {
                continue;
            }
            let known = grammar
                .iter()
                .copied()
                .flatten()
                .find(|field| field.name == entry.key);
            // A field that this row removes need not suit the kind that this row has.
            let resolved = scope.resolve(&entry.node)?;
            match (known, resolved) {
                (_, None) => {}
                (None, Some(_)) => {
                    let names = grammar.iter().copied().flatten().map(|field| field.name);
                    return Err(Fault::unknown(
                        &entry.key_span,
                        &format!("key in {what}:"),
                        &entry.key,
                        names.chain(apart.iter().copied()),
                    ));
                }
                (Some(field), Some(node)) => {
                    field.shape.check(field.name, &node, scope)?;
                    present.push((field.name, node));
                }
            }
        }
        Ok(Self {
            scope,
            span: span.clone(),
            present,
        })
    }

    /// Reads the fields of a case. Titles, aliases, rows and steps stay as they are written: they are filled in
    /// by themselves.
    pub(crate) fn of_case(
        table: &'n Table,
        span: &Range<usize>,
        grammar: &'static [Field],
        what: &str,
        scope: &'n Scope<'n>,
    ) -> Result<Self, Fault> {
        let mut present = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            let Some(field) = grammar.iter().find(|field| field.name == entry.key) else {
                let names = grammar.iter().map(|field| field.name);
                return Err(Fault::unknown(
                    &entry.key_span,
                    &format!("key in {what}:"),
                    &entry.key,
                    names,
                ));
            };
            let node = if field.shape.is_filled_later() {
                Some(Cow::Borrowed(&entry.node))
            } else {
                scope.resolve(&entry.node)?
            };
            if let Some(node) = node {
                field.shape.check(field.name, &node, scope)?;
                present.push((field.name, node));
            }
        }
        Ok(Self {
            scope,
            span: span.clone(),
            present,
        })
    }

    pub(crate) fn scope(&self) -> &'n Scope<'n> {
        self.scope
    }

    pub(crate) fn span(&self) -> &Range<usize> {
        &self.span
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.node(name).is_some()
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.present
            .iter()
            .find_map(|(known, node)| (*known == name).then_some(node.as_ref()))
    }

    pub(crate) fn require(&self, names: &[&str], what: &str) -> Result<(), Fault> {
        match names.iter().find(|name| !self.has(name)) {
            Some(missing) => Err(Fault::new(&self.span, format!("{what} needs `{missing}`"))),
            None => Ok(()),
        }
    }

    pub(crate) fn int(&self, name: &str) -> Option<u64> {
        self.node(name)?
            .as_int()
            .and_then(|number| u64::try_from(number).ok())
    }

    /// An integer whose shape bounds it to 32 bits.
    pub(crate) fn int32(&self, name: &str) -> Option<u32> {
        self.int(name).and_then(|number| u32::try_from(number).ok())
    }

    pub(crate) fn int16(&self, name: &str) -> Option<u16> {
        self.int(name).and_then(|number| u16::try_from(number).ok())
    }

    pub(crate) fn int8(&self, name: &str) -> Option<u8> {
        self.int(name).and_then(|number| u8::try_from(number).ok())
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.node(name)?.as_bool()
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<Text>, Fault> {
        self.node(name).map(|node| self.scope.text(node)).transpose()
    }

    /// Text that is fixed at load; also how words are read.
    pub(crate) fn plain(&self, name: &str) -> Result<Option<String>, Fault> {
        self.node(name).map(|node| self.scope.plain(node)).transpose()
    }

    /// One text or a list of them.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<Text>, Fault> {
        let mut texts = Vec::new();
        for node in self.items(name)? {
            texts.push(self.scope.text(&node)?);
        }
        Ok(texts)
    }

    /// One fixed text or a list of them.
    pub(crate) fn plains(&self, name: &str) -> Result<Vec<String>, Fault> {
        let mut texts = Vec::new();
        for node in self.items(name)? {
            texts.push(self.scope.plain(&node)?);
        }
        Ok(texts)
    }

    /// The items of a list, or the value itself as the only one; items whose column is absent are left out.
    pub(crate) fn items(&self, name: &str) -> Result<Vec<Cow<'_, Node>>, Fault> {
        let Some(node) = self.node(name) else {
            return Ok(Vec::new());
        };
        let list = node.as_list().unwrap_or(std::slice::from_ref(node));
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.extend(self.scope.resolve(item)?);
        }
        Ok(items)
    }

    /// The items of a list as they are written, or the value itself as the only one.
    pub(crate) fn raw_items(&self, name: &str) -> &[Node] {
        self.node(name)
            .map_or(&[], |node| node.as_list().unwrap_or(std::slice::from_ref(node)))
    }

    /// The entries of a table, without those whose column is absent. Keys are templates too.
    pub(crate) fn pairs(&self, name: &str) -> Result<Vec<(String, Cow<'_, Node>)>, Fault> {
        let Some(table) = self.node(name).and_then(Node::as_table) else {
            return Ok(Vec::new());
        };
        let mut pairs = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            if let Some(node) = self.scope.resolve(&entry.node)? {
                let key = Node {
                    span: entry.key_span.clone(),
                    value: super::tree::Value::Text(entry.key.clone()),
                };
                pairs.push((self.scope.plain(&key)?, node));
            }
        }
        Ok(pairs)
    }

    /// The fields of a table that is the value of a field; the shape has checked them already.
    pub(crate) fn inner(&self, name: &str) -> Result<Vec<(&str, Cow<'_, Node>)>, Fault> {
        let Some(table) = self.node(name).and_then(Node::as_table) else {
            return Ok(Vec::new());
        };
        let mut inner = Vec::new();
        for entry in &table.entries {
            if let Some(node) = self.scope.resolve(&entry.node)? {
                inner.push((entry.key.as_str(), node));
            }
        }
        Ok(inner)
    }
}
