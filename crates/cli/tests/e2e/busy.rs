//! A target that has enough of connections: it lives, and nothing is known of the rules it was not asked about.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use wsanvil_echo::{Config, Echo};

use super::program::{Place, verdicts};

const ENOUGH: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The reference on the first connections, and 429 on all others. Gives its port.
fn serves(connections: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (nth, connection) in listener.incoming().flatten().enumerate() {
            std::thread::spawn(move || {
                if nth < connections {
                    converse(connection);
                } else {
                    refuse(connection);
                }
            });
        }
    });
    port
}

fn converse(mut connection: TcpStream) {
    let mut echo = Echo::server(Config::default());
    let mut buffer = [0; 4096];
    while !echo.wants_close() {
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => echo.eof(),
            Ok(count) => echo.receive(&buffer[..count]),
        }
        if connection.write_all(&echo.output()).is_err() {
            return;
        }
    }
}

fn refuse(mut connection: TcpStream) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match connection.read(&mut buffer) {
            Ok(count @ 1..) => head.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let _ = connection.write_all(ENOUGH);
}

#[test]
fn a_target_that_takes_no_more_connections_has_not_failed_nor_crashed() {
    let place = Place::new();
    let url = format!("ws://127.0.0.1:{}/", serves(10));
    let ended = place.run(&[
        "run",
        &url,
        "--app",
        "echo",
        "--jobs",
        "1",
        "--case",
        "framing/unknown-opcode-after-valid-message",
        "--case",
        "handshake/versions-named",
        "--case",
        "deflate/legal-offer-not-refused",
        "--case",
        "masking/unmasked-first-frame",
    ]);
    let verdicts = verdicts(&place.report());
    let count = |wanted: &str| verdicts.iter().filter(|(_, verdict)| verdict == wanted).count();
    assert_eq!(
        (count("fail"), count("crash"), count("nonstrict")),
        (0, 0, 0),
        "{}",
        ended.stdout
    );
    assert!(count("pass") > 0 && count("error") > 0, "{verdicts:?}");
}
