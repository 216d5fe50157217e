//! Whatever a target sends: it is text in the page, never markup, and nothing of it is hidden.

use std::sync::LazyLock;

use proptest::prelude::*;
use wsanvil_model::{Note, Report};
use wsanvil_report::html;

use crate::sample;

/// Puts `text` into every field a target, a user or a case file can fill.
pub(crate) fn poisoned(text: &str) -> Report {
    let mut report = sample::report();
    let poison = |field: &mut String| *field = format!("x{text}");
    for field in [
        &mut report.target.agent,
        &mut report.target.url,
        &mut report.target.app,
        &mut report.run.profile,
    ] {
        poison(field);
    }
    for field in [
        &mut report.target.command,
        &mut report.target.version,
        &mut report.target.server,
    ] {
        field.iter_mut().for_each(poison);
    }
    report.run.warnings.iter_mut().for_each(poison);
    poison(&mut report.run.started);
    for case in &mut report.cases {
        for field in [&mut case.id, &mut case.title] {
            poison(field);
        }
        case.area.push_str(text);
        case.spec.iter_mut().chain(&mut case.why).for_each(poison);
        for instance in &mut case.instances {
            for field in [
                &mut instance.name,
                &mut instance.title,
                &mut instance.reason,
                &mut instance.replay,
            ] {
                poison(field);
            }
            for field in [
                &mut instance.expected,
                &mut instance.observed,
                &mut instance.close.reason,
            ] {
                poison(field);
            }
            instance.baseline.iter_mut().for_each(poison);
            if let Some(finding) = &mut instance.finding {
                poison(&mut finding.requirement);
                poison(&mut finding.on);
                finding.offset = None;
                finding.rule = Some(format!("x{text}"));
            }
            if let Some(autobahn) = &mut instance.autobahn {
                poison(&mut autobahn.id);
                poison(&mut autobahn.behavior);
            }
            instance.notes = vec![Note {
                text: format!("x{text}"),
                on: format!("x{text}"),
                line: 0,
            }];
            for entry in &mut instance.transcript {
                poison(&mut entry.remark);
                poison(&mut entry.on);
                entry.sha1 = format!("x{text}");
                if let Some(key) = entry.frame.as_mut().and_then(|frame| frame.key.as_mut()) {
                    poison(key);
                }
            }
        }
    }
    report
}

fn page(report: &Report) -> String {
    html::render(report, &|_| None).unwrap()
}

/// Every tag with the names of its attributes; their values are foreign in places.
fn structure(page: &str) -> Vec<String> {
    let body = page.split_once("<body>").unwrap().1;
    body.split('<')
        .skip(1)
        .map(|part| {
            let tag = part.split('>').next().unwrap();
            tag.split('"').step_by(2).collect()
        })
        .collect()
}

/// Characters that must not reach a page: controls but the newline of our own markup, direction and format marks.
fn hidden(page: &str) -> Option<char> {
    page.chars().find(|&c| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
}

static HARMLESS: LazyLock<String> = LazyLock::new(|| page(&poisoned("y")));

fn is_inert(text: &str) {
    let poisoned = page(&poisoned(text));
    let harmless = HARMLESS.as_str();
    assert_eq!(structure(&poisoned), structure(harmless), "{text:?}");
    for mark in ['<', '>', '"', '\''] {
        assert_eq!(
            poisoned.matches(mark).count(),
            harmless.matches(mark).count(),
            "{mark} from {text:?}"
        );
    }
    assert_eq!(hidden(&poisoned), None, "{text:?}");
}

#[test]
fn known_tricks_are_inert() {
    for text in [
        "<script>alert(1)</script>",
        "</script></style></title></pre><!--",
        "\"><img src=x onerror=alert(1)>",
        "' onfocus=alert(1) autofocus x='",
        "&lt;script&gt; &#60; &amp;",
        "{{ 7*7 }} {% include \"/etc/passwd\" %}",
        "javascript:alert(1)",
        "\u{202e}gnp.exe\u{2066}\u{200b}",
        "\u{1b}[2J\u{1b}]8;;http://evil\u{7}\r\n\0",
        "\u{2028}\u{2029}\u{feff}]]>",
    ] {
        is_inert(text);
    }
}

#[test]
fn hidden_characters_are_shown() {
    let page = page(&poisoned("\u{202e}\u{1b}[31m"));
    assert!(page.contains(r"x\u{202e}\u{1b}[31m"));
}

#[test]
fn octets_of_a_head_are_inert() {
    let mut report = sample::report();
    let head = b"HTTP/1.1 101 </pre><script>\r\nX: \x1b[31m\xe2\x80\xae\"'&\r\n\r\n";
    report.cases[0].instances[3].transcript[2] =
        sample::octets(1, wsanvil_model::Direction::In, wsanvil_model::What::Head, head);
    let page = page(&report);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains(r"X: \x1b[31m\xe2\x80\xae"));
    assert_eq!(hidden(&page), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_inert(text in any::<String>()) {
        is_inert(&text);
    }

    #[test]
    fn any_mix_of_marks_is_inert(text in "[<>\"'&;/= a-c\\-!\\[\\]{}%`\u{0}-\u{1f}\u{200b}-\u{202e}]{0,40}") {
        is_inert(&text);
    }

    #[test]
    fn foreign_hexadecimal_is_no_danger(text in any::<String>()) {
        let mut report = sample::report();
        for entry in report.cases.iter_mut().flat_map(|case| &mut case.instances).flat_map(|one| &mut one.transcript) {
            entry.hex.clone_from(&text);
            entry.tail_hex.clone_from(&text);
            entry.len = u64::MAX;
            entry.omitted_before = u64::MAX / 8;
            if let Some(frame) = &mut entry.frame {
                frame.header_hex.clone_from(&text);
            }
        }
        prop_assert_eq!(page(&report).matches("<script").count(), 1);
        wsanvil_report::redact(&mut report, &["secret".to_owned()]);
    }
}
