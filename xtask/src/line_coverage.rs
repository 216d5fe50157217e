//! `cargo xtask line-coverage`: which lines of the codec its tests reach.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;

use crate::error::Error;
use crate::{Done, process, project};

/// The package that is measured.
const PACKAGE: &str = "wsanvil-wire";

/// Building and running its tests with counters takes a few minutes at most.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// How much must be reached.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Percentage of lines that must be reached
    #[arg(long, default_value_t = 95.0, value_name = "PERCENT")]
    least: f64,
}

/// Runs the tests with counters and shows what they did not reach; fails under the limit.
pub(crate) fn run(arguments: &Arguments) -> Done {
    installed()?;
    let folder = project::scratch("line-coverage")?;
    let (json, log) = (folder.join("coverage.json"), folder.join("tests.log"));
    let mut command = project::cargo();
    command
        .args(["llvm-cov", "--package", PACKAGE, "--all-features", "--json"])
        .arg("--output-path")
        .arg(&json)
        .current_dir(project::root());
    process::step("cargo llvm-cov", command, &log, LIMIT)?;
    let export: Export = serde_json::from_str(&project::read(&json)?)
        .map_err(|cause| Error::Environment(format!("{}: {cause}", project::shown(&json))))?;
    let percent = show(&export);
    if percent < arguments.least {
        return Err(Error::Differs(format!(
            "{percent:.2} % of the lines are reached, less than {} %",
            arguments.least
        )));
    }
    Ok(())
}

fn installed() -> Done {
    let mut version = project::cargo();
    version.args(["llvm-cov", "--version"]);
    let asked = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if asked.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Error::Environment(
        "cargo-llvm-cov is not installed: `cargo install cargo-llvm-cov --locked` and `rustup component add llvm-tools`"
            .to_owned(),
    ))
}

/// Prints the files that are not reached whole, and the total; gives the percentage.
fn show(export: &Export) -> f64 {
    let (mut whole, mut lines) = (0, Lines::default());
    for file in export.data.iter().flat_map(|data| &data.files) {
        lines.count += file.summary.lines.count;
        lines.covered += file.summary.lines.covered;
        let missed = ranges(&missed(&file.segments));
        if missed.is_empty() {
            whole += 1;
        } else {
            let path = project::shown(Path::new(&file.filename));
            println!(
                "{:6.2} %  {path}: {}",
                file.summary.lines.percent(),
                missed.join(", ")
            );
        }
    }
    println!(
        "{:6.2} %  {} of {} lines; {whole} files are reached whole",
        lines.percent(),
        lines.covered,
        lines.count
    );
    lines.percent()
}

/// What `llvm-cov export` writes.
#[derive(Debug, Deserialize)]
struct Export {
    data: Vec<Data>,
}

#[derive(Debug, Deserialize)]
struct Data {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct File {
    filename: String,
    segments: Vec<Segment>,
    summary: Summary,
}

#[derive(Debug, Deserialize)]
struct Summary {
    lines: Lines,
}

#[derive(Debug, Default, Deserialize)]
struct Lines {
    count: u32,
    covered: u32,
}

impl Lines {
    fn percent(&self) -> f64 {
        if self.count == 0 {
            return 100.0;
        }
        100.0 * f64::from(self.covered) / f64::from(self.count)
    }
}

/// Where a count begins: it holds up to the next segment.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "(u32, u32, u64, bool, bool, bool)")]
struct Segment {
    line: u32,
    count: u64,
    counted: bool,
    entry: bool,
    gap: bool,
}

impl From<(u32, u32, u64, bool, bool, bool)> for Segment {
    /// Line, column, count, whether it has a count, whether a region begins here, whether that is a gap between regions.
    fn from((line, _, count, counted, entry, gap): (u32, u32, u64, bool, bool, bool)) -> Self {
        Self {
            line,
            count,
            counted,
            entry,
            gap,
        }
    }
}

/// Lines with code of which nothing ran. A line counts what holds at its beginning and what begins in it, as LLVM does.
fn missed(segments: &[Segment]) -> Vec<u32> {
    let mut by_line: BTreeMap<u32, Vec<Segment>> = BTreeMap::new();
    for segment in segments {
        by_line.entry(segment.line).or_default().push(*segment);
    }
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return Vec::new();
    };
    let (mut missed, mut before) = (Vec::new(), None::<Segment>);
    for line in first.line..=last.line {
        let own = by_line.get(&line).map_or(&[][..], Vec::as_slice);
        let begins = own.iter().filter(|one| one.counted && one.entry && !one.gap);
        let highest = begins.map(|one| one.count).max();
        let skipped = own.first().is_some_and(|one| !one.counted && one.entry);
        let held = before.filter(|one| one.counted).map(|one| one.count);
        if !skipped && held.max(highest) == Some(0) {
            missed.push(line);
        }
        before = own.last().copied().or(before);
    }
    missed
}

/// Neighbours together: `3`, `7-9`.
fn ranges(lines: &[u32]) -> Vec<String> {
    let runs = lines.chunk_by(|one, next| one + 1 == *next);
    let shown = runs.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first == last => Some(first.to_string()),
        (first, last) => Some(format!("{first}-{last}")),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function in lines 1 to 9 that ran; in it a branch in 3 to 5 that did not, and one on line 7 alone.
    const EXPORT: &str = r#"{"data":[{"files":[{"filename":"/a.rs","summary":{"lines":{"count":9,"covered":6,"percent":66.6}},
        "segments":[[1,1,4,true,true,false],[3,20,0,true,true,false],[5,6,4,true,false,false],
        [7,9,0,true,true,false],[7,30,4,true,false,false],[9,2,0,false,false,false]]}],"totals":{}}],"type":"x"}"#;

    #[test]
    fn lines_that_nothing_ran_in_are_named() {
        let export: Export = serde_json::from_str(EXPORT).unwrap();
        // Line 3 begins with what ran, line 5 with what did not.
        assert_eq!(missed(&export.data[0].files[0].segments), [4, 5]);
        assert!((show(&export) - 66.67).abs() < 0.01);
        assert!(missed(&[]).is_empty());
    }

    #[test]
    fn neighbours_are_shown_together() {
        assert_eq!(ranges(&[1, 3, 4, 5, 9, 10]), ["1", "3-5", "9-10"]);
        assert!(ranges(&[]).is_empty());
    }
}
