//! Whatever strings a report holds, its page has the same elements, links and script, and hides no character.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;
use wsanvil_model::Report;
use wsanvil_report::{RequirementText, html, redact};

use crate::page::{Token, tokens};

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
    let innocents = innocents(&texts);
    let harmless = |index: usize| format!("x{}", innocents[index % innocents.len()]);
    let page = rendered(&report(&foreign, false), &foreign);
    let innocent = rendered(&report(&harmless, false), &harmless);
    differ_in_text_only(&page, &innocent);
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
    is_of_ours(&page, &innocent);
    assert_eq!(hidden(&page), None);
    redact(&mut report, &[foreign(0), foreign(1)]);
}

/// The texts with a letter for each character that could be markup or hidden, the same for the same and of the same
/// number: what the page groups, cuts or leaves out by comparing texts stays as it is.
fn innocents(texts: &[Cow<'_, str>]) -> Vec<String> {
    let mut odd: Vec<char> = Vec::new();
    let mut innocent = |c: char| {
        let plain = c.is_ascii() && !matches!(c, '<' | '>' | '"' | '\'' | '&' | '`');
        if plain && (!c.is_ascii_control() || matches!(c, '\n' | '\r' | '\t')) {
            return c;
        }
        let place = odd.iter().position(|known| *known == c).unwrap_or_else(|| {
            odd.push(c);
            odd.len() - 1
        });
        // Ideographs: there are more of them than an input has characters.
        char::from_u32(0x4E00 + place as u32).unwrap_or('y')
    };
    let texts = texts.iter();
    texts
        .map(|text| text.chars().map(&mut innocent).collect())
        .collect()
}

/// The pages have the same elements with the same attributes, and differ in text, in `title` and in the names that
/// addresses within the page are made of at most: not in where a link leads, not in the script, not in the policy.
fn differ_in_text_only(page: &str, innocent: &str) {
    let (page, innocent) = (tokens(page), tokens(innocent));
    assert_eq!(page.len(), innocent.len());
    for pair in page.iter().zip(&innocent) {
        match pair {
            (Token::Text(_), Token::Text(_)) => {}
            (Token::Start(name, attributes), Token::Start(other, others)) => {
                assert_eq!((name, attributes.len()), (other, others.len()));
                for (attribute, other) in attributes.iter().zip(others) {
                    assert!(
                        attribute == other || may_differ(*attribute, *other),
                        "{attribute:?}"
                    );
                }
            }
            (token, other) => assert_eq!(token, other),
        }
    }
}

/// Whether two values of an attribute differ only in text: a title, or the name in an address within the page, which is
/// `finding=NAME`, `case=ID` or `instance=NAME`, with `#` before it in a link.
fn may_differ(one: (&str, Option<&str>), other: (&str, Option<&str>)) -> bool {
    let kind = |value: Option<&str>| {
        let (kind, _) = value?.split_once('=')?;
        let kind = kind.strip_prefix('#').unwrap_or(kind);
        matches!(kind, "finding" | "case" | "instance").then(|| value.map(|value| value.starts_with('#')))
    };
    match (one.0, other.0) {
        ("title", "title") => true,
        ("id", "id") | ("href", "href") => {
            let is_link = one.0 == "href";
            kind(one.1) == Some(Some(is_link)) && kind(other.1) == Some(Some(is_link))
        }
        _ => false,
    }
}

/// The page has no element or attribute that `innocent` has not, and no other script, style sheet or link.
fn is_of_ours(page: &str, innocent: &str) {
    let known = tokens(innocent);
    let names: BTreeSet<(&str, &str)> = known.iter().flat_map(named).collect();
    let raw = |tokens: &[Token<'_>]| -> Vec<String> {
        let contents = tokens.iter().filter_map(|token| match token {
            Token::Raw(content) => Some((*content).to_owned()),
            _ => None,
        });
        contents.collect()
    };
    let page = tokens(page);
    assert_eq!(raw(&page), raw(&known));
    for token in &page {
        assert!(named(token).iter().all(|name| names.contains(name)), "{token:?}");
        if let Token::Start(_, attributes) = token {
            let mut links = attributes.iter().filter(|(name, _)| *name == "href");
            assert!(
                links.all(|(_, to)| to.is_some_and(|to| to.starts_with('#'))),
                "{token:?}"
            );
        }
    }
}

/// The element that a tag begins or ends, and with it each of its attributes.
fn named<'a>(token: &Token<'a>) -> Vec<(&'a str, &'a str)> {
    match token {
        Token::Start(name, attributes) => {
            let attributes = attributes.iter().map(|(attribute, _)| (*name, *attribute));
            std::iter::once((*name, "")).chain(attributes).collect()
        }
        Token::End(name) => vec![(*name, "")],
        Token::Text(_) | Token::Raw(_) => Vec::new(),
    }
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
