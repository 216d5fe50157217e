//! The Autobahn judge derives what Autobahn expects; here it is held against the committed facts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::Library;
use wsanvil_engine::judge::{Item, expectation};
use wsanvil_engine::{App, CompressedMessages, Settings, TargetFacts};
use wsanvil_wire::Role;

fn settings() -> Settings {
    Settings {
        target: Arc::new(TargetFacts {
            role: Role::Server,
            host: "localhost".into(),
            path: "/".into(),
            scheme: "ws".into(),
            headers: Vec::new(),
            origin: None,
            subprotocols: Vec::new(),
            app: App::Echo,
            declared: BTreeMap::new(),
        }),
        seed: 1,
        step_deadline: Duration::from_secs(5),
        quiet_window: Duration::from_millis(20),
        closing: wsanvil_engine::CLOSING,
        keep_all: false,
        compressed: Arc::new(CompressedMessages::new(0)),
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut out, octet| {
        let _ = write!(out, "{octet:02x}");
        out
    })
}

fn list(items: &[Item]) -> String {
    let names: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::Message { text, len, sha1 } => {
                format!("{}:{len}:{}", if *text { "text" } else { "binary" }, hex(sha1))
            }
            Item::Pong(payload) => format!("pong:{}", hex(payload)),
            Item::Timeout(label) => format!("timeout:{label}"),
        })
        .collect();
    names.join(" ")
}

#[test]
fn all_247_expectations_are_autobahns() {
    let library = Library::embedded().unwrap();
    let by_id: BTreeMap<&str, _> = library
        .instances
        .iter()
        .filter_map(|instance| Some((instance.autobahn_id()?, instance)))
        .collect();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for line in include_str!("autobahn-expectations.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let [id, ok, nonstrict, codes, closer, clean, fatal] =
            <[&str; 7]>::try_from(line.split('\t').collect::<Vec<_>>()).unwrap();
        let derived = expectation(by_id[id], &settings());
        let mut derived_codes = derived.close.codes.clone();
        derived_codes.sort_unstable();
        let derived_codes: Vec<String> = derived_codes.iter().map(u16::to_string).collect();
        let got = [
            list(&derived.ok),
            derived.nonstrict.as_deref().map_or("-".into(), list),
            derived_codes.join(","),
            if derived.close.by_tester {
                "tester"
            } else {
                "target"
            }
            .into(),
            if derived.close.clean { "clean" } else { "any" }.into(),
            if derived.close.first_closer_is_fatal {
                "fatal"
            } else {
                "-"
            }
            .into(),
        ];
        compared += 1;
        if got != [ok, nonstrict, codes, closer, clean, fatal] {
            wrong.push(format!(
                "{id}\n  derived  {got:?}\n  expected {:?}",
                [ok, nonstrict, codes, closer, clean, fatal]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(compared, 247);
}
