//! Turns a script into frames, and says what each of them makes the receiver hear.

use std::borrow::Cow;

use super::{Action, Control, Frame, Heard, Lie, Message, Payload, Placed, Script};
use crate::close::{self, write_body};
use crate::deflate::{Compressor, Options};
use crate::endpoint::Keys;
use crate::frame::Opcode;
use crate::{Role, Rule};

/// One thing on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// A frame.
    Frame(Frame),
    /// Octets as they are.
    Raw(Vec<u8>),
}

impl Sent {
    /// Appends the octets.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Frame(frame) => frame.write(out),
            Self::Raw(octets) => out.extend_from_slice(octets),
        }
    }
}

/// One thing on the wire and what it means.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) sent: Sent,
    pub(super) place: Place,
    /// What the receiver hears once it is read.
    pub(super) heard: Option<Heard>,
    /// The rule it breaks.
    pub(super) broken: Option<Rule>,
}

/// What a frame is to its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The first frame of a message.
    First,
    /// A later one.
    Continuation,
    /// No part of a message, or not known.
    Control,
}

/// All that `sender` sends.
pub(super) fn compose(script: &Script, sender: Role) -> Vec<Part> {
    let actions = staged(script);
    let in_message = script.lie.filter(|placed| placed.lie.is_in_message());
    let spoiled = in_message.and_then(|placed| chosen(&actions, placed));
    let mut composer = Composer {
        sender,
        keys: Keys::from_seed(script.seed),
        compressor: compressor(script, sender),
        rsv1: script.deflate.is_some(),
        parts: Vec::new(),
    };
    for (index, action) in actions.iter().enumerate() {
        let spoiled = spoiled.filter(|(at, _)| *at == index);
        composer.action(action, spoiled.map(|(_, spoil)| spoil));
    }
    let Composer { mut parts, .. } = composer;
    if let Some(Placed { lie, at }) = script.lie
        && !lie.is_in_message()
    {
        lie.bend(&mut parts, at, sender, script.deflate.is_some());
    }
    parts
}

/// The actions up to the first Close, and one that can carry the lie.
fn staged(script: &Script) -> Cow<'_, [Action]> {
    let is_close = |action: &Action| matches!(action, Action::Close(_));
    let end = script.actions.iter().position(is_close);
    let live = end
        .and_then(|end| script.actions.get(..=end))
        .unwrap_or(&script.actions);
    let Some(Placed { lie, .. }) = script.lie else {
        return Cow::Borrowed(live);
    };
    if live.iter().any(|action| lie.suits(action)) {
        return Cow::Borrowed(live);
    }
    let carrier = lie.carrier();
    let mut actions = live.to_vec();
    let place = if is_close(&carrier) { actions.len() } else { 0 };
    actions.insert(place, carrier);
    Cow::Owned(actions)
}

/// How a message is spoiled: the lie, and a number that says where inside.
#[derive(Debug, Clone, Copy)]
struct Spoil {
    lie: Lie,
    inside: usize,
}

/// The action that a lie about messages is told in.
fn chosen(actions: &[Action], Placed { lie, at }: Placed) -> Option<(usize, Spoil)> {
    let suiting = || actions.iter().enumerate().filter(|(_, action)| lie.suits(action));
    let (index, inside) = match suiting().count() {
        0 => return None,
        count => (usize::from(at) % count, usize::from(at) / count),
    };
    suiting().nth(index).map(|(at, _)| (at, Spoil { lie, inside }))
}

/// As agreed; for a lie about compression that is not agreed, any.
fn compressor(script: &Script, sender: Role) -> Option<Compressor> {
    let lies = matches!(
        script.lie,
        Some(Placed {
            lie: Lie::Deflate(_),
            ..
        })
    );
    let agreed = script
        .deflate
        .or_else(|| lies.then(crate::deflate::Agreed::default))?;
    let (window, takeover) = match sender {
        Role::Client => (agreed.client_window, agreed.client_takeover),
        Role::Server => (agreed.server_window, agreed.server_takeover),
    };
    let options = Options {
        // A lie of its own.
        keep_tail: false,
        ..script.compression
    };
    Some(Compressor::with_options(window, takeover, options))
}

struct Composer {
    sender: Role,
    keys: Keys,
    compressor: Option<Compressor>,
    rsv1: bool,
    parts: Vec<Part>,
}

impl Composer {
    fn action(&mut self, action: &Action, spoil: Option<Spoil>) {
        match action {
            Action::Message(message) => self.message(message, spoil),
            Action::Control(control) => self.control(control),
            Action::Close(body) => self.close(body.as_ref()),
            Action::Frame(frame) => self.parts.push(wild(Sent::Frame(frame.clone()))),
            Action::Raw(octets) => self.parts.push(wild(Sent::Raw(octets.clone()))),
        }
    }

    fn frame(&mut self, opcode: Opcode, payload: Vec<u8>) -> Frame {
        let key = self.keys.next_key();
        Frame::new(opcode, payload).sent_by(self.sender, key)
    }

    fn push(&mut self, frame: Frame, place: Place, heard: Option<Heard>) {
        self.parts.push(Part {
            sent: Sent::Frame(frame),
            place,
            heard,
            broken: None,
        });
    }

    fn control(&mut self, control: &Control) {
        let (opcode, payload) = control.parts();
        let payload = payload.to_vec();
        let heard = match control {
            Control::Ping(_) => Heard::Ping(payload.clone()),
            Control::Pong(_) => Heard::Pong(payload.clone()),
        };
        let frame = self.frame(opcode, payload);
        self.push(frame, Place::Control, Some(heard));
    }

    fn close(&mut self, body: Option<&(u16, String)>) {
        let mut payload = Vec::new();
        let (code, reason) = match body {
            None => (close::NO_STATUS, String::new()),
            Some((code, reason)) => {
                write_body(*code, reason, &mut payload);
                let kept = payload.len().saturating_sub(2);
                (*code, reason.get(..kept).unwrap_or_default().to_owned())
            }
        };
        let heard = Heard::Closed {
            code,
            reason,
            clean: true,
        };
        let frame = self.frame(Opcode::CLOSE, payload);
        self.push(frame, Place::Control, Some(heard));
    }

    fn message(&mut self, message: &Message, spoil: Option<Spoil>) {
        let (mut payload, mut fault) = (message.payload.octets().to_vec(), None);
        if let (
            Some(Spoil {
                lie: Lie::Utf8(way),
                inside,
            }),
            Payload::Text(text),
        ) = (spoil, &message.payload)
        {
            let (octets, at) = way.spoil(text, inside % (text.len() + 1));
            payload = octets;
            fault = Some((at, Rule::Utf8 { at: at as u64 }));
        }
        let deflate_lie = match spoil {
            Some(Spoil {
                lie: Lie::Deflate(lie),
                ..
            }) => Some(lie),
            _ => None,
        };
        let mut compressed = false;
        if (message.compressed && self.rsv1 || deflate_lie.is_some())
            && let Some(compressor) = &mut self.compressor
        {
            let mut squeezed = Vec::new();
            compressor.compress(&payload, &mut squeezed);
            (payload, compressed) = (squeezed, true);
        }
        if let Some(lie) = deflate_lie {
            payload = lie.spoil(payload);
            let rule = if self.rsv1 {
                Rule::DeflateData(lie.error())
            } else {
                Rule::ReservedBits { rsv: 0b100 }
            };
            fault = Some((0, rule));
        }
        self.fragments(message, &payload, compressed, fault);
    }

    fn fragments(
        &mut self,
        message: &Message,
        payload: &[u8],
        compressed: bool,
        mut fault: Option<(usize, Rule)>,
    ) {
        let heard = match &message.payload {
            Payload::Text(text) => Heard::Text(text.clone()),
            Payload::Binary(octets) => Heard::Binary(octets.clone()),
        };
        // Where in a compressed payload the fault shows is the compressor's choice: such a message is one frame.
        let sizes = if compressed && fault.is_some() {
            &[]
        } else {
            message.fragments.as_slice()
        };
        let (mut rest, mut heard, mut done) = (payload, Some(heard), 0);
        for (index, size) in sizes.iter().copied().map(Some).chain([None]).enumerate() {
            let last = size.is_none();
            let size = size.map_or(usize::MAX, usize::from);
            let (fragment, behind) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            rest = behind;
            done += fragment.len();
            let (opcode, place) = if index == 0 {
                (message.payload.opcode(), Place::First)
            } else {
                (Opcode::CONTINUATION, Place::Continuation)
            };
            let mut frame = self.frame(opcode, fragment.to_vec());
            frame.header.fin = last;
            frame.header.rsv = if index == 0 && compressed { 0b100 } else { 0 };
            let broken = fault.take_if(|(at, _)| last || *at < done).map(|(_, rule)| rule);
            let heard = match broken {
                Some(rule) => Some(Heard::Failed(rule)),
                None if last => heard.take(),
                None => None,
            };
            self.parts.push(Part {
                sent: Sent::Frame(frame),
                place,
                heard,
                broken,
            });
            if !last && let Some(control) = message.between.get(index) {
                self.control(control);
            }
        }
    }
}

fn wild(sent: Sent) -> Part {
    Part {
        sent,
        place: Place::Control,
        heard: None,
        broken: None,
    }
}
