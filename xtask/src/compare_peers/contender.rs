//! The testers: how each is run and where its results lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::json;

use super::install::{AUTOBAHN_VERSION, KOSOKU_VERSION};
use crate::error::Error;
use crate::{Done, machine, oracle, project, tester};

/// A tester.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Tool {
    /// This project.
    Wsanvil,
    /// Autobahn|Testsuite.
    Autobahn,
    /// kosoku.
    Kosoku,
}

impl Tool {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wsanvil => "wsanvil",
            Self::Autobahn => "Autobahn|Testsuite",
            Self::Kosoku => "kosoku",
        }
    }
}

/// A tester with its setting.
pub(super) struct Contender {
    /// Which one.
    pub(super) tool: Tool,
    /// Name and version, with what it runs on.
    pub(super) version: String,
    program: PathBuf,
    /// Cases at once, where it can be chosen.
    parallel: Option<u32>,
}

/// What one run is about.
pub(super) struct Job<'a> {
    /// Loopback port of the server.
    pub(super) port: u16,
    /// Case patterns; `None`: all cases.
    pub(super) sections: Option<&'a [String]>,
    /// Folder of the run, which is also the working directory.
    pub(super) folder: &'a Path,
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// Cases judged.
    pub(super) cases: usize,
    /// Of these, cases that Autobahn's words call failed: `behavior` is none of OK, NON-STRICT, INFORMATIONAL.
    pub(super) failed: usize,
}

impl Contender {
    /// wsanvil.
    pub(super) fn wsanvil(program: PathBuf, jobs: Option<u32>) -> Self {
        let text = program.display().to_string();
        Self {
            tool: Tool::Wsanvil,
            version: machine::says(&text, &["--version"]),
            program,
            parallel: jobs,
        }
    }

    /// Autobahn|Testsuite in a virtual environment.
    pub(super) fn autobahn(venv: &Path) -> Self {
        let python = venv.join("bin/python").display().to_string();
        let native = machine::says(&python, &["-c", "import wsaccel; print('with wsaccel')"]);
        let native = if native == "with wsaccel" {
            native
        } else {
            "without wsaccel".to_owned()
        };
        let python = machine::says(&python, &["--version"]);
        Self {
            tool: Tool::Autobahn,
            version: format!("autobahntestsuite {AUTOBAHN_VERSION} on {python} {native}"),
            program: venv.join("bin/wstest"),
            parallel: None,
        }
    }

    /// kosoku in a virtual environment.
    pub(super) fn kosoku(venv: &Path, level: u32) -> Self {
        let python = venv.join("bin/python").display().to_string();
        let python = machine::says(&python, &["--version"]);
        Self {
            tool: Tool::Kosoku,
            version: format!("kosoku {KOSOKU_VERSION} on {python}"),
            program: venv.join("bin/kosoku"),
            parallel: Some(level),
        }
    }

    /// Its name with its setting.
    pub(super) fn label(&self) -> String {
        match (self.tool, self.parallel) {
            (Tool::Autobahn, _) => "autobahn".to_owned(),
            (Tool::Kosoku, level) => format!("kosoku p{}", level.unwrap_or(1)),
            (Tool::Wsanvil, None) => "wsanvil".to_owned(),
            (Tool::Wsanvil, Some(jobs)) => format!("wsanvil j{jobs}"),
        }
    }

    /// Writes what the run needs into its folder and gives the command line.
    pub(super) fn prepare(&self, job: &Job<'_>) -> Done<Vec<String>> {
        if self.tool == Tool::Autobahn {
            let all = ["*".to_owned()];
            let spec = json!({
                "outdir": "./results",
                "servers": [{ "agent": "peer", "url": format!("ws://127.0.0.1:{}", job.port) }],
                "cases": job.sections.unwrap_or(&all),
                "exclude-cases": [],
                "exclude-agent-cases": {},
            });
            project::write(&job.folder.join("spec.json"), &spec.to_string())?;
        }
        let mut command = vec![self.program.display().to_string()];
        command.extend(self.arguments(job.sections, &job.port.to_string()));
        Ok(command)
    }

    /// The arguments, for running and for showing.
    pub(super) fn arguments(&self, sections: Option<&[String]>, port: &str) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let each = |flag: &str, prefix: &str| {
            let patterns = sections.unwrap_or_default().iter();
            let pairs = patterns.flat_map(|pattern| [flag.to_owned(), format!("{prefix}{pattern}")]);
            pairs.collect::<Vec<_>>()
        };
        match self.tool {
            Tool::Autobahn => words(&["-m", "fuzzingclient", "-s", "spec.json"]),
            Tool::Kosoku => {
                let level = self.parallel.unwrap_or(1).to_string();
                let mut line = words(&["-m", "fuzzingclient", "-o", "results", "-p", &level]);
                line.extend(each("-i", ""));
                line.push(format!("127.0.0.1:{port}"));
                line
            }
            Tool::Wsanvil => {
                let url = format!("ws://127.0.0.1:{port}/");
                let mut line = words(&["run", &url, "--profile", "autobahn"]);
                line.extend(each("--case", "autobahn:"));
                // The others write HTML too.
                line.extend(words(&[
                    "--report",
                    "json=report.json",
                    "--report",
                    "html=report.html",
                    "--quiet",
                ]));
                if let Some(jobs) = self.parallel {
                    line.extend(["--jobs".to_owned(), jobs.to_string()]);
                }
                line
            }
        }
    }

    /// Reads the results of a run from its folder.
    pub(super) fn tally(&self, folder: &Path) -> Done<Tally> {
        match self.tool {
            Tool::Wsanvil => {
                let report = tester::read(&folder.join("report.json"))?;
                Ok(tally(
                    oracle::judged(&report).map(|(_, result)| result.behavior.as_str()),
                ))
            }
            Tool::Autobahn | Tool::Kosoku => {
                let path = folder.join("results/index.json");
                let index: Index = serde_json::from_str(&project::read(&path)?)
                    .map_err(|cause| Error::Environment(format!("{}: {cause}", path.display())))?;
                let results = index.values().flat_map(BTreeMap::values);
                Ok(tally(results.map(|result| result.behavior.as_str())))
            }
        }
    }
}

/// `index.json`: agent, case, result.
type Index = BTreeMap<String, BTreeMap<String, Indexed>>;

#[derive(Deserialize)]
struct Indexed {
    behavior: String,
}

fn tally<'a>(behaviors: impl Iterator<Item = &'a str>) -> Tally {
    let mut tally = Tally { cases: 0, failed: 0 };
    for behavior in behaviors {
        tally.cases += 1;
        if !matches!(behavior, "OK" | "NON-STRICT" | "INFORMATIONAL") {
            tally.failed += 1;
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_is_what_autobahn_does_not_accept() {
        let all = [
            "OK",
            "NON-STRICT",
            "INFORMATIONAL",
            "FAILED",
            "UNIMPLEMENTED",
            "ERROR",
        ];
        assert_eq!(tally(all.into_iter()), Tally { cases: 6, failed: 3 });
    }

    #[test]
    fn the_same_cases_for_all() {
        let sections = ["1.*".to_owned(), "10.*".to_owned()];
        let kosoku = Contender {
            tool: Tool::Kosoku,
            version: String::new(),
            program: PathBuf::from("kosoku"),
            parallel: Some(4),
        };
        assert_eq!(
            kosoku.arguments(Some(&sections), "9").join(" "),
            "-m fuzzingclient -o results -p 4 -i 1.* -i 10.* 127.0.0.1:9"
        );
        let wsanvil = Contender {
            tool: Tool::Wsanvil,
            parallel: None,
            ..kosoku
        };
        assert!(wsanvil.arguments(Some(&sections), "9").join(" ").starts_with(
            "run ws://127.0.0.1:9/ --profile autobahn --case autobahn:1.* --case autobahn:10.*"
        ));
        assert!(!wsanvil.arguments(None, "9").contains(&"--case".to_owned()));
    }
}
