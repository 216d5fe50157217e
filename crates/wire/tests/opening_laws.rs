//! One call or two, the same verdict: [`read_opening`] beside [`parse_request`] and [`check_request`].

use proptest::prelude::*;
use wsanvil_wire::http::{HeadError, parse_request};
use wsanvil_wire::upgrade::{OpeningError, RequestRule, RequestSpec, check_request, read_opening};

const LIMIT: usize = 2048;

/// What the two steps say, in the words of the one.
fn by_steps(octets: &[u8]) -> Result<Option<(String, usize)>, OpeningError> {
    let Some(head) = parse_request(octets, LIMIT)? else {
        return Ok(None);
    };
    let accepted = check_request(&head).map_err(OpeningError::Refused)?;
    let told = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        accepted.key,
        head.target(),
        accepted.origin,
        accepted.protocols,
        accepted.extensions
    );
    Ok(Some((told, head.len)))
}

fn at_once(octets: &[u8]) -> Result<Option<(String, usize)>, OpeningError> {
    let Some((opening, len)) = read_opening(octets, LIMIT)? else {
        return Ok(None);
    };
    let told = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        opening.key,
        opening.target,
        opening.origin.map(<[u8]>::to_vec),
        opening.protocols,
        opening.extensions()
    );
    Ok(Some((told, len)))
}

fn legal() -> RequestSpec {
    RequestSpec::upgrade("example.com:8080", "/chat?room=1", b"dGhlIHNhbXBsZSBub25jZQ==")
}

#[test]
fn an_opening_says_what_was_asked_for_and_answers() {
    let mut request = legal();
    request
        .origin("http://example.com")
        .subprotocols(&["chat", "superchat"])
        .extensions("permessage-deflate; client_max_window_bits, x-other; a=\"b\"");
    let mut octets = request.write();
    octets.extend_from_slice(b"\x81\x80");
    let (opening, len) = read_opening(&octets, LIMIT).unwrap().unwrap();
    assert_eq!(len + 2, octets.len(), "what follows is left");
    assert_eq!(opening.target, b"/chat?room=1");
    assert_eq!(opening.origin, Some(&b"http://example.com"[..]));
    assert_eq!(opening.protocols, ["chat", "superchat"]);
    let extensions: Vec<_> = opening.extensions().iter().map(ToString::to_string).collect();
    assert_eq!(
        extensions,
        ["permessage-deflate; client_max_window_bits", "x-other; a=\"b\""]
    );
    let mut out = Vec::new();
    opening.accept(Some("chat"), Some("permessage-deflate"), &mut out);
    assert_eq!(
        out,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
          Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    );
}

#[test]
fn a_refusal_is_answered_with_its_status() {
    let mut wrong_version = legal();
    wrong_version.set("Sec-WebSocket-Version", "12");
    let error = read_opening(&wrong_version.write(), LIMIT).unwrap_err();
    assert_eq!(error, RequestRule::VersionWrong.into());
    let response = String::from_utf8(error.response().write()).unwrap();
    assert!(response.starts_with("HTTP/1.1 426 "), "{response}");
    assert!(response.contains("Sec-WebSocket-Version: 13\r\n"), "{response}");

    let error = read_opening(b"GET / HTTP/1.1\n\n", LIMIT).unwrap_err();
    assert_eq!(error, HeadError::BareLf { offset: 14 }.into());
    let response = String::from_utf8(error.response().write()).unwrap();
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    assert!(response.contains("Connection: close\r\n"), "{response}");

    let mut long = legal();
    long.add("X", "y".repeat(LIMIT));
    let error = read_opening(&long.write(), LIMIT).unwrap_err();
    assert_eq!(error, HeadError::TooLarge { limit: LIMIT }.into());
    assert_eq!(error.response().status, "431");
}

const NAMES: &[&str] = &[
    "Host",
    "origin",
    "Upgrade",
    "CONNECTION",
    "Content-Length",
    "transfer-encoding",
    "Sec-WebSocket-Key",
    "sec-websocket-version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "X-Other",
];
const VALUES: &[&str] = &[
    "",
    "h",
    "websocket",
    "WebSocket, x",
    "upgrade",
    "keep-alive, Upgrade",
    "13",
    "8, 13",
    "0",
    "chunked",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "a, b",
    "a, a",
    "permessage-deflate; x=1",
    "permessage-deflate; x=\"1\"",
    "a; =",
];

#[derive(Debug, Clone)]
enum Edit {
    Add(usize, usize),
    Set(usize, usize),
    Remove(usize),
    Octet(prop::sample::Index, u8),
    Cut(prop::sample::Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let name = 0..NAMES.len();
    let value = 0..VALUES.len();
    prop_oneof![
        4 => (name.clone(), value.clone()).prop_map(|(name, value)| Edit::Add(name, value)),
        4 => (name.clone(), value).prop_map(|(name, value)| Edit::Set(name, value)),
        1 => name.prop_map(Edit::Remove),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, octet)| Edit::Octet(at, octet)),
        1 => any::<prop::sample::Index>().prop_map(Edit::Cut),
    ]
}

proptest! {
    #[test]
    fn at_once_is_as_by_steps(edits in prop::collection::vec(edit(), 0..5)) {
        let mut request = legal();
        for edit in &edits {
            match *edit {
                Edit::Add(name, value) => request.add(NAMES[name], VALUES[value]),
                Edit::Set(name, value) => request.set(NAMES[name], VALUES[value]),
                Edit::Remove(name) => request.remove(NAMES[name]),
                Edit::Octet(..) | Edit::Cut(_) => &mut request,
            };
        }
        let mut octets = request.write();
        for edit in &edits {
            match edit {
                Edit::Octet(at, octet) if !octets.is_empty() => {
                    let at = at.index(octets.len());
                    octets[at] = *octet;
                }
                Edit::Cut(at) => octets.truncate(at.index(octets.len() + 1)),
                _ => {}
            }
        }
        prop_assert_eq!(at_once(&octets), by_steps(&octets));
    }
}
