//! `send`.

use wsanvil_wire::frame::LengthForm;

use super::{head, payload, until};
use crate::error::Fault;
use crate::load::fields::Fields;
use crate::load::shape::{hex_number, octets};
use crate::load::tree::{Node, Value};
use crate::script::{
    Blocked, Chunk, Compress, EmptyFinal, Fragmentation, FrameSend, Keys, Send, SendWhat, Strategy, Write,
};

pub(super) fn send(fields: &Fields<'_>, kind: &str) -> Result<Send, Fault> {
    let what = match kind {
        "request" => SendWhat::Request(Box::new(head::request(fields)?)),
        "response" => SendWhat::Response(Box::new(head::response(fields)?)),
        "raw" => SendWhat::Raw(payload::payload(fields)?),
        "more" => SendWhat::More(payload::payload(fields)?),
        _ => SendWhat::Frames(Box::new(frames(fields, kind)?)),
    };
    Ok(Send {
        what,
        write: write(fields)?,
    })
}

fn frames(fields: &Fields<'_>, kind: &str) -> Result<FrameSend, Fault> {
    let opcode = match kind {
        "continuation" => 0x0,
        "text" => 0x1,
        "binary" => 0x2,
        "close" => 0x8,
        "ping" => 0x9,
        "pong" => 0xA,
        _ => fields.int8("opcode").unwrap_or_default(),
    };
    Ok(FrameSend {
        opcode,
        closing: kind == "close",
        code: fields.int16("code"),
        payload: payload::payload(fields)?,
        fin: fields.flag("fin").unwrap_or(true),
        rsv: fields.int8("rsv").unwrap_or(0),
        mask: fields.flag("mask"),
        keys: keys(fields)?,
        length: length(fields)?,
        declare: match fields.node("declare") {
            Some(node) if node.as_text().is_some() => hex_number(&fields.scope().plain(node)?),
            _ => fields.int("declare"),
        },
        compress: compress(fields)?,
        fragment: fragmentation(fields)?,
        empty_final: match fields.node("empty_final").map(|node| &node.value) {
            Some(Value::Bool(true)) => EmptyFinal::Always,
            Some(Value::Text(_)) => EmptyFinal::Divides,
            _ => EmptyFinal::Never,
        },
        echo: fields.flag("echo").unwrap_or(true),
    })
}

fn keys(fields: &Fields<'_>) -> Result<Keys, Fault> {
    let mut keys = Vec::new();
    for node in fields.items("key")? {
        let digits = fields.scope().plain(&node)?;
        if digits == "random" {
            return Ok(Keys::Random);
        }
        let key = octets(&digits).and_then(|octets| <[u8; 4]>::try_from(octets).ok());
        keys.push(key.ok_or_else(|| {
            Fault::new(
                &node.span,
                format!("a masking key has 8 hexadecimal digits, not {}", node.shown()),
            )
        })?);
    }
    Ok(if keys.is_empty() {
        Keys::Random
    } else {
        Keys::List(keys)
    })
}

fn length(fields: &Fields<'_>) -> Result<Option<LengthForm>, Fault> {
    let Some(node) = fields.node("length") else {
        return Ok(None);
    };
    match node.label().as_str() {
        "min" => Ok(None),
        "7" => Ok(Some(LengthForm::Bits7)),
        "16" => Ok(Some(LengthForm::Bits16)),
        "64" => Ok(Some(LengthForm::Bits64)),
        _ => Err(Fault::new(
            &node.span,
            format!("`length` takes \"min\", 7, 16 or 64, not {}", node.shown()),
        )),
    }
}

fn compress(fields: &Fields<'_>) -> Result<Option<Compress>, Fault> {
    match fields.node("compress").map(|node| &node.value) {
        None | Some(Value::Bool(false)) => return Ok(None),
        Some(_) => {}
    }
    let mut compress = Compress::default();
    for (name, node) in fields.inner("compress")? {
        let number = node.as_int().and_then(|number| u64::try_from(number).ok());
        match name {
            "level" => compress.level = number.map(|number| number as u32),
            "strategy" => {
                compress.strategy = match fields.scope().plain(&node)?.as_str() {
                    "stored" => Strategy::Stored,
                    "fixed" => Strategy::Fixed,
                    _ => Strategy::Default,
                }
            }
            "takeover" => compress.takeover = node.as_bool(),
            "window" => compress.window = number.map(|number| number as u8),
            "bfinal" => compress.bfinal = node.as_bool().unwrap_or(false),
            "flush_every" => compress.flush_every = number,
            _ => compress.keep_tail = node.as_bool().unwrap_or(false),
        }
    }
    Ok(Some(compress))
}

fn fragmentation(fields: &Fields<'_>) -> Result<Option<Fragmentation>, Fault> {
    let octets = fields.int("fragment").map(Fragmentation::Octets);
    let Some(node) = fields.node("fragments") else {
        return Ok(octets);
    };
    if octets.is_some() {
        return Err(Fault::new(
            &node.span,
            "`fragment` (octets per frame) and `fragments` (sizes or count) exclude each other",
        ));
    }
    if let Some(count) = fields.int32("fragments") {
        return Ok(Some(Fragmentation::Count(count)));
    }
    let sizes = fields.items("fragments")?;
    Ok(Some(Fragmentation::Sizes(
        sizes
            .iter()
            .filter_map(|size| size.as_int().and_then(|size| u64::try_from(size).ok()))
            .collect(),
    )))
}

fn write(fields: &Fields<'_>) -> Result<Write, Fault> {
    let offset = |node: &Node| node.as_int().and_then(|offset| i64::try_from(offset).ok());
    Ok(Write {
        chunk: match fields.int32("chunk") {
            Some(octets) => Chunk::Octets(octets),
            None if fields.plain("chunk")?.as_deref() == Some("frame") => Chunk::Frame,
            None => Chunk::Step,
        },
        cut: fields
            .items("cut")?
            .iter()
            .filter_map(|node| offset(node))
            .collect(),
        gap_ms: fields.int("gap_ms").unwrap_or(0),
        join: fields.flag("join").unwrap_or(false),
        until: until(fields)?,
        blocked: match fields.plain("blocked")?.as_deref() {
            Some("ok") => Blocked::Ok,
            _ => Blocked::Fail,
        },
    })
}
