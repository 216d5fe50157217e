//! `wsanvil probe` with steps.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use serde_json::Value;

use super::hostile::switching;
use super::program::{EchoServer, Ended, Place, answering, free_port};

/// Long enough for any machine: what ends a conversation in these tests is the end of the connection.
const PATIENT: [&str; 4] = ["--quiet-for", "60s", "--timeout", "60s"];

/// A server that sends these octets behind its 101, answers a Close if they hold none, and ends. Gives its URL and what it read.
pub(crate) fn saying(octets: &'static [u8]) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let (tell, read) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut octet = [0];
        while !head.ends_with(b"\r\n\r\n") && connection.read(&mut octet).is_ok_and(|count| count > 0) {
            head.push(octet[0]);
        }
        connection.write_all(&switching(&head)).unwrap();
        connection.write_all(octets).unwrap();
        let mut frames = Vec::new();
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = connection.read(&mut buffer) {
            frames.extend_from_slice(&buffer[..count]);
            // A Close with a code and nothing else, masked.
            if frames.len() >= 8 && frames[frames.len() - 8..].starts_with(&[0x88, 0x82]) {
                // One Close is enough.
                if !octets.contains(&0x88) {
                    let _ = connection.write_all(b"\x88\x02\x03\xe8");
                }
                break;
            }
        }
        let _ = tell.send(frames);
    });
    (url, read)
}

fn probe(place: &Place, url: &str, arguments: &[&str]) -> Ended {
    place.run(&[&["probe", url], arguments].concat())
}

fn patiently(place: &Place, url: &str, steps: &[&str]) -> Ended {
    probe(place, url, &[steps, &PATIENT[..]].concat())
}

#[test]
fn everything_that_crosses_the_wire_is_shown_in_words() {
    let server = EchoServer::start(&[]);
    let steps = [
        "text hi",
        "frame op=2 hex=00ff fin=0",
        "frame op=0",
        "ping x",
        "close 3000 bye",
    ];
    let ended = patiently(&Place::new(), &server.url, &steps);
    ended
        .expect(0)
        .says("→ GET / HTTP/1.1")
        .says("← HTTP/1.1 101 Switching Protocols")
        .says("→ FIN text, 2 octets, masked ")
        .says("→ binary, 2 octets, masked ")
        .says("→ FIN continuation, 0 octets")
        .says("← FIN text, 2 octets \"hi\"\n")
        .says("← FIN binary, 2 octets 00ff\n")
        .says("← FIN Pong, 1 octet \"x\"\n")
        .says("← FIN Close 3000 (for libraries and applications)\n")
        .says("no rule broken; closed by wsanvil, answered with 3000");
    assert_eq!(ended.stderr, "");
}

#[test]
fn without_a_close_the_end_is_proper_when_the_target_is_quiet() {
    let (url, read) = saying(b"");
    probe(&Place::new(), &url, &["text a", "--quiet-for", "1ms"])
        .expect(0)
        .says("→ FIN Close 1000 (normal closure)")
        .says("closed by wsanvil, answered with 1000");
    let frames = read.recv().unwrap();
    assert_eq!(frames.len(), 7 + 8, "{frames:02x?}");
}

#[test]
fn a_target_that_is_never_quiet_is_left_in_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut octet = [0];
        while !head.ends_with(b"\r\n\r\n") && connection.read(&mut octet).is_ok_and(|count| count > 0) {
            head.push(octet[0]);
        }
        connection.write_all(&switching(&head)).unwrap();
        while connection.write_all(b"\x81\x04tick").is_ok() {}
    });
    // It is cut off as a flood, or left when its time is over: there is an end.
    let ended = probe(
        &Place::new(),
        &url,
        &["ping", "--quiet-for", "300ms", "--timeout", "300ms"],
    );
    ended.expect(0).says("\"tick\"");
}

#[test]
fn rules_that_the_target_breaks_are_named() {
    let server = EchoServer::start(&["--defect", "sends-reserved-opcode"]);
    let place = Place::new();
    patiently(&place, &server.url, &["text hi", "close"])
        .expect(1)
        .says("← FIN opcode 3, 2 octets")
        .says("MUST broken: ")
        .says("(RFC 6455 section 11.8, 6455-11.8-1)")
        .says("1 rule broken; ");
    let ended = patiently(&place, &server.url, &["text hi", "close", "--json"]);
    let value: Value = serde_json::from_str(&ended.expect(1).stdout).unwrap();
    assert_eq!(value["schema_version"], 1);
    assert_eq!(value["steps"], serde_json::json!(["text hi", "close"]));
    assert_eq!(value["broken"][0]["rule"], "opcode");
    assert_eq!(value["broken"][0]["level"], "must");
    assert_eq!(value["broken"][0]["requirement"], "6455-11.8-1");
    let frames = value["transcript"].as_array().unwrap().iter();
    let opcodes: Vec<i64> = frames
        .filter_map(|entry| entry["frame"]["opcode"].as_i64())
        .collect();
    assert_eq!(opcodes[..3], [1, 8, 3], "{opcodes:?}");
}

#[test]
fn what_the_target_had_to_do_is_noted() {
    let place = Place::new();
    let taking = EchoServer::start(&["--defect", "ignores-reserved-opcodes"]);
    let fault = "what was sent breaks a rule (opcode 0x3 is reserved): the target has to fail the connection";
    probe(
        &place,
        &taking.url,
        &["frame op=3", "wait 1", "--quiet-for", "1ms"],
    )
    .expect(0)
    .says(&format!("{fault}, and did not"));
    let good = EchoServer::start(&[]);
    patiently(&place, &good.url, &["frame op=3"])
        .expect(0)
        .says(&format!("{fault}, and did\n"));
    let (mute, _read) = saying(b"");
    probe(&place, &mute, &["ping x", "--quiet-for", "1ms"])
        .expect(0)
        .says("note: the last Ping was not answered");
}

#[test]
fn an_expectation_among_the_steps_counts() {
    let server = EchoServer::start(&[]);
    let place = Place::new();
    let good = ["text hi", "{ expect = \"echo\" }", "close"];
    patiently(&place, &server.url, &good).expect(0);
    let bad = ["text hi", "{ expect = \"text\", data = \"ho\" }"];
    patiently(&place, &server.url, &bad)
        .expect(1)
        .says("miss: expected");
}

#[test]
fn what_is_saved_is_a_case_that_passes() {
    let server = EchoServer::start(&[]);
    let place = Place::new();
    let steps = [
        "text {\"a\": \"\\b\"}",
        "binary 00ff",
        "ping p",
        "close 4000 done",
    ];
    let save = [&steps[..], &["--save", "Seen It.toml"]].concat();
    patiently(&place, &server.url, &save)
        .expect(0)
        .says("saved: Seen It.toml");
    let text = std::fs::read_to_string(place.path("Seen It.toml")).unwrap();
    for line in [
        "id = \"probe/seen-it\"",
        "  { expect = \"text\", data = \"{{\\\"a\\\": \\\"\\\\b\\\"}}\" },",
        "  { expect = \"binary\", hex = \"00ff\" },",
        "  { expect = \"pong\", data = \"p\" },",
        "  { expect = \"close\", code = 4000 },",
        "  { expect = \"eof\" },",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    place
        .run(&["check", "Seen It.toml"])
        .expect(0)
        .says("1 case, 1 instance: fine");
    let run = |url: &str| {
        let case = [
            "--cases",
            "Seen It.toml",
            "--case",
            "probe/seen-it",
            "--app",
            "echo",
            "-q",
        ];
        place.run(&[&["run", url], &case[..]].concat())
    };
    run(&server.url).expect(0).says("1 pass");
    let other = EchoServer::start(&["--defect", "no-pong"]);
    run(&other.url).expect(1);
    // What is there stays there.
    probe(&place, &server.url, &save)
        .expect(2)
        .says("Seen It.toml is there already")
        .says("--force");
    assert_eq!(std::fs::read_to_string(place.path("Seen It.toml")).unwrap(), text);
    patiently(
        &place,
        &server.url,
        &["ping", "close", "--save", "Seen It.toml", "--force"],
    )
    .expect(0);
    assert!(
        !std::fs::read_to_string(place.path("Seen It.toml"))
            .unwrap()
            .contains("00ff")
    );
}

#[test]
fn a_failed_connection_is_saved_too() {
    let server = EchoServer::start(&[]);
    let place = Place::new();
    let steps = ["text a", "frame op=3 fin=0 rsv=4 hex=00", "--save", "fails.toml"];
    patiently(&place, &server.url, &steps)
        .expect(0)
        .says("closed by the target with 1002");
    place.run(&["check", "fails.toml"]).expect(0).says(": fine");
    let case = [
        "--cases",
        "fails.toml",
        "--case",
        "probe/fails",
        "--app",
        "echo",
        "-q",
    ];
    place
        .run(&[&["run", server.url.as_str()], &case[..]].concat())
        .expect(0);
}

#[test]
fn who_is_not_there_or_no_websocket_is_3() {
    let place = Place::new();
    let nobody = format!("ws://127.0.0.1:{}/", free_port());
    let ended = probe(&place, &nobody, &["text a", "--save", "a.toml"]);
    ended.expect(3).says("refuses connections");
    assert!(!place.path("a.toml").exists());
    let page = answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    probe(&place, &format!("ws://127.0.0.1:{page}/"), &["text a"])
        .expect(3)
        .says("is no WebSocket endpoint: it answered HTTP 404 Not Found");
    let no_http = answering(b"220 smtp.example ready\r\n");
    probe(&place, &format!("ws://127.0.0.1:{no_http}/"), &["text a"])
        .expect(3)
        .says("does not speak HTTP");
}

#[test]
fn secrets_are_shown_nowhere() {
    let server = EchoServer::start(&["--auth", "alice:wonderland"]);
    let url = server.url.replace("ws://", "ws://alice:wonderland@");
    let place = Place::new();
    for form in [&["close"][..], &["close", "--json"]] {
        let ended = patiently(
            &place,
            &url,
            &[form, &["-H", "Cookie: sid=looking-glass"]].concat(),
        );
        ended.expect(0);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        // The second is the first as HTTP Basic sends it, in part.
        for secret in [
            "wonderland",
            "YWxpY2U6",
            "looking-glass",
            &hex("wonderland"),
            &hex("looking-glass"),
        ] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
}

fn hex(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |hex, octet| format!("{hex}{octet:02x}"))
}

#[test]
fn nothing_the_target_says_drives_the_terminal() {
    let evil = b"\x81\x0a\x1b[2J\xe2\x80\xaeabc\x89\x05\x1b]0;x\x88\x07\x03\xe8\x1b[31m";
    let place = Place::new();
    let (url, _read) = saying(evil);
    let ended = patiently(&place, &url, &["{ wait = 1 }"]);
    ended
        .expect(0)
        .says("\"\\u{1b}[2J\\u{202e}abc\"")
        .says("Ping, 5 octets \"\\u{1b}]0;x\"")
        .says("Close 1000 (normal closure) \"\\u{1b}[31m\"");
    for live in ['\u{1b}', '\u{202e}'] {
        assert!(!ended.stdout.contains(live), "{}", ended.stdout);
    }
}
