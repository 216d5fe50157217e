//! Defects that show only beside other connections, at the end of TCP, or in what is not fetched.

use wsanvil_echo::{Config, Defect, Echo};
use wsanvil_wire::frame::{Header, Opcode};
use wsanvil_wire::mask;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// The configuration of a server with this defect.
fn server(defect: Defect) -> Config {
    Config {
        defects: defect.into(),
        ..Config::default()
    }
}

/// A connection behind its handshake.
fn open(config: &Config) -> Echo {
    let mut echo = Echo::server(config.clone());
    echo.receive(REQUEST);
    assert!(echo.output().starts_with(b"HTTP/1.1 101 "));
    echo
}

fn frame(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let key = [1, 2, 3, 4];
    let header = Header {
        fin,
        mask: Some(key),
        ..Header::new(opcode, payload.len() as u64)
    };
    let mut out = Vec::new();
    header.write(&mut out);
    mask::apply_copy(key, 0, payload, &mut out);
    out
}

/// Half a frame.
fn half() -> Vec<u8> {
    let mut octets = frame(true, Opcode::TEXT, b"Hello");
    octets.truncate(8);
    octets
}

#[test]
fn connections_of_different_servers_do_not_feel_each_other() {
    let mut stalled = open(&server(Defect::FrameBlocksOthers));
    stalled.receive(&half());
    assert!(open(&server(Defect::FrameBlocksOthers)).wants_read());
}

#[test]
fn an_unfinished_frame_holds_up_the_others_until_it_is_finished() {
    let config = server(Defect::FrameBlocksOthers);
    let (mut first, mut second) = (open(&config), open(&config));
    first.receive(&half());
    assert!(first.wants_read() && !second.wants_read());
    first.receive(b"no");
    first.receive(b"w");
    assert!(second.wants_read());
    first.receive(&half());
    drop(first);
    assert!(second.wants_read());
}

#[test]
fn an_unfinished_handshake_holds_up_the_next() {
    let config = server(Defect::HandshakeBlocksOthers);
    let mut before = open(&config);
    let first = Echo::server(config.clone());
    let mut second = Echo::server(config);
    assert!(before.wants_read() && !second.wants_read());
    drop(first);
    assert!(second.wants_read());
}

#[test]
fn what_is_not_fetched_holds_up_the_others() {
    let config = server(Defect::UnreadBlocksOthers);
    let (mut first, mut second) = (open(&config), open(&config));
    first.receive(&frame(true, Opcode::BINARY, &vec![0; 40 << 10]));
    assert!(!second.wants_read());
    first.output();
    assert!(second.wants_read());
}

#[test]
fn fragments_of_all_connections_mix() {
    let config = server(Defect::SharesFragments);
    let (mut first, mut second) = (open(&config), open(&config));
    first.receive(&frame(false, Opcode::TEXT, b"one"));
    second.receive(&frame(false, Opcode::TEXT, b"two"));
    first.receive(&frame(true, Opcode::CONTINUATION, b"!"));
    assert_eq!(first.output(), b"\x81\x07onetwo!");
}

#[test]
fn slots_are_lost_without_a_close_only() {
    let config = server(Defect::LeaksConnections);
    for _ in 0..100 {
        let mut closed = open(&config);
        closed.receive(&frame(true, Opcode::CLOSE, b""));
        drop(closed);
    }
    for _ in 0..63 {
        drop(open(&config));
    }
    assert!(open(&config).wants_read());
    assert!(!Echo::server(config).wants_read());
}

#[test]
fn the_end_inside_a_frame_is_the_end_of_all() {
    let config = server(Defect::DiesInsideFrame);
    let mut other = open(&config);
    drop(open(&config));
    assert!(other.wants_read());
    let mut broken = open(&config);
    broken.receive(&half());
    broken.eof();
    assert!(!other.wants_read());
}

#[test]
fn half_of_tcp_is_kept() {
    let mut kept = open(&server(Defect::IgnoresHalfClose));
    kept.eof();
    assert!(!kept.wants_close());
    let mut clean = open(&Config::default());
    clean.eof();
    assert!(clean.wants_close());
}

#[test]
fn reading_goes_on_however_much_waits() {
    let large = frame(true, Opcode::BINARY, &vec![0; 2 << 20]);
    let mut unbound = open(&server(Defect::BuffersWithoutBound));
    unbound.receive(&large);
    assert!(unbound.wants_read());
    let mut clean = open(&Config::default());
    clean.receive(&large);
    assert!(!clean.wants_read());
}
