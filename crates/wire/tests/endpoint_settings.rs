//! What an endpoint is told, and what it tells of itself.

use std::collections::BTreeSet;

use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::{Config, Endpoint, Event, Keys, SendError, State};
use wsanvil_wire::frame::{self, Decoder, Header, Opcode};
use wsanvil_wire::message::Message;
use wsanvil_wire::{Role, Rule};

/// The keys of the frames in `octets`.
fn keys(mut octets: Vec<u8>) -> Vec<[u8; 4]> {
    let mut decoder = Decoder::new(Role::Client);
    let mut rest = &mut octets[..];
    let mut keys = Vec::new();
    while let Some(event) = decoder.next(&mut rest) {
        if let frame::Event::Header { header, broken, .. } = event {
            assert_eq!(broken, None);
            keys.extend(header.mask);
        }
    }
    keys
}

fn client(keys: Keys) -> Endpoint {
    Endpoint::new(
        Role::Client,
        Config {
            keys,
            ..Config::default()
        },
    )
}

fn hear(endpoint: &mut Endpoint, octets: &[u8]) -> Vec<String> {
    let mut heard = Vec::new();
    endpoint.receive(&mut octets.to_vec(), &mut |event| {
        heard.push(format!("{event:?}"));
    });
    heard
}

/// A frame from a server.
fn plain(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header {
        fin,
        ..Header::new(opcode, payload.len() as u64)
    };
    header.write(&mut out);
    out.extend_from_slice(payload);
    out
}

#[test]
fn each_frame_of_a_client_has_a_new_key() {
    let sent = |seed| {
        let mut client = client(Keys::from_seed(seed));
        for _ in 0..50 {
            client.send_ping(b"x").unwrap();
        }
        keys(client.take_output())
    };
    let first = sent(1);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 50);
    assert_eq!(first, sent(1), "a run can be repeated");
    assert_ne!(first, sent(2));
    assert_eq!(keys_of_default(), sent(0));
}

fn keys_of_default() -> Vec<[u8; 4]> {
    let mut source = Keys::default();
    (0..50).map(|_| source.next_key()).collect()
}

#[test]
fn the_callers_generator_is_asked_once_for_each_frame() {
    let mut next = 0_u8;
    let source = Keys::from_source(move || {
        next += 1;
        [next; 4]
    });
    assert_eq!(
        format!("{source:?} {:?}", Keys::from_seed(77)),
        "Keys(caller) Keys(seed)"
    );
    let mut client = client(source);
    client.send_text("a").unwrap();
    client.send_binary(b"").unwrap();
    client.close(1000, "").unwrap();
    assert_eq!(keys(client.take_output()), [[1; 4], [2; 4], [3; 4]]);
}

#[test]
fn an_application_answers_while_it_hears() {
    let mut client = client(Keys::default());
    let mut server = Endpoint::new(Role::Server, Config::default());
    client.send_text("text").unwrap();
    client.send_binary(b"octets").unwrap();
    client.send_pong(b"heartbeat").unwrap();
    assert_eq!(Message::Text("text").octets(), Message::Binary(b"text").octets());
    let mut pongs = Vec::new();
    server.receive_with(&mut client.take_output(), &mut |event, outbox| match event {
        Event::Text(text) => outbox.send(Message::Text(text)).unwrap(),
        Event::Binary(octets) => outbox.send(Message::Binary(octets)).unwrap(),
        Event::Pong(payload) => pongs.push(payload.to_vec()),
        other => panic!("{other:?}"),
    });
    assert_eq!(
        pongs,
        [b"heartbeat"],
        "a Pong that nobody asked for is no fault and is not answered"
    );
    assert_eq!(
        hear(&mut client, &server.take_output()),
        ["Text(\"text\")", "Binary([111, 99, 116, 101, 116, 115])"]
    );
    server.outbox().send_pong(b"p").unwrap();
    assert_eq!(server.output().len(), 3);
    server.output().clear();
    assert_eq!(server.take_output(), b"");
}

#[test]
fn the_end_of_the_transport_ends_everything() {
    for role in [Role::Client, Role::Server] {
        let mut endpoint = Endpoint::new(role, Config::default());
        assert_eq!(
            (endpoint.role(), endpoint.ended(), endpoint.must_drop_tcp()),
            (role, false, false)
        );
        assert!(matches!(
            endpoint.eof(),
            Some(Event::Closed {
                code: 1006,
                clean: false,
                ..
            })
        ));
        assert!(endpoint.ended() && endpoint.must_drop_tcp());
        assert_eq!(endpoint.state(), State::Closed);
        assert_eq!(endpoint.send_text("late"), Err(SendError::Closing));
        assert_eq!(endpoint.send_ping(b""), Err(SendError::Closing));
        assert_eq!(endpoint.close(1000, ""), Err(SendError::Closing));
        assert_eq!(hear(&mut endpoint, &plain(Opcode::TEXT, true, b"late")), [""; 0]);
        assert_eq!(endpoint.eof(), None);
    }
    // Behind a failure the end is no news, and the failure stays.
    let mut client = client(Keys::default());
    assert_eq!(hear(&mut client, &[0xFF, 0x00]).len(), 1);
    assert_eq!((client.eof(), client.state()), (None, State::Failed));
}

#[test]
fn a_client_waits_for_the_server_to_end_tcp() {
    // RFC 6455 section 7.1.1.
    let mut client = client(Keys::default());
    client.close(1000, "").unwrap();
    client.take_output();
    hear(&mut client, &plain(Opcode::CLOSE, true, b"\x03\xe8"));
    assert_eq!((client.state(), client.must_drop_tcp()), (State::Closed, false));
    assert_eq!(client.eof(), None);
    assert!(client.must_drop_tcp());
}

#[test]
fn limits_are_the_last_number_that_passes() {
    let hear_of = |frames: &[Vec<u8>], chunk: usize| {
        let config = Config {
            max_message: 200,
            max_frame: 150,
            ..Config::default()
        };
        let mut client = Endpoint::new(Role::Client, config);
        let mut heard = Vec::new();
        for piece in frames.concat().chunks(chunk) {
            heard.extend(hear(&mut client, piece));
        }
        heard
    };
    let binary = |fin, len| plain(Opcode::BINARY, fin, &vec![0; len]);
    let more = |fin, len| plain(Opcode::CONTINUATION, fin, &vec![0; len]);
    let frame_too_big = format!("{:?}", Event::Failed(Rule::FrameTooBig { limit: 150 }));
    let message_too_big = format!("{:?}", Event::Failed(Rule::MessageTooBig { limit: 200 }));
    for chunk in [1, 7, 1000] {
        assert!(hear_of(&[binary(true, 150)], chunk)[0].starts_with("Binary"));
        assert_eq!(
            hear_of(&[binary(true, 151)], chunk),
            std::slice::from_ref(&frame_too_big)
        );
        assert!(hear_of(&[binary(false, 150), more(true, 50)], chunk)[0].starts_with("Binary"));
        assert_eq!(
            hear_of(&[binary(false, 150), more(true, 51)], chunk),
            std::slice::from_ref(&message_too_big)
        );
        assert_eq!(
            hear_of(
                &[
                    binary(false, 100),
                    more(false, 100),
                    more(false, 0),
                    more(true, 1)
                ],
                chunk
            ),
            std::slice::from_ref(&message_too_big)
        );
        // The next message counts from nothing.
        assert_eq!(
            hear_of(&[binary(true, 150), binary(false, 100), more(true, 100)], chunk).len(),
            2
        );
    }
}

#[test]
fn the_limit_counts_octets_after_inflation() {
    for (len, passes) in [(1000, true), (1001, false)] {
        let config = || Config {
            max_message: 1000,
            deflate: Some(Agreed::default()),
            ..Config::default()
        };
        let mut server = Endpoint::new(Role::Server, config());
        let mut client = Endpoint::new(Role::Client, config());
        server.send_binary(&vec![0; len]).unwrap();
        let octets = server.take_output();
        assert!(octets.len() < 100);
        let heard = hear(&mut client, &octets);
        assert_eq!(heard[0].starts_with("Binary"), passes, "{len}");
        assert!(
            passes
                || heard
                    == [format!(
                        "{:?}",
                        Event::Failed(Rule::MessageTooBig { limit: 1000 })
                    )]
        );
    }
}

#[test]
fn text_is_judged_at_its_end_where_that_is_wanted() {
    let hear_of = |deflate: bool, fail_fast: bool, frames: &[Vec<u8>]| {
        let config = Config {
            fail_fast_utf8: fail_fast,
            deflate: deflate.then(Agreed::default),
            ..Config::default()
        };
        let mut client = Endpoint::new(Role::Client, config);
        frames
            .iter()
            .map(|frame| hear(&mut client, frame).len())
            .collect::<Vec<_>>()
    };
    let frames = [
        plain(Opcode::TEXT, false, b"a\xff"),
        plain(Opcode::CONTINUATION, false, b"b"),
        plain(Opcode::CONTINUATION, true, b"c"),
    ];
    assert_eq!(hear_of(false, true, &frames), [1, 0, 0]);
    assert_eq!(hear_of(false, false, &frames), [0, 0, 1]);
    // Stored blocks: the ill-formed octet is there with the first frame.
    let mut squeezed = [
        plain(Opcode::TEXT, false, b"\x00\x02\x00\xfd\xffa\xff"),
        plain(Opcode::CONTINUATION, false, b"\x00\x01\x00\xfe\xffb"),
        plain(Opcode::CONTINUATION, true, b"\x00"),
    ];
    squeezed[0][0] |= 0x40;
    assert_eq!(hear_of(true, true, &squeezed), [1, 0, 0]);
    assert_eq!(hear_of(true, false, &squeezed), [0, 0, 1]);
}
