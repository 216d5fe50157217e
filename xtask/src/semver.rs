//! `cargo xtask semver`: whether the public interface of the codec still keeps what an earlier revision promised.

use std::process::{Command, Stdio};

use crate::error::Error;
use crate::{Done, project};

/// The package that others build on.
const PACKAGE: &str = "wsanvil-wire";

/// What to compare with.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The git revision whose users must not notice
    #[arg(value_name = "REVISION")]
    since: String,
}

/// Compares the public interface with that of the revision; a break that the version does not announce is a difference.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let mut version = semver_checks(&["--version"]);
    let installed = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        return Err(Error::Environment(
            "cargo-semver-checks is not installed: `cargo install cargo-semver-checks --locked`".to_owned(),
        ));
    }
    exists(&arguments.since)?;
    let checked = semver_checks(&[
        "--package",
        PACKAGE,
        "--all-features",
        "--baseline-rev",
        &arguments.since,
    ])
    .status()
    .map_err(|cause| Error::Environment(format!("cargo semver-checks: {cause}")))?;
    if checked.success() {
        return Ok(());
    }
    Err(Error::Differs(format!(
        "the interface of {PACKAGE} is not what it was in {}, or could not be compared",
        arguments.since
    )))
}

fn semver_checks(arguments: &[&str]) -> Command {
    let mut command = project::cargo();
    command
        .arg("semver-checks")
        .args(arguments)
        .current_dir(project::root());
    command
}

/// A revision that git knows.
fn exists(revision: &str) -> Done {
    let known = Command::new("git")
        .args(["rev-parse", "--verify", "--quiet"])
        .arg(format!("{revision}^{{commit}}"))
        .current_dir(project::root())
        .stdout(Stdio::null())
        .status()
        .map_err(|cause| Error::Environment(format!("git: {cause}")))?;
    if known.success() {
        Ok(())
    } else {
        Err(Error::Usage(format!("git knows no revision {revision}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_revision_is_a_mistake_of_the_command_line() {
        assert!(exists("no-such-revision").is_err());
    }
}
