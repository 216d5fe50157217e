//! Targets that are not there, or are something else.

use std::net::TcpListener;

use super::program::{Place, answering};

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let ended = Place::new().run(&["run", &format!("ws://127.0.0.1:{port}/")]);
    ended
        .expect(3)
        .says("refuses connections")
        .says("start the target first");
}

#[test]
fn urls_that_are_none() {
    let place = Place::new();
    place
        .run(&["run", "localhost:9001"])
        .expect(2)
        .says("use ws://localhost:9001");
    place.run(&["run", "http://h/x"]).expect(2).says("use ws://h/x");
    place.run(&["ws://h/x"]).expect(2).says("wsanvil run ws://h/x");
    place
        .run(&["run", "ws://h:{port}/"])
        .expect(2)
        .says("needs a command");
}

#[test]
fn not_a_websocket_server() {
    let place = Place::new();
    let run = |answer| place.run(&["run", &format!("ws://127.0.0.1:{}/", answering(answer))]);
    run(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        .expect(3)
        .says("404")
        .says("path may be wrong");
    run(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .expect(3)
        .says("200")
        .says("path may be wrong");
    run(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        .expect(3)
        .says("--header 'Authorization");
    run(b"HTTP/1.1 301 Moved\r\nLocation: ws://elsewhere/\r\nContent-Length: 0\r\n\r\n")
        .expect(3)
        .says("ws://elsewhere/");
    run(b"220 mail ready\r\n").expect(3);
}

#[test]
fn what_a_target_says_does_not_drive_the_terminal() {
    let answer = b"HTTP/1.1 404 \x1b]0;gone\x07\x1b[2J\r\nContent-Length: 0\r\n\r\n";
    let ended = Place::new().run(&["run", &format!("ws://127.0.0.1:{}/", answering(answer))]);
    ended.expect(3);
    assert!(!ended.stderr.contains(['\u{1b}', '\u{7}']), "{:?}", ended.stderr);
}

#[test]
fn commands_that_do_not_serve() {
    let place = Place::new();
    let run = |command: &[&str]| place.run(&[&["run", "ws://127.0.0.1:{port}/", "--"], command].concat());
    run(&["/no/such/server"])
        .expect(3)
        .says("/no/such/server cannot be started");
    run(&["sh", "-c", "echo no licence; exit 3"])
        .expect(3)
        .says("exit status 3")
        .says("no licence");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended = place.run(&[
        "run",
        &format!("ws://127.0.0.1:{port}/"),
        "--",
        "sh",
        "-c",
        "exit 0",
    ]);
    ended.expect(3).says("already answers").says("{port}");
}
