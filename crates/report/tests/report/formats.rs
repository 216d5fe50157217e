//! Each format read by a parser that is not ours: of the sample, and of reports full of hostile text.

use pcap_parser::traits::PcapReaderIterator as _;
use pcap_parser::{Block, PcapBlockOwned, PcapError, PcapNGReader};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;
use wsanvil_model::Report;
use wsanvil_report::{Context, Gate, ReportFormat};

use crate::hostile::poisoned;
use crate::sample;

fn octets(format: ReportFormat, report: &Report) -> Vec<u8> {
    let context = Context {
        requirement: &sample::requirement,
        gate: Gate::default(),
    };
    format.render(report, &context).unwrap()
}

fn text(format: ReportFormat, report: &Report) -> String {
    String::from_utf8(octets(format, report)).unwrap()
}

/// The sample, and the sample with `text` wherever a target or a user can put it.
fn reports(text: &str) -> [Report; 2] {
    [sample::report(), poisoned(text)]
}

const TRICKS: [&str; 7] = [
    "]]></failure><testcase name='x'/><![CDATA[",
    "\u{0}\u{1b}[31m\u{202e}\u{fffe}\r\n::error::owned",
    "\n1..0 # SKIP all\nBail out!\n...\n",
    "` `` ``` <img src=x onerror=alert(1)> [a](javascript:b) | @org/team https://evil.example www.evil.example",
    "%0A::warning::x,file=/etc/passwd",
    "\"}]}\n{\"event\":\"ended\"}",
    "$\\href{x}{y}$ ~~z~~ **b** # h",
];

fn junit(report: &Report) {
    let xml = text(ReportFormat::Junit, report);
    let document = roxmltree::Document::parse(&xml).unwrap();
    let count = |name: &str| {
        document
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count()
    };
    let summary = &report.summary;
    assert_eq!(count("testcase"), summary.total() as usize);
    assert_eq!(count("skipped"), summary.skip as usize + 1, "one is expected");
    assert_eq!(count("failure"), (summary.fail + summary.crash) as usize - 1);
    assert_eq!(count("error"), summary.error as usize);
    let root = document.root_element();
    assert_eq!(root.attribute("failures"), Some("3"));
    assert_eq!(root.attribute("errors"), Some("1"));
}

fn tap(report: &Report) {
    let text = text(ReportFormat::Tap, report);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let total = report.summary.total();
    assert_eq!(lines.next(), Some(format!("1..{total}").as_str()));
    let (mut points, mut failed, mut inside) = (0, 0, false);
    for line in lines {
        if line == "  ---" || line == "  ..." {
            inside = line == "  ---";
        } else if inside {
            let (_, value) = line.split_once(": ").unwrap();
            serde_json::from_str::<Value>(value).unwrap();
        } else {
            points += 1;
            let rest = line.strip_prefix("not ").unwrap_or(line);
            assert!(rest.starts_with(&format!("ok {points} - ")), "{line}");
            let directive = rest.replace("\\#", "").find('#').is_some();
            failed += u32::from(line.starts_with("not ") && !directive);
        }
    }
    assert_eq!((points, failed), (total, 4));
}

fn sarif(report: &Report) {
    let mut schema: Value = serde_json::from_str(include_str!("../foreign/sarif-2.1.0.json")).unwrap();
    // Its pattern for languages ends in a stray bracket, which not every dialect of regular expressions takes.
    for of in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{of}/properties/language"));
        language
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove("pattern")
            .unwrap();
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(&text(ReportFormat::Sarif, report)).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    for result in results {
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[rule]["id"], result["ruleId"]);
    }
    assert_eq!(results.len(), 5);
    let suppressed = results
        .iter()
        .filter(|result| result.get("suppressions").is_some());
    assert_eq!(suppressed.count(), 1);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

fn markdown(report: &Report) {
    let text = text(ReportFormat::Markdown, report);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
    for event in Parser::new_ext(&text, options) {
        let live = match &event {
            Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) => true,
            Event::Start(tag) => matches!(
                tag,
                Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::HtmlBlock
                    | Tag::Strikethrough
                    | Tag::CodeBlock(_)
            ),
            _ => false,
        };
        assert!(!live, "{event:?}\n{text}");
    }
    // What GitHub would link or call without any markup stands only in code.
    let outside: String = text.split('`').step_by(2).collect();
    assert!(
        !outside.contains("://") && !outside.contains('@') || text.contains("``"),
        "{text}"
    );
}

fn github(report: &Report) {
    let text = text(ReportFormat::Github, report);
    assert_eq!(text.lines().count(), 4, "{text}");
    for line in text.lines() {
        let command = line.strip_prefix("::").unwrap();
        let (head, _) = command.split_once("::").unwrap();
        let (level, properties) = head.split_once(' ').unwrap();
        assert!(matches!(level, "error" | "warning"), "{line}");
        assert!(
            properties.starts_with("title=") && !properties.contains(','),
            "{line}"
        );
    }
}

fn ndjson(report: &Report) {
    let text = text(ReportFormat::Ndjson, report);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((events[0], events[events.len() - 1]), ("started", "ended"));
    let finished = events.iter().filter(|event| **event == "finished").count();
    assert_eq!(finished, report.summary.total() as usize);
    assert_eq!(lines[0]["total"], report.summary.total());
}

/// The payload octets that each end of each connection sent, as a capture tells them.
fn pcapng(report: &Report) -> Vec<(u32, bool, Vec<u8>)> {
    let file = octets(ReportFormat::Pcapng, report);
    let mut reader = PcapNGReader::new(1 << 20, file.as_slice()).unwrap();
    let mut sent: Vec<(u32, bool, Vec<u8>)> = Vec::new();
    loop {
        match reader.next() {
            Ok((size, PcapBlockOwned::NG(Block::EnhancedPacket(packet)))) => {
                let ip = &packet.data[..packet.caplen as usize];
                assert_eq!((ip[0], ip[9]), (0x45, 6), "IPv4 and TCP");
                assert_eq!(
                    usize::from(u16::from_be_bytes([ip[2], ip[3]])),
                    packet.origlen as usize
                );
                let tester = ip[12..16] == [192, 0, 2, 1];
                let tcp = &ip[20..];
                let port = u16::from_be_bytes(if tester {
                    [tcp[0], tcp[1]]
                } else {
                    [tcp[2], tcp[3]]
                });
                let payload = &tcp[20..];
                match sent
                    .iter_mut()
                    .find(|(known, end, _)| (*known, *end) == (u32::from(port), tester))
                {
                    Some((_, _, octets)) => octets.extend(payload),
                    None => sent.push((port.into(), tester, payload.to_vec())),
                }
                reader.consume(size);
            }
            Ok((size, _)) => reader.consume(size),
            Err(PcapError::Eof) => return sent,
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn all(report: &Report) {
    junit(report);
    tap(report);
    sarif(report);
    markdown(report);
    github(report);
    ndjson(report);
    pcapng(report);
    serde_json::from_slice::<Value>(&octets(ReportFormat::Badge, report)).unwrap();
}

#[test]
fn foreign_parsers_read_every_format() {
    for trick in TRICKS {
        reports(trick).iter().for_each(all);
    }
}

#[test]
fn a_capture_holds_the_octets_of_the_wire() {
    let sent = pcapng(&sample::report());
    let (_, _, tester) = &sent[0];
    let frame = b"\x91\x8d\x37\xfa\x21\x3d";
    assert!(tester.starts_with(b"GET /echo HTTP/1.1\r\n"));
    let at = tester
        .windows(frame.len())
        .position(|window| window == frame)
        .unwrap();
    let unmasked: Vec<u8> = tester[at + 6..]
        .iter()
        .zip([0x37, 0xfa, 0x21, 0x3d].iter().cycle())
        .map(|(octet, key)| octet ^ key)
        .collect();
    assert_eq!(unmasked, b"Hello, world!");
    // Of 65,536 octets 512 were kept; all are there.
    assert!(sent.iter().any(|(_, _, octets)| octets.len() > 65_536));
}

#[test]
fn more_findings_than_github_shows_are_counted() {
    let mut report = sample::report();
    let case = report.cases[0].clone();
    for nth in 0..15 {
        let mut more = case.clone();
        more.id = format!("framing/more-{nth}");
        report.cases.push(more);
    }
    let text = text(ReportFormat::Github, &report);
    assert_eq!(text.matches("::error ").count(), 10);
    assert!(text.contains("9 more cases"), "{text}");
}

#[test]
fn the_summary_of_a_step_fits() {
    let mut report = sample::report();
    for case in &mut report.cases {
        for instance in &mut case.instances {
            instance.observed = "x".repeat(3_000);
        }
    }
    let case = report.cases[0].clone();
    report.cases.extend(std::iter::repeat_n(case, 30_000));
    let context = Context {
        requirement: &sample::requirement,
        gate: Gate::default(),
    };
    let text = wsanvil_report::github::step_summary(&report, &context);
    assert!(text.len() <= 1 << 20);
    assert!(text.ends_with("1 MiB.\n"), "{}", text.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_leaves_every_format_whole(text in any::<String>()) {
        all(&poisoned(&text));
    }
}
