//! What Autobahn|Testsuite was seen to say of peers with one deliberate behaviour each, held against the second judge.

use std::sync::{Arc, LazyLock};

use wsanvil_case::{Instance, Library};
use wsanvil_engine::App;
use wsanvil_testkit::pair::Pair;
use wsanvil_testkit::settings;
use wsanvil_wire::Role;

use crate::scripted::{Scripted, echo, frame};

static LIBRARY: LazyLock<Vec<Arc<Instance>>> = LazyLock::new(|| {
    Library::embedded()
        .map(|library| library.instances)
        .unwrap_or_default()
});

/// Cases of sections 1 to 7, in which most peers tell their kind.
fn sections() -> impl Iterator<Item = (&'static str, &'static Arc<Instance>)> {
    LIBRARY.iter().filter_map(|instance| {
        let id = instance.autobahn_id()?;
        matches!(
            id.split('.').next(),
            Some("1" | "2" | "3" | "4" | "5" | "6" | "7")
        )
        .then_some((id, instance))
    })
}

fn judged(id: &str, peer: &dyn Fn() -> Scripted) -> (String, String) {
    let found = LIBRARY.iter().find(|instance| instance.autobahn_id() == Some(id));
    let Some(instance) = found else {
        panic!("no case {id}");
    };
    labels(instance, peer)
}

fn labels(instance: &Arc<Instance>, peer: &dyn Fn() -> Scripted) -> (String, String) {
    let settings = settings(Role::Server, App::Echo);
    let outcome = Pair::default().run(Arc::clone(instance), settings, &mut |_| Box::new(peer()));
    let result = outcome
        .autobahn
        .unwrap_or_else(|| panic!("{} is judged", instance.name));
    (result.behavior, result.behavior_close)
}

#[track_caller]
fn says(wanted: &[(&str, &str, &str)], peer: &dyn Fn() -> Scripted) {
    let wrong: Vec<String> = wanted
        .iter()
        .filter_map(|(id, behavior, close)| {
            let (b, c) = judged(id, peer);
            (b != *behavior || c != *close).then(|| format!("{id}: {b} / {c}, not {behavior} / {close}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn passes(label: &str) -> bool {
    matches!(label, "OK" | "NON-STRICT" | "INFORMATIONAL")
}

/// How many cases of sections 1 to 7 pass on both labels, and on behavior alone.
fn counts(peer: &dyn Fn() -> Scripted) -> (usize, usize) {
    let (mut both, mut behavior) = (0, 0);
    for (_, instance) in sections() {
        let (b, c) = labels(instance, peer);
        behavior += usize::from(passes(&b));
        both += usize::from(passes(&b) && passes(&c));
    }
    (both, behavior)
}

#[test]
fn a_peer_that_drops_tcp_at_once() {
    assert_eq!(sections().count(), 246);
    let peer = || {
        let mut peer = Scripted::new(|_, _, _, _| {});
        peer.ends = true;
        peer
    };
    assert_eq!(counts(&peer), (116, 139));
}

#[test]
fn a_peer_that_sends_close_1002_at_once() {
    let peer = || {
        let mut peer = Scripted::new(|opcode, _, _, line| {
            if opcode == 8 {
                line.end_in(0);
            }
        });
        peer.greeting = b"\x88\x02\x03\xea";
        peer.greeting_ms = 0;
        peer
    };
    assert_eq!(counts(&peer), (46, 119));
}

#[test]
fn a_peer_that_never_answers() {
    says(
        &[
            ("3.1", "OK", "FAILED"),
            ("3.2", "NON-STRICT", "FAILED"),
            ("7.3.1", "OK", "UNCLEAN"),
            ("7.9.1", "OK", "FAILED BY CLIENT"),
            ("6.3.1", "FAILED", "FAILED"),
        ],
        &|| Scripted::new(|_, _, _, _| {}),
    );
}

#[test]
fn a_peer_that_echoes_wrong_octets_of_the_right_length() {
    let ok = ["9.1.1", "9.2.1", "9.5.6", "9.6.6", "9.7.2", "9.8.2"].map(|id| (id, "OK", "OK"));
    says(&ok, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            if matches!(opcode, 0..=2) {
                echo(opcode, fin, &vec![b'#'; payload.len()], line);
            } else {
                echo(opcode, fin, payload, line);
            }
        })
    });
}

#[test]
fn a_peer_that_sends_every_echo_twice() {
    says(
        &[
            ("1.1.2", "FAILED", "OK"),
            ("1.2.3", "FAILED", "OK"),
            ("9.1.1", "OK", "OK"),
        ],
        &|| {
            Scripted::new(|opcode, fin, payload, line| {
                if matches!(opcode, 1 | 2) {
                    echo(opcode, fin, payload, line);
                }
                echo(opcode, fin, payload, line);
            })
        },
    );
}

#[test]
fn a_peer_that_sends_pongs_unasked() {
    says(
        &[
            ("1.1.2", "FAILED", "OK"),
            ("9.7.2", "FAILED", "OK"),
            ("9.8.2", "FAILED", "OK"),
            ("9.1.1", "OK", "OK"),
        ],
        &|| {
            Scripted::new(|opcode, fin, payload, line| {
                if matches!(opcode, 1 | 2) {
                    line.frame(0x8A, b"unasked");
                }
                echo(opcode, fin, payload, line);
            })
        },
    );
}

#[test]
fn a_peer_that_answers_only_the_last_of_several_pings() {
    says(&[("2.10", "FAILED", "OK")], &|| {
        Scripted::new(|opcode, fin, payload, line| {
            if opcode != 9 || !payload.starts_with(b"payload") || payload.ends_with(b"9") {
                echo(opcode, fin, payload, line);
            }
        })
    });
}

#[test]
fn a_peer_that_answers_every_close_without_a_code() {
    let peer = || {
        Scripted::new(|opcode, fin, payload, line| {
            let payload = if opcode == 8 { &[][..] } else { payload };
            echo(opcode, fin, payload, line);
        })
    };
    let all: Vec<_> = sections()
        .filter(|(id, _)| id.starts_with("7.7.") || id.starts_with("7.9."))
        .map(|(id, _)| (id, "OK", "OK"))
        .collect();
    assert_eq!(all.len(), 22);
    says(&all, &peer);
}

#[test]
fn a_peer_that_answers_every_close_with_1001() {
    says(
        &[
            ("1.1.1", "OK", "WRONG CODE"),
            ("2.1", "OK", "WRONG CODE"),
            ("7.1.1", "FAILED", "WRONG CODE"),
            ("7.3.3", "FAILED", "WRONG CODE"),
            ("7.7.1", "FAILED", "WRONG CODE"),
            ("7.7.2", "OK", "OK"),
            ("7.9.1", "FAILED", "WRONG CODE"),
        ],
        &|| {
            Scripted::new(|opcode, fin, payload, line| {
                let payload = if opcode == 8 { &[3, 0xE9][..] } else { payload };
                echo(opcode, fin, payload, line);
            })
        },
    );
}

#[test]
fn a_peer_that_goes_on_behind_its_close() {
    says(&[("1.1.2", "FAILED", "OK"), ("2.1", "FAILED", "OK")], &|| {
        Scripted::new(|opcode, fin, payload, line| {
            echo(opcode, fin, payload, line);
            if opcode == 8 {
                line.frame(0x88, payload);
                line.frame(0x81, b"late");
            }
        })
    });
}

#[test]
fn a_peer_whose_close_has_a_broken_reason() {
    says(&[("1.1.2", "OK", "UNCLEAN"), ("7.3.3", "OK", "UNCLEAN")], &|| {
        Scripted::new(|opcode, fin, payload, line| {
            let payload = if opcode == 8 {
                &[3, 0xE8, 0xFF][..]
            } else {
                payload
            };
            echo(opcode, fin, payload, line);
        })
    });
}

#[test]
fn a_peer_that_answers_close_and_keeps_tcp() {
    let peer = || {
        Scripted::new(|opcode, fin, payload, line| {
            echo(opcode, fin, payload, line);
            line.end = None;
        })
    };
    // One fault, two labels, by the timer of the case.
    says(
        &[("1.1.1", "OK", "FAILED BY CLIENT"), ("2.1", "OK", "UNCLEAN")],
        &peer,
    );
}

#[test]
fn a_peer_that_never_answers_close() {
    says(
        &[("1.1.1", "OK", "UNCLEAN"), ("7.9.1", "OK", "FAILED BY CLIENT")],
        &|| {
            Scripted::new(|opcode, fin, payload, line| {
                if opcode != 8 {
                    echo(opcode, fin, payload, line);
                }
            })
        },
    );
}

#[test]
fn a_peer_whose_frames_are_masked_or_marked() {
    for masked in [true, false] {
        says(
            &[
                ("1.1.2", "FAILED", "UNCLEAN"),
                ("2.1", "OK", "UNCLEAN"),
                ("2.2", "OK", "UNCLEAN"),
            ],
            &|| {
                Scripted::new(move |opcode, _, payload, line| {
                    let mut octets = frame(opcode | 0x80, payload);
                    if masked {
                        octets[1] |= 0x80;
                        let at = octets.len() - payload.len();
                        octets.splice(at..at, [0; 4]);
                    } else {
                        octets[0] |= 0x40;
                    }
                    line.send(&octets);
                    if opcode == 8 {
                        line.end_in(0);
                    }
                })
            },
        );
    }
}

#[test]
fn a_peer_without_deflate() {
    says(
        &[
            ("12.1.1", "UNIMPLEMENTED", "OK"),
            ("13.3.5", "UNIMPLEMENTED", "OK"),
        ],
        &|| Scripted::new(echo),
    );
}

#[test]
fn a_peer_that_agrees_on_deflate_and_does_not_use_it() {
    let ok = ["12.1.1", "12.1.5", "12.1.11", "13.1.1", "13.1.5"].map(|id| (id, "OK", "OK"));
    says(&ok, &|| {
        let mut inflater = wsanvil_wire::deflate::Inflater::new(15, true);
        let mut peer = Scripted::new(move |opcode, fin, payload, line| {
            if opcode >= 8 {
                echo(opcode, fin, payload, line);
                return;
            }
            let mut out = Vec::new();
            let _ = inflater.push(payload, &mut out, usize::MAX);
            if fin {
                let _ = inflater.finish(&mut out, usize::MAX);
            }
            echo(opcode, fin, &out, line);
        });
        peer.extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
        peer
    });
}

#[test]
fn a_peer_that_refuses() {
    let refusal: &[u8] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    says(
        &[
            ("1.1.1", "FAILED", "FAILED"),
            ("3.1", "FAILED", "FAILED"),
            ("12.1.1", "FAILED", "FAILED"),
        ],
        &|| Scripted::answering(refusal),
    );
}
