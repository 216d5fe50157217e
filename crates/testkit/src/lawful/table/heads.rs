//! Choices in the opening handshake.

use std::time::Duration;

use super::super::Lawful;
use super::super::answer::Head;
use super::super::manner::{After, Manner};
use super::{PLAIN, few, row};
use crate::PeerEnd;

/// The rows.
pub(super) const ROWS: &[Lawful] = &[
    row("plain", "makes no choice", PLAIN),
    // The 101.
    row(
        "small-letters",
        "writes names and values of its 101 in small letters (RFC 9110 section 5.1)",
        Manner {
            switching: |head| {
                for line in &mut head.lines {
                    let (name, value) = line.split_once(':').unwrap_or((line, ""));
                    *line = format!("{}:{value}", name.to_ascii_lowercase());
                }
                head.set("connection", "upgrade");
            },
            ..PLAIN
        },
    ),
    row(
        "capital-letters",
        "writes names, and values that have no case, in capital letters (RFC 6455 section 4.1)",
        Manner {
            switching: |head| {
                for line in &mut head.lines {
                    let (name, value) = line.split_once(':').unwrap_or((line, ""));
                    *line = format!("{}:{value}", name.to_ascii_uppercase());
                }
                head.set("UPGRADE", "WEBSOCKET");
                head.set("CONNECTION", "UPGRADE");
            },
            ..PLAIN
        },
    ),
    row(
        "fields-reversed",
        "sends the fields of every answer in reverse order (RFC 9110 section 5.3)",
        Manner {
            switching: |head| head.lines.reverse(),
            refusing: |head| head.lines.reverse(),
            ..PLAIN
        },
    ),
    row(
        "whitespace",
        "puts no, one or more blanks and tabs around values (RFC 9110 section 5.5)",
        Manner {
            switching: |head| {
                for (index, line) in head.lines.iter_mut().enumerate() {
                    let (name, value) = line.split_once(':').unwrap_or((line, ""));
                    let value = value.trim();
                    *line = match index % 3 {
                        0 => format!("{name}:{value}"),
                        1 => format!("{name}:\t {value} \t"),
                        _ => format!("{name}:   {value}"),
                    };
                }
            },
            ..PLAIN
        },
    ),
    row(
        "many-fields",
        "adds fields of its own to every answer (RFC 6455 section 4.1, item 4.6)",
        Manner {
            switching: talkative,
            refusing: talkative,
            ..PLAIN
        },
    ),
    row(
        "no-reason",
        "leaves the reason phrase empty (RFC 9112 section 4)",
        Manner {
            switching: |head| "HTTP/1.1 101 ".clone_into(&mut head.start),
            refusing: |head| head.start = format!("HTTP/1.1 {} ", head.status()),
            ..PLAIN
        },
    ),
    row(
        "other-reason",
        "has a reason phrase of its own (RFC 9112 section 4)",
        Manner {
            switching: |head| "HTTP/1.1 101 WebSocket Protocol: Handshake (100%)".clone_into(&mut head.start),
            ..PLAIN
        },
    ),
    row(
        "interim-answers",
        "sends 103 before every final answer (RFC 9110 section 15.2)",
        Manner {
            interim: b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
            ..PLAIN
        },
    ),
    row(
        "quoted-parameters",
        "quotes the values of its answer to permessage-deflate (RFC 7692 section 5.2)",
        Manner {
            configure: |config| config.deflate_policy.server_max_window_bits = 12,
            switching: |head| {
                for line in &mut head.lines {
                    if line.starts_with("Sec-WebSocket-Extensions") {
                        *line = quoted(line);
                    }
                }
            },
            ..PLAIN
        },
    ),
    row(
        "keeps-alive",
        "names keep-alive beside upgrade in the Connection of its 101 (RFC 9110 section 7.6.1)",
        Manner {
            switching: |head| head.set("Connection", "keep-alive, Upgrade"),
            ..PLAIN
        },
    ),
    // Refusals.
    row(
        "lingers",
        "ends TCP two seconds behind a refusal (RFC 9112 section 9.6)",
        Manner {
            after_refusal: After::EndsIn(Duration::from_secs(2)),
            ..PLAIN
        },
    ),
    row(
        "forbids",
        "refuses with 403 what another would call a bad request (RFC 6455 section 4.2.2)",
        Manner {
            refusing: |head| {
                if head.status() == 400 {
                    "HTTP/1.1 403 Forbidden".clone_into(&mut head.start);
                }
            },
            ..PLAIN
        },
    ),
    row(
        "finds-nothing",
        "refuses with 404 what is no WebSocket request (RFC 9110 section 7.8)",
        Manner {
            refusing: |head| "HTTP/1.1 404 Not Found".clone_into(&mut head.start),
            ..PLAIN
        },
    ),
    row(
        "upgrade-required",
        "refuses with 426 and all it asks for (RFC 6455 section 4.4)",
        Manner {
            refusing: |head| {
                "HTTP/1.1 426 Upgrade Required".clone_into(&mut head.start);
                head.set("Upgrade", "websocket");
                head.set("Connection", "Upgrade, close");
                head.set("Sec-WebSocket-Version", "13");
            },
            ..PLAIN
        },
    ),
    row(
        "not-implemented",
        "refuses with 501 (RFC 9110 section 15.6.2)",
        Manner {
            refusing: |head| "HTTP/1.1 501 Not Implemented".clone_into(&mut head.start),
            ..PLAIN
        },
    ),
    row(
        "names-versions",
        "names several versions in every refusal (RFC 6455 section 4.4)",
        Manner {
            refusing: |head| head.set("Sec-WebSocket-Version", "13, 8, 7"),
            ..PLAIN
        },
    ),
    row(
        "names-versions-apart",
        "names versions in several fields (RFC 6455 section 4.4)",
        Manner {
            refusing: |head| {
                head.set("Sec-WebSocket-Version", "8, 7");
                head.add("Sec-WebSocket-Version", "13");
            },
            ..PLAIN
        },
    ),
    row(
        "old-refusals",
        "refuses in HTTP/1.0 and lets the end of TCP end the body (RFC 9110 section 6.2)",
        Manner {
            refusing: |head| {
                head.start = head.start.replace("HTTP/1.1", "HTTP/1.0");
                head.remove("Content-Length");
                head.body = b"this is no request for a WebSocket\n".to_vec();
            },
            ..PLAIN
        },
    ),
    row(
        "chunked-refusals",
        "sends the body of a refusal in chunks (RFC 9112 section 7.1)",
        Manner {
            refusing: |head| {
                head.remove("Content-Length");
                head.add("Transfer-Encoding", "chunked");
                head.body =
                    b"5\r\nfirst\r\n1a;name=value\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n".to_vec();
            },
            ..PLAIN
        },
    ),
    row(
        "long-refusals",
        "sends a page of 32 KiB with a refusal (RFC 9110 section 15.5)",
        Manner {
            refusing: |head| {
                head.body = vec![b'x'; 32 << 10];
                head.set("Content-Length", "32768");
            },
            ..PLAIN
        },
    ),
    row(
        "bare-refusals",
        "sends a refusal without Content-Length and body (RFC 9112 section 6.3)",
        Manner {
            refusing: |head| {
                head.remove("Content-Length");
                head.body.clear();
            },
            ..PLAIN
        },
    ),
    row(
        "answers-again",
        "keeps TCP behind a refusal and answers the next request (RFC 9112 section 9.3)",
        Manner {
            refusing: |head| {
                head.set("Content-Length", "0");
                head.body.clear();
            },
            after_refusal: After::Stays,
            request_within: Some(Duration::from_secs(3)),
            ..PLAIN
        },
    ),
    row(
        "drops-bad-requests",
        "ends TCP without an answer to a bad request (RFC 6455 section 10.7)",
        Manner {
            after_refusal: After::OnlyEnds(PeerEnd::Fin),
            ..PLAIN
        },
    ),
    row(
        "resets-bad-requests",
        "resets TCP without an answer to a bad request (RFC 6455 section 10.7)",
        Manner {
            after_refusal: After::OnlyEnds(PeerEnd::Rst),
            ..PLAIN
        },
    ),
    row(
        "request-in-a-second",
        "gives a client a second for its request, then 408 (RFC 9110 section 15.5.9)",
        Manner {
            request_within: Some(Duration::from_secs(1)),
            ..PLAIN
        },
    ),
    // Policy: nobody declared it, so no case may ask for anything else.
    row(
        "one-resource",
        "knows no resource but / (RFC 6455 section 4.2.2, item 4)",
        Manner {
            refuses: |request| {
                let target = request.head.target();
                let path = target.find("://").map_or(target, |scheme| {
                    let rest = target.get(scheme + 3..).unwrap_or_default();
                    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
                });
                let path = path.split('?').next().unwrap_or_default();
                (path != "/").then_some(404)
            },
            ..PLAIN
        },
    ),
    row(
        "one-host",
        "serves no host but its own (RFC 9110 section 15.5.20)",
        Manner {
            refuses: |request| {
                let host = request.head.get("Host").unwrap_or_default();
                (host != "127.0.0.1:9001").then_some(421)
            },
            ..PLAIN
        },
    ),
    row(
        "no-foreign-origin",
        "admits no browser: 403 whenever there is an Origin (RFC 6455 section 10.2)",
        Manner {
            refuses: |request| request.head.get("Origin").map(|_| 403),
            ..PLAIN
        },
    ),
    row(
        "no-bodies",
        "refuses requests that have a body (RFC 9110 section 9.3.1)",
        Manner {
            refuses: |request| {
                let has = |name| request.head.get(name).is_some_and(|value| value != "0");
                (has("Content-Length") || has("Transfer-Encoding")).then_some(413)
            },
            ..PLAIN
        },
    ),
    row(
        "no-expectations",
        "answers 417 to any Expect (RFC 9110 section 10.1.1)",
        Manner {
            refuses: |request| request.head.get("Expect").map(|_| 417),
            ..PLAIN
        },
    ),
    row(
        "short-heads",
        "takes heads of up to 4 KiB (RFC 6585 section 5)",
        Manner {
            configure: |config| config.max_header = 4 << 10,
            ..PLAIN
        },
    ),
    row(
        "few-fields",
        "takes up to 64 fields (RFC 6585 section 5)",
        Manner {
            refuses: |request| (request.head.lines.len() > 64).then_some(431),
            ..PLAIN
        },
    ),
    row(
        "short-targets",
        "takes targets of up to 2000 octets (RFC 9110 section 15.5.15)",
        Manner {
            refuses: |request| (request.head.target().len() > 2000).then_some(414),
            ..PLAIN
        },
    ),
    few(
        "one-at-a-time",
        "asks to try later on every connection but the first (RFC 9110 section 15.6.4)",
        Manner {
            refuses: |request| (request.nth > 0).then_some(503),
            refusal_fields: &[("Connection", "close"), ("Retry-After", "1")],
            ..PLAIN
        },
    ),
    few(
        "hundred-at-a-time",
        "asks for fewer requests behind a hundred connections (RFC 6585 section 4)",
        Manner {
            refuses: |request| (request.nth >= 100).then_some(429),
            ..PLAIN
        },
    ),
    row(
        "refuses-early-frames",
        "ends TCP when frames come before its 101 (RFC 6455 section 4.1)",
        Manner {
            takes_early_frames: false,
            ..PLAIN
        },
    ),
    few(
        "fifty-at-once",
        "ends TCP at once on connections beyond fifty (RFC 6455 section 10.7)",
        Manner {
            connections: 50,
            ..PLAIN
        },
    ),
    row(
        "pages",
        "answers what is no WebSocket request to it with a page (RFC 9110 section 7.8)",
        Manner {
            refusing: |head| {
                *head = Head::answer(200, &[("Content-Type", "text/html")]);
                head.body = b"<!doctype html><title>It works</title>".to_vec();
                head.set("Content-Length", "38");
            },
            ..PLAIN
        },
    ),
    row(
        "sends-elsewhere",
        "answers what is no WebSocket request to it with 302 (RFC 6455 section 4.2.2)",
        Manner {
            refusing: |head| *head = Head::answer(302, &[("Location", "https://example.com/")]),
            ..PLAIN
        },
    ),
];

/// Fields that say nothing about the upgrade.
fn talkative(head: &mut Head) {
    for (name, value) in [
        ("Server", "lawful/1.0 (unknown) \"quoted\""),
        ("Date", "Fri, 20 Nov 2026 18:00:00 GMT"),
        ("Set-Cookie", "a=1; Path=/; HttpOnly"),
        ("Set-Cookie", "b=2; Path=/"),
        ("X-Empty", ""),
        ("Vary", "Origin, Sec-WebSocket-Key"),
        ("Access-Control-Allow-Origin", "*"),
        ("Cache-Control", "no-store"),
        ("Strict-Transport-Security", "max-age=0"),
        ("WebSocket-Server", "Upgrade"),
        ("Via", "1.1 proxy.example"),
        ("Sec-WebSocket-Version", "13"),
    ] {
        head.add(name, value);
    }
    head.add("X-Long", &"l".repeat(2000));
}

/// Parameter values in quotes.
fn quoted(line: &str) -> String {
    line.split(';')
        .map(|piece| match piece.split_once('=') {
            Some((name, value)) => format!("{name}=\"{value}\""),
            None => piece.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(";")
}
