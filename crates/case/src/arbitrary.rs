//! Scripts of instances from conversations that octets make (feature `arbitrary`).

use arbitrary::{Arbitrary, Result, Unstructured};
use wsanvil_wire::Role;
use wsanvil_wire::frame::{LengthForm, Opcode};
use wsanvil_wire::script::{self as conversation, End, Sent};

use crate::script::{
    Action, Blocked, Chunk, CodeSpec, Condition, DropHow, EmptyFinal, Expect, FrameSend, HeadEdit, Keys,
    Kind, Open, OpenHow, OpenMissed, Payload, Script, Send, SendWhat, Source, Step, Text, Write,
};

impl Script {
    /// The script of a tester of `role` that opens a connection, says the conversation frame by frame, and expects what
    /// follows from it: a live peer of a legal one, its Close of one with a Close, failure with the right code of one
    /// with a lie, nothing of a wild one.
    ///
    /// Nothing is offered to the peer: what the conversation says about permessage-deflate is passed over, so that a
    /// compressed message is sent as it is.
    pub fn saying(conversation: &conversation::Script, role: Role) -> Self {
        let plain = conversation::Script {
            deflate: None,
            ..conversation.clone()
        };
        let mut steps = vec![step(Action::Open(Box::new(open())))];
        let sent = plain.sent(role);
        let closes = sent
            .iter()
            .any(|sent| matches!(sent, Sent::Frame(frame) if frame.header.opcode == Opcode::CLOSE));
        for sent in sent {
            let what = match sent {
                Sent::Frame(frame) => SendWhat::Frames(Box::new(frame_send(frame, role))),
                Sent::Raw(octets) => SendWhat::Raw(payload(octets)),
            };
            let write = Write {
                chunk: match plain.chunks.sizes.first() {
                    None => Chunk::Step,
                    Some(size) => Chunk::Octets(u32::from(*size).max(1)),
                },
                // A peer that has failed the connection may take no more.
                blocked: Blocked::Ok,
                ..Write::default()
            };
            steps.push(step(Action::Send(Box::new(Send { what, write }))));
        }
        let broken = plain
            .rule(role)
            .filter(|_| plain.lie.is_some_and(|placed| placed.lie.is_read()));
        let kind = match broken {
            _ if plain.is_wild() => None,
            Some(broken) => Some(Kind::Fail {
                codes: vec![CodeSpec::Code(broken.close_code())],
                strict: false,
            }),
            None if closes => Some(Kind::Close {
                codes: Vec::new(),
                reason: None,
            }),
            None => Some(Kind::Alive),
        };
        steps.extend(kind.map(|kind| step(Action::Expect(Box::new(expect(kind))))));
        if plain.end != End::Open {
            steps.push(step(Action::Drop(DropHow::Fin)));
        }
        Self { steps }
    }
}

impl<'a> Arbitrary<'a> for Script {
    /// A conversation of a client, said to a server.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let conversation = conversation::Script::arbitrary(u)?;
        Ok(Self::saying(&conversation, Role::Client))
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        conversation::Script::size_hint(depth)
    }
}

fn step(action: Action) -> Step {
    Step {
        on: vec![Text::literal("main")],
        note: None,
        line: 0,
        action,
    }
}

fn open() -> Open {
    Open {
        how: OpenHow::Ws,
        path: None,
        edit: HeadEdit::default(),
        count: None,
        tls: None,
        recv_buffer: None,
        send_buffer: None,
        auto_pong: true,
        auto_close: true,
        within_ms: None,
        takeover: false,
        window_bits: None,
        missed: OpenMissed::Fail,
    }
}

fn expect(kind: Kind) -> Expect {
    Expect {
        want: Condition {
            kind,
            within_ms: None,
            late_ms: None,
        },
        or: Vec::new(),
    }
}

fn payload(octets: Vec<u8>) -> Payload {
    Payload {
        source: Source::Octets(octets.into()),
        times: 1,
    }
}

/// Every field as the frame has it; those that need not be said are not.
fn frame_send(frame: conversation::Frame, role: Role) -> FrameSend {
    let header = frame.header;
    let shortest = LengthForm::minimal_for(header.payload_len);
    FrameSend {
        opcode: header.opcode.get(),
        closing: header.opcode == Opcode::CLOSE,
        code: None,
        fin: header.fin,
        rsv: header.rsv,
        mask: (header.mask.is_some() != role.masks()).then_some(header.mask.is_some()),
        keys: header.mask.map_or(Keys::Random, |key| Keys::List(vec![key])),
        length: (header.form != shortest).then_some(header.form),
        declare: (header.payload_len != frame.payload.len() as u64).then_some(header.payload_len),
        payload: payload(frame.payload),
        compress: None,
        fragment: None,
        empty_final: EmptyFinal::Never,
        echo: false,
    }
}

#[cfg(test)]
mod tests {
    use crate::dsl;
    use crate::script::{Action, FrameSend, Keys, Kind, Payload, Script, SendWhat, Source};
    use arbitrary::{Arbitrary, Unstructured};
    use proptest::prelude::*;
    use wsanvil_wire::frame::{Header, LengthForm, Opcode};
    use wsanvil_wire::script::{self as conversation, Frame, Lie, Placed};
    use wsanvil_wire::{Role, Rule};

    fn octets(payload: &Payload) -> Vec<u8> {
        match &payload.source {
            Source::Octets(octets) => octets.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    /// The frame that a step describes.
    fn frame(send: &FrameSend, role: Role) -> Frame {
        let payload = octets(&send.payload);
        let payload_len = send.declare.unwrap_or(payload.len() as u64);
        let key = match &send.keys {
            Keys::Random => [0; 4],
            Keys::List(keys) => keys[0],
        };
        let header = Header {
            fin: send.fin,
            rsv: send.rsv,
            opcode: Opcode::new(send.opcode),
            mask: send.mask.unwrap_or(role.masks()).then_some(key),
            form: send
                .length
                .unwrap_or_else(|| LengthForm::minimal_for(payload_len)),
            payload_len,
        };
        Frame { header, payload }
    }

    fn said(script: &Script, role: Role) -> Vec<u8> {
        let mut out = Vec::new();
        for step in &script.steps {
            let Action::Send(send) = &step.action else {
                continue;
            };
            match &send.what {
                SendWhat::Frames(send) => frame(send, role).write(&mut out),
                SendWhat::Raw(payload) => out.extend(octets(payload)),
                other => panic!("{other:?}"),
            }
        }
        out
    }

    proptest! {
        #[test]
        fn the_steps_say_the_octets_of_the_conversation(octets in prop::collection::vec(any::<u8>(), 0..300), client: bool) {
            let role = if client { Role::Client } else { Role::Server };
            let mut conversation = conversation::Script::arbitrary(&mut Unstructured::new(&octets)).unwrap();
            (conversation.deflate, conversation.end) = (None, conversation::End::Open);
            let script = Script::saying(&conversation, role);
            prop_assert_eq!(said(&script, role), conversation.octets(role));
            let shown: Vec<String> = script.steps.iter().map(dsl).collect();
            prop_assert_eq!(&shown[0], "open ws");
            let fails = conversation.lie.is_some_and(|placed| placed.lie.is_read()) && !conversation.is_wild();
            prop_assert_eq!(shown.last().unwrap().starts_with("expect fail"), fails, "{:?}", shown);
        }
    }

    #[test]
    fn what_follows_is_expected() {
        let expected = |conversation: &conversation::Script| {
            let script = Script::saying(conversation, Role::Client);
            script.steps.into_iter().find_map(|step| match step.action {
                Action::Expect(expect) => Some(expect.want.kind),
                _ => None,
            })
        };
        let legal = conversation::Script::default();
        assert_eq!(expected(&legal), Some(Kind::Alive));
        let closing = conversation::Script {
            actions: vec![conversation::Action::Close(None)],
            ..legal.clone()
        };
        assert!(matches!(expected(&closing), Some(Kind::Close { .. })));
        let lie = Lie::Utf8(conversation::IllFormed::Surrogate);
        let lying = conversation::Script {
            lie: Some(Placed { lie, at: 0 }),
            ..legal.clone()
        };
        let Some(Kind::Fail { codes, strict: false }) = expected(&lying) else {
            panic!("{:?}", expected(&lying))
        };
        assert_eq!(
            format!("{codes:?}"),
            format!("[Code({})]", Rule::Utf8 { at: 0 }.close_code())
        );
        let wild = conversation::Script {
            actions: vec![conversation::Action::Raw(vec![0xFF])],
            ..legal
        };
        assert_eq!(expected(&wild), None);
    }

    #[test]
    fn scripts_are_made_of_any_octets() {
        let script = Script::arbitrary(&mut Unstructured::new(&[])).unwrap();
        let shown: Vec<String> = script.steps.iter().map(dsl).collect();
        assert_eq!(shown, ["open ws", "expect alive"]);
        assert!(Script::size_hint(0).0 > 0);
    }
}
