//! `wsanvil merge`: the shards of a run made whole, or several targets side by side.

use std::path::{Path, PathBuf};

use wsanvil_model::Report;
use wsanvil_report::merge::{self, MergeError};
use wsanvil_report::{Context, Destination, Gate, ReportFormat, html, write_atomic};

use super::reports::{self, Reports};
use super::run::exit_code_of;
use super::{library, report_file};
use crate::cli::{FailOn, MergeArgs, OnFlaky};
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal::{self, Written};

/// Where the page goes when nothing is said.
const PAGE: &str = "agents.html";

/// Writes the reports. Those of one target become one report, judged as a run is.
pub(super) fn merge(args: &MergeArgs) -> Result<u8, Failure> {
    let reports: Vec<Report> = args
        .reports
        .iter()
        .map(|path| report_file::read(path))
        .collect::<Result<_, _>>()?;
    let library = ids(&args.cases)?;
    let mut wholes = Vec::new();
    for parts in merge::by_agent(reports) {
        let parts: Vec<(usize, &Report)> = parts.iter().map(|(place, report)| (*place, report)).collect();
        let whole = merge::shards(&parts, &library).map_err(|error| clash(&error, &args.reports))?;
        wholes.push(whole);
    }
    match wholes.as_slice() {
        [whole] => one(args, whole),
        several => side_by_side(args, several, &library),
    }
}

fn one(args: &MergeArgs, whole: &Report) -> Result<u8, Failure> {
    let reports = Reports::of(&args.report)?;
    reports.try_out()?;
    let gate = Gate {
        nonstrict: args.fail_on == Some(FailOn::Nonstrict),
        forgive_flaky: args.flaky == Some(OnFlaky::Pass),
    };
    let context = Context {
        requirement: &reports::requirement,
        gate,
    };
    let (written, unwritten) = reports.write(whole, &context);
    terminal::say(&terminal::summary(whole, &written, terminal::stdout_width()))?;
    for failure in &unwritten {
        failure.tell();
    }
    Ok(if unwritten.is_empty() {
        exit_code_of(whole, gate)
    } else {
        exit_code::OUTPUT
    })
}

fn side_by_side(args: &MergeArgs, agents: &[Report], library: &[String]) -> Result<u8, Failure> {
    let mut wanted = args.report.clone();
    if wanted.is_empty() {
        wanted.push(Destination {
            format: ReportFormat::Html,
            path: reports::default_folder().join(PAGE),
        });
    }
    if let Some(other) = wanted.iter().find(|wanted| wanted.format != ReportFormat::Html) {
        let names: Vec<&str> = agents.iter().map(|report| report.target.agent.as_str()).collect();
        return Err(Failure::usage(format!(
            "{} shows one target, and these reports are of {}: {}",
            other.format.name(),
            names.len(),
            names.join(", ")
        ))
        .hint("--report html=PATH shows several; shards of one target have the same --agent NAME"));
    }
    let page = html::agents::render(agents, library)
        .map_err(|error| Failure::new(exit_code::BUG, error.to_string()))?;
    let mut written = Vec::new();
    for Destination { format, path } in wanted {
        write_atomic(&path, page.as_bytes())
            .map_err(|error| Failure::new(exit_code::OUTPUT, error.to_string()))?;
        written.push(Written {
            format: format.name(),
            path,
        });
    }
    terminal::say(&terminal::agents(agents, &written))?;
    Ok(exit_code::OK)
}

/// Ids of all cases in the order of a report.
fn ids(folders: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let library = library::load(folders)?;
    let mut ids: Vec<String> = library.cases().map(|case| case.id.clone()).collect();
    ids.extend(wsanvil_run::standing_cases().map(|rule| rule.id));
    Ok(ids)
}

/// The reports that do not fit, by their files.
fn clash(error: &MergeError, files: &[PathBuf]) -> Failure {
    let name = |place: usize| {
        files
            .get(place)
            .map(|path: &PathBuf| shown(path))
            .unwrap_or_default()
    };
    let failure = match error {
        MergeError::Overlap { first, second, .. } | MergeError::Shards { first, second, .. } => {
            Failure::usage(format!("{} and {}: {error}", name(*first), name(*second)))
        }
        _ => Failure::usage(error.to_string()),
    };
    failure.hint("wsanvil diff compares two runs; --agent NAME tells targets apart")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
