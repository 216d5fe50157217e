//! Opening heads: what a case changes in a correct one.

use crate::error::Fault;
use crate::load::fields::Fields;
use crate::script::{AcceptForm, HeadEdit, RequestSend, ResponseSend, Text};

/// What `deflate = true` offers.
const PLAIN_OFFER: &str = "permessage-deflate";

pub(super) fn request(fields: &Fields<'_>) -> Result<RequestSend, Fault> {
    Ok(RequestSend {
        method: fields.text("method")?,
        target: fields.text("target")?,
        version: fields.text("version")?,
        edit: edit(fields)?,
        eol: eol(fields)?,
        end: fields.flag("end").unwrap_or(true),
        body: fields.text("body")?,
    })
}

pub(super) fn response(fields: &Fields<'_>) -> Result<ResponseSend, Fault> {
    Ok(ResponseSend {
        status: fields.int16("status").unwrap_or(101),
        reason: fields.text("reason")?,
        version: fields.text("version")?,
        accept: match fields.plain("accept")?.as_deref() {
            Some("absent") => AcceptForm::Absent,
            Some("swap-case") => AcceptForm::SwapCase,
            Some("unpadded") => AcceptForm::Unpadded,
            Some("other-key") => AcceptForm::OtherKey,
            Some("trailing") => AcceptForm::Trailing,
            _ => AcceptForm::Right,
        },
        subprotocol: fields.text("subprotocol")?,
        edit: edit(fields)?,
        eol: eol(fields)?,
        end: fields.flag("end").unwrap_or(true),
        body: fields.text("body")?,
    })
}

fn eol(fields: &Fields<'_>) -> Result<String, Fault> {
    Ok(fields.plain("eol")?.unwrap_or_else(|| "\r\n".to_owned()))
}

pub(super) fn edit(fields: &Fields<'_>) -> Result<HeadEdit, Fault> {
    let scope = fields.scope();
    let mut set = Vec::new();
    for (name, value) in fields.pairs("set")? {
        set.push((name, scope.text(&value)?));
    }
    let mut add = Vec::new();
    for pair in fields.items("add")? {
        let mut items = Vec::new();
        for item in pair.as_list().unwrap_or_default() {
            if let Some(item) = scope.resolve(item)? {
                items.push(item.into_owned());
            }
        }
        // A pair that lost its name or its value to an absent column is no field.
        if let [name, value] = items.as_slice() {
            add.push((scope.plain(name)?, scope.text(value)?));
        }
    }
    Ok(HeadEdit {
        origin: fields.text("origin")?,
        subprotocols: fields.texts("subprotocols")?,
        deflate: match fields.flag("deflate") {
            Some(true) => Some(Text::literal(PLAIN_OFFER)),
            Some(false) => None,
            None => fields.text("deflate")?,
        },
        answer: fields.texts("answer")?,
        set,
        remove: fields.plains("remove")?,
        add,
        order: fields.plains("order")?,
        lines: if fields.has("lines") {
            Some(fields.texts("lines")?)
        } else {
            None
        },
    })
}
