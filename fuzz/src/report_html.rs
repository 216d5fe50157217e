//! Whatever strings a report holds, its page has the same elements and shows every character.

use std::sync::LazyLock;

use serde_json::Value;
use wsanvil_model::Report;
use wsanvil_report::{RequirementText, html, redact};

/// A report with every verdict, once for each case.
static SAMPLE: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../reports/samples/example.json");
    let mut report: Report = serde_json::from_str(text).expect("the sample is a report");
    for case in &mut report.cases {
        let mut seen = Vec::new();
        case.instances.retain(|instance| {
            let new = !seen.contains(&instance.verdict);
            seen.push(instance.verdict);
            new
        });
    }
    serde_json::to_value(report).expect("a report is JSON")
});

/// Members whose values are words of the schema.
const WORDS: [&str; 7] = ["verdict", "kind", "level", "role", "dir", "what", "by"];
/// Members that hold hexadecimal, of which the page makes dumps.
const DUMPS: [&str; 3] = ["hex", "tail_hex", "header_hex"];

/// Texts, FF between them, put into the strings of the sample in turn.
pub fn check(data: &[u8]) {
    let texts: Vec<_> = data
        .split(|octet| *octet == 0xFF)
        .map(String::from_utf8_lossy)
        .collect();
    let foreign = |index: usize| format!("x{}", texts[index % texts.len()]);
    // Equal texts stay equal, as the page groups by some of them.
    let harmless = |index: usize| {
        let text = &texts[index % texts.len()];
        let first = texts.iter().position(|other| other == text);
        format!("x{}", first.unwrap_or(index))
    };
    let page = rendered(&report(&foreign, false), &foreign);
    let innocent = rendered(&report(&harmless, false), &harmless);
    assert_eq!(elements(&page), elements(&innocent));
    for mark in ['<', '>', '"', '\''] {
        assert_eq!(
            page.matches(mark).count(),
            innocent.matches(mark).count(),
            "{mark}"
        );
    }
    assert_eq!(hidden(&page), None);

    let mut report = report(&foreign, true);
    let page = rendered(&report, &foreign);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(hidden(&page), None);
    redact(&mut report, &[foreign(0), foreign(1)]);
}

fn report(text: &dyn Fn(usize) -> String, dumps: bool) -> Report {
    let mut value = SAMPLE.clone();
    replace(&mut value, "", &mut 0, text, dumps);
    serde_json::from_value(value).expect("still a report")
}

fn replace(value: &mut Value, name: &str, count: &mut usize, text: &dyn Fn(usize) -> String, dumps: bool) {
    match value {
        Value::String(_) if WORDS.contains(&name) || (DUMPS.contains(&name) && !dumps) => {}
        Value::String(string) => {
            *string = text(*count);
            *count += 1;
        }
        Value::Array(items) => {
            for item in items {
                replace(item, name, count, text, dumps);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                replace(member, name, count, text, dumps);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn rendered(report: &Report, text: &dyn Fn(usize) -> String) -> String {
    let requirement = |_: &str| {
        Some(RequirementText {
            level: text(0),
            text: text(1),
        })
    };
    html::render(report, &requirement).expect("a page")
}

/// Every tag of the body with the names of its attributes.
fn elements(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body>").expect("a body");
    let tags = body
        .split('<')
        .skip(1)
        .map(|part| part.split('>').next().unwrap_or(part));
    tags.map(|tag| tag.split('"').step_by(2).collect()).collect()
}

/// Characters that must not reach a page: controls but our own line ends, marks of direction and format.
fn hidden(page: &str) -> Option<char> {
    page.chars().find(|&c| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
}

/// Tricks to break out of text, attribute, element and terminal.
pub fn seeds() -> Vec<Vec<u8>> {
    let tricks: [&str; 9] = [
        "<script>alert(1)</script>",
        "</script></style></title></pre><!--",
        "\"><img src=x onerror=alert(1)>",
        "' onfocus=alert(1) autofocus x='",
        "&lt;script&gt; &#60; &amp;",
        "javascript:alert(1)",
        "\u{202e}gnp.exe\u{2066}\u{200b}",
        "\u{1b}[2J\u{1b}]8;;http://h.example\u{7}\r\n\0",
        "framing/a[b=\"<c>\",d='e']",
    ];
    let mut seeds: Vec<Vec<u8>> = tricks.iter().map(|trick| trick.as_bytes().to_vec()).collect();
    seeds.push(seeds.join(&0xFF));
    seeds
}
