//! `wsanvil diff`: what changed between two reports.

use wsanvil_report::diff::{self, Diff};

use super::report_file;
use crate::cli::{DiffArgs, DiffFormat};
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// Prints the difference. Something that regressed and is not expected gives exit code 1.
pub(super) fn diff(args: &DiffArgs) -> Result<u8, Failure> {
    let (old, new) = (report_file::read(&args.old)?, report_file::read(&args.new)?);
    let diff = Diff::of(&old, &new);
    let text = match args.format {
        DiffFormat::Text => diff::text(&diff),
        DiffFormat::Markdown => diff::markdown(&diff),
        DiffFormat::Json => {
            diff::json(&diff).map_err(|error| Failure::new(exit_code::BUG, error.to_string()))?
        }
    };
    terminal::say(&text)?;
    Ok(if diff.is_worse() {
        exit_code::FINDINGS
    } else {
        exit_code::OK
    })
}
