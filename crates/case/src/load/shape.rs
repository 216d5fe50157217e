//! What a field may hold. The same descriptions check values, word the messages and make the JSON Schema.

use super::grammar::Field;
use super::scope::Scope;
use super::tree::{Node, Value};
use crate::error::Fault;
use crate::script::{Piece, RunVar};

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Text that may hold names known only at run time.
    Text,
    /// Text that is fixed when the file is loaded.
    Name,
    /// Text with names of rows and axes, filled in later: titles and aliases.
    Template,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number in these bounds.
    Int(u64, u64),
    /// A number of octets, or `{target.NAME}` for one that the target declares.
    Length,
    /// A whole number that may be negative.
    Signed,
    /// `true` or `false`.
    Bool,
    /// `false`.
    Off,
    /// Octets as hexadecimal digits, blanks allowed.
    Hex,
    /// A number as `"0x…"`.
    HexNumber,
    /// A list of these.
    List(&'static Self),
    /// A table from any name to this.
    Map(&'static Self),
    /// `[name, value]`.
    Pair,
    /// A table with these fields.
    Table(&'static [Field]),
    /// A table with one payload source.
    Payload,
    /// Steps.
    Steps,
    /// Alternatives of an expectation.
    Alternatives,
    /// An axis of a matrix.
    Axis,
    /// Anything: values of rows.
    Value,
    /// Any of these.
    Any(&'static [Self]),
}

impl Shape {
    /// In words, behind "takes".
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text | Self::Name | Self::Template => "text".to_owned(),
            Self::Word(words) => listed(words.iter().map(|word| format!("\"{word}\""))),
            Self::Int(min, u64::MAX) => format!("an integer from {min}"),
            Self::Int(min, max) => format!("an integer from {min} to {max}"),
            Self::Length => Self::Int(0, u64::MAX).describe(),
            Self::Signed => "an integer".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Off => "false".to_owned(),
            Self::Hex => "octets as hexadecimal digits".to_owned(),
            Self::HexNumber => "a number as \"0x…\"".to_owned(),
            Self::List(of) => format!("a list of {}", of.describe()),
            Self::Map(of) => format!("a table from names to {}", of.describe()),
            Self::Pair => "a pair [name, value]".to_owned(),
            Self::Table(fields) => {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                format!("a table of {}", names.join(", "))
            }
            Self::Payload => "a payload table".to_owned(),
            Self::Steps => "a list of steps".to_owned(),
            Self::Alternatives => "a list of tables with `expect`".to_owned(),
            Self::Axis => "an axis".to_owned(),
            Self::Value => "a value".to_owned(),
            Self::Any(shapes) => listed(shapes.iter().map(Self::describe)),
        }
    }

    /// Whether the value of `field` has this shape.
    ///
    /// `node` is the value as [`Scope::resolve`] gives it. Tables with a grammar of their own (payloads, steps,
    /// alternatives) are only looked at from outside; their builders see to the rest.
    pub(crate) fn check(&self, field: &str, node: &Node, scope: &Scope<'_>) -> Result<(), Fault> {
        let wrong = || {
            Fault::new(
                &node.span,
                format!("`{field}` takes {}, not {}", self.describe(), node.shown()),
            )
        };
        let holds = match (self, &node.value) {
            (Self::Text, Value::Text(_)) => scope.text(node).map(|_| true)?,
            // A column may hold a number where its text is wanted.
            (Self::Text | Self::Name, Value::Int(_)) => scope.is_column_value(node),
            (Self::Name, Value::Text(_)) => scope.plain(node).map(|_| true)?,
            (Self::List(of), Value::List(list)) if of.is_filled_later() => {
                for item in list {
                    of.check(field, item, scope)?;
                }
                true
            }
            (Self::Word(words), Value::Text(_)) => {
                let text = scope.plain(node)?;
                if !words.contains(&text.as_str()) {
                    let fault = Fault::unknown(
                        &node.span,
                        &format!("value of `{field}`:"),
                        &text,
                        words.iter().copied(),
                    );
                    return Err(fault);
                }
                true
            }
            (Self::Int(min, max), Value::Int(number)) => {
                u64::try_from(*number).is_ok_and(|number| (*min..=*max).contains(&number))
            }
            (Self::Length, Value::Int(number)) => u64::try_from(*number).is_ok(),
            (Self::Length, Value::Text(_)) => {
                matches!(
                    scope.text(node)?.0.as_slice(),
                    [Piece::Var {
                        name: RunVar::Target(_),
                        ..
                    }]
                )
            }
            (Self::Signed, Value::Int(number)) => i64::try_from(*number).is_ok(),
            (Self::Hex, Value::Text(_)) => octets(&scope.plain(node)?).is_some(),
            (Self::HexNumber, Value::Text(_)) => hex_number(&scope.plain(node)?).is_some(),
            (Self::List(of), Value::List(list)) => {
                for item in list {
                    if let Some(item) = scope.resolve(item)? {
                        of.check(field, &item, scope)?;
                    }
                }
                true
            }
            (Self::Map(of), Value::Table(table)) if of.is_filled_later() => {
                for entry in &table.entries {
                    of.check(&format!("{field}.{}", entry.key), &entry.node, scope)?;
                }
                true
            }
            (Self::Map(of), Value::Table(table)) => {
                for entry in &table.entries {
                    if let Some(node) = scope.resolve(&entry.node)? {
                        of.check(&format!("{field}.{}", entry.key), &node, scope)?;
                    }
                }
                true
            }
            (Self::Pair, Value::List(pair)) => {
                for item in pair {
                    if let Some(item) = scope.resolve(item)? {
                        Self::Text.check(field, &item, scope)?;
                    }
                }
                pair.len() == 2
            }
            (Self::Table(fields), Value::Table(table)) => {
                for entry in &table.entries {
                    let Some(known) = fields.iter().find(|known| known.name == entry.key) else {
                        let names = fields.iter().map(|known| known.name);
                        return Err(Fault::unknown(
                            &entry.key_span,
                            &format!("key in `{field}`:"),
                            &entry.key,
                            names,
                        ));
                    };
                    if let Some(node) = scope.resolve(&entry.node)? {
                        known
                            .shape
                            .check(&format!("{field}.{}", entry.key), &node, scope)?;
                    }
                }
                true
            }
            (Self::Payload, Value::Table(_))
            | (Self::Steps | Self::Alternatives, Value::List(_))
            | (Self::Template, Value::Text(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Off, Value::Bool(false))
            | (Self::Axis | Self::Value, _) => true,
            (Self::Any(shapes), _) => return any(shapes, field, node, scope).unwrap_or_else(|| Err(wrong())),
            _ => false,
        };
        if holds { Ok(()) } else { Err(wrong()) }
    }

    /// Whether the templates in such a field are filled in by whoever reads it.
    pub(crate) fn is_filled_later(&self) -> bool {
        match self {
            Self::Template | Self::Axis | Self::Value | Self::Steps => true,
            Self::List(of) | Self::Map(of) => of.is_filled_later(),
            Self::Any(shapes) => shapes.iter().any(Self::is_filled_later),
            _ => false,
        }
    }

    /// Whether a value of this kind can have this shape at all.
    fn suits(&self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::Table(_) | Self::Map(_) | Self::Payload, Value::Table(_))
                | (
                    Self::List(_) | Self::Pair | Self::Steps | Self::Alternatives,
                    Value::List(_)
                )
        )
    }
}

/// The first alternative that holds; of several failures the one about the inside of a list or table.
fn any(shapes: &[Shape], field: &str, node: &Node, scope: &Scope<'_>) -> Option<Result<(), Fault>> {
    let mut inside = None;
    for shape in shapes {
        match shape.check(field, node, scope) {
            Ok(()) => return Some(Ok(())),
            Err(fault) if shape.suits(&node.value) && fault.span != node.span => inside = Some(Err(fault)),
            Err(_) => {}
        }
    }
    inside
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// Octets written as hexadecimal digits; blanks may stand anywhere between octets.
pub(crate) fn octets(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for character in text.chars() {
        match (character.to_digit(16), high.take()) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(first)) => octets.push((first * 16 + digit) as u8),
            (None, None) if character.is_ascii_whitespace() => {}
            (None, _) => return None,
        }
    }
    high.is_none().then_some(octets)
}

/// `0x…`
pub(crate) fn hex_number(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}
