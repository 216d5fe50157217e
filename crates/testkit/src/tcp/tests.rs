//! Peers over real sockets.

use std::io::{Read, Write};
use std::net::TcpStream;

use wsanvil_echo::Defect;

use super::*;
use crate::hostile::{HOSTILE, by_name};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// A masked Ping with the key 0, payload `hi`.
const PING: &[u8] = b"\x89\x82\0\0\0\0hi";

fn hostile(name: &str) -> Kind {
    Kind::Hostile(by_name(name).unwrap())
}

fn connect(target: &TcpTarget) -> TcpStream {
    let stream = TcpStream::connect(target.addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Reads up to and with the blank line.
fn read_head(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut octet).unwrap() == 1 {
        head.push(octet[0]);
    }
    head
}

#[test]
fn the_reference_answers_a_ping() {
    let target = serve(Kind::Reference).unwrap();
    let mut stream = connect(&target);
    stream.write_all(&[REQUEST, PING].concat()).unwrap();
    assert!(read_head(&mut stream).starts_with(b"HTTP/1.1 101 "));
    let mut pong = [0; 4];
    stream.read_exact(&mut pong).unwrap();
    assert_eq!(&pong, b"\x8a\x02hi");
}

#[test]
fn a_defect_is_served() {
    let defect = *Defect::ALL
        .iter()
        .find(|defect| defect.name() == "bad-accept")
        .unwrap();
    let target = serve(Kind::Defect(defect)).unwrap();
    let mut stream = connect(&target);
    stream.write_all(REQUEST).unwrap();
    let head = String::from_utf8(read_head(&mut stream)).unwrap();
    assert!(
        head.starts_with("HTTP/1.1 101 ") && !head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        "{head}"
    );
}

#[test]
fn fin_and_rst_are_told_apart() {
    for (name, reset) in [("ends-at-first-octet", false), ("resets-at-first-octet", true)] {
        let target = serve(hostile(name)).unwrap();
        let mut stream = connect(&target);
        stream.write_all(REQUEST).unwrap();
        let end = stream.read(&mut [0; 16]);
        match end {
            Ok(count) => assert!(count == 0 && !reset, "{name}"),
            Err(error) => assert!(
                reset && error.kind() == io::ErrorKind::ConnectionReset,
                "{name}: {error}"
            ),
        }
    }
}

#[test]
fn nobody_listens_behind_the_one_that_refuses() {
    let target = serve(hostile("refuses")).unwrap();
    let error = TcpStream::connect(target.addr).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn every_connection_has_a_peer_of_its_own() {
    let target = serve(hostile("echo-all")).unwrap();
    let mut streams = [connect(&target), connect(&target), connect(&target)];
    for (index, stream) in streams.iter_mut().enumerate() {
        stream
            .write_all(&[REQUEST, &[b'0' + index as u8]].concat())
            .unwrap();
    }
    for (index, stream) in streams.iter_mut().enumerate() {
        read_head(stream);
        let mut octet = [0];
        stream.read_exact(&mut octet).unwrap();
        assert_eq!(octet, [b'0' + index as u8]);
    }
}

#[test]
fn every_hostile_target_starts_serves_and_stops() {
    for hostile in HOSTILE.iter().filter(|hostile| !hostile.virtual_only) {
        let target = serve(Kind::Hostile(hostile)).unwrap();
        if (hostile.make)().listens() {
            let mut stream = connect(&target);
            // May fail: some reset the connection at once.
            let _ = stream.write_all(REQUEST);
            if hostile.upgrades {
                let head = read_head(&mut stream);
                assert!(head.starts_with(b"HTTP/1.1 101 "), "{hostile:?}");
            }
        }
    }
}
