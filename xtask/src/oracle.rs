//! Agreement of our Autobahn judge with Autobahn|Testsuite itself.
//!
//! An oracle is a file with what Autobahn said of a target:
//! `{"cases": {"1.1.1": {"behavior": "OK", "behaviorClose": "OK"}}}`; other fields are passed over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use wsanvil_model::{AutobahnResult, Report};

use crate::error::Error;
use crate::tester::{self, Tester};
use crate::{Done, project, sections};

/// What is compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder with AGENT.json files; the agent of the report chooses
    #[arg(value_name = "DIR", required_unless_present = "oracle")]
    dir: Option<PathBuf>,
    /// One oracle file
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    oracle: Option<PathBuf>,
    /// A JSON report of wsanvil; without it, wsanvil runs now
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "command"])]
    report: Option<PathBuf>,
    /// Where the target serves
    #[arg(long, default_value = "ws://127.0.0.1:{port}/")]
    url: String,
    /// Name of the target: chooses the file in DIR
    #[arg(long)]
    agent: Option<String>,
    /// Cases at once
    #[arg(long)]
    jobs: Option<u32>,
    /// Another binary of wsanvil than the one of this workspace
    #[arg(long, value_name = "PATH")]
    wsanvil: Option<PathBuf>,
    /// Seconds the run may take
    #[arg(long, default_value_t = 1800)]
    limit: u64,
    /// What starts the target; `{port}` is the port it shall listen on
    #[arg(last = true)]
    command: Vec<String>,
}

/// What Autobahn said of a target.
#[derive(Debug, Deserialize)]
struct Oracle {
    cases: BTreeMap<String, Said>,
}

/// What Autobahn said of one case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Said {
    behavior: String,
    #[serde(rename = "behaviorClose")]
    close: String,
}

/// The outcome of a comparison.
#[derive(Debug, Default, PartialEq, Eq)]
struct Agreement {
    equal: usize,
    /// Case, what Autobahn said, what we say.
    different: Vec<(String, String, String)>,
    /// Cases of the oracle that the report does not judge.
    unjudged: Vec<String>,
    /// Cases of the report that the oracle does not know.
    unknown: usize,
}

impl Agreement {
    /// Of the cases that both judge, in hundredths.
    fn percent(&self) -> f64 {
        let both = self.equal + self.different.len();
        if both == 0 {
            0.0
        } else {
            100.0 * self.equal as f64 / both as f64
        }
    }
}

/// Prints every difference and the agreement.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let report = match &arguments.report {
        Some(path) => tester::read(path)?,
        None => measured(arguments)?,
    };
    let path = match (&arguments.oracle, &arguments.dir) {
        (Some(file), _) => file.clone(),
        (None, Some(dir)) => dir.join(format!("{}.json", agent(arguments, &report)?)),
        (None, None) => return Err(Error::Usage("neither DIR nor --oracle is given".to_owned())),
    };
    let agreement = compare(&oracle(&path)?, &report);
    for (case, theirs, ours) in &agreement.different {
        println!("{case:<8} Autobahn {theirs:<30} wsanvil {ours}");
    }
    if !agreement.unjudged.is_empty() {
        println!("not judged by wsanvil: {}", agreement.unjudged.join(" "));
    }
    if agreement.unknown > 0 {
        println!("not in the oracle: {} cases", agreement.unknown);
    }
    let summary = format!(
        "{}: {} of {} cases agree, {:.1} %",
        path.display(),
        agreement.equal,
        agreement.equal + agreement.different.len(),
        agreement.percent()
    );
    println!("{summary}");
    if agreement.equal == 0 || !agreement.different.is_empty() {
        return Err(Error::Differs(format!(
            "{} cases differ",
            agreement.different.len()
        )));
    }
    Ok(())
}

/// The report of a run made now.
fn measured(arguments: &Arguments) -> Done<Report> {
    let binary = project::wsanvil(arguments.wsanvil.as_deref())?;
    let mut options = vec!["--profile".to_owned(), "autobahn".to_owned()];
    if let Some(jobs) = arguments.jobs {
        options.extend(["--jobs".to_owned(), jobs.to_string()]);
    }
    if let Some(agent) = &arguments.agent {
        options.extend(["--agent".to_owned(), agent.clone()]);
    }
    Tester {
        binary: &binary,
        url: &arguments.url,
        options,
        command: arguments.command.clone(),
        folder: project::emptied("oracle")?,
        limit: Duration::from_secs(arguments.limit),
    }
    .report()
}

/// The agent as a plain file name.
fn agent<'a>(arguments: &'a Arguments, report: &'a Report) -> Done<&'a str> {
    let agent = arguments.agent.as_deref().unwrap_or(&report.target.agent);
    if agent.is_empty() || agent.contains(['/', '\\']) {
        return Err(Error::Usage(format!(
            "no file name: agent {agent:?}; give --agent NAME or --oracle FILE"
        )));
    }
    Ok(agent)
}

fn oracle(path: &Path) -> Done<Oracle> {
    serde_json::from_str(&project::read(path)?)
        .map_err(|cause| Error::Usage(format!("{}: {cause}", path.display())))
}

fn compare(oracle: &Oracle, report: &Report) -> Agreement {
    let ours: BTreeMap<&str, &AutobahnResult> = judged(report).collect();
    let mut agreement = Agreement {
        unknown: ours.keys().filter(|&&id| !oracle.cases.contains_key(id)).count(),
        ..Agreement::default()
    };
    let mut cases: Vec<_> = oracle.cases.iter().collect();
    cases.sort_by_key(|(id, _)| sections::order(id));
    for (id, theirs) in cases {
        match ours.get(id.as_str()) {
            None => agreement.unjudged.push(id.clone()),
            Some(ours) if same(id, theirs, ours) => agreement.equal += 1,
            Some(ours) => agreement.different.push((
                id.clone(),
                format!("{} / {}", theirs.behavior, theirs.close),
                format!("{} / {}", ours.behavior, ours.behavior_close),
            )),
        }
    }
    agreement
}

/// Every Autobahn verdict of a report.
pub(crate) fn judged(report: &Report) -> impl Iterator<Item = (&str, &AutobahnResult)> {
    let instances = report.cases.iter().flat_map(|case| &case.instances);
    instances.filter_map(|instance| {
        let result = instance.autobahn.as_ref()?;
        Some((result.id.as_str(), result))
    })
}

fn same(id: &str, theirs: &Said, ours: &AutobahnResult) -> bool {
    let strictness = ["OK", "NON-STRICT"];
    let behavior = theirs.behavior == ours.behavior
        || (rests_on_timing(id)
            && strictness.contains(&theirs.behavior.as_str())
            && strictness.contains(&ours.behavior.as_str()));
    behavior && theirs.close == ours.behavior_close
}

/// Cases that Autobahn calls OK or NON-STRICT depending on how the chunks of a write arrive.
fn rests_on_timing(id: &str) -> bool {
    matches!(id, "3.4" | "4.1.5" | "4.2.5") || id.starts_with("6.4.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(id: &str, behavior: &str, close: &str) -> AutobahnResult {
        AutobahnResult {
            id: id.to_owned(),
            behavior: behavior.to_owned(),
            behavior_close: close.to_owned(),
        }
    }

    fn said(behavior: &str, close: &str) -> Said {
        Said {
            behavior: behavior.to_owned(),
            close: close.to_owned(),
        }
    }

    #[test]
    fn timing_may_decide_between_ok_and_nonstrict_in_few_cases() {
        for id in ["3.4", "4.1.5", "4.2.5", "6.4.1"] {
            assert!(
                same(id, &said("OK", "OK"), &result(id, "NON-STRICT", "OK")),
                "{id}"
            );
            assert!(!same(id, &said("OK", "OK"), &result(id, "FAILED", "OK")), "{id}");
            assert!(!same(id, &said("OK", "OK"), &result(id, "OK", "UNCLEAN")), "{id}");
        }
        for id in ["3.3", "6.40.1", "4.1.51"] {
            assert!(
                !same(id, &said("OK", "OK"), &result(id, "NON-STRICT", "OK")),
                "{id}"
            );
        }
    }

    #[test]
    fn a_report_is_compared_case_by_case() {
        let root = project::root().join("reports/samples/example.json");
        let mut report = tester::read(&root).unwrap();
        let mut results = [
            result("1.1.1", "OK", "OK"),
            result("2.10", "FAILED", "OK"),
            result("9.1.1", "OK", "OK"),
        ]
        .into_iter();
        report.cases.truncate(1);
        let instance = report.cases[0].instances[0].clone();
        report.cases[0].instances = Vec::new();
        for autobahn in results.by_ref() {
            let mut instance = instance.clone();
            instance.autobahn = Some(autobahn);
            report.cases[0].instances.push(instance);
        }
        let oracle: Oracle = serde_json::from_str(
            r#"{"agent": "x", "cases": {
                "2.10": {"behavior": "OK", "behaviorClose": "OK", "duration": 3},
                "2.9": {"behavior": "OK", "behaviorClose": "OK"},
                "1.1.1": {"behavior": "OK", "behaviorClose": "OK"}}}"#,
        )
        .unwrap();
        let agreement = compare(&oracle, &report);
        assert_eq!(
            agreement,
            Agreement {
                equal: 1,
                different: vec![("2.10".to_owned(), "OK / OK".to_owned(), "FAILED / OK".to_owned())],
                unjudged: vec!["2.9".to_owned()],
                unknown: 1,
            }
        );
        assert!((agreement.percent() - 50.0).abs() < f64::EPSILON);
    }
}
