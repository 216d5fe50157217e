//! Installing the other testers and the server below `target/peers/`.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::error::Error;
use crate::{Done, machine, process, project};

/// The last published release of Autobahn|Testsuite.
pub(super) const AUTOBAHN_VERSION: &str = "0.8.2";
/// The release of kosoku that is measured.
pub(super) const KOSOKU_VERSION: &str = "0.1.0";
/// The last virtualenv that makes environments for Python 2.7.
const VIRTUALENV: &str = "virtualenv<20.22";
/// How long one step may take.
const LIMIT: Duration = Duration::from_secs(900);

/// Autobahn|Testsuite in a virtual environment of Python 2.7; the folder of that.
pub(super) fn autobahn() -> Done<PathBuf> {
    let peers = project::scratch("peers")?;
    let venv = peers.join("autobahn");
    if venv.join("bin/wstest").exists() {
        return Ok(venv);
    }
    let python = python2().ok_or_else(|| {
        Error::Environment("it needs Python 2.7, which was not found; PY2 names the interpreter".to_owned())
    })?;
    eprintln!("installing Autobahn|Testsuite {AUTOBAHN_VERSION}");
    let log = peers.join("autobahn.log");
    // Beside the environment, so that the interpreter of the user stays as it is.
    let tool = peers.join("virtualenv");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
        .arg(&tool)
        .arg(VIRTUALENV);
    process::step("virtualenv", pip, &log, LIMIT)?;
    let mut make = Command::new(&python);
    make.args(["-m", "virtualenv", "--quiet"])
        .arg(&venv)
        .env("PYTHONPATH", &tool);
    process::step("virtualenv", make, &log, LIMIT)?;
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.args([
        "install",
        "--quiet",
        &format!("autobahntestsuite=={AUTOBAHN_VERSION}"),
    ]);
    process::step("autobahntestsuite", pip, &log, LIMIT)?;
    Ok(venv)
}

/// A Python 2.7, from PY2, the search path or pyenv.
fn python2() -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = env::var_os("PY2").map(PathBuf::from).into_iter().collect();
    candidates.extend(["python2.7", "python2"].map(PathBuf::from));
    let pyenv = env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".pyenv")));
    if let Some(versions) = pyenv.and_then(|pyenv| fs::read_dir(pyenv.join("versions")).ok()) {
        candidates.extend(
            versions
                .flatten()
                .map(|version| version.path().join("bin/python2.7")),
        );
    }
    candidates.into_iter().find(|candidate| {
        let program = candidate.display().to_string();
        machine::says(&program, &["-c", "import sys; print(sys.version_info[:2])"]) == "(2, 7)"
    })
}

/// kosoku in a virtual environment of Python 3; the folder of that.
pub(super) fn kosoku() -> Done<PathBuf> {
    let peers = project::scratch("peers")?;
    let venv = peers.join("kosoku");
    if venv.join("bin/kosoku").exists() {
        return Ok(venv);
    }
    eprintln!("installing kosoku {KOSOKU_VERSION}");
    let log = peers.join("kosoku.log");
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&venv);
    process::step("venv", make, &log, LIMIT)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        &format!("kosoku=={KOSOKU_VERSION}"),
    ]);
    process::step("kosoku", pip, &log, LIMIT)?;
    Ok(venv)
}

/// The echo server, built when it is not fresh.
pub(super) fn server() -> Done<PathBuf> {
    let peers = project::scratch("peers")?;
    let target = peers.join("server");
    let mut cargo = project::cargo();
    cargo.args(["build", "--release", "--quiet", "--locked"]);
    cargo
        .current_dir(project::root().join("xtask/peer-server"))
        .env("CARGO_TARGET_DIR", &target);
    process::step("peer-server", cargo, &peers.join("server.log"), LIMIT)?;
    Ok(target.join("release/peer-server"))
}
