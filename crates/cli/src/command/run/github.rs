//! What GitHub Actions shows of a run: annotations on stdout, and the summary of the step.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use wsanvil_model::Report;
use wsanvil_report::{Context, ReportFormat, github};

use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// Where a step writes its summary.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Whether the program runs as a step of GitHub Actions.
pub(super) fn is_here() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// Annotates, and appends to the summary of the step.
pub(super) fn tell(report: &Report, context: &Context<'_>) -> Result<(), Failure> {
    let commands = ReportFormat::Github
        .render(report, context)
        .map_err(|error| Failure::new(exit_code::OUTPUT, error.to_string()))?;
    terminal::say(&String::from_utf8_lossy(&commands))?;
    let Some(path) = std::env::var_os(SUMMARY).map(PathBuf::from) else {
        return Ok(());
    };
    let text = github::step_summary(report, context);
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| {
            Failure::new(
                exit_code::OUTPUT,
                format!(
                    "cannot write the summary of the step to {}: {error}",
                    path.display()
                ),
            )
            .hint(format!(
                "{SUMMARY} names that file; --github=false leaves it alone"
            ))
        })
}
