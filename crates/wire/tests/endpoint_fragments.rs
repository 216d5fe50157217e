//! Fragmented messages that an endpoint sends (RFC 6455 section 5.4, RFC 7692 section 6.1).

use proptest::prelude::*;
use wsanvil_wire::Role;
use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::{Config, Endpoint, Event, SendError};
use wsanvil_wire::frame::{Decoder, Event as FrameEvent, Header, Opcode};

fn endpoint(role: Role, deflate: bool) -> Endpoint {
    let deflate = deflate.then_some(Agreed {
        server_takeover: true,
        client_takeover: false,
        server_window: 15,
        client_window: 9,
    });
    Endpoint::new(
        role,
        Config {
            deflate,
            reject_non_minimal: true,
            ..Config::default()
        },
    )
}

fn headers(role: Role, octets: &mut [u8]) -> Vec<Header> {
    let mut decoder = Decoder::new(role);
    decoder.set_rsv1(true);
    let mut rest = octets;
    let mut headers = Vec::new();
    while let Some(event) = decoder.next(&mut rest) {
        if let FrameEvent::Header { header, broken, .. } = event {
            assert_eq!(broken, None);
            headers.push(header);
        }
    }
    headers
}

#[test]
fn type_and_rsv1_are_on_the_first_fragment_and_fin_on_the_last() {
    let mut server = endpoint(Role::Server, true);
    let outbox = server.outbox();
    outbox.send_text_fragment("Grü", false).unwrap();
    outbox.send_ping(b"between").unwrap();
    outbox.send_text_fragment("", false).unwrap();
    outbox.send_text_fragment("ße", true).unwrap();
    let seen: Vec<_> = headers(Role::Server, &mut server.take_output())
        .iter()
        .map(|header| (header.fin, header.rsv, header.opcode))
        .collect();
    assert_eq!(
        seen,
        [
            (false, 0b100, Opcode::TEXT),
            (true, 0, Opcode::PING),
            (false, 0, Opcode::CONTINUATION),
            (true, 0, Opcode::CONTINUATION),
        ]
    );
}

#[test]
fn no_other_message_begins_before_the_last_fragment() {
    let mut client = endpoint(Role::Client, false);
    let outbox = client.outbox();
    outbox.send_binary_fragment(b"a", false).unwrap();
    assert_eq!(outbox.send_text("b"), Err(SendError::Unfinished));
    assert_eq!(outbox.send_binary(b"b"), Err(SendError::Unfinished));
    assert_eq!(outbox.send_text_fragment("b", true), Err(SendError::Unfinished));
    outbox.send_binary_fragment(b"b", true).unwrap();
    outbox.send_text_fragment("c", true).unwrap();
    outbox.send_text_fragment("d", false).unwrap();
    outbox.close(1001, "").unwrap();
    assert_eq!(outbox.send_text_fragment("e", true), Err(SendError::Closing));
    assert_eq!(headers(Role::Client, &mut client.take_output()).len(), 5);
}

proptest! {
    #[test]
    fn fragments_are_heard_as_one_message(
        messages in prop::collection::vec((any::<bool>(), prop::collection::vec(".{0,40}", 1..5)), 1..5),
        deflate: bool,
        from_client: bool,
    ) {
        let role = if from_client { Role::Client } else { Role::Server };
        let mut sender = endpoint(role, deflate);
        let mut expected = Vec::new();
        for (text, parts) in &messages {
            for (index, part) in parts.iter().enumerate() {
                let fin = index + 1 == parts.len();
                if *text {
                    sender.outbox().send_text_fragment(part, fin).unwrap();
                } else {
                    sender.outbox().send_binary_fragment(part.as_bytes(), fin).unwrap();
                }
            }
            expected.push((*text, parts.concat().into_bytes()));
        }
        let mut heard = Vec::new();
        let mut failed = None;
        endpoint(role.peer(), deflate).receive(&mut sender.take_output(), &mut |event| match event {
            Event::Text(text) => heard.push((true, text.as_bytes().to_vec())),
            Event::Binary(octets) => heard.push((false, octets.to_vec())),
            other => failed = Some(format!("{other:?}")),
        });
        prop_assert_eq!(failed, None);
        prop_assert_eq!(heard, expected);
    }
}
