//! Steps in one line each, for reports and `explain`: `send text fin=0 hex=48 69`, `expect fail 1002`.
//!
//! Only what differs from the defaults is shown. The notation is for reading; it is never parsed.

mod expectation;
mod payload;
mod sending;

use std::fmt::Write as _;

use crate::script::{
    Action, DropHow, HeadEdit, Open, OpenHow, OpenMissed, OpenTls, Read, ServerName, Step, Text, TlsVersion,
    Until,
};

pub(crate) use payload::text;

/// The step in one line, without its note.
pub fn dsl(step: &Step) -> String {
    let mut line = match &step.action {
        Action::Open(step) => open(step),
        Action::Send(step) => sending::send(step),
        Action::Expect(step) => expectation::expect(step),
        Action::Probe(step) => expectation::probe(step),
        Action::Wait(span) => format!("wait {span} ms"),
        Action::Close(step) => {
            let code = step.code.map_or("empty".to_owned(), |code| code.to_string());
            let mut line = format!("close {code}");
            option(&mut line, "reason", step.reason.as_ref().map(payload::quoted));
            line
        }
        Action::Drop(how) => format!("drop {}", drop_word(*how)),
        Action::Read(step) => read(*step),
        Action::Repeat(step) => {
            let mut line = format!("repeat {}", step.count);
            option(&mut line, "var", step.var.as_deref());
            option(&mut line, "until", step.until.map(until_word));
            let body: Vec<String> = step.steps.iter().map(dsl).collect();
            let _ = write!(line, " {{ {} }}", body.join("; "));
            line
        }
    };
    let on: Vec<String> = step.on.iter().map(text).collect();
    if on != ["main"] {
        let _ = write!(line, " on {}", on.join("+"));
    }
    line
}

/// Adds ` name=value` when there is a value.
fn option(line: &mut String, name: &str, value: Option<impl std::fmt::Display>) {
    if let Some(value) = value {
        let _ = write!(line, " {name}={value}");
    }
}

/// Adds ` name=0` or ` name=1` when the flag differs from its default.
fn flag(line: &mut String, name: &str, value: bool, default: bool) {
    if value != default {
        let _ = write!(line, " {name}={}", u8::from(value));
    }
}

fn open(open: &Open) -> String {
    let mut line = match open.how {
        OpenHow::Ws => "open ws".to_owned(),
        OpenHow::Tcp => "open tcp".to_owned(),
    };
    option(&mut line, "count", open.count);
    option(&mut line, "path", open.path.as_ref().map(payload::quoted));
    edit(&mut line, &open.edit);
    if let Some(choice) = &open.tls {
        tls(&mut line, choice);
    }
    option(&mut line, "recv_buffer", open.recv_buffer);
    option(&mut line, "send_buffer", open.send_buffer);
    flag(&mut line, "auto_pong", open.auto_pong, true);
    flag(&mut line, "auto_close", open.auto_close, true);
    option(&mut line, "within_ms", open.within_ms);
    flag(&mut line, "takeover", open.takeover, false);
    option(&mut line, "window_bits", open.window_bits);
    match open.missed {
        OpenMissed::Fail => {}
        OpenMissed::End => line.push_str(" missed=end"),
        OpenMissed::Continue => line.push_str(" missed=continue"),
    }
    line
}

fn tls(line: &mut String, tls: &OpenTls) {
    let OpenTls::Hello { sni, alpn, min, max } = tls else {
        line.push_str(" tls=0");
        return;
    };
    match sni {
        ServerName::Target => {}
        ServerName::Absent => line.push_str(" sni=0"),
        ServerName::Other(name) => option(line, "sni", Some(payload::quoted(name))),
    }
    match alpn {
        None => {}
        Some(protocols) if protocols.is_empty() => line.push_str(" alpn=0"),
        Some(protocols) => list(line, "alpn", protocols.iter().map(payload::quoted)),
    }
    let only = |version: TlsVersion| match version {
        TlsVersion::V1_2 => "1.2",
        TlsVersion::V1_3 => "1.3",
    };
    if min == max {
        option(line, "tls", Some(only(*min)));
    }
}

fn edit(line: &mut String, edit: &HeadEdit) {
    option(line, "origin", edit.origin.as_ref().map(payload::quoted));
    list(line, "subprotocols", edit.subprotocols.iter().map(text));
    option(line, "deflate", edit.deflate.as_ref().map(payload::quoted));
    list(line, "answer", edit.answer.iter().map(payload::quoted));
    for (name, value) in &edit.set {
        let _ = write!(line, " {name}:={}", payload::quoted(value));
    }
    list(line, "remove", edit.remove.iter().cloned());
    for (name, value) in &edit.add {
        let _ = write!(line, " +{name}:{}", payload::quoted(value));
    }
    list(line, "order", edit.order.iter().cloned());
    if let Some(lines) = &edit.lines {
        list(line, "lines", lines.iter().map(payload::quoted));
    }
}

fn list(line: &mut String, name: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if !items.is_empty() {
        let _ = write!(line, " {name}={}", items.join(","));
    }
}

fn read(read: Read) -> String {
    match read {
        Read::Stop => "read stop".to_owned(),
        Read::Start => "read start".to_owned(),
        Read::Slow {
            octets,
            every_ms,
            for_ms,
        } => format!("read slow octets={octets} every_ms={every_ms} for_ms={for_ms}"),
    }
}

fn drop_word(how: DropHow) -> &'static str {
    match how {
        DropHow::Fin => "fin",
        DropHow::Half => "half",
        DropHow::Rst => "rst",
        DropHow::Cut => "cut",
    }
}

fn until_word(until: Until) -> &'static str {
    match until {
        Until::Blocked => "blocked",
        Until::End => "end",
        Until::Answer => "answer",
    }
}

/// Literal text as it is, anything else with its names in braces.
fn on(names: &[Text]) -> String {
    let names: Vec<String> = names.iter().map(text).collect();
    names.join("+")
}
