//! The head parser: what it accepts, what it refuses and why, and httparse as the second opinion.

use proptest::prelude::*;
use wsanvil_wire::http::{HeadError, HeadReader, RequestHead, ResponseHead, parse_request, parse_response};

const LIMIT: usize = 8192;

fn request(head: &str) -> Result<RequestHead, HeadError> {
    parse_request(head.as_bytes(), LIMIT).map(|head| head.expect("complete"))
}

#[test]
fn a_request_is_taken_apart() {
    let text = "\r\nGET /chat?x=1 HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nCONNECTION:\t keep-alive , Upgrade \t\r\n\
                connection: x\r\nX: \u{e4}\r\n\r\nrest";
    let head = request(text).unwrap();
    assert_eq!(
        (head.method(), head.target(), head.version),
        (&b"GET"[..], &b"/chat?x=1"[..], (1, 1))
    );
    assert_eq!(head.len, text.len() - 4);
    assert_eq!(head.octets(), &text.as_bytes()[..head.len]);
    assert_eq!(head.fields.len(), 5);
    assert_eq!(head.fields.get("host"), Some(&b"h"[..]));
    assert_eq!(head.fields.get("x-empty"), Some(&b""[..]));
    assert_eq!(head.fields.get("absent"), None);
    assert_eq!(
        head.fields.get_all("Connection").collect::<Vec<_>>(),
        [&b"keep-alive , Upgrade"[..], b"x"]
    );
    assert_eq!(head.fields.count("connection"), 2);
    for token in ["upgrade", "X", "Keep-Alive"] {
        assert!(head.fields.has_token("connection", token), "{token}");
    }
    assert!(!head.fields.has_token("connection", "up"));
    let names: Vec<_> = head.fields.iter().map(|field| field.name()).collect();
    assert_eq!(
        names,
        [&b"Host"[..], b"X-Empty", b"CONNECTION", b"connection", b"X"]
    );
}

#[test]
fn a_response_is_taken_apart() {
    let head = parse_response(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00",
        LIMIT,
    );
    let head = head.unwrap().unwrap();
    assert_eq!(
        (head.status, head.version, head.reason()),
        (101, (1, 1), &b"Switching Protocols"[..])
    );
    assert_eq!(head.len, 56);
    let bare = parse_response(b"HTTP/1.0 404 \r\n\r\n", LIMIT).unwrap().unwrap();
    assert_eq!(
        (bare.status, bare.version, bare.reason()),
        (404, (1, 0), &b""[..])
    );
    assert!(bare.fields.is_empty());
}

#[test]
fn broken_requests_are_refused_for_their_fault() {
    use HeadError::{
        BadRequestLine, BadVersion, BareCr, BareLf, EmptyName, InvalidNameOctet, InvalidValueOctet,
        MissingColon, ObsFold, SpaceAfterStartLine, SpaceBeforeColon,
    };
    for (text, error) in [
        ("GET / HTTP/1.1\nHost: h\r\n\r\n", BareLf { offset: 14 }),
        ("GET / HTTP/1.1\r\nHost: h\n\r\n", BareLf { offset: 23 }),
        ("GET / HTTP/1.1\r\nHost: h\r\n\n", BareLf { offset: 25 }),
        ("\nGET / HTTP/1.1\r\n\r\n", BareLf { offset: 0 }),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", BareCr { offset: 23 }),
        ("GET / HTTP/1.1\rX\r\n\r\n", BareCr { offset: 14 }),
        ("GET / HTTP/1.1\r\n\rX", BareCr { offset: 16 }),
        (
            "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
            SpaceBeforeColon { offset: 20 },
        ),
        (
            "GET / HTTP/1.1\r\nHost\t \t: h\r\n\r\n",
            SpaceBeforeColon { offset: 20 },
        ),
        (
            "GET / HTTP/1.1\r\nHo st: h\r\n\r\n",
            InvalidNameOctet {
                offset: 18,
                octet: b' ',
            },
        ),
        (
            "GET / HTTP/1.1\r\n(x): h\r\n\r\n",
            InvalidNameOctet {
                offset: 16,
                octet: b'(',
            },
        ),
        (
            "GET / HTTP/1.1\r\nX\u{7f}: h\r\n\r\n",
            InvalidNameOctet {
                offset: 17,
                octet: 0x7F,
            },
        ),
        ("GET / HTTP/1.1\r\nX: y\r\n z\r\n\r\n", ObsFold { offset: 22 }),
        (
            "GET / HTTP/1.1\r\n X: y\r\n\r\n",
            SpaceAfterStartLine { offset: 16 },
        ),
        ("GET / HTTP/1.1\r\n: y\r\n\r\n", EmptyName { offset: 16 }),
        ("GET / HTTP/1.1\r\nX\r\n\r\n", MissingColon { offset: 17 }),
        (
            "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
            InvalidValueOctet { offset: 20, octet: 0 },
        ),
        (
            "GET / HTTP/1.1\r\nX: a\u{7f}b\r\n\r\n",
            InvalidValueOctet {
                offset: 20,
                octet: 0x7F,
            },
        ),
        ("GET /a b HTTP/1.1\r\n\r\n", BadRequestLine { offset: 7 }),
        ("GET  / HTTP/1.1\r\n\r\n", BadRequestLine { offset: 4 }),
        (" GET / HTTP/1.1\r\n\r\n", BadRequestLine { offset: 0 }),
        ("GET /\u{e4} HTTP/1.1\r\n\r\n", BadRequestLine { offset: 5 }),
        ("GET /\r\n\r\n", BadRequestLine { offset: 5 }),
        ("GET / HTTP/1.1 \r\n\r\n", BadRequestLine { offset: 14 }),
        ("\u{16}\u{3}\u{1}", BadRequestLine { offset: 0 }),
        ("GET / http/1.1\r\n\r\n", BadVersion { offset: 6 }),
        ("GET / HTTP/x\r\n\r\n", BadVersion { offset: 11 }),
        ("GET / HTTP/1,1\r\n\r\n", BadVersion { offset: 12 }),
        ("GET / HTTP/1.10\r\n\r\n", BadVersion { offset: 14 }),
        ("GET / HTTP/11.1\r\n\r\n", BadVersion { offset: 12 }),
    ] {
        assert_eq!(parse_request(text.as_bytes(), LIMIT), Err(error), "{text:?}");
        assert!(error.offset() <= text.len() && !error.requirement().is_empty());
        // The same when each octet comes alone: the fault is named at the latest with the line's end.
        let mut reader = HeadReader::<RequestHead>::new(text.len() + 1);
        let mut octets = text.bytes().chain([b'\n']);
        let found = octets.find_map(|octet| reader.push(&[octet]).err());
        assert_eq!(found, Some(error), "{text:?}");
    }
    assert_eq!(request("BREW / HTTP/2.7\r\n\r\n").unwrap().version, (2, 7));
}

#[test]
fn broken_responses_are_refused_for_their_fault() {
    use HeadError::{BadStatusLine, BadVersion, BareCr, BareLf, MissingSpaceAfterStatus};
    for (text, error) in [
        ("HTTP/1.1 101\r\n\r\n", MissingSpaceAfterStatus { offset: 12 }),
        ("HTTP/1.1 10 x\r\n\r\n", BadStatusLine { offset: 11 }),
        ("HTTP/1.1 1011 x\r\n\r\n", BadStatusLine { offset: 12 }),
        ("HTTP/1.1  101 x\r\n\r\n", BadStatusLine { offset: 9 }),
        ("HTTP/1.1\t101 x\r\n\r\n", BadStatusLine { offset: 8 }),
        ("ICY 200 OK\r\n\r\n", BadStatusLine { offset: 0 }),
        ("\r\nHTTP/1.1 101 x\r\n\r\n", BadStatusLine { offset: 0 }),
        ("http/1.1 101 x\r\n\r\n", BadVersion { offset: 0 }),
        ("HTTP/1.12 101 x\r\n\r\n", BadVersion { offset: 8 }),
        ("HTTP/1.1 101 a\0b\r\n\r\n", BadStatusLine { offset: 14 }),
        ("HTTP/1.1 101 a\n\r\n", BareLf { offset: 14 }),
        ("HTTP/1.1 101 a\rb\r\n\r\n", BareCr { offset: 14 }),
    ] {
        assert_eq!(parse_response(text.as_bytes(), LIMIT), Err(error), "{text:?}");
    }
}

#[test]
fn a_head_is_bounded() {
    let head = b"GET / HTTP/1.1\r\nX: y\r\n\r\n";
    assert!(parse_request(head, head.len()).unwrap().is_some());
    for limit in 0..head.len() {
        assert_eq!(parse_request(head, limit), Err(HeadError::TooLarge { limit }));
        let mut reader = HeadReader::<RequestHead>::new(limit);
        assert_eq!(reader.push(head).err(), Some(HeadError::TooLarge { limit }));
        assert!(reader.buffered() <= limit);
        assert_eq!(reader.push(b"\r\n").err(), Some(HeadError::TooLarge { limit }));
    }
    for cut in 0..head.len() {
        assert_eq!(parse_request(&head[..cut], LIMIT), Ok(None));
    }
}

/// A megabyte in single octets: this ends soon only if no octet is looked at many times.
#[test]
fn a_dripping_sender_costs_linear_time() {
    let line = [b"X: ".to_vec(), vec![b'a'; 500_000], b"\r\n".to_vec()].concat();
    let many = b"a:\r\n".repeat(100_000);
    for fields in [line, many] {
        let head = [b"GET / HTTP/1.1\r\n".to_vec(), fields, b"\r\n".to_vec()].concat();
        let mut reader = HeadReader::<RequestHead>::new(1 << 20);
        let (last, rest) = head.split_last().unwrap();
        for octet in rest {
            assert!(reader.push(std::slice::from_ref(octet)).unwrap().is_none());
        }
        let (found, surplus) = reader.push(std::slice::from_ref(last)).unwrap().unwrap();
        assert_eq!((found.len, surplus.len()), (head.len(), 0));
    }
}

#[test]
fn each_fault_of_a_head_says_where_it_is_and_what_to_answer() {
    let (offset, octet) = (7, 0);
    let errors = [
        (HeadError::TooLarge { limit: 7 }, "9112-3-2", 431),
        (HeadError::BareLf { offset }, "9112-2.2-2", 400),
        (HeadError::BareCr { offset }, "9112-2.2-3", 400),
        (HeadError::SpaceBeforeColon { offset }, "9112-5.1-1", 400),
        (HeadError::ObsFold { offset }, "9112-5.2-1", 400),
        (HeadError::SpaceAfterStartLine { offset }, "9112-2.2-5", 400),
        (HeadError::EmptyName { offset }, "9112-2.2-6", 400),
        (HeadError::MissingColon { offset }, "9112-2.2-6", 400),
        (HeadError::InvalidNameOctet { offset, octet }, "9110-5.6.2-1", 400),
        (HeadError::InvalidValueOctet { offset, octet }, "9110-5.5-2", 400),
        (HeadError::BadRequestLine { offset }, "9112-3.2-3", 400),
        (HeadError::BadVersion { offset }, "6455-4.2.1-4", 505),
        (HeadError::BadStatusLine { offset }, "6455-4.2.2-18", 400),
        (HeadError::MissingSpaceAfterStatus { offset }, "9112-4-1", 400),
    ];
    for (error, requirement, status) in errors {
        assert_eq!(
            (error.offset(), error.requirement(), error.status()),
            (7, requirement, status),
            "{error}"
        );
        assert!(error.to_string().contains('7'), "{error}");
    }
}

#[test]
fn evidence_is_kept_and_shown_on_one_line() {
    let mut reader = HeadReader::<RequestHead>::new(LIMIT);
    assert!(reader.push(b"GET / HT").unwrap().is_none());
    assert_eq!((reader.octets(), reader.buffered()), (&b"GET / HT"[..], 8));
    assert!(reader.push(b"TQ\r\n").is_err());
    assert_eq!(
        reader.octets(),
        b"GET / HTTQ\r\n",
        "what was faulty is still there"
    );

    let head = request("GET /?\"x\" HTTP/1.1\r\nHost: h\r\nX: \u{e9}\t\u{1f600}\r\n\r\n").unwrap();
    let shown = format!("{head:?}");
    assert_eq!(
        shown,
        r#"RequestHead { method: GET, target: /?\"x\", version: (1, 1), fields: [Host: h, X: \xc3\xa9\t\xf0\x9f\x98\x80], len: 43 }"#
    );
    let head = parse_response(b"HTTP/1.1 404 N\xF6\r\nA:\r\n\r\n", LIMIT)
        .unwrap()
        .unwrap();
    assert_eq!(head.octets().len(), head.len);
    assert_eq!(
        format!("{head:?}"),
        r"ResponseHead { version: (1, 1), status: 404, reason: N\xf6, fields: [A: ], len: 23 }"
    );
}

fn head_text() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        Just(Vec::new()),
        "[!-~]([ -~\t]{0,20}[!-~])?".prop_map(String::into_bytes),
        prop::collection::vec(prop_oneof![0x21..=0x7E_u8, 0x80..=0xFF_u8], 1..20),
    ];
    let field = (
        "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,20}",
        "[ \t]{0,3}",
        value,
        "[ \t]{0,3}",
    );
    let fields = prop::collection::vec(field, 0..12).prop_map(|fields| {
        let mut octets = Vec::new();
        for (name, before, value, after) in fields {
            for part in [
                name.as_bytes(),
                b":",
                before.as_bytes(),
                &value,
                after.as_bytes(),
                b"\r\n",
            ] {
                octets.extend_from_slice(part);
            }
        }
        octets
    });
    let start = ("(GET|POST|X-1)", "/[a-z0-9?=&%./-]{0,30}", "HTTP/1\\.[01]")
        .prop_map(|(method, target, version)| format!("{method} {target} {version}\r\n").into_bytes());
    (start, fields).prop_map(|(start, fields)| [start, fields, b"\r\n".to_vec()].concat())
}

/// Names and values.
type Lines = Vec<(Vec<u8>, Vec<u8>)>;

/// Length and fields as httparse sees them.
fn second_opinion(head: &[u8]) -> Option<(usize, Lines)> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    let Ok(httparse::Status::Complete(len)) = request.parse(head) else {
        return None;
    };
    Some((
        len,
        request
            .headers
            .iter()
            .map(|field| (field.name.into(), field.value.to_vec()))
            .collect(),
    ))
}

fn ours(head: &RequestHead) -> Lines {
    head.fields
        .iter()
        .map(|field| (field.name().to_vec(), field.value().to_vec()))
        .collect()
}

proptest! {
    #[test]
    fn legal_heads_are_read_as_httparse_reads_them(head in head_text(), surplus in prop::collection::vec(any::<u8>(), 0..9)) {
        let octets = [head.clone(), surplus].concat();
        let found = parse_request(&octets, LIMIT).unwrap().unwrap();
        prop_assert_eq!(found.len, head.len());
        prop_assert_eq!(second_opinion(&octets), Some((head.len(), ours(&found))));
    }

    #[test]
    fn what_we_accept_httparse_accepts(
        head in head_text(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\r\n\0 \t:x\x7F,".to_vec())), 1..3),
    ) {
        let mut octets = head;
        for (index, octet) in damage {
            let at = index.index(octets.len());
            octets[at] = octet;
        }
        if let Ok(Some(found)) = parse_request(&octets, LIMIT)
            && found.version <= (1, 1)
        {
            prop_assert_eq!(second_opinion(&octets), Some((found.len, ours(&found))));
        }
    }

    #[test]
    fn cuts_change_nothing(
        head in head_text(),
        damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        sizes in prop::collection::vec(1..40_usize, 1..4),
    ) {
        let mut octets = head;
        if let Some((index, octet)) = damage {
            let at = index.index(octets.len());
            octets[at] = octet;
        }
        octets.extend_from_slice(b"\r\n\r\n");
        let whole = parse_request(&octets, LIMIT);
        let mut reader = HeadReader::<RequestHead>::new(LIMIT);
        let (mut rest, mut sizes) = (octets.as_slice(), sizes.iter().cycle());
        let pieces = loop {
            let (piece, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            match reader.push(piece) {
                Ok(Some((head, surplus))) => {
                    prop_assert_eq!(surplus.len() + after.len() + head.len, octets.len());
                    break Ok(Some(head));
                }
                Ok(None) if after.is_empty() => break Ok(None),
                Ok(None) => rest = after,
                Err(error) => break Err(error),
            }
        };
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn any_octets_are_parsed_or_refused(octets in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = parse_request(&octets, LIMIT);
        let response = [b"HTTP/1.1 101 ".to_vec(), octets].concat();
        if let Ok(Some(head)) = parse_response(&response, LIMIT) {
            prop_assert!(head.len <= response.len());
        }
        let _: Result<Option<ResponseHead>, _> = parse_response(&response, 20);
    }
}
