//! `cargo xtask bench`: the codec beside other WebSocket crates, measured by the package in `xtask/codec-bench`.

mod numbers;
mod report;

use std::env;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::{Done, machine, project};

use numbers::Numbers;
use report::Report;

/// The package that measures.
const PACKAGE: &str = "xtask/codec-bench";

/// Which groups are measured, and how thoroughly.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Whole passes over each group; the medians of them are compared
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Only groups whose name begins with one of these: decode, echo/16B
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    only: Vec<String>,
    /// One short pass, to look at while working on the codec
    #[arg(long, conflicts_with = "runs")]
    quick: bool,
    /// Where the report goes; reports/bench.md when everything was measured thoroughly
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Measures and writes the report.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let program = build()?;
    let load = machine::load();
    let numbers = measure(&program, arguments)?;
    let words: Vec<String> = env::args().skip(1).collect();
    let report = Report {
        numbers: &numbers,
        command: &format!("cargo xtask {}", words.join(" ")),
        load: &load,
    };
    print!("{}", report.summary());
    let all = arguments.only.is_empty() && !arguments.quick;
    let out = arguments
        .out
        .clone()
        .or_else(|| all.then(|| project::root().join("reports/bench.md")));
    match out {
        Some(path) => {
            project::write(&path, &report.markdown())?;
            println!("written: {}", project::shown(&path));
        }
        None => println!("not written: --out FILE writes a part or a quick look too"),
    }
    Ok(())
}

/// The optimised program, built when it is not fresh.
fn build() -> Done<PathBuf> {
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => project::root().join(folder),
        None => project::scratch("codec-bench")?,
    };
    let mut cargo = project::cargo();
    cargo
        .args(["build", "--release", "--quiet", "--locked"])
        .current_dir(project::root().join(PACKAGE))
        .env("CARGO_TARGET_DIR", &target);
    if !cargo.status().is_ok_and(|status| status.success()) {
        return Err(Error::Wsanvil(format!("{PACKAGE} does not build")));
    }
    let program = target.join("release/compare");
    program.canonicalize().map_err(Error::file(&program))
}

fn measure(program: &Path, arguments: &Arguments) -> Done<Numbers> {
    let json = project::scratch("codec-bench")?.join("numbers.json");
    let mut compare = std::process::Command::new(program);
    if arguments.quick {
        compare.args(["--runs", "1", "--rounds", "7", "--slice", "1"]);
    } else {
        compare.args(["--runs", &arguments.runs.to_string()]);
    }
    if !arguments.only.is_empty() {
        compare.args(["--only", &arguments.only.join(",")]);
    }
    compare.arg("--json").arg(&json);
    if !compare.status().is_ok_and(|status| status.success()) {
        return Err(Error::Wsanvil("a contender gives another result".to_owned()));
    }
    let numbers: Numbers = serde_json::from_str(&project::read(&json)?)
        .map_err(|cause| Error::Wsanvil(format!("the numbers are not readable: {cause}")))?;
    if numbers.groups.is_empty() {
        return Err(Error::Usage(format!(
            "no group begins with {}",
            arguments.only.join(" or ")
        )));
    }
    Ok(numbers)
}
