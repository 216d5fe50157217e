//! Runs the libFuzzer targets of `fuzz/`, one after the other.

use std::fs;
use std::path::Path;
use std::process::Command;

use wsanvil_fuzz::{TARGETS, Target};

use crate::error::Error;
use crate::{Done, project};

/// Memory at which libFuzzer calls an input a finding, in MiB.
const MOST_MEMORY: u32 = 2048;
/// Seconds after which it calls an input a finding.
const LONGEST: u32 = 10;

/// Which targets, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Seconds for each target
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u32,
    /// Only writes the corpora that the targets begin with
    #[arg(long)]
    seeds: bool,
    /// Targets to run [default: all]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// Writes the corpora and runs the targets; an input that breaks a law is a difference.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let targets = chosen(&arguments.targets)?;
    for target in &targets {
        write_corpus(target)?;
    }
    if arguments.seeds {
        return Ok(());
    }
    let built = cargo_fuzz("build").status();
    if !built.is_ok_and(|status| status.success()) {
        return Err(Error::Environment(
            "cargo fuzz build failed; it needs `cargo install cargo-fuzz` and `rustup toolchain install nightly`"
                .to_owned(),
        ));
    }
    let mut broken = Vec::new();
    for target in targets {
        let ran = fuzz(&target, arguments.seconds).status();
        let ran = ran.map_err(|cause| Error::Environment(format!("cargo fuzz: {cause}")))?;
        if !ran.success() {
            broken.push(target.name);
        }
    }
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

fn write_corpus(target: &Target) -> Done {
    let folder = project::root().join("fuzz/corpus").join(target.name);
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    for (number, seed) in (target.seeds)().iter().enumerate() {
        let path = folder.join(format!("seed-{number:03}"));
        fs::write(&path, seed).map_err(Error::file(&path))?;
    }
    Ok(())
}

/// The nightly cargo; rustup finds it only when nothing of the toolchain that runs us is left in the environment.
fn cargo_fuzz(command: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["+nightly", "fuzz", command, "--fuzz-dir", "fuzz"])
        .current_dir(project::root())
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO_TARGET_DIR");
    cargo
}

fn fuzz(target: &Target, seconds: u32) -> Command {
    let mut command = cargo_fuzz("run");
    command
        .arg(target.name)
        .arg(format!("fuzz/corpus/{}", target.name));
    for more in ["seeds", "regressions"] {
        let folder = format!("fuzz/{more}/{}", target.name);
        if project::root().join(Path::new(&folder)).exists() {
            command.arg(folder);
        }
    }
    command.args([
        "--".to_owned(),
        format!("-max_total_time={seconds}"),
        format!("-max_len={}", target.max_len),
        format!("-rss_limit_mb={MOST_MEMORY}"),
        format!("-timeout={LONGEST}"),
        "-print_final_stats=1".to_owned(),
    ]);
    command
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
}
