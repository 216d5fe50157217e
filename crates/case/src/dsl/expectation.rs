//! `expect`, `probe` and alternatives in one line.

use std::fmt::Write as _;

use wsanvil_model::Grade;

use super::payload::{payload, quoted};
use super::{flag, list, on, option};
use crate::script::{
    CodeSpec, Condition, EndKind, Expect, FieldTest, HeadTest, Kind, MessageType, Payload, Probe, StatusSpec,
    Then, Times,
};

pub(super) fn expect(expect: &Expect) -> String {
    let mut line = format!("expect {}", condition(&expect.want));
    for other in &expect.or {
        let _ = write!(line, " or {}", condition(&other.want));
        if !other.on.is_empty() {
            let _ = write!(line, " on {}", on(&other.on));
        }
        let _ = write!(line, " ({})", grade(other.grade));
    }
    line
}

pub(super) fn probe(probe: &Probe) -> String {
    let mut line = format!("probe {}", condition(&probe.want));
    for (name, value) in [("seen", probe.seen), ("missed", probe.missed)] {
        option(&mut line, name, (value != Grade::Pass).then(|| grade(value)));
    }
    option(&mut line, "then", (probe.then == Then::End).then_some("end"));
    option(&mut line, "window", probe.window.as_deref());
    line
}

fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Pass => "pass",
        Grade::Note => "note",
        Grade::Nonstrict => "nonstrict",
        Grade::Fail => "fail",
    }
}

fn condition(want: &Condition) -> String {
    let mut line = kind(&want.kind);
    option(&mut line, "within_ms", want.within_ms.as_ref());
    option(&mut line, "late_ms", want.late_ms);
    line
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Echo { times, compressed } => {
            let mut line = "echo".to_owned();
            match times {
                Times::Count(1) => {}
                Times::Count(count) => option(&mut line, "times", Some(count)),
                Times::All => line.push_str(" times=all"),
            }
            option(&mut line, "compressed", compressed.map(u8::from));
            line
        }
        Kind::Message { kind, payload, save } => {
            let word = match kind {
                Some(MessageType::Text) => "text",
                Some(MessageType::Binary) => "binary",
                None => "message",
            };
            octets(word, payload.as_ref(), save.as_deref())
        }
        Kind::Ping { payload, save } => octets("ping", payload.as_ref(), save.as_deref()),
        Kind::Pong { payload, save } => octets("pong", payload.as_ref(), save.as_deref()),
        Kind::Frame {
            opcode,
            fin,
            rsv,
            masked,
            length,
        } => {
            let mut line = "frame".to_owned();
            option(&mut line, "opcode", opcode.map(|opcode| format!("{opcode:#x}")));
            option(&mut line, "fin", fin.map(u8::from));
            option(&mut line, "rsv", *rsv);
            option(&mut line, "masked", masked.map(u8::from));
            option(&mut line, "length", *length);
            line
        }
        Kind::Close { codes, reason } => {
            let mut line = format!("close{}", code_list(codes));
            if let Some(reason) = reason {
                line.push_str(&payload(reason));
            }
            line
        }
        Kind::Fail { codes, strict } => {
            let mut line = format!("fail{}", code_list(codes));
            flag(&mut line, "strict", *strict, false);
            line
        }
        Kind::Eof { how } => match how {
            None => "eof".to_owned(),
            Some(EndKind::Fin) => "eof fin".to_owned(),
            Some(EndKind::Rst) => "eof rst".to_owned(),
            Some(EndKind::Cut) => "eof cut".to_owned(),
        },
        Kind::Secured => "secured".to_owned(),
        Kind::Alert { codes } => format!("alert{}", joined(codes.iter().map(u8::to_string))),
        Kind::Alive => "alive".to_owned(),
        Kind::Nothing => "nothing".to_owned(),
        Kind::Response(test) => format!("response{}", head(test)),
        Kind::Request(test) => format!("request{}", head(test)),
        Kind::Accepted => "accepted".to_owned(),
        Kind::Refused { status } => format!("refused{}", status_list(status)),
    }
}

fn octets(word: &str, wanted: Option<&Payload>, save: Option<&str>) -> String {
    let mut line = word.to_owned();
    if let Some(wanted) = wanted {
        let shown = payload(wanted);
        // An empty payload is a demand here, not the absence of one.
        line.push_str(if shown.is_empty() { " data=\"\"" } else { &shown });
    }
    option(&mut line, "save", save);
    line
}

fn code_list(codes: &[CodeSpec]) -> String {
    joined(codes.iter().map(|code| match code {
        CodeSpec::Code(code) => code.to_string(),
        CodeSpec::None => "none".to_owned(),
    }))
}

fn status_list(status: &[StatusSpec]) -> String {
    joined(status.iter().map(|status| match status {
        StatusSpec::Code(code) => code.to_string(),
        StatusSpec::Class(class) => format!("{class}xx"),
    }))
}

fn joined(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        String::new()
    } else {
        format!(" {}", items.join("|"))
    }
}

fn head(test: &HeadTest) -> String {
    let mut line = status_list(&test.status);
    option(&mut line, "method", test.method.as_ref().map(quoted));
    option(&mut line, "target", test.target.as_ref().map(quoted));
    for (name, test) in &test.has {
        let _ = match test {
            FieldTest::Value(value) => write!(line, " {name}:{}", quoted(value)),
            FieldTest::Present => write!(line, " has={name}"),
            FieldTest::Token(token) => write!(line, " {name}~{}", quoted(token)),
            FieldTest::Any(any) => {
                let any: Vec<String> = any.iter().map(quoted).collect();
                write!(line, " {name}:{}", any.join("|"))
            }
        };
    }
    list(&mut line, "lacks", test.lacks.iter().cloned());
    for (variable, field) in &test.save {
        let _ = write!(line, " save {variable}={field}");
    }
    line
}
