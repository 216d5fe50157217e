//! No secret is left in any format.

use proptest::prelude::*;
use wsanvil_model::{Direction, Report, What};
use wsanvil_report::redact::secrets_of_url;
use wsanvil_report::{Context, Gate, ReportFormat, redact};

use crate::sample;

const SECRET: &str = "hunter2-s3cr3t";

fn leaky() -> Report {
    let mut report = sample::report();
    report.target.url = format!("ws://me:{SECRET}@127.0.0.1:9001/echo");
    report.target.command = Some(format!("example-ws --token {SECRET}"));
    report.run.warnings.push(format!("the answer held {SECRET}"));
    let one = &mut report.cases[0].instances[3];
    one.observed = format!("text “{SECRET}”");
    one.replay = format!("wsanvil replay x 'ws://me:{SECRET}@h/' --header 'Authorization: Bearer {SECRET}'");
    one.values
        .insert("token".to_owned(), serde_json::json!([{ "deep": SECRET }]));
    one.close.reason = SECRET.to_owned();
    let head = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {SECRET}\r\nCookie: sid=c00kie-value\r\n\r\n"
    );
    one.transcript[1] = sample::octets(1, Direction::Out, What::Head, head.as_bytes());
    one.transcript[1].remark = format!("sent {SECRET}");
    one.transcript.push(sample::frame(
        9,
        Direction::In,
        1,
        0,
        format!("you are {SECRET}; c00kie-value").as_bytes(),
    ));
    report
}

fn all_formats(report: &Report) -> String {
    let context = Context {
        requirement: &sample::requirement,
        gate: Gate::default(),
    };
    ReportFormat::all()
        .map(|format| String::from_utf8_lossy(&format.render(report, &context).unwrap()).into_owned())
        .collect()
}

#[test]
fn nothing_is_left() {
    let mut report = leaky();
    redact(&mut report, &secrets_of_url(&leaky().target.url));
    let text = all_formats(&report);
    for secret in [SECRET, "c00kie-value"] {
        assert!(!text.contains(secret));
        assert!(!text.contains(&sample::hex(secret.as_bytes())));
    }
    assert_eq!(report.target.url, "ws://***@127.0.0.1:9001/echo");
    let one = &report.cases[0].instances[3];
    assert_eq!(
        one.replay,
        "wsanvil replay x 'ws://***@h/' --header 'Authorization: ***'"
    );
    assert!(
        one.transcript
            .iter()
            .all(|entry| entry.hex.len() as u64 == entry.len * 2),
        "lengths stay true"
    );
}

#[test]
fn heads_are_cleaned_without_a_hint() {
    let mut report = leaky();
    redact(&mut report, &[]);
    let text = all_formats(&report);
    // The token stands behind `Bearer` in the recorded head, so it is known as a secret everywhere.
    assert!(!text.contains(SECRET) && !text.contains(&sample::hex(SECRET.as_bytes())));
}

#[test]
fn clean_reports_and_identities_stay_as_they_are() {
    let mut report = sample::report();
    redact(
        &mut report,
        &[String::new(), "a".to_owned(), "never seen".to_owned()],
    );
    assert_eq!(report, sample::report());
    redact(
        &mut report,
        &[
            "framing".to_owned(),
            "6455-5.2-3".to_owned(),
            "default".to_owned(),
        ],
    );
    assert_eq!(report.cases[0].id, "framing/rsv-without-extension");
    assert_eq!(report.cases[0].spec, ["6455-5.2-3"]);
    assert_eq!(report.run.profile, "default");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_secret_between_any_texts_goes(text in any::<String>(), secret in "zq[A-Za-z0-9:/@%=]{4,8}") {
        let mut report = leaky();
        let one = &mut report.cases[0].instances[3];
        one.observed = format!("{text}{secret}{text}");
        one.reason = format!("Cookie: {text}; {secret}");
        one.transcript.push(sample::octets(1, Direction::In, What::Raw, format!("{text}{secret}").as_bytes()));
        redact(&mut report, std::slice::from_ref(&secret));
        let left = serde_json::to_string(&report).unwrap();
        prop_assert!(!left.contains(&secret) && !left.contains(&sample::hex(secret.as_bytes())));
    }
}
