//! Developer commands: `cargo xtask COMMAND`.

mod bench;
mod compare_peers;
mod coverage;
mod defects;
mod dist;
mod error;
mod fuzz;
mod generate;
mod interop;
mod line_coverage;
mod machine;
mod measure;
mod new_case;
mod oracle;
mod page_check;
mod process;
mod project;
mod sections;
mod semver;
mod table;
mod tester;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Developer commands of wsanvil.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures the codec beside other WebSocket crates
    Bench(bench::Arguments),
    /// Measures wsanvil side by side with Autobahn|Testsuite and kosoku on one server
    ComparePeers(compare_peers::Arguments),
    /// Tells which requirements on servers the library checks, and fails when one has neither case nor exception
    Coverage(coverage::Arguments),
    /// Runs every case in memory on every defect of the reference endpoint: what catches what, and what nothing catches
    Defects(defects::Arguments),
    /// Builds what a release ships: a static program, manual pages, completions, checksums
    Dist(dist::Arguments),
    /// Runs the suite against well known servers and compares the findings with the committed ones
    Interop(interop::Arguments),
    /// Compares the Autobahn verdicts of a report with what Autobahn|Testsuite said of the same target
    Oracle(oracle::Arguments),
    /// Uses the HTML report in a headless Chromium: size, speed, keys, links, accessibility, hostile text (needs node)
    PageCheck(page_check::Arguments),
    /// Runs the libFuzzer targets of fuzz/ (needs nightly and cargo-fuzz)
    Fuzz(fuzz::Arguments),
    /// Shows which lines of the codec its tests do not reach (needs cargo-llvm-cov)
    LineCoverage(line_coverage::Arguments),
    /// Compares the public interface of the codec with an earlier revision (needs cargo-semver-checks)
    Semver(semver::Arguments),
    /// Writes a case file to begin with
    NewCase(new_case::Arguments),
    /// Rewrites generated files
    Generate,
    /// Runs a command and writes what it cost
    #[command(hide = true)]
    Measure(measure::Arguments),
    /// Becomes a command that dies with its parent
    #[command(hide = true)]
    Leash(process::LeashArguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::ComparePeers(arguments) => compare_peers::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Defects(arguments) => defects::run(&arguments),
        Command::Dist(arguments) => dist::run(&arguments),
        Command::Interop(arguments) => interop::run(&arguments),
        Command::Oracle(arguments) => oracle::run(&arguments),
        Command::PageCheck(arguments) => page_check::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::LineCoverage(arguments) => line_coverage::run(&arguments),
        Command::Semver(arguments) => semver::run(&arguments),
        Command::NewCase(arguments) => new_case::run(&arguments),
        Command::Generate => generate::run(),
        Command::Measure(arguments) => measure::run(&arguments),
        Command::Leash(arguments) => Err(process::leash(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// What every command gives.
type Done<T = ()> = Result<T, Error>;
