//! Targets that answer nothing: silence is no verdict in their favour.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use wsanvil_wire::upgrade::accept_for;

use super::program::{Place, verdicts};

/// A server that reads what comes and, when it upgrades, answers the handshake and nothing else. Gives its port.
fn quiet(upgrades: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = connection.read(&mut buffer) {
                    let opened = head.ends_with(b"\r\n\r\n");
                    if !opened {
                        head.extend_from_slice(&buffer[..count]);
                    }
                    if upgrades && !opened && head.ends_with(b"\r\n\r\n") {
                        let _ = connection.write_all(&switching(&head));
                    }
                }
            });
        }
    });
    port
}

/// The right answer to an opening request.
pub(crate) fn switching(head: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(head).into_owned();
    let key = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Key"))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default();
    let mut answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: "
        .to_vec();
    answer.extend_from_slice(&accept_for(key.as_bytes()));
    answer.extend_from_slice(b"\r\n\r\n");
    answer
}

fn nothing_passes(upgrades: bool, cases: &[&str]) -> Vec<(String, String)> {
    let place = Place::new();
    let url = format!("ws://127.0.0.1:{}/", quiet(upgrades));
    let mut arguments = vec!["run", &url, "--timeout", "100ms"];
    for case in cases {
        arguments.extend(["--case", case]);
    }
    let ended = place.run(&arguments);
    assert_ne!(ended.code, 0, "{}", ended.stdout);
    let verdicts = verdicts(&place.report());
    assert!(!verdicts.is_empty());
    let passed: Vec<_> = verdicts.iter().filter(|(_, verdict)| verdict == "pass").collect();
    assert!(passed.is_empty(), "{passed:?}");
    verdicts
}

#[test]
fn a_target_that_never_answers_a_handshake_passes_nothing_and_did_not_crash() {
    let verdicts = nothing_passes(false, &["close/*", "deflate/malformed-offer"]);
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict != "crash"),
        "{verdicts:?}"
    );
}

#[test]
fn silence_behind_the_handshake_passes_no_rule_even_an_optional_one() {
    nothing_passes(
        true,
        &[
            "close/code-5000",
            "close/one-octet-body",
            "framing/unknown-opcode",
        ],
    );
}
