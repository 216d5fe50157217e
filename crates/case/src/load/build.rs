//! From checked fields to the typed script.

mod expect;
mod head;
mod open;
mod payload;
mod send;

pub(crate) use payload::literal_octets;

use super::fields::Fields;
use super::grammar::{Argument, Kind, STEP, VERBS, Verb};
use super::scope::{Scope, filled};
use super::tree::{Entry, Node, Table};
use crate::error::Fault;
use crate::script::{Action, CloseStep, DropHow, Read, Repeat, Span, Step, Text, Until};

/// Loops in loops in loops are enough; deeper nesting is a mistake.
const MAX_NESTING: usize = 8;

/// Builds steps. Steps are independent of each other, so every one that is wrong gives a fault.
pub(crate) struct Builder<'f> {
    /// Offsets where lines begin.
    pub(crate) lines: &'f super::lines::Lines,
    pub(crate) faults: Vec<Fault>,
}

impl Builder<'_> {
    /// The steps of a list; those with a fault are left out.
    pub(crate) fn steps(&mut self, list: &Node, scope: &Scope<'_>) -> Vec<Step> {
        let items = list.as_list().unwrap_or_default();
        let mut steps = Vec::with_capacity(items.len());
        for item in items {
            match self.step(item, scope) {
                Ok(step) => steps.push(step),
                Err(fault) => self.faults.push(fault),
            }
        }
        steps
    }

    fn step(&mut self, node: &Node, scope: &Scope<'_>) -> Result<Step, Fault> {
        let table = node
            .as_table()
            .ok_or_else(|| Fault::new(&node.span, format!("a step is a table, not {}", node.shown())))?;
        let (verb, entry) = verb_of(table, node)?;
        let argument = scope.resolve(&entry.node)?.ok_or_else(|| {
            Fault::new(
                &entry.node.span,
                format!("this row has no value for `{}`", verb.name),
            )
        })?;
        let (fields, kind) = match &verb.argument {
            Argument::Kind(kinds) => {
                let kind = kind_of(verb.name, kinds, &argument, scope)?;
                let mut grammar = vec![STEP, verb.fields];
                grammar.extend(kind.fields);
                let what = format!("`{} = \"{}\"`", verb.name, kind.name);
                not_supported(table, verb)?;
                let fields = Fields::read(table, &node.span, &grammar, &[verb.name], &what, scope)?;
                fields.require(kind.required, &what)?;
                (fields, kind.name)
            }
            Argument::Value(shape) => {
                shape.check(verb.name, &argument, scope)?;
                let what = format!("`{}`", verb.name);
                let fields = Fields::read(
                    table,
                    &node.span,
                    &[STEP, verb.fields],
                    &[verb.name],
                    &what,
                    scope,
                )?;
                (fields, "")
            }
        };
        let action = match verb.name {
            "open" => Action::Open(Box::new(open::open(&fields, kind)?)),
            "send" => Action::Send(Box::new(send::send(&fields, kind)?)),
            "expect" => Action::Expect(Box::new(expect::expect(&fields, kind)?)),
            "probe" => Action::Probe(Box::new(expect::probe(&fields, kind)?)),
            "wait" => Action::Wait(span(&argument)?),
            "close" => Action::Close(CloseStep {
                code: argument.as_int().and_then(|code| u16::try_from(code).ok()),
                reason: fields.text("reason")?,
            }),
            "drop" => Action::Drop(match scope.plain(&argument)?.as_str() {
                "half" => DropHow::Half,
                "rst" => DropHow::Rst,
                "cut" => DropHow::Cut,
                _ => DropHow::Fin,
            }),
            "read" => Action::Read(match kind {
                "stop" => Read::Stop,
                "start" => Read::Start,
                _ => Read::Slow {
                    octets: fields.int32("octets").unwrap_or_default(),
                    every_ms: fields.int("every_ms").unwrap_or_default(),
                    for_ms: fields.int("for_ms").unwrap_or_default(),
                },
            }),
            _ => Action::Repeat(Box::new(self.repeat(&fields, &argument)?)),
        };
        Ok(Step {
            on: on(&fields)?,
            note: note(&fields)?,
            line: self.lines.line(node.span.start),
            action,
        })
    }

    fn repeat(&mut self, fields: &Fields<'_>, count: &Node) -> Result<Repeat, Fault> {
        let body = fields
            .node("steps")
            .ok_or_else(|| Fault::new(fields.span(), "`repeat` needs `steps`"))?;
        let var = fields.plain("var")?;
        let scope = fields.scope().inside_loop(var.as_deref().or(Some("")));
        if scope.loops.len() > MAX_NESTING {
            return Err(Fault::new(
                fields.span(),
                format!("loops are nested deeper than {MAX_NESTING}"),
            ));
        }
        Ok(Repeat {
            count: u32::try_from(number(count)).unwrap_or(u32::MAX),
            var,
            until: until(fields)?,
            steps: self.steps(body, &scope),
        })
    }
}

fn number(node: &Node) -> u64 {
    node.as_int()
        .and_then(|number| u64::try_from(number).ok())
        .unwrap_or_default()
}

/// A length of time.
fn span(node: &Node) -> Result<Span, Fault> {
    let Some(table) = node.as_table() else {
        return Ok(Span::Ms(number(node)));
    };
    let Some(name) = table.get("declared").and_then(Node::as_text) else {
        return Err(Fault::new(&node.span, "a length of time needs `declared`"));
    };
    let percent = table.get("percent").map_or(100, number);
    Ok(Span::Declared {
        name: name.to_owned(),
        percent: u32::try_from(percent).unwrap_or(u32::MAX),
        plus: table.get("plus").map_or(0, number),
    })
}

/// The verb of a step: the one key that is a verb.
pub(crate) fn verb_of<'t>(table: &'t Table, node: &Node) -> Result<(&'static Verb, &'t Entry), Fault> {
    // `close` is a verb, and nothing else; `expect` inside `or` never comes here.
    let mut verbs = table
        .entries
        .iter()
        .filter_map(|entry| Verb::find(&entry.key).map(|verb| (verb, entry)));
    let Some(first) = verbs.next() else {
        let names = VERBS.iter().map(|verb| verb.name);
        return Err(match table.entries.first() {
            Some(entry) => Fault::unknown(&entry.key_span, "verb", &entry.key, names),
            None => Fault::new(&node.span, "a step without a verb"),
        });
    };
    match verbs.next() {
        Some((second, entry)) => Err(Fault::new(
            &entry.key_span,
            format!(
                "a step has one verb, here are `{}` and `{}`",
                first.0.name, second.name
            ),
        )),
        None => Ok(first),
    }
}

/// The kind behind a verb.
fn kind_of(
    verb: &str,
    kinds: &'static [Kind],
    argument: &Node,
    scope: &Scope<'_>,
) -> Result<&'static Kind, Fault> {
    if argument.as_text().is_none() {
        return Err(Fault::new(
            &argument.span,
            format!("`{verb}` takes a kind, not {}", argument.shown()),
        ));
    }
    let name = scope.plain(argument)?;
    let Some(kind) = kinds.iter().find(|kind| kind.name == name) else {
        let names = kinds.iter().filter(|kind| kind.supported).map(|kind| kind.name);
        return Err(Fault::unknown(
            &argument.span,
            &format!("kind of `{verb}`:"),
            &name,
            names,
        ));
    };
    if !kind.supported {
        return Err(Fault::new(
            &argument.span,
            format!("`{verb} = \"{name}\"` is not supported by this version"),
        ));
    }
    Ok(kind)
}

/// Fields that the format has and this version cannot run.
fn not_supported(table: &Table, verb: &Verb) -> Result<(), Fault> {
    let later: &[&str] = match verb.name {
        "open" => &["via", "settings", "window"],
        "expect" | "probe" => &["frames"],
        _ => &[],
    };
    match table
        .entries
        .iter()
        .find(|entry| later.contains(&entry.key.as_str()))
    {
        Some(entry) => Err(Fault::new(
            &entry.key_span,
            format!(
                "`{}` of `{}` is not supported by this version",
                entry.key, verb.name
            ),
        )),
        None => Ok(()),
    }
}

fn on(fields: &Fields<'_>) -> Result<Vec<Text>, Fault> {
    let on = fields.texts("on")?;
    Ok(if on.is_empty() {
        vec![Text::literal("main")]
    } else {
        on
    })
}

fn note(fields: &Fields<'_>) -> Result<Option<String>, Fault> {
    match fields.node("note") {
        Some(node) => filled(fields.scope(), node),
        None => Ok(None),
    }
}

fn until(fields: &Fields<'_>) -> Result<Option<Until>, Fault> {
    Ok(fields.plain("until")?.map(|word| match word.as_str() {
        "blocked" => Until::Blocked,
        "end" => Until::End,
        _ => Until::Answer,
    }))
}
