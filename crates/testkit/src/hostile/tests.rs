//! Each peer does what the table says.

use std::collections::BTreeSet;

use wsanvil_engine::Time;

use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const PING: &[u8] = &[0x89, 0x80, 0, 0, 0, 0];

/// What a peer sends, wakes included, up to about so many octets.
fn drain(peer: &mut dyn Peer, most: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < most {
        let piece = peer.take_output();
        match (piece.is_empty(), peer.wake()) {
            (false, _) => all.extend_from_slice(&piece),
            (true, Some(at)) => peer.tick(at),
            (true, None) => break,
        }
    }
    all
}

fn peer(name: &str) -> Box<dyn Peer> {
    (by_name(name).unwrap().make)()
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let names: BTreeSet<&str> = HOSTILE.iter().map(|hostile| hostile.name).collect();
    assert_eq!(names.len(), HOSTILE.len());
    assert!(names.iter().all(|name| {
        name.bytes()
            .all(|octet| octet.is_ascii_lowercase() || octet == b'-')
    }));
}

#[test]
fn those_that_upgrade_give_the_accept_of_the_key() {
    for hostile in HOSTILE {
        let mut peer = (hostile.make)();
        peer.tick(Time(0));
        peer.receive(Time(0), REQUEST);
        let sent = drain(&mut *peer, 1 << 20);
        let accept = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        let upgrades =
            sent.starts_with(b"HTTP/1.1 101 ") && sent.windows(accept.len()).any(|part| part == accept);
        // The slow one upgrades in the end, when nobody waits any more.
        assert_eq!(upgrades, hostile.upgrades || hostile.virtual_only, "{hostile:?}");
    }
}

#[test]
fn a_request_may_come_octet_by_octet_and_frames_may_lie_behind_it() {
    let mut peer = peer("echo-all");
    for octet in REQUEST {
        peer.receive(Time(0), &[*octet]);
    }
    peer.receive(Time(0), PING);
    assert!(drain(&mut *peer, 1 << 20).ends_with(&[b"\r\n\r\n".as_slice(), PING].concat()));
    assert_eq!(peer.ended(), None);
    peer.fin();
    assert_eq!(peer.ended(), Some(PeerEnd::Fin));
}

#[test]
fn those_that_die_do_it_at_their_moment() {
    let moments = [
        ("ends-at-once", 0, PeerEnd::Fin),
        ("resets-at-once", 0, PeerEnd::Rst),
        ("ends-at-first-octet", 1, PeerEnd::Fin),
        ("resets-at-first-octet", 1, PeerEnd::Rst),
        ("ends-in-handshake", 1, PeerEnd::Fin),
        ("ends-after-upgrade", 2, PeerEnd::Fin),
        ("resets-after-upgrade", 2, PeerEnd::Rst),
        ("ends-on-first-frame", 3, PeerEnd::Fin),
        ("resets-on-first-frame", 3, PeerEnd::Rst),
        ("close-bomb", 3, PeerEnd::Fin),
    ];
    for (name, moment, end) in moments {
        let mut peer = peer(name);
        for (index, input) in [&[], &REQUEST[..1], &REQUEST[1..], PING].into_iter().enumerate() {
            if !input.is_empty() {
                peer.receive(Time(0), input);
            }
            assert_eq!(
                peer.ended(),
                (index >= moment).then_some(end),
                "{name} after input {index}"
            );
        }
    }
}

#[test]
fn those_without_end_go_on_beyond_ten_megabytes() {
    for name in [
        "endless-head",
        "endless-line",
        "garbage",
        "endless-text",
        "endless-zeros",
        "endless-pings",
        "fragments-forever",
        "endless-frame",
        "garbage-after-upgrade",
    ] {
        let mut peer = peer(name);
        peer.receive(Time(0), REQUEST);
        assert!(drain(&mut *peer, 10_000_001).len() > 10_000_000, "{name}");
    }
}

#[test]
fn the_huge_head_is_a_correct_one() {
    let mut peer = peer("huge-head");
    peer.receive(Time(0), REQUEST);
    let head = drain(&mut *peer, usize::MAX);
    assert!((10_000_000..10_001_000).contains(&head.len()));
    assert!(head.ends_with(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"));
    assert_eq!(head.windows(4).filter(|part| part == b"\r\n\r\n").count(), 1);
}

#[test]
fn the_slow_one_takes_a_second_for_each_octet() {
    let mut peer = peer("slow-drip");
    peer.receive(Time(0), REQUEST);
    assert_eq!(peer.take_output(), b"");
    peer.tick(Time(999_999));
    assert_eq!(peer.take_output(), b"");
    peer.tick(Time(1_000_000));
    assert_eq!(peer.take_output(), b"H");
    assert_eq!(peer.wake(), Some(Time(2_000_000)));
}

#[test]
fn the_close_bomb_is_a_legal_frame() {
    let mut peer = peer("close-bomb");
    peer.receive(Time(0), REQUEST);
    drop(peer.take_output());
    peer.receive(Time(0), PING);
    let frame = peer.take_output();
    assert_eq!(frame[0], 0x88);
    assert_eq!(frame.len(), 2 + usize::from(frame[1]));
    assert!(frame[1] <= 125);
    let body = wsanvil_wire::close::parse_body(&frame[2..]).unwrap();
    assert_eq!(body.code, Some(4000));
    assert!(body.reason.contains("<script>"));
}
