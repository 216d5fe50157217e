//! `open`.

use super::head;
use crate::error::Fault;
use crate::load::fields::Fields;
use crate::script::{Open, OpenHow, OpenMissed};

pub(super) fn open(fields: &Fields<'_>, kind: &str) -> Result<Open, Fault> {
    Ok(Open {
        how: if kind == "tcp" { OpenHow::Tcp } else { OpenHow::Ws },
        path: fields.text("path")?,
        edit: head::edit(fields)?,
        count: fields.int32("count"),
        recv_buffer: fields.int32("recv_buffer"),
        send_buffer: fields.int32("send_buffer"),
        auto_pong: fields.flag("auto_pong").unwrap_or(true),
        auto_close: fields.flag("auto_close").unwrap_or(true),
        within_ms: fields.int("within_ms"),
        takeover: fields.flag("takeover").unwrap_or(false),
        window_bits: fields.int("window_bits").and_then(|bits| u8::try_from(bits).ok()),
        missed: match fields.plain("missed")?.as_deref() {
            Some("end") => OpenMissed::End,
            Some("continue") => OpenMissed::Continue,
            _ => OpenMissed::Fail,
        },
    })
}
