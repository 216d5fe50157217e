//! Payload sources.

use std::fs;
use std::path::{Component, Path};

use bytes::Bytes;

use crate::corpus::{Corpus, Unit};
use crate::error::Fault;
use crate::load::fields::Fields;
use crate::load::grammar::PAYLOAD;
use crate::load::scope::Scope;
use crate::load::shape::octets;
use crate::load::tree::{Node, Table};
use crate::script::{At, Length, Payload, Piece, RandomKind, RunVar, Source};

const SOURCES: &[&str] = &[
    "data", "hex", "fill", "corpus", "random", "bomb", "file", "saved", "parts", "payload",
];

/// A file payload is read whole at load; larger ones are made with `fill`, `corpus` or `random`.
const MAX_FILE: u64 = 64 << 20;

/// Payloads inside payloads.
const MAX_DEPTH: usize = 8;

/// The payload that the fields give; `None` when they give none.
pub(super) fn optional(fields: &Fields<'_>) -> Result<Option<Payload>, Fault> {
    read(fields, 0)
}

/// The payload that the fields give, empty by default.
pub(super) fn payload(fields: &Fields<'_>) -> Result<Payload, Fault> {
    Ok(read(fields, 0)?.unwrap_or(Payload::EMPTY))
}

fn read(fields: &Fields<'_>, depth: usize) -> Result<Option<Payload>, Fault> {
    let mut sources = SOURCES.iter().filter(|source| fields.has(source));
    let times = fields.int32("times");
    let Some(source) = sources.next() else {
        let stray = ["len", "unit", "at", "times"]
            .iter()
            .find(|name| fields.has(name));
        return match stray {
            Some(stray) => Err(
                Fault::new(fields.span(), format!("`{stray}` without a payload source"))
                    .hint(format!("sources: {}", SOURCES.join(", "))),
            ),
            None => Ok(None),
        };
    };
    if let Some(second) = sources.next() {
        return Err(Fault::new(
            fields.span(),
            format!("a payload has one source, here are `{source}` and `{second}`"),
        ));
    }
    belongs(fields, source)?;
    let source = match *source {
        "data" => Source::Text(fields.text("data")?.unwrap_or_default()),
        "hex" => Source::Octets(hex(&fields.plain("hex")?.unwrap_or_default()).into()),
        "fill" => Source::Fill {
            unit: fill_unit(fields)?,
            len: fill_length(fields)?,
        },
        "corpus" => corpus(fields)?,
        "random" => Source::Random {
            kind: match fields.plain("random")?.as_deref() {
                Some("ascii") => RandomKind::Ascii,
                Some("utf8") => RandomKind::Utf8,
                _ => RandomKind::Octets,
            },
            len: length(fields, source)?,
        },
        "bomb" => Source::Bomb {
            len: length(fields, source)?,
        },
        "file" => Source::Octets(file(fields)?),
        "saved" => Source::Saved(fields.plain("saved")?.unwrap_or_default()),
        "parts" => {
            let mut parts = Vec::new();
            for part in fields.items("parts")? {
                parts.push(nested(&part, fields.scope(), depth)?);
            }
            Source::Parts(parts)
        }
        _ => {
            let Some(node) = fields.node("payload") else {
                return Ok(None);
            };
            let inner = nested(node, fields.scope(), depth)?;
            return Ok(Some(match times {
                None => inner,
                Some(times) if inner.times == 1 => Payload { times, ..inner },
                Some(times) => Payload {
                    source: Source::Parts(vec![inner]),
                    times,
                },
            }));
        }
    };
    Ok(Some(Payload {
        source,
        times: times.unwrap_or(1),
    }))
}

fn nested(node: &Node, scope: &Scope<'_>, depth: usize) -> Result<Payload, Fault> {
    if depth >= MAX_DEPTH {
        return Err(Fault::new(&node.span, "payloads are nested too deeply"));
    }
    let nothing = Table::default();
    let table = node.as_table().unwrap_or(&nothing);
    let fields = Fields::read(table, &node.span, &[PAYLOAD], &[], "a payload", scope)?;
    Ok(read(&fields, depth + 1)?.unwrap_or(Payload::EMPTY))
}

/// Fields of another source are a misunderstanding, not decoration.
fn belongs(fields: &Fields<'_>, source: &str) -> Result<(), Fault> {
    let own: &[&str] = match source {
        "corpus" => &["len", "unit", "at"],
        "fill" | "random" | "bomb" => &["len"],
        _ => &[],
    };
    match ["len", "unit", "at"]
        .iter()
        .find(|name| fields.has(name) && !own.contains(name))
    {
        Some(stray) => Err(Fault::new(
            fields.node(stray).map_or(fields.span(), |node| &node.span),
            format!("`{stray}` does not belong to `{source}`"),
        )),
        None => Ok(()),
    }
}

fn length(fields: &Fields<'_>, source: &str) -> Result<u64, Fault> {
    fields
        .int("len")
        .ok_or_else(|| Fault::new(fields.span(), format!("`{source}` needs `len`")))
}

/// A fill may be as long as the configuration of the target says.
fn fill_length(fields: &Fields<'_>) -> Result<Length, Fault> {
    match fields.text("len") {
        Ok(Some(text)) if fields.int("len").is_none() => match text.0.as_slice() {
            [
                Piece::Var {
                    name: RunVar::Target(name),
                    add,
                },
            ] => Ok(Length::Declared {
                name: name.clone(),
                add: *add,
            }),
            _ => Err(Fault::new(
                fields.node("len").map_or(fields.span(), |node| &node.span),
                "`len` takes an integer or `{target.NAME}`",
            )),
        },
        _ => length(fields, "fill").map(Length::Fixed),
    }
}

fn fill_unit(fields: &Fields<'_>) -> Result<Bytes, Fault> {
    let text = fields.plain("fill")?.unwrap_or_default();
    let wrong = |message: &str| {
        Fault::new(
            fields.node("fill").map_or(fields.span(), |node| &node.span),
            message.to_owned(),
        )
    };
    let unit: Bytes = match text.strip_prefix("hex:") {
        Some(digits) => octets(digits)
            .ok_or_else(|| wrong("`fill` takes hexadecimal digits behind `hex:`"))?
            .into(),
        None => text.into_bytes().into(),
    };
    if unit.is_empty() {
        return Err(wrong("`fill` cannot repeat nothing"));
    }
    Ok(unit)
}

fn corpus(fields: &Fields<'_>) -> Result<Source, Fault> {
    let name = fields.plain("corpus")?.unwrap_or_default();
    let corpus = Corpus::from_name(&name).ok_or_else(|| {
        Fault::unknown(
            fields.span(),
            "corpus",
            &name,
            Corpus::ALL.iter().map(|corpus| corpus.name()),
        )
    })?;
    Ok(Source::Corpus {
        corpus,
        unit: match fields.plain("unit")?.as_deref() {
            Some("char") => Unit::Char,
            _ => Unit::Octet,
        },
        at: match fields.node("at") {
            Some(node) if node.as_text().is_some() => At::Next,
            _ => At::Fixed(fields.int("at").unwrap_or(0)),
        },
        len: length(fields, "corpus")?,
    })
}

fn file(fields: &Fields<'_>) -> Result<Bytes, Fault> {
    let name = fields.plain("file")?.unwrap_or_default();
    let span = fields.node("file").map_or(fields.span(), |node| &node.span);
    let folder = fields
        .scope()
        .folder
        .ok_or_else(|| Fault::new(span, "`file` works only in case files of a folder (`--cases`)"))?;
    let inside = Path::new(&name)
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if !inside || name.is_empty() {
        return Err(Fault::new(span, format!("`{name}` is not beside the case file")));
    }
    let path = folder.join(&name);
    let wrong = |error: &dyn std::fmt::Display| Fault::new(span, format!("cannot read `{name}`: {error}"));
    let size = fs::metadata(&path).map_err(|error| wrong(&error))?.len();
    if size > MAX_FILE {
        return Err(wrong(&format!("more than {} MiB", MAX_FILE >> 20)));
    }
    fs::read(&path).map(Bytes::from).map_err(|error| wrong(&error))
}

fn hex(digits: &str) -> Vec<u8> {
    // The shape of the field has refused everything else.
    octets(digits).unwrap_or_default()
}

/// The octets of a payload that holds nothing from run time; for lists of the Autobahn judge.
pub(crate) fn literal_octets(node: &Node, apart: &[&str], scope: &Scope<'_>) -> Result<Bytes, Fault> {
    let nothing = Table::default();
    let table = node.as_table().unwrap_or(&nothing);
    let fields = Fields::read(table, &node.span, &[PAYLOAD], apart, "an event", scope)?;
    let payload = payload(&fields)?;
    octets_of(&payload).ok_or_else(|| {
        Fault::new(&node.span, "an event of a list needs octets known at load")
            .hint("sources: data, hex, fill, corpus")
    })
}

fn octets_of(payload: &Payload) -> Option<Bytes> {
    let once: Bytes = match &payload.source {
        Source::Empty => Bytes::new(),
        Source::Text(text) => Bytes::copy_from_slice(text.as_literal()?.as_bytes()),
        Source::Octets(octets) => octets.clone(),
        Source::Fill {
            unit,
            len: Length::Fixed(len),
        } if *len <= MAX_FILE => unit.iter().copied().cycle().take(*len as usize).collect(),
        Source::Corpus {
            corpus,
            unit,
            at: At::Fixed(at),
            len,
        } if *len <= MAX_FILE => corpus.slice(*unit, *at, *len),
        _ => return None,
    };
    match payload.times {
        1 => Some(once),
        times if once.len() as u64 * u64::from(times) <= MAX_FILE => Some(once.repeat(times as usize).into()),
        _ => None,
    }
}
