//! `autobahn = { … }`: what the second judge cannot derive from the script.

use super::build::literal_octets;
use super::fields::Fields;
use super::grammar::{AUTOBAHN, EVENT};
use super::scope::Scope;
use super::tree::Node;
use crate::error::Fault;
use crate::types::{Autobahn, ExpectedEvent, Judge};

pub(super) fn autobahn(node: &Node, scope: &Scope<'_>) -> Result<Autobahn, Fault> {
    let table = node
        .as_table()
        .ok_or_else(|| Fault::new(&node.span, format!("`autobahn` is a table, not {}", node.shown())))?;
    let fields = Fields::read(table, &node.span, &[AUTOBAHN], &[], "`autobahn`", scope)?;
    let codes = if fields.has("codes") {
        let items = fields.items("codes")?;
        let codes = items.iter().filter_map(|code| code.as_int());
        Some(codes.filter_map(|code| u16::try_from(code).ok()).collect())
    } else {
        None
    };
    Ok(Autobahn {
        judge: match fields.plain("judge")?.as_deref() {
            Some("first-message") => Judge::FirstMessage,
            Some("lock-step") => Judge::LockStep,
            Some("deflate") => Judge::Deflate,
            _ => Judge::Lists,
        },
        kill_ms: fields.int("kill_ms"),
        close_ms: fields.int("close_ms"),
        ok: events(&fields, "ok")?,
        nonstrict: events(&fields, "nonstrict")?,
        codes,
        verdict: fields.plain("verdict")?,
        clean: fields.flag("clean"),
    })
}

fn events(fields: &Fields<'_>, name: &str) -> Result<Option<Vec<ExpectedEvent>>, Fault> {
    if !fields.has(name) {
        return Ok(None);
    }
    let scope = fields.scope();
    let mut events = Vec::new();
    for node in fields.raw_items(name) {
        let table = node
            .as_table()
            .ok_or_else(|| Fault::new(&node.span, "an event is a table with `event`"))?;
        let kind = table
            .get("event")
            .ok_or_else(|| Fault::new(&node.span, "an event needs `event`"))?;
        EVENT[0].shape.check("event", kind, scope)?;
        let octets = || literal_octets(node, &["event", "label"], scope);
        events.push(match kind.as_text() {
            Some("pong") => ExpectedEvent::Pong(octets()?),
            Some("timeout") => {
                let label = table
                    .get("label")
                    .ok_or_else(|| Fault::new(&node.span, "a timeout needs `label`"))?;
                ExpectedEvent::Timeout(scope.plain(label)?)
            }
            kind => ExpectedEvent::Message {
                text: kind == Some("text"),
                payload: octets()?,
            },
        });
    }
    Ok(Some(events))
}
