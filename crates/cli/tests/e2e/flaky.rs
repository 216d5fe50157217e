//! A target that is silent once, and not again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wsanvil_wire::upgrade::accept_for;

use super::program::Place;

const CASE: &str = r#"
[[case]]
id = "own/moment"
title = "A text comes back"
spec = ["6455-5.6-2"]
needs = ["echo"]
steps = [
  { open = "ws" },
  { send = "text", data = "a moment" },
  { expect = "echo" },
]
"#;

/// An echo server that lets the first `silences` messages of the case pass. Gives its port.
fn forgetful(silences: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let seen = Arc::clone(&seen);
            // The end of a connection is the end of its thread.
            std::thread::spawn(move || drop(serve(connection, silences, &seen)));
        }
    });
    port
}

fn serve(mut connection: TcpStream, silences: usize, seen: &AtomicUsize) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        connection.read_exact(&mut octet)?;
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = String::from_utf8_lossy(&accept_for(key.unwrap().as_bytes())).into_owned();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    connection.write_all(answer.as_bytes())?;
    loop {
        // Frames of a case this small have a header of two octets and a key.
        let mut header = [0; 6];
        connection.read_exact(&mut header)?;
        let mut payload = vec![0; usize::from(header[1] & 0x7f)];
        connection.read_exact(&mut payload)?;
        for (octet, key) in payload.iter_mut().zip(header[2..].iter().cycle()) {
            *octet ^= key;
        }
        let opcode = header[0] & 0x0f;
        if payload == b"a moment" && seen.fetch_add(1, Ordering::SeqCst) < silences {
            continue;
        }
        let opcode = if opcode == 9 { 10 } else { opcode };
        connection.write_all(&[0x80 | opcode, payload.len() as u8])?;
        connection.write_all(&payload)?;
        if opcode == 8 {
            return Ok(());
        }
    }
}

/// Runs the case once against a server that is silent so many times.
fn tried(silences: usize, options: &[&str], code: i32) -> serde_json::Value {
    let place = Place::new();
    std::fs::create_dir(place.path("own")).unwrap();
    std::fs::write(place.path("own/moment.toml"), CASE).unwrap();
    let url = format!("ws://127.0.0.1:{}/", forgetful(silences));
    let common = [
        "run",
        &url,
        "--cases",
        "own",
        "--case",
        "own/moment",
        "--timeout",
        "2s",
        "-j",
        "1",
    ];
    let ended = place.run(&[&common[..], options].concat());
    ended.expect(code);
    let instance = place.report()["cases"][0]["instances"][0].clone();
    if instance["flaky"] == true {
        ended.says("own/moment (flaky)");
        let page = std::fs::read_to_string(place.path("wsanvil-report/report.html")).unwrap();
        assert!(page.contains(">flaky<"));
    }
    instance
}

#[test]
fn silence_that_does_not_come_again_is_flaky_and_counts() {
    let instance = tried(1, &["--retries", "3"], 1);
    assert_eq!(
        (&instance["verdict"], &instance["flaky"]),
        (&"fail".into(), &true.into())
    );
    let note = instance["notes"].as_array().unwrap().last().unwrap()["text"].clone();
    assert_eq!(note, "flaky: its runs came to fail, pass; the worst counts");
}

#[test]
fn who_forgives_flakiness_passes() {
    let instance = tried(1, &["--retries", "1", "--flaky", "pass"], 0);
    assert_eq!(instance["flaky"], true);
}

#[test]
fn without_retries_silence_is_silence() {
    let instance = tried(1, &["--flaky", "pass"], 1);
    assert_eq!(instance["flaky"], false);
}

#[test]
fn silence_that_comes_again_is_not_flaky() {
    let instance = tried(3, &["--retries", "2", "--flaky", "pass"], 1);
    assert_eq!(
        (&instance["verdict"], &instance["flaky"]),
        (&"fail".into(), &false.into())
    );
}
