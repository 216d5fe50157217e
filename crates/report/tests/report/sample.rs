//! A small report with every verdict, built through the collector as a run would.

use std::collections::BTreeMap;

use serde_json::json;
use wsanvil_model::{
    AutobahnResult, CloseReport, Closer, Direction, Entry, Event, Finding, FindingKind, FrameInfo,
    InstanceReport, Level, Note, Report, RunInfo, TargetInfo, TargetRole, ToolInfo, Verdict, What,
};
use wsanvil_report::{CaseMeta, Collector, RequirementText};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

pub(crate) fn requirement(id: &str) -> Option<RequirementText> {
    let (level, text) = match id {
        "6455-5.2-3" => (
            "MUST",
            "A reserved bit that no negotiated extension defines fails the connection.",
        ),
        "6455-5.5.3-2" => (
            "MUST",
            "A Pong carries the application data of the Ping it answers.",
        ),
        "6455-8.1-1" => ("MUST", "Text that is not valid UTF-8 fails the connection."),
        "6455-5.5.1-7" => (
            "SHOULD",
            "The answer to a Close carries the code that was received.",
        ),
        "6455-6.1-1" => ("MUST", "A message is received as it was sent."),
        "6455-5.1-1" => ("MUST NOT", "A server does not mask what it sends."),
        _ => return None,
    };
    Some(RequirementText {
        level: level.to_owned(),
        text: text.to_owned(),
    })
}

pub(crate) fn report() -> Report {
    let tool = ToolInfo {
        name: "wsanvil".to_owned(),
        version: "0.1.0".to_owned(),
    };
    let mut collector = Collector::new(tool, cases());
    let run = RunInfo {
        seed: 0x5eed,
        profile: "default".to_owned(),
        jobs: 32,
        started: "2026-11-20T09:41:07Z".to_owned(),
        ..RunInfo::default()
    };
    let target = TargetInfo {
        agent: "example-ws 2.4".to_owned(),
        url: "ws://127.0.0.1:9001/echo".to_owned(),
        app: "echo".to_owned(),
        command: Some("example-ws --port 9001".to_owned()),
        version: Some("2.4.1".to_owned()),
        server: Some("example".to_owned()),
    };
    collector.fold(Event::Started {
        target,
        run: run.clone(),
        total: 24,
    });
    for (case, instance) in instances() {
        collector.fold(Event::Finished {
            case: case.to_owned(),
            instance: Box::new(instance),
        });
    }
    collector.add_case(CaseMeta {
        id: "standing/mask".to_owned(),
        title: "Frames of a server are not masked".to_owned(),
        why: None,
        ..case("standing/mask", &["6455-5.1-1"], Level::Must)
    });
    collector.fold(Event::Warning(
        "8 equal timeouts in a row: the deadline was 500 ms for 3 instances.".to_owned(),
    ));
    collector.fold(Event::Ended {
        run: RunInfo {
            wall_ms: 4_312,
            ..run
        },
    });
    collector.finish()
}

fn cases() -> Vec<CaseMeta> {
    let mut cases = vec![
        case("framing/rsv-without-extension", &["6455-5.2-3"], Level::Must),
        case("framing/echo", &["6455-6.1-1"], Level::Must),
        case("control/pong-payload", &["6455-5.5.3-2"], Level::Must),
        case("utf8/fail-fast", &["6455-8.1-1", "unicode-T3-7-4"], Level::Must),
        case("close/code-echoed", &["6455-5.5.1-7"], Level::Should),
        case("deflate/window", &["7692-7.1.2-1"], Level::Must),
        case("limits/deep-fragments", &["6455-10.4-1"], Level::Must),
    ];
    cases[0].why =
        Some("A receiver that passes over a reserved bit reads the data of an unknown extension.".to_owned());
    cases
}

fn case(id: &str, spec: &[&str], level: Level) -> CaseMeta {
    let title = match id {
        "framing/rsv-without-extension" => "A reserved bit without an extension fails the connection",
        "framing/echo" => "A message comes back octet for octet",
        "control/pong-payload" => "A Pong carries the payload of its Ping",
        "utf8/fail-fast" => "Invalid UTF-8 fails the connection",
        "close/code-echoed" => "The answer to a Close repeats its code",
        "deflate/window" => "The agreed window is kept",
        _ => "Many small fragments neither crash nor stall the target",
    };
    CaseMeta {
        id: id.to_owned(),
        title: title.to_owned(),
        area: area(id).to_owned(),
        role: TargetRole::Both,
        level,
        spec: spec.iter().map(|&id| id.to_owned()).collect(),
        why: None,
        file: if area(id) == "standing" {
            String::new()
        } else {
            format!("cases/{}/sample.toml", area(id))
        },
    }
}

fn area(id: &str) -> &str {
    id.split('/').next().unwrap()
}

fn instances() -> Vec<(&'static str, InstanceReport)> {
    let mut all = Vec::new();
    for rsv in 1..=7_u8 {
        let mut one = instance(
            &format!("framing/rsv-without-extension[rsv={rsv}]"),
            Verdict::Pass,
        );
        one.title = format!("RSV bits {rsv} without an extension fail the connection");
        one.values = BTreeMap::from([("rsv".to_owned(), json!(rsv))]);
        one.alias = vec![format!("autobahn:3.{rsv}")];
        one.transcript
            .push(frame(1_204, Direction::Out, 1, rsv, b"Hello, world!"));
        if rsv == 4 {
            one = rsv4_echoed(one);
        } else {
            one.transcript
                .push(frame(1_618, Direction::In, 8, 0, b"\x03\xeaRSV bits"));
            one.close = CloseReport {
                by: Closer::Target,
                code: Some(1002),
                reason: "RSV bits".to_owned(),
                clean: true,
            };
        }
        one.autobahn = Some(AutobahnResult {
            id: format!("3.{rsv}"),
            behavior: if rsv == 4 { "FAILED" } else { "OK" }.to_owned(),
            behavior_close: if rsv == 4 { "FAILED" } else { "OK" }.to_owned(),
        });
        all.push(("framing/rsv-without-extension", one));
    }
    for len in [0, 125, 126, 65_535, 65_536] {
        let mut one = instance(&format!("framing/echo[text,len={len}]"), Verdict::Pass);
        one.values = BTreeMap::from([("len".to_owned(), json!(len))]);
        one.transcript.push(long_frame(1_300, Direction::Out, len));
        one.transcript.push(long_frame(1_950, Direction::In, len));
        one.transcript
            .push(frame(2_000, Direction::Out, 8, 0, b"\x03\xe8"));
        one.transcript
            .push(frame(2_100, Direction::In, 8, 0, b"\x03\xe8"));
        one.close = CloseReport {
            by: Closer::Tester,
            code: Some(1000),
            reason: String::new(),
            clean: true,
        };
        all.push(("framing/echo", one));
    }
    all.push(("control/pong-payload", wrong_pong()));
    all.push(("utf8/fail-fast", silent_utf8()));
    let mut noted = instance("utf8/fail-fast[surrogate]", Verdict::Pass);
    noted.notes.push(Note {
        text: "not fail-fast: the Close came after the last octet".to_owned(),
        on: String::new(),
        line: 31,
    });
    all.push(("utf8/fail-fast", noted));
    all.push(("close/code-echoed", close_code()));
    for bits in [9, 15] {
        let mut one = instance(&format!("deflate/window[bits={bits}]"), Verdict::Skip);
        one.reason = "needs deflate: the target agrees to no compression".to_owned();
        one.transcript.clear();
        all.push(("deflate/window", one));
    }
    all.push(("limits/deep-fragments", crash()));
    let mut unjudged = instance("limits/deep-fragments[n=4096]", Verdict::Error);
    unjudged.reason = "the target was gone before this instance began".to_owned();
    unjudged.transcript.clear();
    all.push(("limits/deep-fragments", unjudged));
    let mut mask = instance("standing/mask", Verdict::Pass);
    mask.reason = "seen in no case".to_owned();
    mask.transcript.clear();
    all.push(("standing/mask", mask));
    all
}

fn rsv4_echoed(mut one: InstanceReport) -> InstanceReport {
    one.verdict = Verdict::Fail;
    one.reason = "the frame with RSV1 set was echoed as if it were legal".to_owned();
    one.expected = "the target fails the connection, best with Close 1002".to_owned();
    one.observed = "text “Hello, world!”, then a Pong for the barrier".to_owned();
    one.transcript.push(frame(
        1_411,
        Direction::Out,
        9,
        0,
        &[0x9c, 0x11, 0x40, 0xfe, 0x73, 0x00, 0xd2, 0x65],
    ));
    one.transcript
        .push(frame(1_702, Direction::In, 1, 0, b"Hello, world!"));
    let mut pong = frame(
        1_711,
        Direction::In,
        10,
        0,
        &[0x9c, 0x11, 0x40, 0xfe, 0x73, 0x00, 0xd2, 0x65],
    );
    pong.remark = "answers the barrier".to_owned();
    one.transcript.push(pong);
    one.finding = Some(finding(&one, FindingKind::NotFailed, "6455-5.2-3", Some(129)));
    one.close = CloseReport {
        by: Closer::Tester,
        code: Some(1000),
        reason: String::new(),
        clean: true,
    };
    one
}

fn wrong_pong() -> InstanceReport {
    let mut one = instance("control/pong-payload", Verdict::Fail);
    one.reason = "the Pong is one octet short".to_owned();
    one.expected = "pong of 4 octets: 00 ff 3c 3e".to_owned();
    one.observed = "pong of 3 octets: 00 ff 3c".to_owned();
    one.transcript
        .push(frame(1_320, Direction::Out, 9, 0, b"\x00\xff<>"));
    one.transcript
        .push(frame(1_388, Direction::In, 10, 0, b"\x00\xff<"));
    let mut found = finding(&one, FindingKind::Rule, "6455-5.5.3-2", Some(130));
    found.rule = Some("pong-payload".to_owned());
    one.finding = Some(found);
    one.flaky = true;
    one
}

fn silent_utf8() -> InstanceReport {
    let mut one = instance("utf8/fail-fast[overlong]", Verdict::Fail);
    one.reason = "nothing came for 5000 ms after text with an overlong form".to_owned();
    one.expected = "the target fails the connection, best with Close 1007".to_owned();
    one.observed = "silence".to_owned();
    one.expected_by_baseline = true;
    one.baseline = Some("issue #12: the validator comes with 3.0".to_owned());
    one.transcript
        .push(frame(1_250, Direction::Out, 1, 0, b"\xc0\xaf"));
    let mut later = frame(5_001_250, Direction::Out, 8, 0, b"\x03\xe8");
    later.omitted_before = 12;
    one.transcript.push(later);
    one.finding = Some(finding(&one, FindingKind::Silence, "6455-8.1-1", None));
    one.duration_ms = 5_003;
    one
}

fn close_code() -> InstanceReport {
    let mut one = instance("close/code-echoed[code=3999]", Verdict::Nonstrict);
    one.reason = "the Close was answered with 1000 instead of 3999".to_owned();
    one.expected = "close with code 3999".to_owned();
    one.observed = "close with code 1000".to_owned();
    one.transcript
        .push(frame(1_100, Direction::Out, 8, 0, b"\x0f\x9f"));
    one.transcript
        .push(frame(1_190, Direction::In, 8, 0, b"\x03\xe8"));
    one.finding = Some(finding(
        &one,
        FindingKind::WrongCloseCode,
        "6455-5.5.1-7",
        Some(131),
    ));
    one.close = CloseReport {
        by: Closer::Tester,
        code: Some(1000),
        reason: String::new(),
        clean: true,
    };
    one
}

fn crash() -> InstanceReport {
    let mut one = instance("limits/deep-fragments[n=1024]", Verdict::Crash);
    one.reason = "the target ended with signal 11 (SIGSEGV)".to_owned();
    one.expected = "an echo of 1024 octets".to_owned();
    one.observed =
        "RST, then three refused handshakes; last words: “stack overflow in assemble()”".to_owned();
    let mut last = frame(1_903, Direction::Out, 0, 0, b"x");
    last.omitted_before = 1_022;
    one.transcript.push(frame(1_200, Direction::Out, 1, 0, b"x"));
    one.transcript.push(last);
    one.transcript.push(bare(
        2_004,
        Direction::In,
        What::Reset,
        "connection reset by peer",
    ));
    one.finding = Some(finding(&one, FindingKind::Crash, "6455-10.4-1", None));
    one
}

fn finding(of: &InstanceReport, kind: FindingKind, requirement: &str, offset: Option<u64>) -> Finding {
    Finding {
        kind,
        rule: None,
        requirement: requirement.to_owned(),
        expected: of.expected.clone(),
        observed: of.observed.clone(),
        on: "main".to_owned(),
        line: 14,
        offset,
    }
}

pub(crate) fn instance(name: &str, verdict: Verdict) -> InstanceReport {
    let request =
        b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    InstanceReport {
        reason: if verdict == Verdict::Pass {
            "as wanted".to_owned()
        } else {
            String::new()
        },
        duration_ms: 3,
        transcript: vec![
            bare(102, Direction::Out, What::Opened, ""),
            octets(130, Direction::Out, What::Head, request),
            octets(870, Direction::In, What::Head, response),
        ],
        replay: format!("wsanvil replay '{name}' ws://127.0.0.1:9001/echo --seed 24301"),
        ..InstanceReport::new(name, verdict)
    }
}

fn bare(t_us: u64, dir: Direction, what: What, remark: &str) -> Entry {
    Entry {
        t_us,
        on: "main".to_owned(),
        dir,
        what,
        len: 0,
        hex: String::new(),
        tail_hex: String::new(),
        sha1: String::new(),
        frame: None,
        remark: remark.to_owned(),
        omitted_before: 0,
    }
}

pub(crate) fn octets(t_us: u64, dir: Direction, what: What, octets: &[u8]) -> Entry {
    Entry {
        len: octets.len() as u64,
        hex: hex(octets),
        ..bare(t_us, dir, what, "")
    }
}

pub(crate) fn frame(t_us: u64, dir: Direction, opcode: u8, rsv: u8, payload: &[u8]) -> Entry {
    let masked = dir == Direction::Out;
    let mut header = vec![
        0x80 | rsv << 4 | opcode,
        u8::from(masked) << 7 | payload.len() as u8,
    ];
    if masked {
        header.extend(KEY);
    }
    Entry {
        frame: Some(info(&header, opcode, rsv, payload.len(), masked)),
        ..octets(t_us, dir, What::Frame, payload)
    }
}

/// A text frame of `len` octets with its ends kept.
pub(crate) fn long_frame(t_us: u64, dir: Direction, len: usize) -> Entry {
    let masked = dir == Direction::Out;
    let mut header = vec![0x81];
    match len {
        0..=125 => header.push(u8::from(masked) << 7 | len as u8),
        126..=0xffff => {
            header.push(u8::from(masked) << 7 | 0x7e);
            header.extend((len as u16).to_be_bytes());
        }
        _ => {
            header.push(u8::from(masked) << 7 | 0x7f);
            header.extend((len as u64).to_be_bytes());
        }
    }
    if masked {
        header.extend(KEY);
    }
    let kept = vec![b'*'; len.min(256)];
    Entry {
        len: len as u64,
        tail_hex: hex(&vec![b'*'; len.saturating_sub(256).min(256)]),
        sha1: if len > 512 {
            "da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned()
        } else {
            String::new()
        },
        frame: Some(info(&header, 1, 0, len, masked)),
        ..octets(t_us, dir, What::Frame, &kept)
    }
}

fn info(header: &[u8], opcode: u8, rsv: u8, len: usize, masked: bool) -> FrameInfo {
    FrameInfo {
        fin: true,
        rsv,
        opcode,
        key: masked.then(|| hex(&KEY)),
        length_bits: if len < 126 {
            7
        } else if len < 65_536 {
            16
        } else {
            64
        },
        declared: len as u64,
        header_hex: hex(header),
    }
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect::<Vec<_>>()
        .concat()
}
