//! wsanvil beside Autobahn|Testsuite and kosoku: the same cases, the same server, the same minutes.
//!
//! The testers run one after the other, round by round in turning order, so that a machine that grows slow or warm
//! touches all of them alike. Each run has a fresh server process.

mod contender;
mod install;
mod summary;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;

use self::contender::{Contender, Job, Tool};
use self::summary::Sample;
use crate::error::Error;
use crate::measure::Cost;
use crate::process::{self, Group};
use crate::sections::Sections;
use crate::{Done, machine, project};

/// How long the server may take until it listens.
const READY: Duration = Duration::from_secs(30);

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Autobahn sections (1-7,10) or patterns (9.1.*)
    #[arg(long, default_value = "1-7,10", conflicts_with = "full")]
    sections: Sections,
    /// All 517 cases
    #[arg(long)]
    full: bool,
    /// How often each tester runs
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Cases at once for wsanvil; its own default when not given
    #[arg(long)]
    jobs: Option<u32>,
    /// Levels of parallelism tried with kosoku; the best one counts
    #[arg(long, value_delimiter = ',', default_value = "1,2,4,8")]
    parallelism: Vec<u32>,
    /// Testers to run; all of them when not given
    #[arg(long, value_delimiter = ',')]
    only: Vec<Tool>,
    /// Another server than our own: a shell command with {port}
    #[arg(long, value_name = "CMD")]
    server: Option<String>,
    /// Another binary of wsanvil than the one of this workspace
    #[arg(long, value_name = "PATH")]
    wsanvil: Option<PathBuf>,
    /// Seconds one run may take; 300, or 3600 with --full, when not given
    #[arg(long)]
    limit: Option<u64>,
    /// Where the report goes; reports/compare-peers.md when all testers ran, -full.md with --full
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Measures and writes the report.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let mut absent = Vec::new();
    let contenders = contenders(arguments, &mut absent)?;
    let server = Server::prepare(arguments.server.as_deref())?;
    let sections = (!arguments.full).then(|| arguments.sections.0.clone());
    let limit = arguments.limit.unwrap_or(if arguments.full { 3600 } else { 300 });
    let limit = Duration::from_secs(limit);
    let folder = project::emptied("peers/runs")?;
    let load = machine::load();
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); contenders.len()];
    for round in 0..arguments.rounds as usize {
        for turn in 0..contenders.len() {
            let index = (turn + round) % contenders.len();
            let contender = &contenders[index];
            let label = contender.label();
            let folder = folder.join(format!("{}-{round}", label.replace(' ', "-")));
            let sample = measure(contender, &server, sections.as_deref(), &folder, limit)?;
            eprintln!(
                "round {}: {label}: {:.2} s, {} cases",
                round + 1,
                sample.cost.wall_s,
                sample.tally.cases
            );
            samples[index].push(sample);
        }
    }
    let report = summary::Report {
        contenders: &contenders,
        samples: &samples,
        absent: &absent,
        sections: sections.as_deref(),
        server: &server.description,
        load: &load,
    };
    let all_ran = arguments.only.is_empty() && absent.is_empty() && arguments.server.is_none();
    print!("{}", report.table());
    let out = arguments.out.clone().or_else(|| {
        let name = if arguments.full {
            "compare-peers-full.md"
        } else {
            "compare-peers.md"
        };
        all_ran.then(|| project::root().join("reports").join(name))
    });
    match out {
        Some(path) => {
            project::write(&path, &report.markdown())?;
            println!("written: {}", project::shown(&path));
        }
        None => println!(
            "not written, because not every tester ran on our server: --out FILE writes it all the same"
        ),
    }
    Ok(())
}

/// The testers that can run here; what is missing goes to `absent`.
fn contenders(arguments: &Arguments, absent: &mut Vec<String>) -> Done<Vec<Contender>> {
    let wanted = |tool: Tool| arguments.only.is_empty() || arguments.only.contains(&tool);
    let mut contenders = Vec::new();
    if wanted(Tool::Wsanvil) {
        contenders.push(Contender::wsanvil(
            project::wsanvil(arguments.wsanvil.as_deref())?,
            arguments.jobs,
        ));
    }
    if wanted(Tool::Autobahn) {
        match install::autobahn() {
            Ok(folder) => contenders.push(Contender::autobahn(&folder)),
            Err(error) => absent.push(format!("Autobahn|Testsuite: {error}")),
        }
    }
    if wanted(Tool::Kosoku) {
        match install::kosoku() {
            Ok(folder) => {
                let levels = arguments.parallelism.iter();
                contenders.extend(levels.map(|&level| Contender::kosoku(&folder, level)));
            }
            Err(error) => absent.push(format!("kosoku: {error}")),
        }
    }
    for reason in &*absent {
        eprintln!("goes on without {reason}");
    }
    if contenders.is_empty() {
        let tools: Vec<_> = Tool::value_variants().iter().map(|tool| tool.name()).collect();
        return Err(Error::Environment(format!(
            "none of {} can run here",
            tools.join(", ")
        )));
    }
    Ok(contenders)
}

/// What the testers talk to.
struct Server {
    command: Vec<String>,
    description: String,
}

impl Server {
    fn prepare(given: Option<&str>) -> Done<Self> {
        if let Some(command) = given {
            return Ok(Self {
                command: ["sh", "-c", command].map(str::to_owned).to_vec(),
                description: format!("`{command}`"),
            });
        }
        let program = install::server()?;
        Ok(Self {
            command: vec![program.display().to_string(), "{port}".to_owned()],
            description: "xtask/peer-server (soketto 0.8.1 with permessage-deflate on tokio)".to_owned(),
        })
    }

    fn start(&self, port: u16, log: &Path) -> Done<Group> {
        let words = self.command.iter();
        let command: Vec<String> = words
            .map(|word| word.replace("{port}", &port.to_string()))
            .collect();
        let group = Group::start("server", process::leashed(&command)?, log)?;
        group.wait_listening(port, READY)?;
        Ok(group)
    }
}

/// One run of one tester against a fresh server.
fn measure(
    contender: &Contender,
    server: &Server,
    sections: Option<&[String]>,
    folder: &Path,
    limit: Duration,
) -> Done<Sample> {
    std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
    let port = process::free_port()?;
    let serving = server.start(port, &folder.join("server.log"))?;
    let job = Job {
        port,
        sections,
        folder,
    };
    let command = contender.prepare(&job)?;
    let out = folder.join("cost.json");
    let log = folder.join("tester.log");
    let mut measuring = Command::new(process::own()?);
    measuring.current_dir(folder).arg("measure");
    measuring
        .arg("--out")
        .arg(&out)
        .arg("--log")
        .arg(&log)
        .arg("--")
        .args(&command);
    let before = machine::group_cpu(serving.id());
    let mut running = Group::start(&contender.label(), measuring, &folder.join("measure.log"))?;
    running.wait(limit)?;
    let server_cpu_s = machine::group_cpu(serving.id()) - before;
    let text = project::read(&out).map_err(|_| running.error("was not measured"))?;
    let cost: Cost = serde_json::from_str(&text).map_err(|cause| running.error(&cause.to_string()))?;
    let tally = contender.tally(folder).map_err(|error| {
        let exit = cost
            .exit
            .map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        Error::Environment(format!(
            "{}: {error}; {exit}{}",
            contender.label(),
            process::tail(&log)
        ))
    })?;
    Ok(Sample {
        cost,
        server_cpu_s,
        tally,
    })
}
