//! Laws of the strict endpoint, over conversations made from octets.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::{Config, Endpoint, State};
use wsanvil_wire::frame::{self, Decoder, Opcode};
use wsanvil_wire::script::{
    Action, Chunks, Control, DeflateLie, End, Heard, IllFormed, Lie, Message, Payload, Placed, Script,
};
use wsanvil_wire::{Role, Rule};

/// Octets that make scripts.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        prop::collection::vec(any::<u8>(), 60..700)
    ]
}

/// A script of one temper: the first octet chooses it.
fn script(mut octets: Vec<u8>, temper: u8) -> Script {
    if let Some(first) = octets.first_mut() {
        *first = temper | *first & 0x1F;
    }
    Script::arbitrary(&mut Unstructured::new(&octets)).unwrap()
}

const LEGAL: u8 = 0x20;
const LIES: u8 = 0x80;
const WILD: u8 = 0xE0;

fn sender() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Client), Just(Role::Server)]
}

/// The script as `sender` sends it, before the receiver that it is meant for.
fn play(script: &Script, sender: Role, chunks: &Chunks) -> (Vec<Heard>, State, Vec<u8>) {
    let mut endpoint = Endpoint::new(sender.peer(), script.config());
    let script = Script {
        chunks: chunks.clone(),
        ..script.clone()
    };
    let heard = script.play(&mut endpoint);
    (heard, endpoint.state(), endpoint.take_output())
}

/// What the receiver sent: legal frames, one Close at most and nothing behind it, as opcode and payload.
fn answers(receiver: Role, script: &Script, mut output: Vec<u8>) -> Vec<(Opcode, Vec<u8>)> {
    let mut decoder = Decoder::new(receiver);
    decoder.set_rsv1(script.deflate.is_some());
    let mut rest = &mut output[..];
    let mut frames: Vec<(Opcode, Vec<u8>)> = Vec::new();
    while let Some(event) = decoder.next(&mut rest) {
        match event {
            frame::Event::Header { header, broken, .. } => {
                assert_eq!(broken, None);
                assert!(
                    frames.iter().all(|(opcode, _)| *opcode != Opcode::CLOSE),
                    "a frame behind the Close"
                );
                frames.push((header.opcode, Vec::new()));
            }
            frame::Event::Payload(octets) => frames.last_mut().unwrap().1.extend_from_slice(octets),
            frame::Event::End => {}
        }
    }
    assert!(decoder.at_boundary() && !decoder.in_message());
    frames
}

/// What an endpoint that nobody told to send anything sends: Pongs for Pings, and one Close at its end.
fn owed(script: &Script, heard: &[Heard]) -> Vec<(Opcode, Vec<u8>)> {
    let answer = |event: &Heard| match event {
        Heard::Ping(payload) => Some((Opcode::PONG, payload.clone())),
        Heard::Closed {
            clean: true, code, ..
        } if *code == 1005 => Some((Opcode::CLOSE, Vec::new())),
        Heard::Closed {
            clean: true, code, ..
        } => Some((Opcode::CLOSE, code.to_be_bytes().to_vec())),
        Heard::Failed(rule) => Some((Opcode::CLOSE, rule.close_code().to_be_bytes().to_vec())),
        _ => None,
    };
    assert!(script.config().answer_ping && script.config().answer_close);
    heard.iter().filter_map(answer).collect()
}

fn check(script: &Script, sender: Role) -> Result<(), TestCaseError> {
    let (heard, state, output) = play(script, sender, &script.chunks);
    for chunks in [Chunks::default(), Chunks::single()] {
        let (again, state_again, output_again) = play(script, sender, &chunks);
        prop_assert_eq!(&again, &heard);
        prop_assert_eq!(state_again, state);
        prop_assert_eq!(&output_again, &output);
    }
    // The last event is the last, and there is one exactly when the conversation is over.
    let last = heard.iter().position(Heard::is_last);
    prop_assert!(last.is_none_or(|last| last + 1 == heard.len()));
    prop_assert_eq!(last.is_some(), matches!(state, State::Closed | State::Failed));
    let mut sent = answers(sender.peer(), script, output);
    if let (Some(Heard::Failed(rule)), Some((Opcode::CLOSE, body))) = (heard.last(), sent.last_mut()) {
        // The reason says the rule.
        prop_assert!(rule.to_string().as_bytes().starts_with(&body[2..]));
        body.truncate(2);
    }
    prop_assert_eq!(sent, owed(script, &heard));
    Ok(())
}

proptest! {
    #[test]
    fn legal_conversations_are_heard_whole(octets in octets(), sender in sender()) {
        let script = script(octets, LEGAL);
        prop_assert!(script.is_legal());
        prop_assert_eq!(script.rule(sender), None);
        let expected = script.expected(sender).unwrap();
        prop_assert!(!expected.iter().any(|event| matches!(event, Heard::Failed(_))));
        prop_assert_eq!(play(&script, sender, &script.chunks).0, expected);
        check(&script, sender)?;
    }

    #[test]
    fn one_lie_fails_for_its_rule_and_nothing_else(octets in octets(), sender in sender()) {
        let script = script(octets, LIES);
        // Too few octets to choose a temper are legal.
        prop_assume!(script.lie.is_some());
        let lie = script.lie.unwrap().lie;
        let rule = script.rule(sender).unwrap();
        let expected = script.expected(sender).unwrap();
        prop_assert_eq!(expected.last() == Some(&Heard::Failed(rule)), lie.is_read(), "{:?}", expected);
        prop_assert_eq!(play(&script, sender, &script.chunks).0, expected);
        check(&script, sender)?;
        // Without the lie the same conversation is legal.
        let honest = Script { lie: None, ..script.clone() };
        prop_assert_eq!(play(&honest, sender, &script.chunks).0, honest.expected(sender).unwrap());
    }

    #[test]
    fn wild_conversations_are_the_same_at_any_chunking(octets in octets(), sender in sender()) {
        check(&script(octets, WILD), sender)?;
    }

    #[test]
    fn any_settings_hear_the_same_at_any_chunking(octets in octets(), settings: [u8; 8], temper in prop::sample::select(vec![LEGAL, LIES, WILD]), sender in sender()) {
        let script = script(octets, temper);
        let play = |chunks: Chunks| {
            let config = Config {
                deflate: script.deflate,
                ..Config::arbitrary(&mut Unstructured::new(&settings)).unwrap()
            };
            let (answer_ping, answer_close) = (config.answer_ping, config.answer_close);
            let mut endpoint = Endpoint::new(sender.peer(), config);
            let heard = Script { chunks, ..script.clone() }.play(&mut endpoint);
            let sent = answers(sender.peer(), &script, endpoint.take_output());
            // Nothing is answered that the application wants to answer itself; a failure always sends its Close.
            assert!(answer_ping || sent.iter().all(|(opcode, _)| *opcode != Opcode::PONG));
            let failed = matches!(heard.last(), Some(Heard::Failed(_)));
            assert!(answer_close || failed || sent.iter().all(|(opcode, _)| *opcode != Opcode::CLOSE));
            (heard, endpoint.state(), sent)
        };
        let whole = play(Chunks::default());
        prop_assert_eq!(&play(script.chunks.clone()), &whole);
        prop_assert_eq!(&play(Chunks::single()), &whole);
    }
}

#[test]
fn each_lie_is_told_in_every_conversation() {
    let conversations: [Vec<Action>; 3] = [
        Vec::new(),
        vec![
            Action::Message(Message {
                compressed: true,
                fragments: vec![2, 0],
                between: vec![Control::Ping(b"p".to_vec()), Control::Pong(Vec::new())],
                ..Message::new(Payload::Text("κόσμε, κόσμε".to_owned()))
            }),
            Action::Message(Message::new(Payload::Binary(vec![7; 200]))),
            Action::Close(Some((1000, "bye".to_owned()))),
        ],
        vec![
            Action::Control(Control::Ping(Vec::new())),
            Action::Message(Message::new(Payload::Text(String::new()))),
            Action::Close(None),
        ],
    ];
    let ways = [
        IllFormed::Stray,
        IllFormed::Overlong,
        IllFormed::Surrogate,
        IllFormed::TooHigh,
        IllFormed::Never,
        IllFormed::Cut,
    ];
    let deflate = [
        DeflateLie::BlockType,
        DeflateLie::StoredLength,
        DeflateLie::Symbol,
        DeflateLie::Distance,
        DeflateLie::TailKept,
    ];
    let mut lies = vec![
        (Lie::ReservedBits(0), "reserved-bits"),
        (Lie::ReservedBits(3), "reserved-bits"),
        (Lie::ReservedOpcode(3), "reserved-opcode"),
        (Lie::ReservedOpcode(11), "reserved-opcode"),
        (Lie::ReservedOpcode(1), "reserved-opcode"),
        (Lie::LengthNotMinimal { wide: true }, "length-not-minimal"),
        (Lie::LengthNotMinimal { wide: false }, "length-not-minimal"),
        (Lie::LengthTopBit, "length-top-bit"),
        (Lie::ControlTooLong(0), "control-too-long"),
        (Lie::ControlTooLong(255), "control-too-long"),
        (Lie::ControlFragmented, "control-fragmented"),
        (Lie::ContinuationOrphan, "continuation-orphan"),
        (Lie::MessageInterleaved, "message-interleaved"),
        (Lie::CloseBodyOneOctet(3), "close-body-one-octet"),
        (Lie::CloseCode(1006), "close-code"),
        (Lie::CloseCode(1000), "close-code"),
        (Lie::AfterClose(1), "data-after-close"),
        (Lie::AfterClose(8), "close-twice"),
    ];
    lies.extend(ways.map(|way| (Lie::Utf8(way), "utf8")));
    lies.extend(ways.map(|way| (Lie::CloseReasonUtf8(way), "close-reason-utf8")));
    for sender in [Role::Client, Role::Server] {
        for (agreed, actions) in [None, Some(Agreed::default())]
            .iter()
            .flat_map(|agreed| conversations.iter().map(move |actions| (*agreed, actions)))
        {
            let mask = if sender.masks() {
                "mask-missing"
            } else {
                "mask-present"
            };
            let broken = if agreed.is_some() {
                "deflate-data"
            } else {
                "reserved-bits"
            };
            let more = deflate.map(|lie| (Lie::Deflate(lie), broken));
            for (lie, name) in lies.iter().copied().chain([(Lie::Mask, mask)]).chain(more) {
                for at in 0..8 {
                    let script = Script {
                        deflate: agreed,
                        actions: actions.clone(),
                        lie: Some(Placed { lie, at }),
                        end: End::Eof,
                        ..Script::default()
                    };
                    let rule = script.rule(sender).unwrap();
                    assert_eq!(rule.name(), name, "{lie:?} at {at}");
                    let expected = script.expected(sender).unwrap();
                    assert_eq!(
                        play(&script, sender, &Chunks::default()).0,
                        expected,
                        "{lie:?} at {at}"
                    );
                    assert_eq!(
                        play(&script, sender, &Chunks::single()).0,
                        expected,
                        "{lie:?} at {at}"
                    );
                    let failed = expected.last() == Some(&Heard::Failed(rule));
                    assert_eq!(failed, lie.is_read(), "{lie:?} at {at}");
                }
            }
        }
    }
}

#[test]
fn rsv1_alone_is_a_lie_where_it_has_no_meaning() {
    // Compression agreed: first frame, continuation, control; the first gets RSV2 beside it.
    let message = Message {
        fragments: vec![1],
        between: vec![Control::Ping(Vec::new())],
        ..Message::new(Payload::Binary(vec![1, 2]))
    };
    let expected = [
        Rule::ReservedBits { rsv: 0b110 },
        Rule::Rsv1OnControl,
        Rule::Rsv1OnContinuation,
    ];
    for (at, rule) in (0..).zip(expected) {
        let lie = Lie::ReservedBits(0b100);
        let script = Script {
            deflate: Some(Agreed::default()),
            actions: vec![Action::Message(message.clone())],
            lie: Some(Placed { lie, at }),
            ..Script::default()
        };
        assert_eq!(script.rule(Role::Client), Some(rule));
        assert_eq!(
            play(&script, Role::Client, &Chunks::default()).0.last(),
            Some(&Heard::Failed(rule))
        );
        let plain = Script {
            deflate: None,
            ..script
        };
        assert_eq!(plain.rule(Role::Client), Some(Rule::ReservedBits { rsv: 0b100 }));
    }
}

#[test]
fn a_cut_conversation_ends_in_1006() {
    let script = |end| Script {
        actions: vec![
            Action::Message(Message::new(Payload::Text("one".to_owned()))),
            Action::Message(Message::new(Payload::Text("two".to_owned()))),
        ],
        end,
        ..Script::default()
    };
    let texts = |count: usize| {
        ["one", "two"]
            .iter()
            .take(count)
            .map(|text| Heard::Text((*text).to_owned()))
    };
    let end = Heard::Closed {
        code: 1006,
        reason: String::new(),
        clean: false,
    };
    for (end_of, count, over) in [
        (End::Open, 2, false),
        (End::Eof, 2, true),
        (End::Cut(0), 2, true),
        (End::Cut(1), 1, true),
        (End::Cut(5), 1, true),
        (End::Cut(6), 0, true),
        (End::Cut(100), 0, true),
    ] {
        let script = script(end_of);
        let expected: Vec<Heard> = texts(count).chain(over.then(|| end.clone())).collect();
        assert_eq!(
            script.expected(Role::Server),
            Some(expected.clone()),
            "{end_of:?}"
        );
        assert_eq!(
            play(&script, Role::Server, &Chunks::single()).0,
            expected,
            "{end_of:?}"
        );
    }
}
