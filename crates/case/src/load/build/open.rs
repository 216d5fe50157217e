//! `open`.

use super::head;
use crate::error::Fault;
use crate::load::fields::Fields;
use crate::load::tree::Node;
use crate::script::{Open, OpenHow, OpenMissed, OpenTls, ServerName, TlsVersion};

pub(super) fn open(fields: &Fields<'_>, kind: &str) -> Result<Open, Fault> {
    Ok(Open {
        how: if kind == "tcp" { OpenHow::Tcp } else { OpenHow::Ws },
        path: fields.text("path")?,
        edit: head::edit(fields)?,
        count: fields.int32("count"),
        tls: fields.node("tls").map(|node| tls(fields, node)).transpose()?,
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

/// `tls = false` or a table.
fn tls(fields: &Fields<'_>, node: &Node) -> Result<OpenTls, Fault> {
    let Some(table) = node.as_table() else {
        return Ok(OpenTls::Off);
    };
    let scope = fields.scope();
    let (mut sni, mut alpn) = (ServerName::Target, None);
    let (mut min, mut max) = (TlsVersion::V1_2, TlsVersion::V1_3);
    for entry in &table.entries {
        // The shape has let nothing else through.
        let Some(value) = scope.resolve(&entry.node)? else {
            continue;
        };
        match entry.key.as_str() {
            "sni" if value.as_bool().is_some() => sni = ServerName::Absent,
            "sni" => sni = ServerName::Other(scope.text(&value)?),
            "alpn" => {
                let mut protocols = Vec::new();
                for item in value.as_list().unwrap_or_default() {
                    if let Some(item) = scope.resolve(item)? {
                        protocols.push(scope.text(&item)?);
                    }
                }
                alpn = Some(protocols);
            }
            bound => {
                let version = match scope.plain(&value)?.as_str() {
                    "1.2" => TlsVersion::V1_2,
                    _ => TlsVersion::V1_3,
                };
                *(if bound == "min" { &mut min } else { &mut max }) = version;
            }
        }
    }
    if min > max {
        return Err(Fault::new(&node.span, "`min` of `tls` is above `max`"));
    }
    Ok(OpenTls::Hello { sni, alpn, min, max })
}
