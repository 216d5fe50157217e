//! The opening handshake of the clean endpoint, refusals and limits.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use wsanvil_echo::{Config, Echo, Opening};
use wsanvil_wire::endpoint::{self, Endpoint, Event, Keys};
use wsanvil_wire::http::{ResponseHead, parse_response};
use wsanvil_wire::upgrade::{RequestSpec, key_from_nonce};
use wsanvil_wire::{Role, deflate};

fn request() -> RequestSpec {
    RequestSpec::upgrade(
        "server.example.com",
        "/chat",
        &key_from_nonce(*b"the sample nonce"),
    )
}

fn ask(config: Config, request: &RequestSpec) -> (ResponseHead, Echo) {
    let mut echo = Echo::server(config);
    echo.receive(&request.write());
    let head = parse_response(&echo.output(), 1 << 16).unwrap().unwrap();
    (head, echo)
}

fn status(config: Config, request: &RequestSpec) -> u16 {
    ask(config, request).0.status
}

#[test]
fn the_published_request_is_answered_with_the_published_accept() {
    let (head, echo) = ask(Config::default(), &request());
    assert_eq!(head.status, 101);
    assert_eq!(
        head.fields.get("Sec-WebSocket-Accept"),
        Some(&b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="[..])
    );
    assert!(head.fields.get("Sec-WebSocket-Protocol").is_none());
    assert!(head.fields.get("Sec-WebSocket-Extensions").is_none());
    assert!(echo.is_open() && !echo.wants_close());
}

#[test]
fn the_first_subprotocol_known_is_chosen_by_exact_name() {
    let config = || Config {
        subprotocols: vec!["b".into(), "c".into()],
        ..Config::default()
    };
    for (offer, chosen) in [("a, c, b", Some("c")), ("B", None), ("b", Some("b"))] {
        let (head, _) = ask(config(), request().set("Sec-WebSocket-Protocol", offer));
        assert_eq!(
            head.fields.get("Sec-WebSocket-Protocol"),
            chosen.map(str::as_bytes),
            "{offer}"
        );
    }
}

#[test]
fn permessage_deflate_is_negotiated_with_its_four_parameters() {
    let table = [
        ("permessage-deflate", Some("permessage-deflate")),
        (
            "permessage-deflate; server_max_window_bits=10",
            Some("server_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_no_context_takeover",
            Some("server_no_context_takeover"),
        ),
        (
            "permessage-deflate; client_max_window_bits=9",
            Some("client_max_window_bits=9"),
        ),
        ("permessage-deflate; server_max_window_bits=8", None),
        ("permessage-deflate; unknown", None),
        (
            "permessage-deflate; server_max_window_bits=7, permessage-deflate",
            Some("permessage-deflate"),
        ),
    ];
    for (offer, part) in table {
        let (head, _) = ask(
            Config::default(),
            request().set("Sec-WebSocket-Extensions", offer),
        );
        let answer = head
            .fields
            .get("Sec-WebSocket-Extensions")
            .map(String::from_utf8_lossy);
        match part {
            None => assert_eq!(answer, None, "{offer}"),
            Some(part) => assert!(answer.unwrap().contains(part), "{offer}"),
        }
    }
    let config = Config {
        deflate: false,
        ..Config::default()
    };
    let (head, _) = ask(
        config,
        request().set("Sec-WebSocket-Extensions", "permessage-deflate"),
    );
    assert!(head.fields.get("Sec-WebSocket-Extensions").is_none());
}

#[test]
fn refusals_have_their_status_and_fields() {
    let refused = |edit: fn(&mut RequestSpec)| {
        let mut request = request();
        edit(&mut request);
        let (head, mut echo) = ask(Config::default(), &request);
        assert!(echo.wants_close() && !echo.is_open());
        echo.receive(&[0x89, 0x80, 0, 0, 0, 0]);
        assert_eq!(echo.output(), b"", "octets behind a refusal are not frames");
        head
    };
    let head = refused(|request| request.method = "POST".into());
    assert_eq!((head.status, head.fields.get("Allow")), (405, Some(&b"GET"[..])));
    let head = refused(|request| {
        request.set("Sec-WebSocket-Version", "8");
    });
    assert_eq!(
        (head.status, head.fields.get("Sec-WebSocket-Version")),
        (426, Some(&b"13"[..]))
    );
    assert!(head.fields.has_token("Upgrade", "websocket"));
    let head = refused(|request| {
        request
            .remove("Upgrade")
            .remove("Connection")
            .remove("Sec-WebSocket-Key");
    });
    assert_eq!(head.status, 426);
    let head = refused(|request| {
        request.remove("Sec-WebSocket-Key");
    });
    assert_eq!(head.status, 400);
    let head = refused(|request| request.lines = Some(vec![b"Host : h".to_vec()]));
    assert_eq!(head.status, 400);
}

#[test]
fn policy_is_applied_when_configured() {
    let origin = || Config {
        origin: Some(vec!["http://good.example".into()]),
        ..Config::default()
    };
    assert_eq!(status(origin(), request().origin("http://evil.example")), 403);
    assert_eq!(status(origin(), request().origin("http://good.example")), 101);
    assert_eq!(status(origin(), &request()), 101, "no browser, no Origin");

    let auth = || Config {
        auth: Some(("Aladdin".into(), "open sesame".into())),
        ..Config::default()
    };
    let (head, _) = ask(auth(), &request());
    assert_eq!(head.status, 401);
    assert!(head.fields.get("WWW-Authenticate").is_some());
    assert_eq!(
        status(
            auth(),
            request().set("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        ),
        101
    );
    assert_eq!(
        status(
            auth(),
            request().set("Authorization", "Basic QWxhZGRpbjp3cm9uZw==")
        ),
        401
    );

    let small = Config {
        max_header: 1000,
        ..Config::default()
    };
    assert_eq!(status(small, request().set("X-Long", "x".repeat(1000))), 431);
}

#[test]
fn frames_in_the_segment_of_the_request_are_read() {
    let mut client = Endpoint::new(Role::Client, endpoint::Config::default());
    client.send_text("early").unwrap();
    let mut echo = Echo::server(Config::default());
    echo.receive(&[request().write(), client.take_output()].concat());
    assert!(echo.output().ends_with(b"\x81\x05early"));
}

#[test]
fn the_two_roles_talk_to_each_other() {
    for compressed in [false, true] {
        let config = || Config {
            deflate: compressed,
            ..Config::default()
        };
        let opening = Opening {
            host: "h".into(),
            target: "/".into(),
            nonce: [7; 16],
            keys: Keys::from_source(|| [9, 8, 7, 6]),
        };
        let mut client = Echo::client(config(), opening);
        let mut server = Echo::server(config());
        server.receive(&client.output());
        client.receive(&server.output());
        assert!(client.is_open() && server.is_open());

        // A third party speaks to the client as its server would.
        let deflate = compressed.then(deflate::Agreed::default);
        let mut tester = Endpoint::new(
            Role::Server,
            endpoint::Config {
                deflate,
                ..endpoint::Config::default()
            },
        );
        tester.send_text("κόσμε").unwrap();
        tester.close(1000, "").unwrap();
        client.receive(&tester.take_output());
        let mut heard = Vec::new();
        tester.receive(&mut client.output(), &mut |event| match event {
            Event::Text(text) => heard.push(text.to_owned()),
            Event::Closed { code, .. } => heard.push(code.to_string()),
            event => heard.push(format!("{event:?}")),
        });
        assert_eq!(heard, ["κόσμε", "1000"]);
        assert!(!client.wants_close(), "the server ends TCP");
        client.eof();
        assert!(client.wants_close());
    }
}

#[test]
fn a_client_does_not_open_on_a_bad_response() {
    let opening = Opening {
        host: "h".into(),
        target: "/".into(),
        nonce: [7; 16],
        keys: Keys::from_seed(1),
    };
    let mut client = Echo::client(Config::default(), opening);
    assert!(client.output().starts_with(b"GET / HTTP/1.1\r\nHost: h\r\n"));
    client.receive(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    assert!(client.wants_close() && !client.is_open());
}

#[test]
fn unsent_output_stops_reading() {
    let mut echo = Echo::server(Config::default());
    echo.receive(&request().write());
    echo.output();
    let mut client = Endpoint::new(Role::Client, endpoint::Config::default());
    client.send_binary(&vec![0; 2 << 20]).unwrap();
    echo.receive_in_place(&mut client.take_output());
    assert!(!echo.wants_read());
    assert_eq!(echo.output().len(), 10 + (2 << 20));
    assert!(echo.wants_read());
}

#[test]
fn the_end_of_tcp_ends_the_connection() {
    let mut echo = Echo::server(Config::default());
    echo.eof();
    assert!(echo.wants_close());
    let (_, mut echo) = ask(Config::default(), &request());
    echo.eof();
    assert!(echo.wants_close());
}
