//! What a target refuses for reasons of its own, and where that ends to be an excuse.

use std::sync::Arc;

use wsanvil_case::Instance;
use wsanvil_echo::Config;
use wsanvil_engine::{App, Outcome};
use wsanvil_model::Verdict;
use wsanvil_testkit::hostile::by_name;
use wsanvil_testkit::pair::{Chop, Pair};
use wsanvil_testkit::{EchoPeer, Kind, declared_settings, settings};
use wsanvil_wire::Role;

use crate::scripted::{Scripted, echo};
use crate::{case, check, instance, run};

const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
const FORBIDDEN: &[u8] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
const BROKEN: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

fn sends(len: u64) -> Arc<Instance> {
    instance(&format!(
        r#"{{ open = "ws" }}, {{ send = "binary", fill = "ab", len = {len} }}, {{ expect = "echo" }}"#
    ))
}

/// Closes over the first message with this code, or ends TCP.
fn refuses_messages(code: Option<u16>) -> Scripted {
    Scripted::new(move |opcode, fin, payload, line| match opcode {
        0..=2 if fin => {
            if let Some(code) = code {
                line.frame(0x88, &code.to_be_bytes());
            }
            line.end_in(0);
        }
        0..=2 => {}
        _ => echo(opcode, fin, payload, line),
    })
}

/// Each connection is answered by the next of these; none: it upgrades and echoes.
fn answers(instance: &Arc<Instance>, answers: &[Option<&'static [u8]>]) -> Outcome {
    Pair::default().run(
        Arc::clone(instance),
        settings(Role::Server, App::Echo),
        &mut |nth| match answers.get(nth).copied().flatten() {
            Some(answer) => Box::new(Scripted::answering(answer)),
            None => Box::new(Scripted::new(echo)),
        },
    )
}

#[test]
fn a_limit_that_nobody_declared_breaks_no_rule() {
    for code in [1008, 1009] {
        check(Verdict::Pass, &sends(5000), &|| refuses_messages(Some(code)));
        check(Verdict::Fail, &sends(100), &|| refuses_messages(Some(code)));
    }
    for code in [1000, 1002, 1011] {
        check(Verdict::Fail, &sends(5000), &|| refuses_messages(Some(code)));
    }
}

#[test]
fn the_end_of_tcp_names_no_limit() {
    check(Verdict::Fail, &sends(5000), &|| refuses_messages(None));
    check(Verdict::Nonstrict, &sends(70_000), &|| refuses_messages(None));
}

#[test]
fn many_fragments_may_be_too_many() {
    let fragments = |count: u32| {
        instance(&format!(
            r#"{{ open = "ws" }}, {{ send = "text", fill = "ab", len = {count}, fragment = 1 }}, {{ expect = "echo" }}"#
        ))
    };
    check(Verdict::Pass, &fragments(100), &|| refuses_messages(Some(1008)));
    check(Verdict::Fail, &fragments(10), &|| refuses_messages(Some(1008)));
}

#[test]
fn a_declared_limit_has_to_be_kept() {
    let config = Config {
        max_message: 4096,
        ..Config::default()
    };
    let declares = |max_message| {
        let declared = Config {
            max_message,
            ..Config::default()
        };
        let settings = declared_settings(Role::Server, App::Echo, &declared);
        let outcome = Pair::default().run(sends(5000), settings, &mut |_| {
            Box::new(EchoPeer::server(config.clone()))
        });
        outcome.verdict
    };
    assert_eq!(declares(5000), Verdict::Fail);
    assert_eq!(declares(4096), Verdict::Pass);
}

#[test]
fn a_busy_target_says_nothing_about_the_rule() {
    let two =
        instance(r#"{ open = "ws", on = "a" }, { open = "ws", on = "b" }, { expect = "alive", on = "b" }"#);
    assert_eq!(answers(&two, &[]).verdict, Verdict::Pass);
    assert_eq!(answers(&two, &[None, Some(BUSY)]).verdict, Verdict::Error);
    assert_eq!(answers(&two, &[None, Some(FORBIDDEN)]).verdict, Verdict::Fail);
    let accepted = instance(r#"{ open = "tcp" }, { send = "request" }, { expect = "accepted" }"#);
    assert_eq!(answers(&accepted, &[Some(BUSY)]).verdict, Verdict::Error);
    assert_eq!(answers(&accepted, &[Some(FORBIDDEN)]).verdict, Verdict::Fail);
    let other = instance(
        r#"{ open = "tcp" }, { send = "request" }, { expect = "accepted", or = [{ expect = "response", status = "5xx", grade = "nonstrict" }] }"#,
    );
    assert_eq!(answers(&other, &[Some(BUSY)]).verdict, Verdict::Error);
    assert_eq!(answers(&other, &[Some(BROKEN)]).verdict, Verdict::Nonstrict);
    let named = instance(
        r#"{ open = "tcp" }, { send = "request" }, { expect = "response", status = ["4xx", "5xx"], has = { "X-Field" = true } }"#,
    );
    assert_eq!(answers(&named, &[Some(BUSY)]).verdict, Verdict::Error);
    assert_eq!(answers(&named, &[Some(FORBIDDEN)]).verdict, Verdict::Fail);
    let refused = instance(
        r#"{ open = "tcp" }, { send = "request", remove = ["Sec-WebSocket-Key"] }, { expect = "refused" }"#,
    );
    assert_eq!(answers(&refused, &[Some(BUSY)]).verdict, Verdict::Pass);
}

#[test]
fn connections_that_came_about_are_left_out_with_those_that_did_not() {
    let group = instance(
        r#"{ open = "ws", on = "c", count = 3, missed = "end" }, { send = "text", on = "c", data = "a" }, { expect = "echo", on = "c" }"#,
    );
    for missed in [
        &[Some(BUSY)][..],
        &[None, Some(FORBIDDEN)],
        &[None, None, Some(BUSY)],
    ] {
        let outcome = answers(&group, missed);
        assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
        assert!(!outcome.notes.is_empty());
    }
}

#[test]
fn an_offer_that_costs_the_handshake_is_not_judged_by_what_follows() {
    let steps =
        r#"{ open = "ws", deflate = "permessage-deflate; server_max_window_bits=8" }, { expect = "alive" }"#;
    let offers = instance(steps);
    for answer in [BROKEN, FORBIDDEN] {
        let outcome = answers(&offers, &[Some(answer)]);
        assert_eq!(outcome.verdict, Verdict::Skip, "{}", outcome.reason);
    }
    assert_eq!(answers(&offers, &[Some(BUSY)]).verdict, Verdict::Error);
    let plain = instance(r#"{ open = "ws" }, { expect = "alive" }"#);
    assert_eq!(answers(&plain, &[Some(BROKEN)]).verdict, Verdict::Error);
}

#[test]
fn what_answers_no_request_is_no_broken_response() {
    let standing = |request: &str| {
        let case = instance(&format!(
            r#"{{ open = "tcp" }}, {{ send = "raw", data = "{request}" }}, {{ expect = "refused" }}"#
        ));
        let outcome = Pair::default().run(case, settings(Role::Server, App::Echo), &mut |_| {
            Kind::Hostile(by_name("not-http").unwrap()).server()
        });
        assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.reason);
        outcome.standing.iter().any(|hit| hit.rule == "response-head")
    };
    assert!(!standing("GET / HT"));
    assert!(!standing(r"GET / HTTP/1.1\r\nHost: here\r\n"));
    assert!(standing(r"GET / HTTP/1.1\r\nHost: here\r\n\r\n"));
}

#[test]
fn a_close_may_be_answered_with_another_code() {
    let closes = |code: Option<u16>| {
        move || {
            Scripted::new(move |opcode, fin, payload, line| {
                if opcode == 8 {
                    let body = code.map(|code| code.to_be_bytes().to_vec());
                    line.frame(0x88, &body.unwrap_or_default());
                    line.end_in(0);
                } else {
                    echo(opcode, fin, payload, line);
                }
            })
        }
    };
    let plain = instance(r#"{ open = "ws" }, { close = 4007 }"#);
    for code in [None, Some(1000), Some(1001), Some(1011), Some(3999), Some(4007)] {
        check(Verdict::Pass, &plain, &closes(code));
    }
    for code in [1002, 1003, 1007, 1009, 1010, 1005, 999, 2000] {
        check(Verdict::Fail, &plain, &closes(Some(code)));
    }
    let about = case(
        r#"spec = ["6455-5.5.1-9"]"#,
        r#"{ open = "ws" }, { send = "close", code = 4007 }, { expect = "close", code = [4007] }"#,
    );
    check(Verdict::Pass, &about, &closes(Some(1001)));
    check(Verdict::Nonstrict, &about, &closes(Some(3999)));
}

#[test]
fn an_empty_pong_that_nobody_asked_for_is_no_barrier() {
    let case = instance(
        r#"{ open = "ws" }, { send = "text", data = "a" }, { send = "frame", opcode = 1, rsv = 2, data = "b" }, { send = "ping" }, { probe = "echo", missed = "note" }, { expect = "fail" }"#,
    );
    check(Verdict::Pass, &case, &|| {
        let mut peer = Scripted::new(|opcode, fin, payload, line| {
            // It says nothing of RSV: the second text fails the connection.
            if opcode == 1 && payload == b"b" {
                line.frame(0x88, &1002_u16.to_be_bytes());
                line.end_in(0);
            } else if opcode != 9 {
                echo(opcode, fin, payload, line);
            }
        });
        peer.greeting = b"\x8a\x00";
        peer.greeting_ms = 0;
        peer
    });
}

#[test]
fn no_barrier_takes_the_place_of_a_ping_that_is_waited_for() {
    let case = instance(
        r#"{ open = "ws" }, { send = "ping", length = 16 }, { expect = "pong", data = "", or = [{ expect = "fail" }] }"#,
    );
    let outcome = run(&case, Chop::Whole, &|| Scripted::new(echo));
    assert_eq!(outcome.verdict, Verdict::Pass);
    let barriers = outcome
        .transcript
        .iter()
        .filter(|entry| entry.remark == "barrier");
    assert_eq!(barriers.count(), 0);
    check(Verdict::Fail, &case, &|| {
        Scripted::new(|opcode, fin, payload, line| {
            if opcode != 9 || !payload.is_empty() {
                echo(opcode, fin, payload, line);
            }
        })
    });
}
