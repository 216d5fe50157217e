//! The HTML page: looks, law and size.

use std::collections::BTreeSet;

use wsanvil_model::{Report, Summary, Verdict};
use wsanvil_report::{html, summary};

use crate::sample;

fn page(report: &Report) -> String {
    html::render(report, &sample::requirement).unwrap()
}

/// The part between two texts.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let rest = page.split_once(start).unwrap().1;
    rest.split_once(end).unwrap().0
}

#[test]
fn body_looks_as_it_did() {
    let page = page(&sample::report());
    insta::assert_snapshot!(between(&page, "<body>", "<script>"));
}

#[test]
fn nothing_is_loaded_and_links_lead_somewhere() {
    let page = page(&sample::report());
    for loader in [
        "src=",
        "<link",
        "<img",
        "<iframe",
        "url(",
        "@import",
        "fetch(",
        "XMLHttpRequest",
        " style=\"",
    ] {
        assert!(!page.contains(loader), "{loader}");
    }
    assert!(!page.contains(" onclick") && !page.contains("javascript:"));
    let ids: Vec<&str> = attributes(&page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is given twice");
    for link in attributes(&page, "href") {
        match link.strip_prefix('#') {
            Some(id) => assert!(unique.contains(id), "#{id}"),
            None => assert!(link.starts_with("https://www.rfc-editor.org/rfc/rfc"), "{link}"),
        }
    }
}

fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str())
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[test]
fn the_policy_admits_this_style_and_this_script_only() {
    let page = page(&sample::report());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    // Attribute values are escaped; a browser reads them back.
    let policy = policy
        .replace("&#39;", "'")
        .replace("&#43;", "+")
        .replace("&#61;", "=");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
}

#[test]
fn the_evidence_is_there() {
    let page = page(&sample::report());
    for wanted in [
        "RFC 6455 section 5.2</a>",
        "a reserved bit",
        "octet 129 received, connection main, line 14 of the case file",
        "<mark>81</mark>",
        "… 1022 events left out",
        "accepted by the baseline",
        "<b>Accepted by the baseline</b>: issue #12: the validator comes with 3.0</p>",
        "2026-11-20T09:41:07Z · profile default · seed 24301 · 4.3 s · started with “example-ws --port 9001”",
        "case 3.4: behavior FAILED, close FAILED",
        "the frame with RSV1 set was echoed",
        "Of 18 judged instances, 1 crashed the target or stopped it from serving, 3 found a MUST broken and 1 found a SHOULD",
    ] {
        assert!(page.to_lowercase().contains(&wanted.to_lowercase()), "{wanted}");
    }
}

#[test]
fn summary_lines_come_worst_first_and_accepted_last() {
    let lines = summary::lines(&sample::report());
    let heads: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {}", line.verdict.name(), line.name))
        .collect();
    assert_eq!(
        heads,
        [
            "crash limits/deep-fragments[n=1024]",
            "fail framing/rsv-without-extension[rsv=4]",
            "fail control/pong-payload",
            "error limits/deep-fragments[n=4096]",
            "nonstrict close/code-echoed[code=3999]",
            "fail utf8/fail-fast[overlong]",
        ]
    );
    assert_eq!(
        lines[1].place,
        "RFC 6455 section 5.2, octet 129 received on main, line 14 of the case file"
    );
    assert!(lines[5].expected);
}

/// A thousand instances, the first `failing` of them with a long transcript.
fn large(failing: usize) -> Report {
    let mut report = sample::report();
    let mut case = report.cases[1].clone();
    let model = case.instances.pop().unwrap();
    let failed = report.cases[0].instances[3].clone();
    case.instances.clear();
    report.summary = Summary::default();
    for number in 0..1_000 {
        let mut one = model.clone();
        one.name = format!("framing/echo[text,len={number},chunk=octets,key=37fa213d]");
        if number < failing {
            one.verdict = Verdict::Fail;
            one.finding.clone_from(&failed.finding);
            one.transcript = std::iter::repeat_n(one.transcript, 64).flatten().collect();
            (one.reason, one.expected, one.observed) = (
                failed.reason.clone(),
                failed.expected.clone(),
                failed.observed.clone(),
            );
        }
        report.summary.count(one.verdict);
        case.instances.push(one);
    }
    report.cases = vec![case];
    report
}

#[test]
fn a_thousand_instances_stay_small() {
    for failing in [0, 100, 1_000] {
        let size = page(&large(failing)).len();
        assert!(size < 3_000_000, "{size} octets with {failing} findings");
    }
}
