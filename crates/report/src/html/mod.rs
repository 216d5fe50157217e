//! The report as one self-contained page.
//!
//! The page loads nothing: its policy forbids every resource, and its own style and script are admitted by their
//! hashes (Content Security Policy Level 3 section 2.3.1). It works without the script, which only adds the filter, the
//! keys, the copy buttons and the opening of what a link leads to. Foreign text reaches the page only as `Visible`,
//! which the template escapes.

pub mod agents;
mod anchor;
mod exchange;
mod finding;
mod list;
mod matrix;
mod overview;
mod timeline;
mod wire;

use std::sync::LazyLock;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use wsanvil_model::{Level, Report, Verdict};

use crate::visible::Visible;
use crate::{ReportError, RequirementText};

const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/script.js");

/// The octets of hex dumps and transcripts that all findings of a page share.
const EVIDENCE: usize = 600_000;

/// The page for `report`; `requirement` gives the wording of a requirement id.
pub fn render(
    report: &Report,
    requirement: &dyn Fn(&str) -> Option<RequirementText>,
) -> Result<String, ReportError> {
    let replay = list::replay(report);
    Page {
        policy: &POLICY,
        style: STYLE,
        script: SCRIPT,
        overview: overview::of(report),
        findings: finding::of(report, requirement, EVIDENCE),
        areas: matrix::of(report),
        groups: list::of(report, replay.as_deref()),
        replay: Visible::new(replay.as_deref().unwrap_or_default()),
        levels: levels(report),
        verdicts: SHOWN.map(Mark::of),
    }
    .render()
    .map_err(ReportError::Html)
}

#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    policy: &'a str,
    style: &'static str,
    script: &'static str,
    overview: overview::Overview,
    findings: Vec<finding::Case>,
    areas: Vec<matrix::Area>,
    groups: Vec<list::Group>,
    /// Runs one instance of the list again.
    replay: Visible,
    levels: Vec<&'static str>,
    verdicts: [Mark; 6],
}

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

/// How a policy names a style or a script that may be used.
fn hash(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// Verdicts in the order a reader wants them: the worst first, what is no finding last.
const SHOWN: [Verdict; 6] = [
    Verdict::Crash,
    Verdict::Fail,
    Verdict::Error,
    Verdict::Nonstrict,
    Verdict::Pass,
    Verdict::Skip,
];

/// How a verdict looks: its name is also its class in the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    name: &'static str,
    symbol: char,
    meaning: &'static str,
    /// Whether it is a finding.
    finding: bool,
}

impl Mark {
    fn of(verdict: Verdict) -> Self {
        let (symbol, meaning) = match verdict {
            Verdict::Crash => ('!', "the target died or stopped serving"),
            Verdict::Fail => ('✕', "a MUST was broken"),
            Verdict::Error => ('?', "wsanvil could not judge"),
            Verdict::Nonstrict => ('≈', "a SHOULD was missed, or the texts disagree"),
            Verdict::Pass => ('✓', "conformant"),
            Verdict::Skip => ('–', "not run"),
        };
        Self {
            name: verdict.name(),
            symbol,
            meaning,
            finding: verdict.is_finding(),
        }
    }
}

/// Areas in the order of their first case.
fn areas(report: &Report) -> Vec<&str> {
    let mut areas: Vec<&str> = Vec::new();
    for case in &report.cases {
        if !areas.contains(&case.area.as_str()) {
            areas.push(&case.area);
        }
    }
    areas
}

/// Levels that cases have, the strictest first.
fn levels(report: &Report) -> Vec<&'static str> {
    let has = |level: &Level| report.cases.iter().any(|case| case.level == *level);
    let levels = [Level::Must, Level::Should, Level::May];
    levels.into_iter().filter(has).map(Level::word).collect()
}

/// Milliseconds in the unit a reader wants.
fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// `1 octet`, `2 octets`.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn visible(texts: &[String]) -> Vec<Visible> {
    texts.iter().map(|text| Visible::new(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!([7, 1_250, 61_000].map(duration), ["7 ms", "1.2 s", "1 min 01 s"]);
    }

    #[test]
    fn embedded_files_cannot_end_their_elements() {
        assert!(!STYLE.contains('<'));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }
}
