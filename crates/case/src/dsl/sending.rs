//! `send` in one line.

use std::fmt::Write as _;

use wsanvil_wire::frame::LengthForm;

use super::payload::{payload, quoted};
use super::{edit, flag, option, until_word};
use crate::script::{
    AcceptForm, Blocked, Chunk, Compress, EmptyFinal, Fragmentation, FrameSend, Keys, RequestSend,
    ResponseSend, Send, SendWhat, Strategy, Write,
};

pub(super) fn send(send: &Send) -> String {
    let mut line = match &send.what {
        SendWhat::Frames(frames) => frame(frames),
        SendWhat::More(more) => format!("send more{}", payload(more)),
        SendWhat::Raw(raw) => format!("send raw{}", payload(raw)),
        SendWhat::Request(head) => request(head),
        SendWhat::Response(head) => response(head),
    };
    write(&mut line, &send.write);
    line
}

fn frame(frame: &FrameSend) -> String {
    let kind = match (frame.opcode, frame.closing) {
        (0x8, true) => "close",
        (0x0, _) => "continuation",
        (0x1, _) => "text",
        (0x2, _) => "binary",
        (0x9, _) => "ping",
        (0xA, _) => "pong",
        _ => "frame",
    };
    let mut line = format!("send {kind}");
    if kind == "frame" {
        let _ = write!(line, " opcode={:#x}", frame.opcode);
    }
    if let Some(code) = frame.code {
        let _ = write!(line, " {code}");
    }
    flag(&mut line, "fin", frame.fin, true);
    option(&mut line, "rsv", (frame.rsv != 0).then_some(frame.rsv));
    option(&mut line, "mask", frame.mask.map(u8::from));
    if let Keys::List(keys) = &frame.keys {
        let keys: Vec<String> = keys
            .iter()
            .map(|key| format!("{:08x}", u32::from_be_bytes(*key)))
            .collect();
        let _ = write!(line, " key={}", keys.join(","));
    }
    option(
        &mut line,
        "length",
        frame.length.map(|form| match form {
            LengthForm::Bits7 => 7,
            LengthForm::Bits16 => 16,
            LengthForm::Bits64 => 64,
        }),
    );
    option(&mut line, "declare", frame.declare);
    if let Some(own) = &frame.compress {
        compress(&mut line, own);
    }
    match &frame.fragment {
        None => {}
        Some(Fragmentation::Octets(octets)) => option(&mut line, "fragment", Some(octets)),
        Some(Fragmentation::Count(count)) => option(&mut line, "fragments", Some(count)),
        Some(Fragmentation::Sizes(sizes)) => {
            let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
            let _ = write!(line, " fragments={}", sizes.join(","));
        }
    }
    match frame.empty_final {
        EmptyFinal::Never => {}
        EmptyFinal::Always => line.push_str(" empty_final=1"),
        EmptyFinal::Divides => line.push_str(" empty_final=divides"),
    }
    flag(&mut line, "echo", frame.echo, true);
    line.push_str(&payload(&frame.payload));
    line
}

fn compress(line: &mut String, compress: &Compress) {
    line.push_str(" compress");
    option(line, "level", compress.level);
    match compress.strategy {
        Strategy::Default => {}
        Strategy::Stored => line.push_str(" strategy=stored"),
        Strategy::Fixed => line.push_str(" strategy=fixed"),
    }
    option(line, "takeover", compress.takeover.map(u8::from));
    option(line, "window", compress.window);
    flag(line, "bfinal", compress.bfinal, false);
    option(line, "flush_every", compress.flush_every);
    flag(line, "keep_tail", compress.keep_tail, false);
}

fn request(head: &RequestSend) -> String {
    let mut line = "send request".to_owned();
    option(&mut line, "method", head.method.as_ref().map(quoted));
    option(&mut line, "target", head.target.as_ref().map(quoted));
    option(&mut line, "version", head.version.as_ref().map(quoted));
    edit(&mut line, &head.edit);
    ending(&mut line, &head.eol, head.end);
    option(&mut line, "body", head.body.as_ref().map(quoted));
    line
}

fn response(head: &ResponseSend) -> String {
    let mut line = format!("send response {}", head.status);
    option(&mut line, "reason", head.reason.as_ref().map(quoted));
    option(&mut line, "version", head.version.as_ref().map(quoted));
    match head.accept {
        AcceptForm::Right => {}
        AcceptForm::Absent => line.push_str(" accept=absent"),
        AcceptForm::SwapCase => line.push_str(" accept=swap-case"),
        AcceptForm::Unpadded => line.push_str(" accept=unpadded"),
        AcceptForm::OtherKey => line.push_str(" accept=other-key"),
        AcceptForm::Trailing => line.push_str(" accept=trailing"),
    }
    option(&mut line, "subprotocol", head.subprotocol.as_ref().map(quoted));
    edit(&mut line, &head.edit);
    ending(&mut line, &head.eol, head.end);
    option(&mut line, "body", head.body.as_ref().map(quoted));
    line
}

fn ending(line: &mut String, eol: &str, end: bool) {
    if eol != "\r\n" {
        let _ = write!(line, " eol={eol:?}");
    }
    flag(line, "end", end, true);
}

fn write(line: &mut String, write: &Write) {
    match write.chunk {
        Chunk::Step => {}
        Chunk::Frame => line.push_str(" chunk=frame"),
        Chunk::Octets(octets) => option(line, "chunk", Some(octets)),
    }
    if !write.cut.is_empty() {
        let cut: Vec<String> = write.cut.iter().map(i64::to_string).collect();
        option(line, "cut", Some(cut.join(",")));
    }
    option(line, "gap_ms", (write.gap_ms != 0).then_some(write.gap_ms));
    flag(line, "join", write.join, false);
    option(line, "until", write.until.map(until_word));
    if write.blocked == Blocked::Ok {
        line.push_str(" blocked=ok");
    }
}
