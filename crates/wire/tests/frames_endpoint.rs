//! The strict endpoint in conversation, in memory.

use proptest::prelude::*;
use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::{Config, Endpoint, Event, SendError, State};
use wsanvil_wire::frame::{self, Decoder, Header, Opcode};
use wsanvil_wire::{Role, Rule, mask};

const AGREED: Agreed = Agreed {
    server_takeover: true,
    client_takeover: true,
    server_window: 15,
    client_window: 15,
};

fn endpoint(role: Role) -> Endpoint {
    Endpoint::new(role, Config::default())
}

fn hear(endpoint: &mut Endpoint, octets: &[u8]) -> Vec<String> {
    let mut heard = Vec::new();
    endpoint.receive(&mut octets.to_vec(), &mut |event| heard.push(line(&event)));
    heard
}

fn line(event: &Event<'_>) -> String {
    match event {
        Event::Text(text) => format!("text {text}"),
        Event::Binary(octets) => format!("binary {octets:?}"),
        Event::Ping(payload) => format!("ping {payload:?}"),
        Event::Pong(payload) => format!("pong {payload:?}"),
        Event::Closed { code, reason, clean } => format!("closed {code} {reason} {clean}"),
        Event::Failed(rule) => format!("failed {}", rule.name()),
    }
}

/// A frame from a client.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut header = Header::new(Opcode::new(first), payload.len() as u64);
    header.fin = first & 0x80 != 0;
    header.rsv = (first >> 4) & 7;
    header.mask = Some([1, 2, 3, 4]);
    let mut out = Vec::new();
    header.write(&mut out);
    mask::apply_copy([1, 2, 3, 4], 0, payload, &mut out);
    out
}

#[test]
fn messages_control_frames_and_close_in_both_directions() {
    let (mut client, mut server) = (endpoint(Role::Client), endpoint(Role::Server));
    client.send_text("κόσμε").unwrap();
    client.send_binary(&[0, 255]).unwrap();
    client.send_ping(b"p").unwrap();
    let heard = hear(&mut server, &client.take_output());
    assert_eq!(heard, ["text κόσμε", "binary [0, 255]", "ping [112]"]);
    assert_eq!(hear(&mut client, &server.take_output()), ["pong [112]"]);

    client.close(4001, "done").unwrap();
    assert_eq!(client.state(), State::CloseSent);
    assert_eq!(client.send_text("late"), Err(SendError::Closing));
    assert_eq!(
        hear(&mut server, &client.take_output()),
        ["closed 4001 done true"]
    );
    assert_eq!(server.state(), State::Closed);
    assert!(!server.must_drop_tcp(), "the answer is not written yet");
    assert_eq!(hear(&mut client, &server.take_output()), ["closed 4001  true"]);
    assert!(server.must_drop_tcp());
    assert!(!client.must_drop_tcp(), "the server ends TCP");
    assert_eq!(client.eof(), None);
}

#[test]
fn an_empty_close_is_answered_with_an_empty_close() {
    let mut server = endpoint(Role::Server);
    assert_eq!(hear(&mut server, &masked(0x88, b"")), ["closed 1005  true"]);
    assert_eq!(server.take_output(), [0x88, 0x00]);
}

#[test]
fn the_end_without_close_is_1006() {
    let mut server = endpoint(Role::Server);
    assert_eq!(
        server.eof(),
        Some(Event::Closed {
            code: 1006,
            reason: "",
            clean: false
        })
    );
    assert_eq!(server.eof(), None);
    assert_eq!(server.state(), State::Closed);
}

#[test]
fn each_violation_fails_once_with_its_code_and_nothing_is_read_behind_it() {
    let table: &[(&[u8], &str, u16)] = &[
        (&masked(0xC1, b"x"), "reserved-bits", 1002),
        (&masked(0x83, b""), "reserved-opcode", 1002),
        (&masked(0x8B, b""), "reserved-opcode", 1002),
        (&[0x81, 0x01, b'x'], "mask-missing", 1002),
        (&masked(0x89, &[0; 126]), "control-too-long", 1002),
        (&masked(0x09, b""), "control-fragmented", 1002),
        (&masked(0x80, b""), "continuation-orphan", 1002),
        (
            &[masked(0x01, b""), masked(0x81, b"")].concat(),
            "message-interleaved",
            1002,
        ),
        (&masked(0x81, b"\xff"), "utf8", 1007),
        (&masked(0x81, b"\xe2\x82"), "utf8", 1007),
        (
            &[masked(0x01, b"\xe2"), masked(0x80, b"\x28")].concat(),
            "utf8",
            1007,
        ),
        (
            &[masked(0x01, b"\xe2\x82"), masked(0x80, b"")].concat(),
            "utf8",
            1007,
        ),
        (&masked(0x88, b"\x03"), "close-body-one-octet", 1002),
        (&masked(0x88, b"\x03\xed"), "close-code", 1002),
        (&masked(0x88, b"\x03\xe8\xff"), "close-reason-utf8", 1007),
    ];
    for (wire, name, code) in table {
        let mut server = endpoint(Role::Server);
        let mut all = wire.to_vec();
        all.extend(masked(0x89, b"behind"));
        assert_eq!(hear(&mut server, &all), [format!("failed {name}")]);
        let output = server.take_output();
        assert_eq!(output[0], 0x88, "{name}: exactly one Close");
        assert_eq!(output[2..4], code.to_be_bytes(), "{name}");
        assert_eq!(output.len(), 2 + usize::from(output[1]), "{name}: nothing else");
        assert_eq!(server.state(), State::Failed);
        assert!(server.must_drop_tcp());
        assert_eq!(hear(&mut server, &masked(0x81, b"x")), [""; 0]);
    }
}

#[test]
fn a_client_refuses_masked_frames() {
    let mut client = endpoint(Role::Client);
    assert_eq!(hear(&mut client, &masked(0x81, b"x")), ["failed mask-present"]);
    assert!(!client.must_drop_tcp());
    client.take_output();
    assert!(client.must_drop_tcp());
}

#[test]
fn the_top_bit_is_refused_and_a_long_form_is_read() {
    let mut server = endpoint(Role::Server);
    let wire = [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    assert_eq!(hear(&mut server, &wire), ["failed length-top-bit"]);
    let wire = [0x82, 0xFE, 0, 1, 0, 0, 0, 0, b'x'];
    assert_eq!(hear(&mut endpoint(Role::Server), &wire), ["binary [120]"]);
    let config = Config {
        reject_non_minimal: true,
        ..Config::default()
    };
    assert_eq!(
        hear(&mut Endpoint::new(Role::Server, config), &wire),
        ["failed length-not-minimal"]
    );
}

#[test]
fn limits_are_applied_at_the_announcement() {
    let config = || Config {
        max_message: 10,
        max_frame: 8,
        ..Config::default()
    };
    let mut server = Endpoint::new(Role::Server, config());
    let header_only = [0x82, 0x80 | 0x09, 0, 0, 0, 0];
    assert_eq!(hear(&mut server, &header_only), ["failed frame-too-big"]);
    let mut server = Endpoint::new(Role::Server, config());
    let wire = [
        masked(0x02, &[0; 8]),
        masked(0x00, &[0; 2]),
        masked(0x80, &[0; 1])[..6].to_vec(),
    ]
    .concat();
    assert_eq!(hear(&mut server, &wire), ["failed message-too-big"]);
    assert_eq!(server.take_output()[2..4], 1009u16.to_be_bytes());
}

#[test]
fn ill_formed_text_fails_inside_the_frame_or_at_its_end() {
    let wire = [&[0x81, 0x80 | 0x64, 0, 0, 0, 0][..], b"abc\xff"].concat();
    assert_eq!(hear(&mut endpoint(Role::Server), &wire), ["failed utf8"]);
    let config = Config {
        fail_fast_utf8: false,
        ..Config::default()
    };
    let mut server = Endpoint::new(Role::Server, config);
    assert_eq!(hear(&mut server, &wire), [""; 0]);
    assert_eq!(hear(&mut server, &[b'x'; 96]), ["failed utf8"]);
}

#[test]
fn after_our_close_messages_are_still_read_and_pings_not_answered() {
    let mut server = endpoint(Role::Server);
    server.close(1001, "").unwrap();
    server.take_output();
    let wire = [
        masked(0x81, b"last"),
        masked(0x89, b""),
        masked(0x88, b"\x03\xe8"),
    ]
    .concat();
    assert_eq!(
        hear(&mut server, &wire),
        ["text last", "ping []", "closed 1000  true"]
    );
    assert_eq!(server.take_output(), b"");
}

#[test]
fn the_application_may_answer_the_close_itself() {
    let config = Config {
        answer_close: false,
        answer_ping: false,
        ..Config::default()
    };
    let mut server = Endpoint::new(Role::Server, config);
    hear(&mut server, &[masked(0x89, b""), masked(0x88, b"")].concat());
    assert_eq!(
        (server.state(), server.take_output()),
        (State::CloseReceived, Vec::new())
    );
    server.close(1000, "").unwrap();
    assert_eq!(
        (server.state(), server.take_output()),
        (State::Closed, vec![0x88, 2, 3, 232])
    );
    assert_eq!(server.close(1000, ""), Err(SendError::Closing));
}

#[test]
fn illegal_requests_to_send_are_refused() {
    let mut client = endpoint(Role::Client);
    assert_eq!(
        client.send_ping(&[0; 126]),
        Err(SendError::ControlTooLong { len: 126 })
    );
    assert_eq!(client.close(1005, ""), Err(SendError::CloseCode(1005)));
    client.close(1000, &"é".repeat(100)).unwrap();
    let output = client.take_output();
    assert_eq!(output[1], 0x80 | 0x7C, "61 characters of two octets and the code");
}

#[test]
fn compressed_conversation_and_its_rules() {
    let config = || Config {
        deflate: Some(AGREED),
        max_message: 1000,
        ..Config::default()
    };
    let mut client = Endpoint::new(Role::Client, config());
    let mut server = Endpoint::new(Role::Server, config());
    for _ in 0..3 {
        client.send_text("Hello Hello Hello").unwrap();
        client.send_binary(b"").unwrap();
    }
    let heard = hear(&mut server, &client.take_output());
    assert_eq!(heard, ["text Hello Hello Hello", "binary []"].repeat(3));

    let failing: &[(&[u8], &str)] = &[
        (&masked(0xC9, b""), "rsv1-on-control"),
        (
            &[masked(0x41, b""), masked(0xC0, b"")].concat(),
            "rsv1-on-continuation",
        ),
        (&masked(0xA1, b""), "reserved-bits"),
        (&masked(0xC1, b"\xff\xff\xff"), "deflate-data"),
    ];
    for (wire, name) in failing {
        let mut server = Endpoint::new(Role::Server, config());
        assert_eq!(hear(&mut server, wire), [format!("failed {name}")]);
    }
    // Plain messages stay legal beside compressed ones.
    let mut server = Endpoint::new(Role::Server, config());
    assert_eq!(hear(&mut server, &masked(0x81, b"plain")), ["text plain"]);
    // A bomb is stopped at the limit.
    let mut sender = Endpoint::new(
        Role::Client,
        Config {
            deflate: Some(AGREED),
            ..Config::default()
        },
    );
    sender.send_binary(&vec![0; 100_000]).unwrap();
    assert_eq!(
        hear(&mut server, &sender.take_output()),
        ["failed message-too-big"]
    );
}

#[derive(Debug, Clone)]
enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        "\\PC{0,60}".prop_map(Sent::Text),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Sent::Binary),
        (
            prop::sample::select(vec![125, 126, 127, 65_535, 65_536]),
            any::<u8>()
        )
            .prop_map(|(len, fill)| Sent::Binary(vec![fill; len])),
        prop::collection::vec(any::<u8>(), 0..=125).prop_map(Sent::Ping),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_sent_is_heard_at_any_chunking_and_is_legal(
        messages in prop::collection::vec(sent(), 0..8),
        size in prop_oneof![1..50_usize, Just(1_000_000)],
        deflate: bool,
        from_client: bool,
    ) {
        let deflate = deflate.then_some(AGREED);
        let role = if from_client { Role::Client } else { Role::Server };
        let mut sender = Endpoint::new(role, Config { deflate, ..Config::default() });
        let mut receiver = Endpoint::new(role.peer(), Config { deflate, ..Config::default() });
        let mut expected = Vec::new();
        for message in &messages {
            match message {
                Sent::Text(text) => sender.send_text(text).unwrap(),
                Sent::Binary(octets) => sender.send_binary(octets).unwrap(),
                Sent::Ping(payload) => sender.send_ping(payload).unwrap(),
            }
            expected.push(line(&match message {
                Sent::Text(text) => Event::Text(text),
                Sent::Binary(octets) => Event::Binary(octets),
                Sent::Ping(payload) => Event::Ping(payload),
            }));
        }
        sender.close(1000, "").unwrap();
        expected.push("closed 1000  true".to_owned());

        let wire = sender.take_output();
        let mut decoder = Decoder::new(role);
        decoder.set_rsv1(deflate.is_some());
        let mut copy = wire.clone();
        let mut rest = &mut copy[..];
        while let Some(event) = decoder.next(&mut rest) {
            if let frame::Event::Header { broken, .. } = event {
                prop_assert_eq!(broken, None::<Rule>);
            }
        }
        let heard: Vec<String> = wire.chunks(size).flat_map(|chunk| hear(&mut receiver, chunk)).collect();
        prop_assert_eq!(heard, expected);
    }

    #[test]
    fn noise_never_panics_and_closes_at_most_once(wire in prop::collection::vec(any::<u8>(), 0..300), deflate: bool) {
        let deflate = deflate.then_some(AGREED);
        let mut server = Endpoint::new(Role::Server, Config { deflate, ..Config::default() });
        hear(&mut server, &wire);
        let mut output = server.take_output();
        let mut decoder = Decoder::new(Role::Server);
        let mut rest = &mut output[..];
        let mut closes = 0;
        while let Some(event) = decoder.next(&mut rest) {
            if let frame::Event::Header { header, broken, .. } = event {
                prop_assert_eq!(broken, None::<Rule>);
                prop_assert_eq!(closes, 0, "a frame behind the Close");
                closes += usize::from(header.opcode == Opcode::CLOSE);
            }
        }
        prop_assert!(decoder.at_boundary());
    }
}
