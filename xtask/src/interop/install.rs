//! Installing a server below `target/interop/`, from the file that pins its version.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::Error;
use crate::{Done, process, project};

/// How long an installation may take.
const LIMIT: Duration = Duration::from_secs(900);

/// Where a server comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Python package index: `requirements.txt` and `server.py`.
    Python,
    /// npm: `package.json` and `server.js`.
    Node,
    /// crates.io: a package whose binary is `server`.
    Cargo,
}

impl Kind {
    /// By the files in the folder.
    pub(super) fn of(source: &Path) -> Option<Self> {
        let has = |name: &str| source.join(name).is_file();
        if has("requirements.txt") && has("server.py") {
            Some(Self::Python)
        } else if has("package.json") && has("server.js") {
            Some(Self::Node)
        } else if has("Cargo.toml") && has("src/main.rs") {
            Some(Self::Cargo)
        } else {
            None
        }
    }

    fn pins(self) -> &'static str {
        match self {
            Self::Python => "requirements.txt",
            Self::Node => "package.json",
            Self::Cargo => "Cargo.toml",
        }
    }
}

/// Installs the server when its pins have changed, and gives the command that starts it on `{port}`.
pub(super) fn command(name: &str, source: &Path) -> Done<Vec<String>> {
    let kind = Kind::of(source)
        .ok_or_else(|| Error::Usage(format!("{}: neither Python, Node nor Cargo", source.display())))?;
    let place = project::scratch(&format!("interop/{name}"))?;
    let pins = project::read(&source.join(kind.pins()))?;
    let stamp = place.join("installed");
    // Cargo knows itself what is fresh.
    if kind == Kind::Cargo || fs::read_to_string(&stamp).ok().as_ref() != Some(&pins) {
        eprintln!("  installing");
        install(kind, name, source, &place)?;
        project::write(&stamp, &pins)?;
    }
    let command = match kind {
        Kind::Python => vec![place.join("venv/bin/python"), source.join("server.py")],
        Kind::Node => {
            // Node looks for packages beside the program.
            let program = place.join("server.js");
            fs::copy(source.join("server.js"), &program).map_err(Error::file(&program))?;
            vec![PathBuf::from("node"), program]
        }
        Kind::Cargo => vec![place.join("build/release/server")],
    };
    let mut command: Vec<String> = command.iter().map(|word| word.display().to_string()).collect();
    command.push("{port}".to_owned());
    Ok(command)
}

fn install(kind: Kind, name: &str, source: &Path, place: &Path) -> Done {
    let log = place.join("install.log");
    let step = |command: Command| process::step(name, command, &log, LIMIT);
    match kind {
        Kind::Python => {
            let mut venv = Command::new("python3");
            venv.args(["-m", "venv", "--clear"]).arg(place.join("venv"));
            step(venv)?;
            let mut pip = Command::new(place.join("venv/bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
            pip.arg(source.join("requirements.txt"));
            step(pip)
        }
        Kind::Node => {
            let package = place.join("package.json");
            fs::copy(source.join("package.json"), &package).map_err(Error::file(&package))?;
            let mut npm = Command::new("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
            npm.current_dir(place);
            step(npm)
        }
        Kind::Cargo => {
            let mut cargo = project::cargo();
            cargo.args(["build", "--release", "--quiet", "--locked"]);
            cargo
                .current_dir(source)
                .env("CARGO_TARGET_DIR", place.join("build"));
            step(cargo)
        }
    }
}
