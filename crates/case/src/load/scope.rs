//! What names mean inside one instance: values of its row and axes, and names known only at run time.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use super::template::{self, Part};
use super::tree::{Node, Value};
use crate::error::Fault;
use crate::script::{Piece, RunVar, Text};

/// Row values may name other columns; a chain longer than this is a circle.
const MAX_DEPTH: u8 = 4;

/// Names that need no row, axis, loop or `save`.
const RUN_NAMES: &[&str] = &["host", "path", "scheme", "key", "accept", "conn"];

/// Names of one instance.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    /// Every name that some row or axis of the case has.
    pub(crate) columns: &'a BTreeSet<String>,
    /// The values of this instance.
    pub(crate) values: &'a [(String, Node)],
    /// Names that expectations save.
    pub(crate) saved: &'a BTreeSet<String>,
    /// Counters of the loops around the current step.
    pub(crate) loops: Vec<String>,
    /// Folder of the case file; `None` for the embedded library, which has no files beside it.
    pub(crate) folder: Option<&'a Path>,
}

impl Scope<'_> {
    /// The scope inside a loop.
    pub(crate) fn inside_loop(&self, counter: Option<&str>) -> Self {
        let mut inside = self.clone();
        inside.loops.extend(counter.map(str::to_owned));
        inside
    }

    fn value(&self, name: &str) -> Option<&Node> {
        self.values
            .iter()
            .find_map(|(known, node)| (known == name).then_some(node))
    }

    /// Whether the value stands in a row or an axis.
    pub(crate) fn is_column_value(&self, node: &Node) -> bool {
        self.values
            .iter()
            .any(|(_, value)| value.span.start <= node.span.start && node.span.end <= value.span.end)
    }

    /// What a field holds: a string that is only `{name}` takes the value of that column with its type, and
    /// nothing when this row lacks the column.
    pub(crate) fn resolve<'n>(&'n self, node: &'n Node) -> Result<Option<Cow<'n, Node>>, Fault> {
        let Some((name, add)) = node.as_text().and_then(template::only_name) else {
            return Ok(Some(Cow::Borrowed(node)));
        };
        if !self.columns.contains(name) {
            return match self.run_name(name) {
                Some(_) => Ok(Some(Cow::Borrowed(node))),
                None => Err(self.unknown(node, name)),
            };
        }
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match value.value {
            _ if add == 0 => Ok(Some(Cow::Borrowed(value))),
            Value::Int(number) => Ok(Some(Cow::Owned(Node {
                span: value.span.clone(),
                value: Value::Int(number + i128::from(add)),
            }))),
            _ => Err(Fault::new(
                &node.span,
                format!(
                    "`{{{name}{add:+}}}` needs a number, and `{name}` is {}",
                    value.shown()
                ),
            )),
        }
    }

    /// Text with places for what is known only at run time.
    pub(crate) fn text(&self, node: &Node) -> Result<Text, Fault> {
        let label;
        let text = if let Some(text) = node.as_text() {
            text
        } else {
            label = node.label();
            &label
        };
        let mut pieces = Vec::new();
        self.fill(node, text, MAX_DEPTH, &mut pieces)?;
        Ok(Text(pieces))
    }

    /// Text without places.
    pub(crate) fn plain(&self, node: &Node) -> Result<String, Fault> {
        let text = self.text(node)?;
        match text.as_literal() {
            Some(literal) => Ok(literal.to_owned()),
            None => Err(Fault::new(
                &node.span,
                format!(
                    "{} holds a name that is known only at run time, which this field cannot take",
                    node.shown()
                ),
            )
            .hint("run-time names work in payloads and HTTP fields")),
        }
    }

    fn fill(&self, node: &Node, text: &str, depth: u8, pieces: &mut Vec<Piece>) -> Result<(), Fault> {
        if template::is_plain(text) {
            push(pieces, text);
            return Ok(());
        }
        if depth == 0 {
            return Err(Fault::new(
                &node.span,
                format!("{} refers to itself", node.shown()),
            ));
        }
        for part in template::parse(text).map_err(|message| Fault::new(&node.span, message))? {
            match part {
                Part::Literal(text) => push(pieces, text),
                Part::Name { name, add } if self.columns.contains(name) => {
                    let value = self.value(name).ok_or_else(|| {
                        Fault::new(
                            &node.span,
                            format!("this row has no `{name}` for {}", node.shown()),
                        )
                        .hint("only a field that is nothing but `{name}` may lack its column")
                    })?;
                    match (&value.value, add) {
                        (Value::Int(number), _) => {
                            push(pieces, &(number + i128::from(add)).to_string());
                        }
                        (Value::Text(text), 0) => self.fill(value, text, depth - 1, pieces)?,
                        (Value::Bool(flag), 0) => push(pieces, &flag.to_string()),
                        _ => {
                            return Err(Fault::new(
                                &node.span,
                                format!("{} cannot stand inside text (`{{{name}}}`)", value.shown()),
                            ));
                        }
                    }
                }
                Part::Name { name, add } => pieces.push(Piece::Var {
                    name: self.run_name(name).ok_or_else(|| self.unknown(node, name))?,
                    add,
                }),
            }
        }
        Ok(())
    }

    fn run_name(&self, name: &str) -> Option<RunVar> {
        if self.loops.iter().any(|counter| counter == name) {
            return Some(RunVar::Loop(name.to_owned()));
        }
        Some(match name {
            "host" => RunVar::Host,
            "path" => RunVar::Path,
            "scheme" => RunVar::Scheme,
            "key" => RunVar::Key,
            "accept" => RunVar::Accept,
            "conn" => RunVar::Conn,
            _ => match name.strip_prefix("target.") {
                Some(declared) => RunVar::Target(declared.to_owned()),
                None if self.saved.contains(name) => RunVar::Saved(name.to_owned()),
                None => return None,
            },
        })
    }

    fn unknown(&self, node: &Node, name: &str) -> Fault {
        let known = self
            .columns
            .iter()
            .chain(&self.loops)
            .chain(self.saved)
            .map(String::as_str);
        let allowed = known.chain(RUN_NAMES.iter().copied()).chain(["target.NAME"]);
        Fault::unknown(&node.span, &format!("name in {}:", node.shown()), name, allowed)
    }
}

fn push(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Lit(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Lit(text.to_owned())),
    }
}

/// A template over rows and axes only, such as a title: `Ok(None)` when the instance lacks a column.
pub(crate) fn filled(scope: &Scope<'_>, node: &Node) -> Result<Option<String>, Fault> {
    let Some(text) = node.as_text() else {
        return Ok(Some(node.label()));
    };
    if template::is_plain(text) {
        return Ok(Some(text.to_owned()));
    }
    for part in template::parse(text).map_err(|message| Fault::new(&node.span, message))? {
        match part {
            Part::Name { name, .. } if !scope.columns.contains(name) => {
                let allowed = scope.columns.iter().map(String::as_str);
                return Err(Fault::unknown(&node.span, "row or axis", name, allowed));
            }
            Part::Name { name, .. } if scope.value(name).is_none() => return Ok(None),
            _ => {}
        }
    }
    scope.plain(node).map(Some)
}
