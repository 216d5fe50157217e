//! `wsanvil probe` without steps, fed by a pipe.

use std::io::Write as _;
use std::process::Stdio;

use super::probe::saying;
use super::program::{EchoServer, Ended, Place};

/// Feeds the prompt with these octets and the end of input.
fn fed(url: &str, arguments: &[&str], input: &[u8]) -> Ended {
    let place = Place::new();
    let mut command = place.command(&[&["probe", url], arguments].concat());
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who has ended already reads nothing more.
    let _ = child.stdin.take().unwrap().write_all(input);
    Ended::of(child.wait_with_output().unwrap())
}

#[test]
fn lines_are_messages_and_what_comes_back_is_printed() {
    let server = EchoServer::start(&[]);
    let input = b"hi\r\n\n{\"a\": 1}\n//slash\n/binary 00FF\n/ping x\n/text  two\n/close 3000\nlate\n";
    let ended = fed(&server.url, &[], input);
    assert_eq!(ended.expect(0).stdout, "hi\n{\"a\": 1}\n/slash\n00ff\n two\n");
    ended
        .says("Pong \"x\"\n")
        .says("Close 3000 (for libraries and applications)\n");
}

#[test]
fn the_end_of_input_closes_properly() {
    let (url, read) = saying(b"\x81\x02hi\x82\x01\xff");
    let ended = fed(&url, &["--quiet-for", "1s"], b"ho\n");
    assert_eq!(ended.expect(0).stdout, "hi\nff\n");
    assert_eq!(ended.stderr, "");
    let frames = read.recv().unwrap();
    assert_eq!(
        (frames.len(), frames[0], frames[8]),
        (8 + 8, 0x81, 0x88),
        "{frames:02x?}"
    );
}

#[test]
fn mistakes_are_told_and_the_talk_goes_on() {
    let server = EchoServer::start(&[]);
    let ended = fed(&server.url, &[], b"/texd a\n/frame op=77\n/help\nhi\n/close\n");
    assert_eq!(ended.expect(0).stdout, "hi\n");
    ended
        .says("unknown step `texd` (did you mean `text`?")
        .says("`opcode` takes")
        .says("/frame op=3 fin=0 rsv=4 hex=00");
}

#[test]
fn a_broken_rule_is_told_and_counts() {
    let server = EchoServer::start(&["--defect", "sets-rsv"]);
    let ended = fed(&server.url, &[], b"hi\n/close\n");
    ended.expect(1).says("MUST broken: ");
}

#[test]
fn whoever_hangs_up_ends_it_and_nothing_said_is_live() {
    // Text and Close with escapes; the test never ends its input before the target has hung up.
    let (url, _read) = saying(b"\x81\x06\x1b[2J\n!\x88\x03\x0f\xa0\x07");
    let ended = fed(&url, &["--quiet-for", "60s", "--timeout", "60s"], b"");
    assert_eq!(ended.expect(0).stdout, "\\u{1b}[2J\\n!\n");
    ended.says("Close 4000 (private use) \"\\u{7}\"\n");
}

#[test]
fn many_large_messages_are_no_flood() {
    let server = EchoServer::start(&[]);
    let line = "x".repeat(200_000);
    let mut input = format!("{line}\n").repeat(20);
    input.push_str("/close\n");
    let ended = fed(&server.url, &["--timeout", "60s"], input.as_bytes());
    assert_eq!(ended.expect(0).stdout.len(), 20 * 200_001, "{}", ended.stderr);
}
