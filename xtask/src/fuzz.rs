//! Runs the libFuzzer targets of `fuzz/`, one after the other, and makes what they and other engines begin with.

mod log;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use wsanvil_fuzz::{TARGETS, Target, differential};

use crate::error::Error;
use crate::{Done, project, table};

/// Memory at which libFuzzer calls an input a finding, in MiB.
const MOST_MEMORY: u32 = 2048;
/// A single allocation at which it does, in MiB: far more than any law needs for the longest input.
const LARGEST_ALLOCATION: u32 = 64;
/// Seconds after which it calls an input a finding.
const LONGEST: u32 = 10;

/// Which targets, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Seconds for each target
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u32,
    /// Executions of each target instead, seeds included, and from a fixed start: the same build does the same
    #[arg(long, value_name = "N", conflicts_with = "seconds")]
    runs: Option<u32>,
    /// What the targets are built with; none builds and runs fastest
    #[arg(long, default_value = "address", value_name = "NAME")]
    sanitizer: String,
    /// Only writes the corpora that the targets begin with
    #[arg(long, group = "only")]
    seeds: bool,
    /// Only writes into a folder what other engines begin with: corpora, dictionaries and options
    #[arg(long, group = "only", value_name = "DIR")]
    export: Option<PathBuf>,
    /// Only writes fuzz/DISAGREEMENTS.md
    #[arg(long, group = "only")]
    disagreements: bool,
    /// Targets to run [default: all]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// Writes the corpora and runs the targets; an input that breaks a law is a difference.
pub(crate) fn run(arguments: &Arguments) -> Done {
    if arguments.disagreements {
        return project::write(&below_fuzz("DISAGREEMENTS.md"), &differential::markdown());
    }
    let targets = chosen(&arguments.targets)?;
    if let Some(folder) = &arguments.export {
        return targets.iter().try_for_each(|target| export(target, folder));
    }
    for target in &targets {
        write_seeds(target, &below_fuzz("corpus").join(target.name))?;
    }
    if arguments.seeds {
        return Ok(());
    }
    build(arguments)?;
    let logs = below_fuzz("target/logs");
    fs::create_dir_all(&logs).map_err(Error::file(&logs))?;
    let mut rows = Vec::new();
    let mut broken = Vec::new();
    for target in &targets {
        let path = logs.join(target.name).with_extension("log");
        let status = fuzz(target, arguments, &path)?;
        let log = fs::read(&path).map_err(Error::file(&path))?;
        let log = log::Log::of(&String::from_utf8_lossy(&log));
        let result = if status.success() {
            "nothing found".to_owned()
        } else {
            broken.push(target.name);
            eprintln!("{}: {}\n{}", target.name, project::shown(&path), log.finding);
            log.kind.clone().unwrap_or_else(|| status.to_string())
        };
        println!("{}: {result}", target.name);
        rows.push(log.row(target.name, result));
    }
    println!("\n{}", table::render(&log::HEADS, &rows));
    if broken.is_empty() {
        return Ok(());
    }
    Err(Error::Differs(format!(
        "found something: {}. The input is in fuzz/artifacts/TARGET; once mended it belongs in fuzz/regressions/TARGET",
        broken.join(", ")
    )))
}

fn chosen(names: &[String]) -> Done<Vec<Target>> {
    if names.is_empty() {
        return Ok(TARGETS.to_vec());
    }
    let find = |name: &String| {
        let found = TARGETS.iter().find(|target| target.name == name);
        found.copied().ok_or_else(|| {
            let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            Error::Usage(format!("no target {name}; there are {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

fn below_fuzz(path: &str) -> PathBuf {
    project::root().join("fuzz").join(path)
}

fn write_seeds(target: &Target, folder: &Path) -> Done {
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    for (number, seed) in (target.seeds)().iter().enumerate() {
        let path = folder.join(format!("seed-{number:03}"));
        fs::write(&path, seed).map_err(Error::file(&path))?;
    }
    Ok(())
}

/// `NAME/` with every seed and regression, `NAME.options`, and `NAME.dict` when there is one.
fn export(target: &Target, folder: &Path) -> Done {
    let seeds = folder.join(target.name);
    write_seeds(target, &seeds)?;
    for kept in kept(target) {
        let files = fs::read_dir(&kept).map_err(Error::file(&kept))?;
        for file in files {
            let file = file.map_err(Error::file(&kept))?;
            fs::copy(file.path(), seeds.join(file.file_name())).map_err(Error::file(&file.path()))?;
        }
    }
    let options = format!(
        "[libfuzzer]\nmax_len = {}\ntimeout = {LONGEST}\nmalloc_limit_mb = {LARGEST_ALLOCATION}\n",
        target.max_len
    );
    project::write(&folder.join(target.name).with_extension("options"), &options)?;
    if let Some(dictionary) = dictionary(target) {
        let copy = folder.join(target.name).with_extension("dict");
        fs::copy(&dictionary, &copy).map_err(Error::file(&dictionary))?;
    }
    Ok(())
}

/// The committed folders of inputs that there are for a target.
fn kept(target: &Target) -> impl Iterator<Item = PathBuf> {
    let folders = ["seeds", "regressions"].map(|kind| below_fuzz(kind).join(target.name));
    folders.into_iter().filter(|folder| folder.exists())
}

fn dictionary(target: &Target) -> Option<PathBuf> {
    let path = below_fuzz("dictionaries")
        .join(target.name)
        .with_extension("dict");
    path.exists().then_some(path)
}

fn build(arguments: &Arguments) -> Done {
    let mut command = cargo_fuzz("build", arguments);
    // One target builds them all: they are the binaries of one package.
    if command.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Error::Environment(
        "cargo fuzz build failed; it needs `cargo install cargo-fuzz` and `rustup toolchain install nightly`"
            .to_owned(),
    ))
}

/// The nightly cargo; rustup finds it only when nothing of the toolchain that runs us is left in the environment.
fn cargo_fuzz(command: &str, arguments: &Arguments) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["+nightly", "fuzz", command, "--fuzz-dir", "fuzz"])
        .args(["--sanitizer", &arguments.sanitizer])
        .current_dir(project::root())
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO_TARGET_DIR");
    cargo
}

/// Runs one target; everything it prints goes into `log`.
fn fuzz(target: &Target, arguments: &Arguments, log: &Path) -> Done<ExitStatus> {
    let out = File::create(log).map_err(Error::file(log))?;
    let err = out.try_clone().map_err(Error::file(log))?;
    let mut command = cargo_fuzz("run", arguments);
    command.arg(target.name);
    command.arg(below_fuzz("corpus").join(target.name));
    command.args(kept(target));
    command.args([
        "--".to_owned(),
        match arguments.runs {
            Some(runs) => format!("-runs={runs}"),
            None => format!("-max_total_time={}", arguments.seconds),
        },
        format!("-seed={}", u8::from(arguments.runs.is_some())),
        format!("-max_len={}", target.max_len),
        format!("-rss_limit_mb={MOST_MEMORY}"),
        format!("-malloc_limit_mb={LARGEST_ALLOCATION}"),
        format!("-timeout={LONGEST}"),
        "-print_final_stats=1".to_owned(),
    ]);
    if let Some(dictionary) = dictionary(target) {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let status = command.stdout(out).stderr(err).status();
    status.map_err(|cause| Error::Environment(format!("cargo fuzz: {cause}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_chosen_by_name() {
        assert_eq!(chosen(&[]).unwrap().len(), TARGETS.len());
        assert_eq!(chosen(&["case_file".to_owned()]).unwrap()[0].name, "case_file");
        assert!(matches!(chosen(&["case_fil".to_owned()]), Err(Error::Usage(_))));
    }

    #[test]
    fn an_export_has_seeds_options_and_dictionaries() {
        let folder = std::env::temp_dir().join(format!("xtask-export-{}", std::process::id()));
        let targets = chosen(&["upgrade_request".to_owned(), "endpoint_server".to_owned()]).unwrap();
        for target in &targets {
            export(target, &folder).unwrap();
        }
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert!(text("upgrade_request.dict").contains("\"Sec-WebSocket-Key\""));
        assert!(text("endpoint_server.options").starts_with("[libfuzzer]\nmax_len = "));
        assert!(folder.join("endpoint_server/hello-and-close").exists());
        assert!(folder.join("endpoint_server/utf8-before-deflate-fault").exists());
        assert!(folder.join("endpoint_server/seed-000").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
