//! TLS that the target does not agree to, as a driver tells it to the engine.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::Library;
use wsanvil_case::script::TlsVersion;
use wsanvil_engine::{
    App, CLOSING, Command, CompressedMessages, ConnId, Engine, Input, OpenError, Outcome, Security, Settings,
    TargetFacts, TcpEnd, Time,
};
use wsanvil_model::{FindingKind, Verdict};
use wsanvil_wire::Role;

const STEPS: &str = r#"{ open = "tcp", tls = { sni = "unknown.invalid", alpn = ["foo/1"] } },
  { expect = "alert", code = [112], or = [
    { expect = "secured", grade = "pass", then = "end" },
    { expect = "alert", grade = "note", note = "another alert" },
    { expect = "eof", grade = "note", then = "end", note = "no alert" },
  ] },
  { expect = "eof" },"#;

const CONN: ConnId = ConnId(0);

/// The engine of a case with these steps, and the security it asks for.
fn started(steps: &str) -> (Engine, Option<Security>) {
    let text = format!(
        "[[case]]\nid = \"tls/test\"\ntitle = \"t\"\nspec = [\"6455-4.2.2-3\"]\nrole = \"server\"\nneeds = [\"tls\"]\nsteps = [\n{steps}\n]\n"
    );
    let mut library = Library::empty();
    library.add_text("test.toml", &text, None).unwrap();
    let settings = Settings {
        target: Arc::new(TargetFacts {
            role: Role::Server,
            host: "localhost".to_owned(),
            path: "/".to_owned(),
            scheme: "wss".to_owned(),
            headers: Vec::new(),
            origin: None,
            subprotocols: Vec::new(),
            app: App::Echo,
            declared: BTreeMap::new(),
        }),
        seed: 1,
        step_deadline: Duration::from_secs(5),
        quiet_window: Duration::from_millis(20),
        keep_all: false,
        compressed: Arc::new(CompressedMessages::new(0)),
        closing: CLOSING,
    };
    let mut engine = Engine::new(Arc::clone(&library.instances[0]), settings);
    engine.start(Time::default());
    let Some(Command::Open { security, .. }) = engine.poll() else {
        panic!("it opens nothing")
    };
    (engine, security)
}

/// Plays on until the end; nothing comes any more.
fn end(mut engine: Engine, mut now: Time) -> Outcome {
    while !engine.finished() {
        while engine.poll().is_some() {}
        now = engine.deadline().unwrap_or(now).max(now);
        engine.handle(now, Input::Tick);
    }
    engine.into_outcome()
}

fn with(input: Input<'_>) -> Outcome {
    let (mut engine, _) = started(STEPS);
    let now = Time::default().after(Duration::from_millis(3));
    engine.handle(now, input);
    end(engine, now)
}

fn refused(alert: Option<u8>, end: Option<TcpEnd>) -> Outcome {
    let alert = alert.map(|code| (code, "Some".to_owned()));
    with(Input::OpenFailed(CONN, OpenError::TlsRefused { alert, end }))
}

#[test]
fn the_driver_is_told_what_to_say() {
    let (_, security) = started(STEPS);
    let hello = Security::Hello {
        name: Some(Some("unknown.invalid".to_owned())),
        protocols: Some(vec!["foo/1".to_owned()]),
        versions: (TlsVersion::V1_2, TlsVersion::V1_3),
    };
    assert_eq!(security, Some(hello));
    assert_eq!(started(r#"{ open = "ws" }"#).1, None);
    let off = started(r#"{ open = "tcp", tls = false }, { expect = "eof" }"#).1;
    assert_eq!(off, Some(Security::Off));
}

#[test]
fn an_alert_and_the_end_of_tcp() {
    for end in [TcpEnd::Fin, TcpEnd::Rst] {
        let outcome = refused(Some(112), Some(end));
        assert_eq!(
            (outcome.verdict, outcome.notes.len()),
            (Verdict::Pass, 0),
            "{outcome:?}"
        );
    }
    let other = refused(Some(40), Some(TcpEnd::Fin));
    assert_eq!(
        (other.verdict, other.notes[0].text.as_str()),
        (Verdict::Pass, "another alert")
    );
    let none = refused(None, Some(TcpEnd::Fin));
    assert_eq!(
        (none.verdict, none.notes[0].text.as_str()),
        (Verdict::Pass, "no alert")
    );
}

#[test]
fn an_alert_and_tcp_for_ever() {
    let outcome = refused(Some(112), None);
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert_eq!(outcome.finding.unwrap().kind, FindingKind::Silence);
}

#[test]
fn tls_is_agreed() {
    let agreed = with(Input::Opened(CONN));
    assert_eq!(
        (agreed.verdict, agreed.notes.len()),
        (Verdict::Pass, 0),
        "{agreed:?}"
    );
    let other = OpenError::Certificate("it is for another name".to_owned());
    let other = with(Input::OpenFailed(CONN, other));
    assert_eq!(
        (other.verdict, other.notes.len()),
        (Verdict::Pass, 0),
        "{other:?}"
    );
}

#[test]
fn silence_and_what_is_no_tls_fail() {
    let silent = with(Input::OpenFailed(CONN, OpenError::TlsTimedOut));
    assert_eq!(silent.verdict, Verdict::Fail);
    assert_eq!(silent.finding.unwrap().kind, FindingKind::Silence);
    let broken = OpenError::Tls("the peer does not speak TLS".to_owned());
    assert_eq!(with(Input::OpenFailed(CONN, broken)).verdict, Verdict::Fail);
}

#[test]
fn a_target_that_is_not_there_says_nothing_about_tls() {
    for error in [OpenError::Refused, OpenError::TimedOut] {
        assert_eq!(with(Input::OpenFailed(CONN, error)).verdict, Verdict::Error);
    }
}

#[test]
fn in_the_clear_only_http_is_an_event() {
    const STEPS: &str = r#"{ open = "tcp", tls = false }, { send = "raw", data = "x" },
      { expect = "eof", or = [{ expect = "response", status = 400, grade = "note", note = "HTTP" }] },
      { expect = "eof" },"#;
    let of = |octets: &[u8]| {
        let (mut engine, _) = started(STEPS);
        let now = Time::default();
        engine.handle(now, Input::Opened(CONN));
        while let Some(command) = engine.poll() {
            if let Command::Write(conn, octets) = command {
                engine.handle(now, Input::Wrote(conn, octets.len()));
            }
        }
        engine.handle(now, Input::Received(CONN, &mut octets.to_vec()));
        engine.handle(now, Input::Fin(CONN));
        end(engine, now)
    };
    let alert = of(b"\x15\x03\x03\0\x02\x02\x28");
    assert_eq!(
        (alert.verdict, alert.notes.len()),
        (Verdict::Pass, 0),
        "{alert:?}"
    );
    assert!(alert.standing.is_empty(), "{:?}", alert.standing);
    let http = of(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(http.notes[0].text, "HTTP");
}

#[test]
fn an_end_without_close_notify_is_noted_where_it_is_asked_for() {
    let (mut engine, _) = started(r#"{ open = "tcp" }, { expect = "eof", how = "fin" }"#);
    let now = Time::default();
    engine.handle(now, Input::Opened(CONN));
    engine.handle(now, Input::Cut(CONN));
    let outcome = end(engine, now);
    assert_eq!(outcome.verdict, Verdict::Pass);
    assert!(
        outcome.notes[0].text.contains("without TLS close_notify"),
        "{:?}",
        outcome.notes
    );
}
