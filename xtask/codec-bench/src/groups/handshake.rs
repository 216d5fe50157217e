//! Group `handshake`: octets of a request in, checked, octets of the answer out (RFC 6455 section 4.2).

use std::hint::black_box;

use wsanvil_wire::http;
use wsanvil_wire::upgrade::{self, Offered};

use crate::content::Random;
use crate::peers::handshake as peers;
use crate::{Contender, Group, OURS, Remark};

/// What contenders do differently.
pub const NOTES: &[Remark] = &[
    (
        "handshake",
        OURS,
        "names the octet of a malformed head and the rule that a request breaks; checks all of RFC 6455 section 4.2.1, \
         the grammar of Host, key, extensions and subprotocols, and repeated fields",
    ),
    (
        "handshake",
        "httparse by hand",
        "a reference: httparse, four fields looked at, SHA-1 with the processor's instructions, base64; \
         `Connection` must be exactly `Upgrade`",
    ),
    (
        "handshake",
        "tungstenite",
        "`try_parse`, `create_response` and `write_response`, without its socket",
    ),
    (
        "handshake",
        "soketto",
        "looks at method, version and the five fields it needs; of the key only at the length",
    ),
    (
        "handshake",
        "sockudo-ws",
        "checks the key, the target, the grammar of extensions and subprotocols",
    ),
    (
        "handshake",
        "tokio-websockets",
        "on a socket in memory; feature `aws_lc_rs` for SHA-1; any `Connection` that contains `upgrade`; the key is not \
         checked",
    ),
    (
        "handshake",
        "wtx",
        "on a socket in memory; feature `crypto-aws-lc-rs` for SHA-1; `Connection`, `Upgrade` and the key are not \
         checked",
    ),
    (
        "handshake",
        "websocket-codec with httparse",
        "a reference: the crate neither parses a request nor writes the answer; it checks three fields and computes the \
         accept value; the key is not checked",
    ),
    (
        "handshake",
        "fastwebsockets",
        "answers requests of hyper, so hyper parses and writes, on a socket in memory; the key is not checked",
    ),
    (
        "handshake",
        "yawc",
        "as fastwebsockets; `Connection` and `Upgrade` are not looked at",
    ),
];

/// Who is missing, and why.
pub const NOT_COMPARED: &[Remark] = &[
    (
        "handshake",
        "websocket-codec",
        "parses no request and writes no answer; the rest of the work is a reference",
    ),
    ("handshake", "web-socket", "has no handshake"),
    ("handshake", "websocket-sans-io", "has no handshake"),
];

/// Requests per call, each with a key of its own.
const REQUESTS: u64 = 16;

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    vec![group("browser", browser), group("minimal", minimal)]
}

fn group(label: &str, request: fn(&Exchange) -> String) -> Group {
    let exchanges: Vec<Exchange> = (0..REQUESTS).map(|seed| Exchange::new(seed, request)).collect();
    let octets = exchanges
        .iter()
        .map(|exchange| exchange.request.len() as u64)
        .sum();
    Group {
        id: format!("handshake/{label}"),
        unit: "handshake",
        units: REQUESTS,
        octets,
        contenders: vec![
            contender(OURS, &exchanges, peers::ours()),
            contender("tungstenite", &exchanges, peers::tungstenite()),
            contender("soketto", &exchanges, peers::soketto()),
            contender("sockudo-ws", &exchanges, peers::sockudo_ws()),
            contender("tokio-websockets", &exchanges, peers::tokio_websockets()),
            contender("wtx", &exchanges, peers::wtx()),
            contender(
                "websocket-codec with httparse",
                &exchanges,
                peers::websocket_codec(),
            ),
            contender("fastwebsockets", &exchanges, peers::fastwebsockets()),
            contender("yawc", &exchanges, peers::yawc()),
            contender("httparse by hand", &exchanges, peers::by_hand()),
        ],
        limit: Some(memcpy(&exchanges)),
    }
}

/// A request and the key in it.
#[derive(Debug, Clone)]
struct Exchange {
    key: String,
    session: u64,
    request: String,
}

impl Exchange {
    fn new(seed: u64, request: fn(&Self) -> String) -> Self {
        let mut random = Random::new(seed);
        let nonce = std::array::from_fn(|_| random.next_u64() as u8);
        let mut exchange = Self {
            key: String::from_utf8_lossy(&upgrade::key_from_nonce(nonce)).into_owned(),
            session: random.next_u64(),
            request: String::new(),
        };
        exchange.request = request(&exchange);
        exchange
    }
}

/// What a browser on a desktop sends.
fn browser(exchange: &Exchange) -> String {
    let Exchange { key, session, .. } = exchange;
    format!(
        "GET /live/updates?room=general&v=4 HTTP/1.1\r\n\
         Host: chat.example.com\r\n\
         Connection: Upgrade\r\n\
         Pragma: no-cache\r\n\
         Cache-Control: no-cache\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
         Safari/537.36\r\n\
         Upgrade: websocket\r\n\
         Origin: https://chat.example.com\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\n\
         Accept-Language: en-GB,en-US;q=0.9,en;q=0.8\r\n\
         Cookie: session={session:016x}{session:016x}; theme=dark; consent=analytics%3Dfalse\r\n\
         Sec-WebSocket-Key: {key}\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    )
}

/// The least that is an opening handshake.
fn minimal(exchange: &Exchange) -> String {
    let key = &exchange.key;
    format!(
        "GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
}

fn contender(
    name: &'static str,
    exchanges: &[Exchange],
    mut handshake: impl FnMut(&[u8], &mut Vec<u8>) + 'static,
) -> Contender {
    let mut out = Vec::new();
    for exchange in exchanges {
        out.clear();
        handshake(exchange.request.as_bytes(), &mut out);
        check(name, &out, exchange.key.as_bytes());
    }
    let exchanges = exchanges.to_vec();
    Contender {
        name,
        work: Box::new(move || {
            for exchange in &exchanges {
                out.clear();
                handshake(black_box(exchange.request.as_bytes()), &mut out);
                black_box(&out);
            }
        }),
    }
}

/// The answer opens the connection that the request asked for, without anything agreed.
fn check(name: &str, answer: &[u8], key: &[u8]) {
    let text = answer.escape_ascii();
    let head = http::parse_response(answer, answer.len());
    let Ok(Some(head)) = head else {
        panic!("{name} answers {text}: {head:?}");
    };
    assert_eq!(head.len, answer.len(), "{name} sends more than a head: {text}");
    let offered = Offered {
        key,
        protocols: &[],
        extensions: &[],
    };
    let checked = upgrade::check_response(&head, &offered);
    assert!(checked.is_ok(), "{name} answers {text}: {checked:?}");
}

fn memcpy(exchanges: &[Exchange]) -> Contender {
    let exchanges = exchanges.to_vec();
    let mut buffer = Vec::with_capacity(4096);
    let answer = [b'a'; 129];
    Contender {
        name: "memcpy",
        work: Box::new(move || {
            for exchange in &exchanges {
                buffer.clear();
                buffer.extend_from_slice(black_box(exchange.request.as_bytes()));
                buffer.extend_from_slice(black_box(&answer));
                black_box(&buffer);
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(request: fn(&Exchange) -> String, change: fn(Vec<u8>) -> Vec<u8>) {
        let exchange = Exchange::new(1, request);
        let mut out = Vec::new();
        peers::ours()(exchange.request.as_bytes(), &mut out);
        check("x", &change(out), exchange.key.as_bytes());
    }

    #[test]
    fn both_requests_are_answered() {
        answered(browser, |answer| answer);
        answered(minimal, |answer| answer);
    }

    #[test]
    #[should_panic(expected = "AcceptWrong")]
    fn a_wrong_accept_value_is_found() {
        answered(minimal, |answer| {
            let text = String::from_utf8_lossy(&answer).replace("Accept: ", "Accept: A");
            text.into_bytes()
        });
    }

    #[test]
    #[should_panic(expected = "x sends more than a head")]
    fn octets_behind_the_head_are_found() {
        answered(minimal, |mut answer| {
            answer.push(b'a');
            answer
        });
    }
}
