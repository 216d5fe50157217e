//! Value sets: data that many cases share, named `@set` in a matrix.

use std::collections::BTreeMap;
use std::ops::Range;

use super::grammar::AXIS;
use super::tree::{Node, Table, Value};
use crate::error::Fault;

/// More values than this on one axis is a mistake, not a test.
const MAX_VALUES: usize = 100_000;

/// The values of an axis.
#[derive(Debug, Clone, Default)]
pub(crate) struct AxisValues {
    pub(crate) values: Vec<Node>,
    /// The values of profile default; `None`: all.
    pub(crate) default: Option<Vec<Node>>,
}

/// Sets by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sets(BTreeMap<String, AxisValues>);

impl Sets {
    /// Adds the sets of a document; a set may use those before it.
    pub(crate) fn add(&mut self, document: &Table) -> Result<(), Fault> {
        for entry in &document.entries {
            if self.0.contains_key(&entry.key) {
                return Err(Fault::new(
                    &entry.key_span,
                    format!("the set `{}` is there already", entry.key),
                ));
            }
            let values = self.axis(&entry.node)?;
            self.0.insert(entry.key.clone(), values);
        }
        Ok(())
    }

    /// Reads an axis: a list, `"@set"`, or a table of values, ranges or a set.
    pub(crate) fn axis(&self, node: &Node) -> Result<AxisValues, Fault> {
        match &node.value {
            Value::List(values) => Ok(AxisValues {
                values: values.clone(),
                default: None,
            }),
            Value::Text(text) => match text.strip_prefix('@') {
                Some(name) => self.named(name, &node.span),
                None => Err(Fault::new(
                    &node.span,
                    format!("an axis is a list, \"@set\" or a table, not {}", node.shown()),
                )
                .hint(format!("a set is named \"@{text}\""))),
            },
            Value::Table(table) => self.table(table, node),
            _ => Err(Fault::new(
                &node.span,
                format!("an axis is a list, \"@set\" or a table, not {}", node.shown()),
            )),
        }
    }

    fn named(&self, name: &str, span: &Range<usize>) -> Result<AxisValues, Fault> {
        let set = self
            .0
            .get(name)
            .ok_or_else(|| Fault::unknown(span, "set", name, self.0.keys().map(String::as_str)))?;
        // Values of a set stand in another file: messages point to where the set is used.
        let mut set = set.clone();
        set.values.iter_mut().for_each(|node| move_to(node, span));
        set.default
            .iter_mut()
            .flatten()
            .for_each(|node| move_to(node, span));
        Ok(set)
    }

    fn table(&self, table: &Table, node: &Node) -> Result<AxisValues, Fault> {
        for entry in &table.entries {
            if !AXIS.iter().any(|field| field.name == entry.key) {
                let names = AXIS.iter().map(|field| field.name);
                return Err(Fault::unknown(
                    &entry.key_span,
                    "key in an axis:",
                    &entry.key,
                    names,
                ));
            }
        }
        let mut sources = table.entries.iter().filter(|entry| entry.key != "default");
        let (Some(source), None) = (sources.next(), sources.next()) else {
            return Err(Fault::new(
                &node.span,
                "an axis has one of `values`, `range`, `ranges` and `set`",
            ));
        };
        let mut axis = match source.key.as_str() {
            "range" => AxisValues {
                values: range(&source.node)?,
                default: None,
            },
            "ranges" => {
                let mut values = Vec::new();
                for pair in list(&source.node)? {
                    values.extend(range(pair)?);
                }
                AxisValues {
                    values,
                    default: None,
                }
            }
            "set" => {
                let name = source.node.as_text().ok_or_else(|| {
                    Fault::new(
                        &source.node.span,
                        format!("`set` takes a name, not {}", source.node.shown()),
                    )
                })?;
                self.named(name.strip_prefix('@').unwrap_or(name), &source.node.span)?
            }
            _ => AxisValues {
                values: list(&source.node)?.to_vec(),
                default: None,
            },
        };
        if let Some(default) = table.get("default") {
            axis.default = Some(list(default)?.to_vec());
        }
        for value in axis.default.iter().flatten() {
            if !axis.values.iter().any(|known| is_named(known, value)) {
                return Err(Fault::new(
                    &value.span,
                    format!("{} in `default` is not a value of the axis", value.shown()),
                ));
            }
        }
        Ok(axis)
    }
}

/// Whether `value` (in `default` or `except`) means `known`: it is equal, or the name of a table.
pub(crate) fn is_named(known: &Node, value: &Node) -> bool {
    known.same(value)
        || known
            .as_table()
            .and_then(|table| table.get("name"))
            .is_some_and(|name| name.same(value))
}

fn list(node: &Node) -> Result<&[Node], Fault> {
    node.as_list()
        .ok_or_else(|| Fault::new(&node.span, format!("a list belongs here, not {}", node.shown())))
}

fn range(node: &Node) -> Result<Vec<Node>, Fault> {
    let wrong = || {
        Fault::new(
            &node.span,
            "a range is [from, to], both inclusive, from not above to",
        )
    };
    let bounds: Vec<i128> = list(node)?.iter().filter_map(Node::as_int).collect();
    let [from, to] = *bounds.as_slice() else {
        return Err(wrong());
    };
    if from > to {
        return Err(wrong());
    }
    if to - from >= MAX_VALUES as i128 {
        return Err(Fault::new(
            &node.span,
            format!("a range has at most {MAX_VALUES} values"),
        ));
    }
    Ok((from..=to)
        .map(|number| Node {
            span: node.span.clone(),
            value: Value::Int(number),
        })
        .collect())
}

fn move_to(node: &mut Node, span: &Range<usize>) {
    node.span = span.clone();
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|node| move_to(node, span)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                entry.key_span = span.clone();
                move_to(&mut entry.node, span);
            }
        }
        _ => {}
    }
}
