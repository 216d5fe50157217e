//! Measures the groups, contenders in turns, and writes the numbers as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde::Serialize;
use wsanvil_codec_bench::measure::{self, Plan};
use wsanvil_codec_bench::{REFERENCES, groups, not_compared, notes, versions};

/// Measures the codec beside other crates.
#[derive(Debug, Parser)]
struct Arguments {
    /// Whole passes over each group
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Slices of each contender in a pass
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Milliseconds of a slice
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    slice: u64,
    /// Only groups whose id begins with one of these
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    only: Vec<String>,
    /// Only this contender, and no limit: for a profiler
    #[arg(long, value_name = "NAME")]
    contender: Option<String>,
    /// Writes the numbers there instead of to the terminal
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is written.
#[derive(Serialize)]
struct Numbers {
    rustc: &'static str,
    runs: u32,
    rounds: u32,
    slice_ms: u64,
    versions: BTreeMap<String, String>,
    groups: Vec<measure::Result>,
    references: &'static [&'static str],
    notes: Vec<wsanvil_codec_bench::Remark>,
    not_compared: Vec<wsanvil_codec_bench::Remark>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = Plan {
        runs: arguments.runs,
        rounds: arguments.rounds,
        slice: Duration::from_millis(arguments.slice),
    };
    let wanted = |id: &str| {
        arguments.only.is_empty()
            || arguments
                .only
                .iter()
                .any(|prefix| id.starts_with(prefix.as_str()))
    };
    let mut results = Vec::new();
    for mut group in groups() {
        if let Some(name) = &arguments.contender {
            group
                .contenders
                .retain(|contender| contender.name == name.as_str());
            group.limit = None;
        }
        if wanted(&group.id) && !group.contenders.is_empty() {
            eprintln!("{}", group.id);
            results.push(measure::group(group, &plan));
        }
    }
    let numbers = Numbers {
        rustc: env!("BUILT_BY"),
        runs: arguments.runs,
        rounds: arguments.rounds,
        slice_ms: arguments.slice,
        versions: versions::peers(),
        groups: results,
        references: REFERENCES,
        notes: notes(),
        not_compared: not_compared(),
    };
    match write(&numbers, arguments.json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(numbers: &Numbers, file: Option<PathBuf>) -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(numbers)?;
    if let Some(file) = file {
        return fs::write(file, text);
    }
    println!("{text}");
    Ok(())
}
