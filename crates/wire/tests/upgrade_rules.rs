//! The opening handshake from both sides: each rule of RFC 6455 section 4 broken once.

use wsanvil_wire::deflate::{self, DeflateRule};
use wsanvil_wire::extension::{ExtensionError, parse_list};
use wsanvil_wire::http::{parse_request, parse_response};
use wsanvil_wire::subprotocol::SubprotocolError;
use wsanvil_wire::upgrade::{
    Accepted, Agreed, Offered, Refusal, RequestRule, RequestSpec, ResponseRule, ResponseSpec, accept_for,
    check_request, check_response, check_response_all,
};

const KEY: &[u8; 24] = b"dGhlIHNhbXBsZSBub25jZQ==";

fn check(edit: impl Fn(&mut RequestSpec)) -> Result<Accepted, Refusal> {
    let mut spec = RequestSpec::upgrade("server.example.com", "/chat", KEY);
    edit(&mut spec);
    let octets = spec.write();
    check_request(&parse_request(&octets, 1 << 16).ok().flatten().expect("a head"))
}

#[test]
fn a_correct_request_is_accepted() {
    let accepted = check(|spec| {
        spec.origin("http://example.com")
            .subprotocols(&["chat", "superchat"]);
        spec.extensions("permessage-deflate; client_max_window_bits, x-other");
        spec.add("X-Unknown", "1").add("Sec-WebSocket-Foo", "2");
    })
    .unwrap();
    assert_eq!(&accepted.key, KEY);
    assert_eq!(accepted.protocols, ["chat", "superchat"]);
    assert_eq!(accepted.extensions.len(), 2);
    assert_eq!(accepted.origin.as_deref(), Some(&b"http://example.com"[..]));
    assert_eq!(accepted.version, 13);
    let response = accepted.response().write();
    assert!(
        response
            .windows(28)
            .any(|part| part == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
}

#[test]
fn spellings_that_mean_the_same_are_accepted() {
    type Edit = fn(&mut RequestSpec);
    let edits: [Edit; 16] = [
        |spec| _ = spec.set("Upgrade", "WebSocket"),
        |spec| _ = spec.set("Upgrade", "h2c, websocket"),
        |spec| _ = spec.set("Upgrade", "h2c").add("Upgrade", "websocket"),
        |spec| _ = spec.set("Connection", "keep-alive, Upgrade"),
        |spec| _ = spec.set("Connection", "UPGRADE,keep-alive"),
        |spec| _ = spec.set("Connection", ",Upgrade,"),
        |spec| {
            spec.remove("Connection")
                .add("Connection", "x")
                .add("connection", "uPgRaDe");
        },
        |spec| _ = spec.set("SEC-WEBSOCKET-VERSION", " \t13 \t"),
        |spec| _ = spec.order(&["Sec-WebSocket-Version", "Sec-WebSocket-Key"]),
        |spec| spec.target = "http://server.example.com/chat".into(),
        |spec| spec.version = "HTTP/1.2".into(),
        |spec| _ = spec.set("Host", "[::1]:9001"),
        |spec| _ = spec.set("Host", "127.0.0.1:80"),
        |spec| _ = spec.add("Content-Length", "0"),
        // Errata 3150: pad bits that are set.
        |spec| _ = spec.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEC=="),
        |spec| {
            spec.add("Sec-WebSocket-Protocol", "a,,b")
                .add("Sec-WebSocket-Protocol", "c");
        },
    ];
    for (index, edit) in edits.iter().enumerate() {
        assert!(check(edit).is_ok(), "edit {index}: {:?}", check(edit));
    }
}

#[test]
fn each_broken_rule_is_named_and_refused_rightly() {
    use RequestRule::{
        Body, ConnectionMissing, ConnectionWrong, ContentLength, Extension, HostInvalid, HostMissing,
        HostRepeated, KeyEmpty, KeyLength, KeyMissing, KeyNotBase64, KeyRepeated, Method, Protocol, Target,
        UpgradeMissing, UpgradeWrong, VersionBelow, VersionMissing, VersionRepeated, VersionUnknown,
        VersionWrong,
    };
    type Edit = fn(&mut RequestSpec);
    let cases: &[(Edit, RequestRule, u16)] = &[
        (|s| s.method = "POST".into(), Method, 405),
        (|s| s.method = "get".into(), Method, 405),
        (|s| s.version = "HTTP/1.0".into(), VersionBelow(1, 0), 400),
        (|s| s.version = "HTTP/0.9".into(), VersionBelow(0, 9), 400),
        (|s| s.version = "HTTP/2.0".into(), VersionUnknown(2, 0), 505),
        (|s| s.target = "chat".into(), Target, 400),
        (|s| s.target = "*".into(), Target, 400),
        (|s| s.target = "ws://server.example.com/chat".into(), Target, 400),
        (|s| s.target = "/a#b".into(), Target, 400),
        (|s| _ = s.remove("Host"), HostMissing, 400),
        (|s| _ = s.add("Host", "server.example.com"), HostRepeated, 400),
        (|s| _ = s.set("Host", ""), HostInvalid, 400),
        (|s| _ = s.set("Host", "a b"), HostInvalid, 400),
        (|s| _ = s.set("Host", "user@host"), HostInvalid, 400),
        (|s| _ = s.set("Host", "host:port"), HostInvalid, 400),
        (|s| _ = s.set("Host", "[::1"), HostInvalid, 400),
        (|s| _ = s.add("Content-Length", "5"), Body, 400),
        (|s| _ = s.add("Transfer-Encoding", "chunked"), Body, 400),
        (|s| _ = s.add("Content-Length", "abc"), ContentLength, 400),
        (|s| _ = s.add("Content-Length", "-1"), ContentLength, 400),
        (|s| _ = s.add("Content-Length", "5, 6"), ContentLength, 400),
        (
            |s| _ = s.add("Content-Length", "0").add("Transfer-Encoding", "chunked"),
            ContentLength,
            400,
        ),
        (|s| _ = s.remove("Upgrade"), UpgradeMissing, 426),
        (|s| _ = s.set("Upgrade", "h2c"), UpgradeWrong, 426),
        (|s| _ = s.set("Upgrade", "websocketx"), UpgradeWrong, 426),
        (|s| _ = s.set("Upgrade", ""), UpgradeWrong, 426),
        (|s| _ = s.remove("Connection"), ConnectionMissing, 400),
        (|s| _ = s.set("Connection", "x-upgrade"), ConnectionWrong, 400),
        (|s| _ = s.set("Connection", "up grade"), ConnectionWrong, 400),
        (|s| _ = s.remove("Sec-WebSocket-Key"), KeyMissing, 400),
        (|s| _ = s.add("Sec-WebSocket-Key", KEY), KeyRepeated, 400),
        (|s| _ = s.set("Sec-WebSocket-Key", " "), KeyEmpty, 400),
        (
            |s| _ = s.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ!="),
            KeyNotBase64,
            400,
        ),
        (
            |s| _ = s.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"),
            KeyNotBase64,
            400,
        ),
        (
            |s| _ = s.set("Sec-WebSocket-Key", "dGhlIHNh bXBsZSBub25jZQ=="),
            KeyNotBase64,
            400,
        ),
        (
            |s| _ = s.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==="),
            KeyNotBase64,
            400,
        ),
        (|s| _ = s.set("Sec-WebSocket-Key", "AAAA"), KeyLength, 400),
        (
            |s| _ = s.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQA="),
            KeyLength,
            400,
        ),
        (
            |s| _ = s.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQAA"),
            KeyLength,
            400,
        ),
        (|s| _ = s.remove("Sec-WebSocket-Version"), VersionMissing, 426),
        (|s| _ = s.add("Sec-WebSocket-Version", "13"), VersionRepeated, 400),
        (
            |s| _ = s.set("Sec-WebSocket-Version", "13, 8"),
            VersionRepeated,
            400,
        ),
        (|s| _ = s.set("Sec-WebSocket-Version", "25"), VersionWrong, 426),
        (|s| _ = s.set("Sec-WebSocket-Version", "013"), VersionWrong, 426),
        (|s| _ = s.set("Sec-WebSocket-Version", ""), VersionWrong, 426),
        (
            |s| _ = s.add("Sec-WebSocket-Protocol", "a b"),
            Protocol(SubprotocolError::NotToken("a b".into())),
            400,
        ),
        (
            |s| _ = s.add("Sec-WebSocket-Protocol", "a, a"),
            Protocol(SubprotocolError::Repeated("a".into())),
            400,
        ),
        (
            |s| _ = s.add("Sec-WebSocket-Protocol", ","),
            Protocol(SubprotocolError::Empty),
            400,
        ),
        (
            |s| _ = s.add("Sec-WebSocket-Extensions", "a=b"),
            Extension(ExtensionError::Unexpected {
                offset: 1,
                octet: b'=',
            }),
            400,
        ),
    ];
    for (index, (edit, rule, status)) in cases.iter().enumerate() {
        let refusal = check(edit).expect_err(&format!("case {index}"));
        assert_eq!((&refusal.rule, refusal.status), (rule, *status), "case {index}");
        let octets = refusal.response().write();
        let response = parse_response(&octets, 1 << 12).unwrap().unwrap();
        assert_eq!(response.status, *status);
        // RFC 9110 sections 15.5.22 and 15.5.6, RFC 6455 section 4.4.
        assert_eq!(response.fields.has_token("Upgrade", "websocket"), *status == 426);
        assert_eq!(response.fields.get("Allow").is_some(), *status == 405);
        assert_eq!(
            response.fields.get("Sec-WebSocket-Version").is_some(),
            refusal.needs_version_field
        );
        assert!(response.fields.has_token("Connection", "close"));
        assert!(refusal.rule.requirement().contains('-'));
    }
}

fn answer(
    protocols: &[&str],
    offers: &str,
    edit: impl Fn(&mut ResponseSpec),
) -> (Option<Agreed>, Vec<ResponseRule>) {
    let mut spec = ResponseSpec::switching_protocols(accept_for(KEY));
    edit(&mut spec);
    let octets = spec.write();
    let head = parse_response(&octets, 1 << 16).ok().flatten().expect("a head");
    let protocols: Vec<String> = protocols.iter().map(|&name| name.into()).collect();
    let extensions = if offers.is_empty() {
        Vec::new()
    } else {
        parse_list(offers.as_bytes()).expect("offers")
    };
    let offered = Offered {
        key: KEY,
        protocols: &protocols,
        extensions: &extensions,
    };
    let (agreed, broken) = check_response_all(&head, &offered);
    let strict = check_response(&head, &offered);
    let undisputed = broken.iter().find(|rule| !rule.is_disputed());
    assert_eq!(strict.as_ref().err(), undisputed);
    if let Ok(strict) = strict {
        assert_eq!(Some(strict), agreed);
    }
    (agreed, broken)
}

#[test]
fn a_correct_response_opens_the_connection() {
    let (agreed, broken) = answer(
        &["chat", "superchat"],
        "permessage-deflate; client_max_window_bits",
        |spec| {
            spec.add("Sec-WebSocket-Protocol", "superchat");
            spec.add(
                "Sec-WebSocket-Extensions",
                "permessage-deflate; client_max_window_bits=10",
            );
            spec.set("Connection", "Keep-Alive, UPGRADE")
                .set("Upgrade", "WebSocket");
        },
    );
    assert!(broken.is_empty(), "{broken:?}");
    let agreed = agreed.unwrap();
    assert_eq!(agreed.protocol.as_deref(), Some("superchat"));
    assert_eq!(
        agreed.deflate,
        Some(deflate::Agreed {
            client_window: 10,
            ..deflate::Agreed::default()
        })
    );
    assert_eq!(
        answer(&["a"], "permessage-deflate", |_| {}),
        (Some(Agreed::default()), vec![])
    );
}

#[test]
fn each_broken_rule_of_a_response_is_listed() {
    use ResponseRule::{
        AcceptMissing, AcceptRepeated, AcceptWrong, ConnectionMissing, ConnectionWrong, ContentLength,
        Deflate, EmptyElement, ExtensionGrammar, ExtensionNotOffered, ExtensionRepeated, ProtocolGrammar,
        ProtocolNotOffered, ProtocolRepeated, Status, TransferEncoding, UpgradeList, UpgradeMissing,
        UpgradeWrong, Version,
    };
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
    const PROTOCOL: &str = "Sec-WebSocket-Protocol";
    type Edit = fn(&mut ResponseSpec);
    let cases: &[(Edit, ResponseRule, &str)] = &[
        (|s| s.status = "200".into(), Status(200), "response-head"),
        (|s| s.version = "HTTP/1.0".into(), Version(1, 0), "response-head"),
        (|s| _ = s.remove("Upgrade"), UpgradeMissing, "response-head"),
        (
            |s| _ = s.set("Upgrade", "h2c"),
            UpgradeWrong("h2c".into()),
            "response-head",
        ),
        (
            |s| _ = s.set("Upgrade", "websocket, x"),
            UpgradeList("websocket, x".into()),
            "response-head",
        ),
        (|s| _ = s.remove("Connection"), ConnectionMissing, "response-head"),
        (
            |s| _ = s.set("Connection", "close"),
            ConnectionWrong("close".into()),
            "response-head",
        ),
        (
            |s| _ = s.set("Connection", "Upgrade,"),
            EmptyElement("Connection"),
            "response-head",
        ),
        (
            |s| _ = s.add("Content-Length", "0"),
            ContentLength,
            "response-head",
        ),
        (
            |s| _ = s.add("Transfer-Encoding", "chunked"),
            TransferEncoding,
            "response-head",
        ),
        (
            |s| _ = s.remove("Sec-WebSocket-Accept"),
            AcceptMissing,
            "response-accept",
        ),
        (
            |s| _ = s.add("Sec-WebSocket-Accept", ACCEPT),
            AcceptRepeated,
            "response-accept",
        ),
        (
            |s| _ = s.set("Sec-WebSocket-Accept", "x"),
            AcceptWrong {
                expected: ACCEPT.into(),
                got: "x".into(),
            },
            "response-accept",
        ),
        (
            |s| _ = s.add(PROTOCOL, "A"),
            ProtocolNotOffered("A".into()),
            "response-offer",
        ),
        (
            |s| _ = s.add(PROTOCOL, "a").add(PROTOCOL, "a"),
            ProtocolRepeated,
            "response-offer",
        ),
        (
            |s| _ = s.add(PROTOCOL, "a, b"),
            ProtocolGrammar("a, b".into()),
            "response-offer",
        ),
        (
            |s| _ = s.add(PROTOCOL, ""),
            ProtocolGrammar(String::new()),
            "response-offer",
        ),
        (
            |s| _ = s.add(EXTENSIONS, "x-other"),
            ExtensionNotOffered("x-other".into()),
            "response-offer",
        ),
        (
            |s| _ = s.add(EXTENSIONS, "permessage-deflate, permessage-deflate"),
            ExtensionRepeated("permessage-deflate".into()),
            "response-offer",
        ),
        (
            |s| _ = s.add(EXTENSIONS, ""),
            ExtensionGrammar(ExtensionError::Empty),
            "response-offer",
        ),
        (
            |s| _ = s.add(EXTENSIONS, "permessage-deflate; client_max_window_bits=9"),
            Deflate(DeflateRule::ClientWindowNotOffered),
            "response-offer",
        ),
        (
            |s| _ = s.add(EXTENSIONS, "permessage-deflate; foo"),
            Deflate(DeflateRule::UnknownParameter("foo".into())),
            "response-offer",
        ),
    ];
    for (index, (edit, rule, group)) in cases.iter().enumerate() {
        let (agreed, broken) = answer(&["a", "b"], "permessage-deflate", edit);
        assert_eq!(broken, std::slice::from_ref(rule), "case {index}");
        assert_eq!(rule.group(), *group, "case {index}");
        assert!(rule.requirement().contains('-'));
        assert_eq!(agreed.is_some(), !matches!(rule, Status(_)));
    }
    let (_, broken) = answer(&[], "", |spec| {
        spec.remove("Upgrade")
            .remove("Connection")
            .remove("Sec-WebSocket-Accept");
    });
    assert_eq!(broken, [UpgradeMissing, ConnectionMissing, AcceptMissing]);
    let (_, broken) = answer(&[], "", |spec| {
        spec.add(PROTOCOL, "a").add(EXTENSIONS, "permessage-deflate");
    });
    assert_eq!(
        broken,
        [
            ProtocolNotOffered("a".into()),
            ExtensionNotOffered("permessage-deflate".into())
        ]
    );
}

#[test]
fn a_status_without_words_gets_the_usual_ones() {
    let line = |status, reason| {
        let octets = ResponseSpec::new(status, reason).write();
        let end = octets.iter().position(|octet| *octet == b'\r').unwrap();
        String::from_utf8(octets[..end].to_vec()).unwrap()
    };
    for (status, words) in [
        (100, "Continue"),
        (101, "Switching Protocols"),
        (200, "OK"),
        (301, "Moved Permanently"),
        (302, "Found"),
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (405, "Method Not Allowed"),
        (407, "Proxy Authentication Required"),
        (414, "URI Too Long"),
        (426, "Upgrade Required"),
        (431, "Request Header Fields Too Large"),
        (500, "Internal Server Error"),
        (501, "Not Implemented"),
        (503, "Service Unavailable"),
        (505, "HTTP Version Not Supported"),
        (299, ""),
        (7, ""),
    ] {
        assert_eq!(line(status, ""), format!("HTTP/1.1 {status:03} {words}"));
        assert_eq!(
            line(status, "own words"),
            format!("HTTP/1.1 {status:03} own words")
        );
    }
}

#[test]
fn an_offer_is_taken_back() {
    let mut spec = RequestSpec::upgrade("h", "/", KEY);
    let plain = spec.write();
    spec.subprotocols(&["chat"]);
    assert_ne!(spec.write(), plain);
    spec.subprotocols::<&str>(&[]);
    assert_eq!(spec.write(), plain);
    assert_eq!(wsanvil_wire::upgrade::upgrade("h", "/", KEY), spec);
}

#[test]
fn each_fault_of_a_list_names_its_requirement() {
    for (error, requirement) in [
        (SubprotocolError::Empty, "6455-4.3-3"),
        (SubprotocolError::NotToken("a b".into()), "6455-4.3-3"),
        (SubprotocolError::Repeated("a".into()), "6455-4.1-35"),
    ] {
        assert_eq!(error.requirement(), requirement, "{error}");
    }
    for (error, requirement, offset) in [
        (ExtensionError::Empty, "6455-9.1-1", 0),
        (ExtensionError::TokenExpected { offset: 3 }, "6455-9.1-1", 3),
        (ExtensionError::UnclosedQuote { offset: 4 }, "6455-9.1-1", 4),
        (ExtensionError::QuotedNotToken { offset: 5 }, "6455-4.3-7", 5),
        (
            ExtensionError::Unexpected {
                offset: 6,
                octet: b'x',
            },
            "6455-9.1-1",
            6,
        ),
    ] {
        assert_eq!(
            (error.requirement(), error.offset()),
            (requirement, offset),
            "{error}"
        );
    }
}
