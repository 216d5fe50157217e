//! Runs against well known servers: the verdicts must not depend on the number of jobs, and must be the committed ones.

mod expected;
mod install;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wsanvil_model::{Report, Verdict};

use self::expected::{Expected, Finding};
use crate::error::Error;
use crate::tester::Tester;
use crate::{Done, project, table};

/// Jobs of the three runs.
const JOBS: [u32; 3] = [1, 8, 32];

/// What is run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folders below xtask/interop; all of them when none is given
    names: Vec<String>,
    /// Write the findings as the expected ones
    #[arg(long)]
    update: bool,
    /// Profile of the runs
    #[arg(long, default_value = "default")]
    profile: String,
    /// Another binary of wsanvil than the one of this workspace
    #[arg(long, value_name = "PATH")]
    wsanvil: Option<PathBuf>,
    /// Seconds one run may take
    #[arg(long, default_value_t = 900)]
    limit: u64,
}

/// What came out for one server.
struct Outcome {
    row: Vec<String>,
    findings: Vec<Finding>,
    complaints: Vec<String>,
}

/// Runs the suite against every server three times.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let known = known()?;
    if let Some(name) = arguments.names.iter().find(|name| !known.contains(name)) {
        return Err(Error::Usage(format!(
            "no server {name:?}; there are {}",
            known.join(", ")
        )));
    }
    let names = if arguments.names.is_empty() {
        &known
    } else {
        &arguments.names
    };
    let binary = project::wsanvil(arguments.wsanvil.as_deref())?;
    let mut rows = Vec::new();
    let mut complaints = Vec::new();
    for name in names {
        eprintln!("{name}");
        match server(name, &binary, arguments) {
            Ok(outcome) => {
                for finding in &outcome.findings {
                    println!(
                        "{name}: {} {}: {}",
                        finding.verdict, finding.instance, finding.reason
                    );
                }
                complaints.extend(outcome.complaints.iter().map(|text| format!("{name}: {text}")));
                rows.push(outcome.row);
            }
            Err(error) => complaints.push(format!("{name}: {error}")),
        }
    }
    let heads = [
        "server",
        "pass",
        "nonstrict",
        "fail",
        "crash",
        "error",
        "skip",
        "s at 1",
        "s at 8",
        "s at 32",
    ];
    print!("{}", table::render(&heads, &rows));
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Error::Differs(complaints.join("\n")))
}

fn folder() -> PathBuf {
    project::root().join("xtask/interop")
}

fn known() -> Done<Vec<String>> {
    let folder = folder();
    let entries = fs::read_dir(&folder).map_err(Error::file(&folder))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

fn server(name: &str, binary: &Path, arguments: &Arguments) -> Done<Outcome> {
    let source = folder().join(name);
    let command = install::command(name, &source)?;
    let mut reports = Vec::new();
    for jobs in JOBS {
        eprintln!("  {jobs} jobs");
        let options = [
            "--jobs",
            &jobs.to_string(),
            "--agent",
            name,
            "--profile",
            &arguments.profile,
        ];
        let tester = Tester {
            binary,
            url: "ws://127.0.0.1:{port}/",
            options: options.map(str::to_owned).to_vec(),
            command: command.clone(),
            folder: project::emptied(&format!("interop/{name}/run-{jobs}"))?,
            limit: Duration::from_secs(arguments.limit),
        };
        reports.push(tester.report()?);
    }
    let mut complaints = disagreements(&reports);
    let findings = expected::findings(&reports[0]);
    let path = source.join("expected.toml");
    if arguments.update {
        if complaints.is_empty() {
            let expected = Expected {
                profile: arguments.profile.clone(),
                finding: findings.clone(),
            };
            project::write(&path, &expected.to_toml())?;
        } else {
            complaints.push("expected.toml is not written, because the runs differ".to_owned());
        }
    } else if path.exists() {
        let expected = Expected::read(&path)?;
        if expected.profile == arguments.profile {
            complaints.extend(expected.compare(&findings));
        } else {
            eprintln!("  expected.toml is about profile {}", expected.profile);
        }
    } else {
        eprintln!("  no expected.toml: --update writes it");
    }
    Ok(Outcome {
        row: row(name, &reports),
        findings,
        complaints,
    })
}

/// Counts of the first run, seconds of all.
fn row(name: &str, reports: &[Report]) -> Vec<String> {
    let counts = reports[0].summary;
    let counts = [
        counts.pass,
        counts.nonstrict,
        counts.fail,
        counts.crash,
        counts.error,
        counts.skip,
    ];
    let seconds = reports
        .iter()
        .map(|report| format!("{:.1}", report.run.wall_ms as f64 / 1e3));
    let mut row = vec![name.to_owned()];
    row.extend(counts.iter().map(u32::to_string));
    row.extend(seconds);
    row
}

/// Instances whose verdict is not the same in all runs.
fn disagreements(reports: &[Report]) -> Vec<String> {
    let mut verdicts: BTreeMap<&str, Vec<Option<Verdict>>> = BTreeMap::new();
    for (run, report) in reports.iter().enumerate() {
        for instance in report.cases.iter().flat_map(|case| &case.instances) {
            let of_instance = verdicts
                .entry(&instance.name)
                .or_insert_with(|| vec![None; reports.len()]);
            of_instance[run] = Some(instance.verdict);
        }
    }
    let differing = verdicts
        .into_iter()
        .filter(|(_, verdicts)| verdicts.windows(2).any(|pair| pair[0] != pair[1]));
    differing
        .map(|(name, verdicts)| {
            let words = JOBS.iter().zip(verdicts).map(|(jobs, verdict)| {
                let word = verdict.map_or("absent", expected::word);
                format!("{word} with {jobs} jobs")
            });
            format!(
                "{name} depends on the run: {}",
                words.collect::<Vec<_>>().join(", ")
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tester;

    #[test]
    fn a_verdict_that_changes_is_named_with_its_runs() {
        let sample = tester::read(&project::root().join("reports/samples/example.json")).unwrap();
        let same = vec![sample.clone(), sample.clone(), sample.clone()];
        assert_eq!(disagreements(&same), [] as [String; 0]);
        let mut other = same;
        let instance = &mut other[1].cases[0].instances[0];
        let name = instance.name.clone();
        instance.verdict = if instance.verdict == Verdict::Fail {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        other[2].cases[0].instances.remove(0);
        let complaints = disagreements(&other);
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with(&name), "{}", complaints[0]);
        assert!(
            complaints[0].ends_with("absent with 32 jobs"),
            "{}",
            complaints[0]
        );
    }

    #[test]
    fn every_server_can_be_installed() {
        for name in known().unwrap() {
            assert!(install::Kind::of(&folder().join(&name)).is_some(), "{name}");
        }
    }
}
