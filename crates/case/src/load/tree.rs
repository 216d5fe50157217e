//! A TOML document as a tree that knows where everything stands and keeps the order of the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Fault;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// A value of the kinds case files use.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Int(i128),
    Bool(bool),
    List(Vec<Node>),
    Table(Table),
}

/// A table in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

impl Table {
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Takes what `self` does not say from `defaults`; tables merge key by key.
    pub(crate) fn merge(&mut self, defaults: &Self) {
        for default in &defaults.entries {
            match self.entries.iter_mut().find(|entry| entry.key == default.key) {
                None => self.entries.push(default.clone()),
                Some(own) => {
                    if let (Value::Table(own), Value::Table(default)) =
                        (&mut own.node.value, &default.node.value)
                    {
                        own.merge(default);
                    }
                }
            }
        }
    }
}

impl Node {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn as_int(&self) -> Option<i128> {
        match self.value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// Equal values, wherever they stand.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::List(left), Value::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same(right))
            }
            (Value::Table(left), Value::Table(right)) => {
                left.entries.len() == right.entries.len()
                    && left
                        .entries
                        .iter()
                        .all(|entry| right.get(&entry.key).is_some_and(|node| node.same(&entry.node)))
            }
            (left, right) => left == right,
        }
    }

    /// The value as text, for labels and for a place inside a template.
    pub(crate) fn label(&self) -> String {
        match &self.value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::List(list) => joined(list.iter()),
            Value::Table(table) => match table.get("name") {
                Some(name) => name.label(),
                None => joined(table.entries.iter().map(|entry| &entry.node)),
            },
        }
    }

    /// The value as the file writes it, short enough for a message.
    pub(crate) fn shown(&self) -> String {
        let shown = match &self.value {
            Value::Text(text) => format!("{text:?}"),
            Value::Int(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        };
        if shown.chars().count() > 60 {
            return shown.chars().take(57).chain("...".chars()).collect();
        }
        shown
    }

    /// The value for reports.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) => text.as_str().into(),
            Value::Int(number) => i64::try_from(*number)
                .map(Into::into)
                .or_else(|_| u64::try_from(*number).map(Into::into))
                .unwrap_or_else(|_| number.to_string().into()),
            Value::Bool(flag) => (*flag).into(),
            Value::List(list) => list.iter().map(Self::to_json).collect(),
            Value::Table(table) => serde_json::Value::Object(
                table
                    .entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.to_json()))
                    .collect(),
            ),
        }
    }
}

fn joined<'n>(nodes: impl Iterator<Item = &'n Node>) -> String {
    let labels: Vec<String> = nodes.map(Node::label).collect();
    labels.join("+")
}

/// Parses a whole document; the first fault ends it.
pub(crate) fn parse(text: &str) -> Result<Table, Fault> {
    let document = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        Fault::new(&span, format!("not TOML: {}", error.message()))
    })?;
    table(document.into_inner())
}

fn table(source: DeTable<'_>) -> Result<Table, Fault> {
    let mut entries = Vec::with_capacity(source.len());
    for (key, value) in source {
        entries.push(Entry {
            key_span: key.span(),
            key: key.into_inner().into_owned(),
            node: node(value)?,
        });
    }
    entries.sort_by_key(|entry| entry.key_span.start);
    Ok(Table { entries })
}

fn node(source: Spanned<DeValue<'_>>) -> Result<Node, Fault> {
    let span = source.span();
    let value = match source.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => Value::Int(
            i128::from_str_radix(number.as_str(), number.radix())
                .ok()
                .filter(|value| value.unsigned_abs() <= u128::from(u64::MAX))
                .ok_or_else(|| Fault::new(&span, format!("`{number}` is too large")))?,
        ),
        DeValue::Boolean(flag) => Value::Bool(flag),
        DeValue::Array(list) => Value::List(list.into_iter().map(node).collect::<Result<_, _>>()?),
        DeValue::Table(source) => Value::Table(table(source)?),
        DeValue::Float(number) => {
            return Err(Fault::new(&span, format!("`{number}` is not a whole number")));
        }
        DeValue::Datetime(date) => {
            return Err(Fault::new(
                &span,
                format!("`{date}` is a date; no field takes one"),
            ));
        }
    };
    Ok(Node { span, value })
}
