//! Servers behind wss. Cases that choose TLS of their own cannot be proved in memory: here they meet the reference, which
//! passes them, and its defects, which do not.

use std::collections::BTreeSet;

use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use wsanvil_case::{Library, Need};
use wsanvil_model::Level;

use super::program::{EchoServer, Place, verdicts};

/// Defects, and the cases with TLS of their own that fail on them.
const PROOFS: &[(&str, &[&str])] = &[
    ("tls-hangs-on-unknown-name", &["tls/unknown-name"]),
    ("tls-hangs-on-old-version", &["tls/one-version"]),
    (
        "tls-failure-keeps-tcp",
        &["tls/no-handshake", "tls/unknown-protocol"],
    ),
    ("no-pong", &["tls/no-protocol-offered"]),
];

/// Legal defects, and the cases that note them.
const NOTES: &[(&str, &[&str])] = &[
    ("tls-refuses-unknown-name", &[]),
    ("tls-drops-unknown-name", &["tls/unknown-name"]),
    ("tls-ignores-protocols", &["tls/unknown-protocol"]),
    ("tls-no-close-notify", &["tls/close-alert"]),
];

/// Files of a certificate for localhost that nobody else trusts.
struct Identity<'p> {
    place: &'p Place,
}

impl<'p> Identity<'p> {
    fn new(place: &'p Place) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let key = KeyPair::generate().unwrap();
        let cert = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        std::fs::write(place.path("cert.pem"), cert.pem()).unwrap();
        std::fs::write(place.path("key.pem"), key.serialize_pem()).unwrap();
        Self { place }
    }

    /// The reference behind wss, under a name: no server name stands for an address.
    fn serve(&self, arguments: &[&str]) -> EchoServer {
        let file = |name| self.place.path(name).to_str().unwrap().to_owned();
        let (cert, key) = (file("cert.pem"), file("key.pem"));
        let mut all = vec!["--cert", &cert, "--key", &key];
        all.extend(arguments);
        let mut server = EchoServer::start(&all);
        server.url = server.url.replace("127.0.0.1", "localhost");
        assert!(server.url.starts_with("wss://localhost:"), "{}", server.url);
        server
    }
}

/// Runs against a server behind wss and gives the report.
fn run(place: &Place, server: &EchoServer, arguments: &[&str], code: i32) -> Value {
    let mut all = vec!["run", &server.url, "-4", "-q", "--cacert", "cert.pem"];
    all.extend(arguments);
    place.run(&all).expect(code);
    place.report()
}

/// Cases of a report of which an instance has this verdict.
fn with_verdict(report: &Value, verdict: &str) -> BTreeSet<String> {
    let all = verdicts(report).into_iter();
    all.filter(|(_, own)| own == verdict)
        .map(|(name, _)| name.split('[').next().unwrap_or_default().to_owned())
        .collect()
}

fn noted(report: &Value) -> BTreeSet<String> {
    let cases = report["cases"].as_array().unwrap().iter();
    let noted = cases.filter(|case| {
        let instances = case["instances"].as_array().unwrap();
        instances
            .iter()
            .any(|one| !one["notes"].as_array().unwrap().is_empty())
    });
    noted
        .map(|case| case["id"].as_str().unwrap().to_owned())
        .collect()
}

fn owned(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn the_default_profile_passes_under_tls() {
    let place = Place::new();
    let server = Identity::new(&place).serve(&[]);
    let report = run(&place, &server, &[], 0);
    let passed = with_verdict(&report, "pass");
    for verdict in ["fail", "nonstrict", "crash", "error"] {
        assert_eq!(with_verdict(&report, verdict), BTreeSet::new(), "{verdict}");
    }
    let library = Library::embedded().unwrap();
    let about_tls = library
        .instances
        .iter()
        .filter(|one| one.profiles.default && one.case.needs.contains(&Need::Tls));
    for instance in about_tls {
        assert!(
            passed.contains(&instance.case.id),
            "{} is not passed",
            instance.case.id
        );
    }
}

#[test]
fn every_case_with_tls_of_its_own_fails_on_a_defect() {
    let library = Library::embedded().unwrap();
    let choosing: BTreeSet<String> = library
        .instances
        .iter()
        .filter(|one| one.script.chooses_tls() && one.case.level != Level::May)
        .map(|one| one.case.id.clone())
        .collect();
    let proved: BTreeSet<String> = PROOFS.iter().flat_map(|(_, cases)| owned(cases)).collect();
    assert_eq!(choosing, proved);
    let place = Place::new();
    let identity = Identity::new(&place);
    for (defect, cases) in PROOFS {
        let server = identity.serve(&["--defect", defect]);
        let mut arguments = vec!["--timeout", "1500ms"];
        for case in *cases {
            arguments.extend(["--case", case]);
        }
        let report = run(&place, &server, &arguments, 1);
        assert_eq!(with_verdict(&report, "fail"), owned(cases), "{defect}");
        assert_eq!(with_verdict(&report, "error"), BTreeSet::new(), "{defect}");
    }
}

#[test]
fn what_a_server_may_do_about_tls_is_noted_at_most() {
    let place = Place::new();
    let identity = Identity::new(&place);
    for (defect, cases) in NOTES {
        let server = identity.serve(&["--defect", defect]);
        let report = run(
            &place,
            &server,
            &["--case", "tls/*", "--exclude", "tls/other-host"],
            0,
        );
        assert_eq!(with_verdict(&report, "nonstrict"), BTreeSet::new(), "{defect}");
        assert_eq!(noted(&report), owned(cases), "{defect}");
    }
}

#[test]
fn without_tls_its_cases_are_skipped() {
    let place = Place::new();
    let server = EchoServer::start(&[]);
    place
        .run(&["run", &server.url, "-q", "--case", "tls/*"])
        .expect(0);
    let report = place.report();
    assert!(verdicts(&report).iter().all(|(_, verdict)| verdict == "skip"));
    let reason = &report["cases"][0]["instances"][0]["reason"];
    assert_eq!(reason, "it needs TLS (wss://)");
}
