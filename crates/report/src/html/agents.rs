//! Several targets side by side: one row for each case, one column for each agent.
//!
//! The page loads nothing and runs nothing; foreign text reaches it only as `Visible`, as in the page of one report.

use std::collections::HashMap;

use askama::Template;
use wsanvil_model::{CaseReport, InstanceReport, Report, Verdict};

use super::{Mark, SHOWN, STYLE, duration, hash};
use crate::visible::Visible;
use crate::{Place, ReportError};

/// Rules of this page alone.
const MATRIX: &str = include_str!("../../templates/agents.css");
/// Characters of a reason that a page with many of them shows.
const REASON: usize = 300;

/// The page for the reports of several targets, in this order. `library` are the ids of all cases in the order of a
/// report; others come behind them, and standing rules last.
pub fn render(reports: &[Report], library: &[String]) -> Result<String, ReportError> {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}' 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(MATRIX)
    );
    let areas = areas(reports, library);
    let cases = areas.iter().map(|area| area.rows.len()).sum();
    let (found, clean) = parted(areas);
    Page {
        policy,
        style: STYLE,
        matrix: MATRIX,
        agents: reports.iter().map(agent).collect(),
        cases,
        found,
        clean_cases: clean.iter().map(|area| area.rows.len()).sum(),
        clean,
        verdicts: SHOWN.map(Mark::of),
    }
    .render()
    .map_err(ReportError::Html)
}

#[derive(Template)]
#[template(path = "agents.html", whitespace = "minimize")]
struct Page {
    policy: String,
    style: &'static str,
    matrix: &'static str,
    agents: Vec<Agent>,
    cases: usize,
    /// Rows in which some agent has a finding.
    found: Vec<Area>,
    /// The other rows.
    clean: Vec<Area>,
    clean_cases: usize,
    verdicts: [Mark; 6],
}

struct Agent {
    name: Visible,
    url: Visible,
    how: Visible,
    counts: Vec<(Mark, u32)>,
}

struct Area {
    name: Visible,
    rows: Vec<Row>,
}

struct Row {
    /// Number of the case in the page.
    number: usize,
    id: Visible,
    title: Visible,
    place: Option<Place>,
    cells: Vec<Option<Cell>>,
    /// Whether any agent has a finding.
    finding: bool,
}

/// What an agent came to in a case.
struct Cell {
    mark: Mark,
    /// `3/12`: findings among its instances.
    share: String,
    accepted: bool,
    flaky: bool,
    finding: Option<Finding>,
}

/// The worst finding of an agent in a case.
struct Finding {
    agent: Visible,
    name: Visible,
    reason: Visible,
    replay: Visible,
}

fn agent(report: &Report) -> Agent {
    let (target, run, summary) = (&report.target, &report.run, &report.summary);
    let how = [
        target.version.clone().unwrap_or_default(),
        run.started.clone(),
        format!("profile {}", run.profile),
        duration(run.wall_ms),
        format!("{} {}", report.tool.name, report.tool.version),
        if run.interrupted {
            "interrupted before its end".to_owned()
        } else {
            String::new()
        },
    ];
    let how: Vec<String> = how.into_iter().filter(|part| !part.is_empty()).collect();
    let count = |verdict| match verdict {
        Verdict::Crash => summary.crash,
        Verdict::Fail => summary.fail,
        Verdict::Error => summary.error,
        Verdict::Nonstrict => summary.nonstrict,
        Verdict::Pass => summary.pass,
        Verdict::Skip => summary.skip,
    };
    Agent {
        name: Visible::new(&target.agent),
        url: Visible::new(&target.url),
        how: Visible::new(&how.join(" · ")),
        counts: SHOWN.map(|verdict| (Mark::of(verdict), count(verdict))).to_vec(),
    }
}

/// The cases of all reports by area, areas in the order of their first case.
fn areas(reports: &[Report], library: &[String]) -> Vec<Area> {
    let places: HashMap<&str, usize> = library
        .iter()
        .enumerate()
        .map(|(place, id)| (id.as_str(), place))
        .collect();
    let mut cases: Vec<&CaseReport> = Vec::new();
    let mut of_agents: Vec<HashMap<&str, &CaseReport>> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for report in reports {
        of_agents.push(report.cases.iter().map(|case| (case.id.as_str(), case)).collect());
        cases.extend(report.cases.iter().filter(|case| known.insert(case.id.as_str())));
    }
    // Stable: what the library does not know stays as it came.
    cases.sort_by_key(|case| {
        let place = places.get(case.id.as_str()).copied().unwrap_or(library.len());
        (case.area == "standing", place)
    });
    let mut names: Vec<&str> = Vec::new();
    let mut areas: Vec<Area> = Vec::new();
    for (number, case) in cases.into_iter().enumerate() {
        let at = names
            .iter()
            .position(|name| *name == case.area)
            .unwrap_or_else(|| {
                names.push(&case.area);
                areas.push(Area {
                    name: Visible::new(&case.area),
                    rows: Vec::new(),
                });
                areas.len() - 1
            });
        let cells: Vec<Option<Cell>> = reports
            .iter()
            .zip(&of_agents)
            .map(|(report, cases)| cases.get(case.id.as_str()).map(|case| cell(report, case)))
            .collect();
        areas[at].rows.push(Row {
            number,
            id: Visible::new(&case.id),
            title: Visible::new(&case.title),
            place: case.spec.first().and_then(|id| Place::of(id)),
            finding: cells.iter().flatten().any(|cell| cell.finding.is_some()),
            cells,
        });
    }
    areas
}

/// Rows with findings, and rows without: readers come for the former.
fn parted(areas: Vec<Area>) -> (Vec<Area>, Vec<Area>) {
    let (mut found, mut clean) = (Vec::new(), Vec::new());
    for Area { name, rows } in areas {
        let (with, without): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.finding);
        for (part, rows) in [(&mut found, with), (&mut clean, without)] {
            if !rows.is_empty() {
                let name = name.clone();
                part.push(Area { name, rows });
            }
        }
    }
    (found, clean)
}

fn cell(report: &Report, case: &CaseReport) -> Cell {
    let found = || {
        case.instances
            .iter()
            .filter(|instance| instance.verdict.is_finding())
    };
    let worst = found().rev().max_by_key(|instance| instance.verdict);
    let judged = case
        .instances
        .iter()
        .filter(|instance| instance.verdict != Verdict::Skip);
    Cell {
        mark: Mark::of(case.verdict),
        share: format!("{}/{}", found().count(), judged.count()),
        accepted: worst.is_some() && found().all(|instance| instance.expected_by_baseline),
        flaky: found().any(|instance| instance.flaky),
        finding: worst.map(|worst| finding(report, worst)),
    }
}

fn finding(report: &Report, worst: &InstanceReport) -> Finding {
    let mut reason: String = worst.reason.chars().take(REASON).collect();
    if reason.len() < worst.reason.len() {
        reason.push_str(" …");
    }
    Finding {
        agent: Visible::new(&report.target.agent),
        name: Visible::new(&worst.name),
        reason: Visible::new(&reason),
        replay: Visible::new(&worst.replay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_cannot_end_their_element() {
        assert!(!MATRIX.contains('<'));
    }
}
