//! Conversations in which a verdict could go wrong: the peer of each test does one thing, and what the engine makes
//! of it is written down.

mod autobahn;
mod policy;
mod scripted;

use std::sync::Arc;
use std::time::Duration;

use scripted::{Scripted, echo, frame};
use wsanvil_case::{Instance, Library};
use wsanvil_engine::{App, Outcome, Time};
use wsanvil_model::{FindingKind, Verdict};
use wsanvil_testkit::pair::{Chop, Pair};
use wsanvil_testkit::proof::trial;
use wsanvil_testkit::{Kind, settings};
use wsanvil_wire::Role;

fn instance(steps: &str) -> Arc<Instance> {
    case("", steps)
}

fn case(fields: &str, steps: &str) -> Arc<Instance> {
    let spec = if fields.contains("spec =") {
        ""
    } else {
        "spec = [\"6455-5.6-1\"]\n"
    };
    let text = format!(
        "[group]\nid = \"verdicts\"\ntitle = \"Verdicts\"\nformat = 1\n\n[[case]]\nid = \"verdicts/case\"\n\
         title = \"A case\"\n{spec}role = \"server\"\n{fields}\nsteps = [\n{steps}\n]\n"
    );
    let mut library = Library::empty();
    if let Err(errors) = library.add_text("verdicts.toml", &text, None) {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", all.join("\n"));
    }
    library.instances.remove(0)
}

fn run(instance: &Arc<Instance>, chop: Chop, peer: &dyn Fn() -> Scripted) -> Outcome {
    let settings = settings(Role::Server, App::Echo);
    Pair::chopped(chop).run(Arc::clone(instance), settings, &mut |_| Box::new(peer()))
}

/// The verdict, the same however the reads are cut.
fn verdict(instance: &Arc<Instance>, peer: &dyn Fn() -> Scripted) -> (Verdict, String) {
    let whole = run(instance, Chop::Whole, peer);
    for chop in [Chop::Octet, Chop::Seeded(1)] {
        let chopped = run(instance, chop, peer);
        assert_eq!(
            whole.verdict, chopped.verdict,
            "{chop:?}: {} / {}",
            whole.reason, chopped.reason
        );
    }
    (whole.verdict, whole.reason)
}

#[track_caller]
fn check(expected: Verdict, instance: &Arc<Instance>, peer: &dyn Fn() -> Scripted) {
    let (verdict, reason) = verdict(instance, peer);
    assert_eq!(verdict, expected, "{reason}");
}

#[test]
fn a_send_behind_a_long_pause_is_not_blocked() {
    let case =
        instance(r#"{ open = "ws" }, { wait = 6000 }, { send = "text", data = "a" }, { expect = "echo" }"#);
    check(Verdict::Pass, &case, &|| Scripted::new(echo));
}

#[test]
fn a_peer_that_died_in_a_pause_is_not_alive() {
    let case = instance(r#"{ open = "ws" }, { expect = "alive" }, { wait = 3000 }, { expect = "alive" }"#);
    check(Verdict::Pass, &case, &|| Scripted::new(echo));
    check(Verdict::Fail, &case, &|| {
        let mut seen = 0;
        Scripted::new(move |opcode, fin, payload, line| {
            seen += 1;
            if seen < 2 {
                echo(opcode, fin, payload, line);
            }
        })
    });
}

#[test]
fn an_end_before_the_send_is_the_peers() {
    let pause =
        instance(r#"{ open = "ws" }, { wait = 100 }, { send = "text", data = "a" }, { expect = "echo" }"#);
    check(Verdict::Fail, &pause, &|| {
        let mut peer = Scripted::new(echo);
        peer.line.end = Some(Time(1_050_000));
        peer
    });
    let round = instance(
        r#"{ open = "ws" }, { repeat = 3, steps = [{ send = "text", data = "a" }, { expect = "echo" }] }"#,
    );
    check(Verdict::Fail, &round, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            if opcode == 1 {
                let mut octets = frame(0x81, payload);
                octets.extend_from_slice(&frame(0x88, &[3, 0xE9]));
                line.send(&octets);
                line.end_in(0);
            } else {
                echo(opcode, fin, payload, line);
            }
        })
    });
}

#[test]
fn an_echo_may_begin_before_the_message_ends() {
    let case = instance(
        r#"{ open = "ws" }, { send = "text", fin = false, data = "Hel" }, { wait = 10 },
           { send = "continuation", data = "lo" }, { expect = "echo" }"#,
    );
    check(Verdict::Pass, &case, &|| Scripted::new(echo));
    check(Verdict::Fail, &case, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            let payload = if payload == b"lo" { b"la" } else { payload };
            echo(opcode, fin, payload, line);
        })
    });
}

#[test]
fn how_late_tcp_ends_behind_a_close_does_not_decide() {
    let case = instance(
        r#"{ open = "ws" }, { send = "text", fin = false, declare = 9, hex = "ff" }, { expect = "fail", code = [1007] }"#,
    );
    for ms in [0, 900, 990, 1010, 1100, 1200, 1300, 5000] {
        let outcome = run(&case, Chop::Whole, &move || {
            let mut peer = Scripted::new(|_, _, _, _| {});
            peer.greeting = &[0x88, 2, 3, 0xEF];
            peer.line.end = Some(Time(1_010_400 + ms * 1000));
            peer
        });
        assert_eq!(outcome.verdict, Verdict::Pass, "{ms}: {}", outcome.reason);
    }
}

#[test]
fn the_end_of_tcp_is_no_reaction() {
    let case = instance(r#"{ open = "tcp" }, { send = "raw", data = "GET / HT" }, { expect = "nothing" }"#);
    for at in [0, 200, 300, 5000, 30_000] {
        let outcome = run(&case, Chop::Whole, &move || {
            let mut peer = Scripted::new(echo);
            peer.line.end = Some(Time(1_000_000 + at));
            peer
        });
        assert_eq!(outcome.verdict, Verdict::Pass, "{at}: {}", outcome.reason);
    }
}

const REFUSAL: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";

#[test]
fn a_refused_connection_may_end_while_others_go_on() {
    let case = instance(
        r#"{ open = "tcp", on = "a" }, { send = "request", on = "a", remove = ["Sec-WebSocket-Key"] },
           { expect = "refused", on = "a", status = [400] }, { wait = 50 },
           { open = "ws", on = "b" }, { send = "text", on = "b", data = "x" }, { expect = "echo", on = "b" }"#,
    );
    let settings = settings(Role::Server, App::Echo);
    let outcome = Pair::default().run(case, settings, &mut |nth| {
        Box::new(if nth == 0 {
            Scripted::answering(REFUSAL)
        } else {
            Scripted::new(echo)
        })
    });
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
}

#[test]
fn what_follows_a_chunked_body_is_seen() {
    let case = instance(
        r#"{ open = "tcp" }, { send = "request", remove = ["Sec-WebSocket-Key"] },
           { expect = "refused", status = [400] }, { expect = "response", status = [404] }"#,
    );
    check(Verdict::Pass, &case, &|| {
        Scripted::answering(
            b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        )
    });
}

#[test]
fn interim_responses_without_end_are_a_flood() {
    let case = instance(r#"{ open = "ws" }, { send = "text", data = "a" }, { expect = "echo" }"#);
    let outcome = run(&case, Chop::Whole, &|| {
        let mut peer = Scripted::new(echo);
        for _ in 0..20_000 {
            peer.line
                .out
                .push_back((Time(0), b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec()));
        }
        peer
    });
    assert!(outcome.reason.contains("far more"), "{}", outcome.reason);
    let few = run(&case, Chop::Whole, &|| {
        let mut peer = Scripted::new(echo);
        peer.line
            .out
            .push_back((Time(0), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()));
        peer
    });
    assert_eq!(few.verdict, Verdict::Pass, "{}", few.reason);
}

#[test]
fn pongs_that_were_asked_for_are_no_flood() {
    let case = instance(
        r#"{ open = "ws" },
           { repeat = 12000, var = "i", steps = [{ send = "ping", fill = "x", len = 120 }] },
           { send = "ping", data = "last" }, { expect = "pong", data = "last" }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| Scripted::new(echo));
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
    let unasked = instance(r#"{ open = "ws" }, { send = "text", data = "a" }, { expect = "echo" }"#);
    let outcome = run(&unasked, Chop::Whole, &|| {
        Scripted::new(|_, _, _, line| {
            for _ in 0..20_000 {
                line.frame(0x8A, b"");
            }
        })
    });
    assert!(outcome.reason.contains("far more"), "{}", outcome.reason);
}

#[test]
fn what_was_sent_goes_before_the_end() {
    for how in ["fin", "half"] {
        let case = instance(&format!(
            r#"{{ open = "ws", on = "a" }}, {{ open = "ws", on = "b" }},
               {{ send = "text", on = "a", data = "x", join = true }}, {{ drop = "{how}", on = "a" }},
               {{ wait = 100 }}, {{ send = "text", on = "b", data = "y" }}, {{ expect = "echo", on = "b" }}"#
        ));
        let seen = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let settings = settings(Role::Server, App::Echo);
        let outcome = Pair::default().run(case, settings, &mut |_| {
            let seen = std::rc::Rc::clone(&seen);
            Box::new(Scripted::new(move |opcode, fin, payload, line| {
                seen.borrow_mut().push((opcode, payload.to_vec()));
                if payload == b"y" || opcode == 8 {
                    echo(opcode, fin, payload, line);
                }
            }))
        });
        assert_eq!(outcome.verdict, Verdict::Pass, "{how}: {}", outcome.reason);
        assert_eq!(seen.borrow()[0], (1, b"x".to_vec()), "{how}");
    }
}

#[test]
fn a_half_closed_connection_is_read_on() {
    let case = instance(
        r#"{ open = "ws" }, { send = "text", data = "x" }, { drop = "half" }, { expect = "echo" }, { expect = "nothing" }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            let _ = fin;
            let octets = frame(opcode | 0x80, payload);
            line.later(5, &octets);
        })
    });
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
}

#[test]
fn a_pause_between_writes_is_kept() {
    let case = instance(
        r#"{ open = "ws" }, { send = "text", data = "abcd", chunk = 2, gap_ms = 6000 }, { expect = "echo" }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| Scripted::new(echo));
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
    // Ten octets in writes of two: four pauses.
    assert!(
        outcome.duration >= Duration::from_secs(24),
        "{:?}",
        outcome.duration
    );
    assert!(
        outcome.duration < Duration::from_secs(25),
        "{:?}",
        outcome.duration
    );
}

#[test]
fn a_late_answer_is_a_note() {
    let case = instance(
        r#"{ open = "ws" }, { send = "text", data = "x" }, { expect = "echo", within_ms = 1000, late_ms = 3000 }"#,
    );
    for (ms, verdict, notes) in [
        (500, Verdict::Pass, 0),
        (2000, Verdict::Pass, 1),
        (3500, Verdict::Fail, 0),
    ] {
        let outcome = run(&case, Chop::Whole, &move || {
            Scripted::new(move |opcode, fin, payload, line| {
                if opcode == 1 {
                    line.later(ms, &frame(0x81, payload));
                } else {
                    echo(opcode, fin, payload, line);
                }
            })
        });
        assert_eq!(outcome.verdict, verdict, "{ms}: {}", outcome.reason);
        let late = outcome.notes.iter().filter(|note| note.text.contains("later"));
        assert_eq!(late.count(), notes, "{ms}: {:?}", outcome.notes);
    }
}

#[test]
fn a_raw_frame_is_seen_by_probes_and_barriers_are_not() {
    let case = instance(
        r#"{ open = "ws" }, { expect = "alive" }, { send = "text", data = "x" },
           { probe = "frame", opcode = 1, missed = "fail", then = "continue" }, { expect = "echo" }"#,
    );
    check(Verdict::Pass, &case, &|| Scripted::new(echo));
}

#[test]
fn what_a_slow_reader_took_late_comes_back() {
    let case = case(
        "deadline_ms = 60000",
        r#"{ open = "ws", recv_buffer = 4096 }, { read = "stop" },
           { repeat = 64, until = "blocked", steps = [{ send = "binary", fill = "x", len = 65536, blocked = "ok" }] },
           { read = "slow", octets = 4096, every_ms = 5, for_ms = 200 }, { read = "start" },
           { expect = "echo", times = "all" }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| {
        let mut peer = Scripted::new(echo);
        peer.sleeps_until = Time(8_000_000);
        peer
    });
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
}

#[test]
fn what_was_cut_off_is_not_owed() {
    let case = case(
        "deadline_ms = 60000",
        r#"{ open = "ws" }, { send = "text", data = "x" },
           { send = "binary", fill = "x", len = 4194304, until = "blocked" }, { expect = "echo", times = "all" }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| {
        let mut peer = Scripted::new(echo);
        peer.sleeps_until = Time(8_000_000);
        peer
    });
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
}

#[test]
fn a_message_that_inflates_without_end_is_a_flood() {
    let case =
        instance(r#"{ open = "ws", deflate = true }, { send = "text", data = "x" }, { expect = "echo" }"#);
    let outcome = run(&case, Chop::Whole, &|| {
        let mut peer = Scripted::new(|opcode, _, _, line| {
            if opcode == 1 {
                let mut out = Vec::new();
                let mut compressor = wsanvil_wire::deflate::Compressor::new(15, true);
                compressor.compress(&vec![0; 32 << 20], &mut out);
                line.frame(0xC2, &out);
            }
        });
        peer.extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
        peer
    });
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.reason.contains("far more"), "{}", outcome.reason);
    assert_eq!(outcome.standing, [], "it is no broken DEFLATE stream");
}

#[test]
fn a_compressed_echo_of_any_size_is_compared_piece_by_piece() {
    let case = instance(
        r#"{ open = "ws", deflate = true }, { send = "binary", fill = "abcdefgh", len = 8388608, compress = true },
           { expect = "echo", compressed = true }"#,
    );
    for wrong in [false, true] {
        let outcome = run(&case, Chop::Whole, &move || {
            let mut peer = Scripted::new(move |opcode, fin, payload, line| {
                if opcode == 2 && wrong {
                    let mut out = Vec::new();
                    let mut compressor = wsanvil_wire::deflate::Compressor::new(15, true);
                    let mut octets = b"abcdefgh".repeat(1 << 20);
                    octets[5_000_000] = b'#';
                    compressor.compress(&octets, &mut out);
                    line.frame(0xC2, &out);
                } else if opcode == 2 {
                    line.frame(0xC2, payload);
                } else {
                    echo(opcode, fin, payload, line);
                }
            });
            peer.extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
            peer
        });
        let expected = if wrong { Verdict::Fail } else { Verdict::Pass };
        assert_eq!(outcome.verdict, expected, "{}", outcome.reason);
        assert_eq!(
            wrong,
            outcome.reason.contains("octet 5000000"),
            "{}",
            outcome.reason
        );
    }
}

#[test]
fn a_missed_connection_can_be_left_out() {
    let case = instance(
        r#"{ open = "ws", on = "a", within_ms = 100, missed = "continue" },
           { open = "ws", on = "b" }, { send = "text", on = "b", data = "x" }, { expect = "echo", on = "b" }"#,
    );
    let settings = settings(Role::Server, App::Echo);
    let outcome = Pair::default().run(case, settings, &mut |nth| {
        Box::new(if nth == 0 {
            Scripted::answering(b"")
        } else {
            Scripted::new(echo)
        })
    });
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
}

#[test]
fn a_late_barrier_answer_is_no_event() {
    // Pongs come a second late, but the echo at once: the barrier of the probe is overtaken by the next.
    let case = instance(
        r#"{ open = "ws" }, { send = "text", data = "x" }, { probe = "echo", missed = "fail", then = "continue" },
           { send = "ping", data = "own" }, { expect = "pong", data = "own" }, { expect = "alive" }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            if opcode == 9 {
                line.later(1000, &frame(0x8A, payload));
            } else {
                echo(opcode, fin, payload, line);
            }
        })
    });
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
    let unsolicited = outcome
        .transcript
        .iter()
        .filter(|entry| entry.remark == "unsolicited");
    assert_eq!(unsolicited.count(), 0);
}

#[test]
fn the_order_of_alternatives_does_not_hang_on_the_end_of_tcp() {
    let bad_close = r#"{ open = "ws" }, { send = "frame", opcode = 8, hex = "03" },"#;
    let wrong = instance(&format!(
        r#"{bad_close} {{ wait = 100 }}, {{ expect = "fail", code = [1002], or = [{{ expect = "close", code = [1000], grade = "fail" }}] }}"#
    ));
    let listed = instance(&format!(
        r#"{bad_close} {{ wait = 100 }}, {{ expect = "fail", code = [1000], or = [{{ expect = "close", code = [1000], grade = "fail" }}] }}"#
    ));
    for ms in [0, 50, 150, 500, 2000] {
        let peer = move || {
            Scripted::new(move |opcode, _, _, line| {
                if opcode == 8 {
                    line.frame(0x88, &[3, 0xE8]);
                    line.end_in(ms);
                }
            })
        };
        let outcome = run(&wrong, Chop::Whole, &peer);
        assert_eq!(outcome.verdict, Verdict::Fail, "{ms}: {}", outcome.reason);
        let outcome = run(&listed, Chop::Whole, &peer);
        assert_eq!(outcome.verdict, Verdict::Pass, "{ms}: {}", outcome.reason);
    }
}

#[test]
fn answers_that_nobody_asked_for_are_a_flood() {
    let case = instance(
        r#"{ open = "tcp" }, { send = "request", remove = ["Sec-WebSocket-Key"] }, { expect = "refused" }, { wait = 1000 }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| {
        let mut peer = Scripted::new(echo);
        for _ in 0..40_000 {
            let answer = b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
            peer.line.out.push_back((Time(0), answer.to_vec()));
        }
        peer
    });
    assert!(outcome.reason.contains("far more"), "{}", outcome.reason);
}

#[test]
fn a_check_that_cannot_be_made_is_not_kept() {
    let case = case(
        "check = [\"pong-latency\"]",
        r#"{ open = "ws" }, { expect = "alive" }"#,
    );
    check(Verdict::Error, &case, &|| Scripted::new(echo));
}

#[test]
fn a_probe_for_a_pong_is_settled_by_the_barrier() {
    let case = instance(
        r#"{ open = "ws" }, { send = "pong", data = "one-way" },
           { probe = "pong", data = "one-way", seen = "fail" }, { expect = "alive" }"#,
    );
    check(Verdict::Pass, &case, &|| Scripted::new(echo));
    check(Verdict::Fail, &case, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            if opcode == 10 {
                line.frame(0x8A, payload);
            } else {
                echo(opcode, fin, payload, line);
            }
        })
    });
}

#[test]
fn a_pong_made_from_its_ping_is_told_from_a_heartbeat() {
    let case = case(
        r#"check = "pong-payload""#,
        r#"{ open = "ws" }, { send = "ping", data = "first Ping" }, { expect = "pong", data = "first Ping" },
           { send = "ping", data = "second Ping" }, { expect = "alive" }"#,
    );
    check(Verdict::Pass, &case, &|| Scripted::new(echo));
    for (expected, pong) in [
        (Verdict::Fail, &b"second Pin"[..]),
        (Verdict::Fail, b"second Ping\0"),
        (Verdict::Pass, b"1700000000"),
        (Verdict::Pass, b""),
        (Verdict::Pass, b"first Ping"),
    ] {
        check(expected, &case, &|| {
            Scripted::new(move |opcode, fin, payload, line| {
                if opcode == 9 && payload == b"second Ping" {
                    line.frame(0x8A, pong);
                }
                echo(opcode, fin, payload, line);
            })
        });
    }
}

#[test]
fn a_pong_behind_a_close_is_no_data() {
    let case = case(
        r#"check = "data-after-close""#,
        r#"{ open = "ws" }, { send = "text", data = "close" }, { expect = "close" }"#,
    );
    for (expected, first, payload) in [
        (Verdict::Pass, 0x8A, &b"late"[..]),
        (Verdict::Pass, 0x89, b"late"),
        (Verdict::Fail, 0x81, b"late"),
        (Verdict::Fail, 0x00, b""),
    ] {
        check(expected, &case, &|| {
            Scripted::new(move |opcode, _, _, line| {
                if opcode == 1 {
                    line.send(&[frame(0x88, &[3, 0xE8]), frame(first, payload)].concat());
                    line.end_in(0);
                }
            })
        });
    }
}

/// A run in which the first `taken` connections are served, and the others are refused by HTTP.
fn refusing_behind(taken: usize, instance: &Arc<Instance>) -> Outcome {
    let settings = settings(Role::Server, App::Echo);
    Pair::default().run(Arc::clone(instance), settings, &mut |nth| {
        let config = wsanvil_echo::Config {
            defects: (nth >= taken)
                .then_some(wsanvil_echo::Defect::RefusesEveryRequest)
                .into_iter()
                .collect(),
            ..wsanvil_echo::Config::default()
        };
        Box::new(wsanvil_testkit::EchoPeer::server(config))
    })
}

#[test]
fn a_limit_on_connections_is_a_note_where_the_case_says_so() {
    let case = instance(
        r#"{ open = "ws", on = "c", count = 8, missed = "end" }, { send = "text", on = "c", data = "a" }, { expect = "echo", on = "c" }"#,
    );
    let outcome = refusing_behind(5, &case);
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
    assert_eq!(outcome.notes.len(), 1);
}

#[test]
fn a_target_that_serves_the_first_connection_only_fails() {
    let case =
        instance(r#"{ open = "ws" }, { open = "ws", on = "next" }, { expect = "alive", on = "next" }"#);
    assert_eq!(refusing_behind(1, &case).verdict, Verdict::Fail);
    assert_eq!(refusing_behind(0, &case).verdict, Verdict::Error);
}

#[test]
fn a_write_of_nothing_is_not_waited_for() {
    let case = instance(r#"{ open = "ws" }, { send = "raw" }, { wait = 1 }"#);
    let outcome = run(&case, Chop::Whole, &|| Scripted::new(echo));
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
    assert!(
        outcome.duration < Duration::from_secs(1),
        "{:?}",
        outcome.duration
    );
}

/// A server that goes on sending Pings moves octets for ever; what it declares is up all the same.
#[test]
fn pings_do_not_put_off_what_is_declared() {
    let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
    let instance = library
        .instances
        .iter()
        .find(|instance| instance.name == "heartbeat/dead-peer-dropped")
        .unwrap_or_else(|| panic!("no such instance"));
    let kept = Kind::Defect(wsanvil_echo::Defect::KeepsDeadPeer);
    let outcome = trial(instance, Role::Server, kept, Chop::Whole).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(outcome.verdict, Verdict::Nonstrict);
    let kind = outcome.finding.map(|finding| finding.kind);
    assert_eq!(kind, Some(FindingKind::Silence));
}
