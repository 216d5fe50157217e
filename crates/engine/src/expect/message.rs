//! Messages and control frames.

use std::fmt::Write as _;

use bytes::Bytes;
use wsanvil_case::script::{Condition, Kind, MessageType, Payload};
use wsanvil_model::FindingKind;

use crate::connection::Connection;
use crate::lanes::{Compared, ControlEvent, DataEvent, Received, shown};

use super::{Met, Progress, View, difference, ended, offset_of, unexpected};

/// `echo`: the oldest message owed.
pub(super) fn echo(
    compressed: Option<bool>,
    want: &Condition,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    let Some(owed) = conn.owed.front() else {
        // What ended before the message could be sent is the peer's doing, not the script's.
        if let Some(event @ (DataEvent::Close(_) | DataEvent::End(_))) = conn.next_data() {
            return unexpected(event, "the message comes back as it was sent");
        }
        if !conn.is_open() && conn.end_seen.is_some() {
            return ended("the message comes back as it was sent");
        }
        return Progress::miss(
            FindingKind::Internal,
            "an echo",
            "the script owes no echo here: no complete, legal data message was sent",
            None,
        );
    };
    let kind = if owed.binary { "binary" } else { "text" };
    let expected = format!(
        "the {kind} message of {} octets comes back as it was sent",
        owed.content.len()
    );
    let Some(event) = conn.next_data() else {
        // What the barrier overtook will not come: the peer has read on.
        if view.probing && conn.barrier_answered() {
            return Progress::miss(
                FindingKind::Silence,
                &expected,
                "a later Ping was answered first",
                None,
            );
        }
        return view.wait(want, &expected);
    };
    let DataEvent::Message(message) = event else {
        return unexpected(event, &expected);
    };
    let offset = offset_of(event);
    match &message.content {
        Compared::Owed if message.binary != owed.binary => {
            let came = if message.binary { "binary" } else { "text" };
            Progress::miss(
                FindingKind::WrongEcho,
                &expected,
                format!("it came back as {came}"),
                offset,
            )
        }
        Compared::Owed => {
            if compressed.is_some_and(|compressed| compressed != message.compressed) {
                let came = if message.compressed {
                    "compressed"
                } else {
                    "not compressed"
                };
                return Progress::miss(
                    FindingKind::WrongEcho,
                    &expected,
                    format!("it came back {came}"),
                    offset,
                );
            }
            Progress::Met(Met {
                take_data: 1,
                take_owed: 1,
                ..Met::default()
            })
        }
        Compared::Other { differs_at, octets } => {
            let at = differs_at.unwrap_or(0);
            let from = usize::try_from(at).unwrap_or(usize::MAX);
            let observed = if message.len == at {
                format!("{} octets: it ends after octet {at}", message.len)
            } else {
                format!(
                    "{} octets that differ from octet {at} on: {}",
                    message.len,
                    shown(octets.get(from..).unwrap_or_default())
                )
            };
            Progress::miss(FindingKind::WrongEcho, &expected, observed, offset)
        }
    }
}

/// A whole data message.
pub(super) fn message(
    kind: Option<MessageType>,
    payload: Option<&Payload>,
    save: Option<&String>,
    want: &Condition,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    let wanted = payload.map(|payload| view.octets(payload, conn));
    let name = match kind {
        Some(MessageType::Text) => "a text message",
        Some(MessageType::Binary) => "a binary message",
        None => "a message",
    };
    let expected = match &wanted {
        Some(octets) => format!("{name} {}", shown(octets)),
        None => name.to_owned(),
    };
    let Some(event) = conn.next_data() else {
        return view.wait(want, &expected);
    };
    let DataEvent::Message(message) = event else {
        return unexpected(event, &expected);
    };
    let wrong_kind = kind.is_some_and(|kind| (kind == MessageType::Binary) != message.binary);
    if wrong_kind {
        return Progress::miss(
            FindingKind::WrongContent,
            &expected,
            event.describe(),
            offset_of(event),
        );
    }
    let (octets, owed) = octets_of(message, conn);
    if let Some(wanted) = &wanted
        && *wanted != octets
    {
        let observed = difference(wanted, &octets);
        return Progress::miss(FindingKind::WrongContent, &expected, observed, offset_of(event));
    }
    let saves = save.map(|name| (name.clone(), octets)).into_iter().collect();
    Progress::Met(Met {
        take_data: 1,
        take_owed: usize::from(owed),
        saves,
        ..Met::default()
    })
}

/// The octets of a message, and whether it is the oldest one owed.
fn octets_of(message: &Received, conn: &Connection) -> (Bytes, bool) {
    match (&message.content, conn.owed.front()) {
        (Compared::Owed, Some(owed)) => (owed.content.to_octets(), true),
        (Compared::Owed, None) => (Bytes::new(), false),
        (Compared::Other { octets, .. }, _) => (octets.clone(), false),
    }
}

/// A Ping or a Pong.
pub(super) fn control(
    pong: bool,
    payload: Option<&Payload>,
    save: Option<&String>,
    want: &Condition,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    let wanted = payload.map(|payload| view.octets(payload, conn));
    let name = if pong { "a Pong" } else { "a Ping" };
    let expected = match &wanted {
        Some(octets) => format!("{name} with {}", shown(octets)),
        None => name.to_owned(),
    };
    for (index, event) in conn.lanes.control.iter().enumerate() {
        let octets = match event {
            ControlEvent::Pong(octets) if pong => octets,
            ControlEvent::Ping(octets) if !pong => octets,
            _ => continue,
        };
        if wanted.as_ref().is_none_or(|wanted| wanted == octets) {
            let saves = save
                .map(|name| (name.clone(), octets.clone()))
                .into_iter()
                .collect();
            return Progress::Met(Met {
                take_control: index + 1,
                saves,
                ..Met::default()
            });
        }
    }
    if let Some(event) = conn
        .lanes
        .data
        .iter()
        .find(|event| matches!(event, DataEvent::Close(_) | DataEvent::End(_)))
    {
        return unexpected(event, &expected);
    }
    if conn.end_seen.is_some() {
        return ended(&expected);
    }
    // The Pongs of a peer come in order: one that is not there when the barrier's is does not come any more.
    if view.probing && pong && conn.barrier_answered() {
        let observed = "a later Ping was answered without it";
        return Progress::miss(FindingKind::Silence, &expected, observed, None);
    }
    match view.wait(want, &expected) {
        Progress::Miss(mut miss) => {
            if let Some(ControlEvent::Pong(octets)) = conn.lanes.control.back()
                && pong
            {
                miss.kind = FindingKind::WrongContent;
                miss.observed = format!("{}; the last Pong held {}", miss.observed, shown(octets));
            }
            Progress::Miss(miss)
        }
        progress => progress,
    }
}

/// One raw frame.
pub(super) fn frame(want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    let Kind::Frame {
        opcode,
        fin,
        rsv,
        masked,
        length,
    } = &want.kind
    else {
        return Progress::miss(FindingKind::Internal, "a frame", "another condition", None);
    };
    let mut expected = "a frame".to_owned();
    for (name, value) in [
        ("opcode", opcode.map(u64::from)),
        ("FIN", fin.map(u64::from)),
        ("RSV", rsv.map(u64::from)),
        ("MASK", masked.map(u64::from)),
        ("length", *length),
    ] {
        if let Some(value) = value {
            let _ = write!(expected, " {name}={value}");
        }
    }
    let Some(header) = conn.lanes.frames.front() else {
        return match conn
            .lanes
            .data
            .iter()
            .find(|event| matches!(event, DataEvent::End(_)))
        {
            Some(event) => unexpected(event, &expected),
            None if conn.end_seen.is_some() => ended(&expected),
            None => view.wait(want, &expected),
        };
    };
    let fits = opcode.is_none_or(|opcode| opcode == header.opcode.get())
        && fin.is_none_or(|fin| fin == header.fin)
        && rsv.is_none_or(|rsv| rsv == header.rsv)
        && masked.is_none_or(|masked| masked == header.mask.is_some())
        && length.is_none_or(|length| length == header.payload_len);
    if fits {
        return Progress::Met(Met {
            take_frames: 1,
            ..Met::default()
        });
    }
    let observed = format!(
        "a frame opcode={} FIN={} RSV={} MASK={} length={}",
        header.opcode.get(),
        u8::from(header.fin),
        header.rsv,
        u8::from(header.mask.is_some()),
        header.payload_len
    );
    Progress::miss(FindingKind::WrongContent, &expected, observed, None)
}

impl View<'_> {
    /// The octets of an expected payload. Random payloads make no sense here and are empty.
    pub(super) fn octets(&self, payload: &Payload, conn: &Connection) -> Bytes {
        self.vars.expected(payload, self.target, &conn.vars).to_octets()
    }
}
