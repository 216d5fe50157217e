//! Payloads and run-time text in one line.

use std::fmt::Write as _;

use crate::corpus::Unit;
use crate::script::{At, Payload, Piece, RandomKind, RunVar, Source, Text};

/// Octets shown of a literal payload.
const SHOWN: usize = 32;

/// The text with its run-time names in braces.
pub(crate) fn text(text: &Text) -> String {
    let mut shown = String::new();
    for piece in &text.0 {
        match piece {
            Piece::Lit(literal) => shown.push_str(literal),
            Piece::Var { name, add: 0 } => {
                let _ = write!(shown, "{{{}}}", name_of(name));
            }
            Piece::Var { name, add } => {
                let _ = write!(shown, "{{{}{add:+}}}", name_of(name));
            }
        }
    }
    shown
}

fn name_of(name: &RunVar) -> String {
    match name {
        RunVar::Host => "host".to_owned(),
        RunVar::Path => "path".to_owned(),
        RunVar::Scheme => "scheme".to_owned(),
        RunVar::Key => "key".to_owned(),
        RunVar::Accept => "accept".to_owned(),
        RunVar::Conn => "conn".to_owned(),
        RunVar::Target(name) => format!("target.{name}"),
        RunVar::Loop(name) | RunVar::Saved(name) => name.clone(),
    }
}

/// The text in quotes, control characters escaped, cut when long.
pub(super) fn quoted(value: &Text) -> String {
    let shown = text(value);
    if shown.chars().count() > 2 * SHOWN {
        let head: String = shown.chars().take(2 * SHOWN).collect();
        return format!("{head:?}..({} octets)", shown.len());
    }
    format!("{shown:?}")
}

/// ` data="…"` and the like; nothing for an empty payload.
pub(super) fn payload(payload: &Payload) -> String {
    let source = source(&payload.source);
    match payload.times {
        1 if source.is_empty() => source,
        1 => format!(" {source}"),
        times => format!(" {source} times={times}"),
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Empty => String::new(),
        Source::Text(text) => format!("data={}", quoted(text)),
        Source::Octets(octets) => format!("hex={}", hex(octets)),
        Source::Fill { unit, len } => format!("fill={} len={len}", hex_or_text(unit)),
        Source::Corpus {
            corpus,
            unit,
            at,
            len,
        } => {
            let mut shown = format!("corpus={} len={len}", corpus.name());
            if *unit == Unit::Char {
                shown.push_str(" unit=char");
            }
            match at {
                At::Fixed(0) => {}
                At::Fixed(at) => {
                    let _ = write!(shown, " at={at}");
                }
                At::Next => shown.push_str(" at=next"),
            }
            shown
        }
        Source::Random { kind, len } => {
            let kind = match kind {
                RandomKind::Octets => "octets",
                RandomKind::Ascii => "ascii",
                RandomKind::Utf8 => "utf8",
            };
            format!("random={kind} len={len}")
        }
        Source::Bomb { len } => format!("bomb=zeros len={len}"),
        Source::Saved(name) => format!("saved={name}"),
        Source::Parts(parts) => {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| payload(part).trim_start().to_owned())
                .collect();
            format!("parts=[{}]", parts.join(" | "))
        }
    }
}

fn hex_or_text(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) if text.chars().all(|character| !character.is_control()) => format!("{text:?}"),
        _ => format!("hex:{}", hex(octets)),
    }
}

fn hex(octets: &[u8]) -> String {
    let shown: Vec<String> = octets
        .iter()
        .take(SHOWN)
        .map(|octet| format!("{octet:02x}"))
        .collect();
    let shown = shown.join(" ");
    if octets.len() > SHOWN {
        format!("{shown}..({} octets)", octets.len())
    } else {
        shown
    }
}
