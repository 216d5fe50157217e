//! `cargo xtask dist`: what a release ships, below `target/dist`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::{Done, project};

/// Shells that have completions, with the names of their files.
const SHELLS: [(&str, &str); 5] = [
    ("bash", "wsanvil.bash"),
    ("zsh", "_wsanvil"),
    ("fish", "wsanvil.fish"),
    ("elvish", "wsanvil.elv"),
    ("powershell", "_wsanvil.ps1"),
];
/// What goes with the program.
const TEXTS: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Target triple; a musl one gives a static program
    #[arg(long, value_name = "TRIPLE", default_value = "x86_64-unknown-linux-musl")]
    target: String,
}

/// Builds the program, its manual pages and completions, packs them and writes the checksum.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let target = &arguments.target;
    let program = build(target)?;
    let name = format!("wsanvil-{}-{target}", env!("CARGO_PKG_VERSION"));
    let folder = project::emptied("dist")?;
    let content = folder.join(&name);
    make(&content)?;
    let windows = target.contains("windows");
    copy(
        &program,
        &content.join(if windows { "wsanvil.exe" } else { "wsanvil" }),
    )?;
    for text in TEXTS {
        copy(&project::root().join(text), &content.join(text))?;
    }
    // The pages are made by the program itself: it must run here.
    let manual = content.join("man");
    let completions = content.join("completions");
    make(&manual)?;
    make(&completions)?;
    write(&manual.join("wsanvil.1"), &said(&program, &["man"])?)?;
    for command in commands(&program)? {
        let page = said(&program, &["man", &command])?;
        write(&manual.join(format!("wsanvil-{command}.1")), &page)?;
    }
    for (shell, file) in SHELLS {
        write(&completions.join(file), &said(&program, &["completions", shell])?)?;
    }
    let archive = pack(&folder, &name)?;
    let mut sums = String::new();
    for file in [
        &archive,
        &content.join(if windows { "wsanvil.exe" } else { "wsanvil" }),
    ] {
        let octets = fs::read(file).map_err(Error::file(file))?;
        let shown = file.strip_prefix(&folder).unwrap_or(file).display();
        for octet in Sha256::digest(&octets) {
            let _ = write!(sums, "{octet:02x}");
        }
        let _ = writeln!(sums, "  {shown}");
        println!("{shown}: {:.1} MiB", octets.len() as f64 / f64::from(1 << 20));
    }
    write(&folder.join("SHA256SUMS"), sums.as_bytes())?;
    println!("{} holds it all", project::shown(&folder));
    Ok(())
}

fn build(target: &str) -> Done<PathBuf> {
    let built = project::cargo()
        .args([
            "build",
            "--profile",
            "dist",
            "--locked",
            "--package",
            "wsanvil",
            "--target",
            target,
        ])
        .current_dir(project::root())
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err(Error::Environment(format!(
            "the build for {target} failed; it needs `rustup target add {target}`, and a C compiler for it (musl-tools)"
        )));
    }
    let file = if target.contains("windows") {
        "wsanvil.exe"
    } else {
        "wsanvil"
    };
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    Ok(project::root().join(folder).join(target).join("dist").join(file))
}

/// The subcommands, as the manual page of the program lists them.
fn commands(program: &Path) -> Done<Vec<String>> {
    let page = String::from_utf8_lossy(&said(program, &["man"])?).into_owned();
    let listed = page.lines().filter_map(|line| {
        let name = line.strip_prefix("wsanvil\\-")?.strip_suffix("(1)")?;
        (name != "help").then(|| name.replace('\\', ""))
    });
    let commands: Vec<String> = listed.collect();
    if commands.is_empty() {
        return Err(Error::Wsanvil("the manual page lists no subcommands".to_owned()));
    }
    Ok(commands)
}

fn said(program: &Path, arguments: &[&str]) -> Done<Vec<u8>> {
    let output = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(Error::file(program))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Error::Wsanvil(format!("wsanvil {} failed", arguments.join(" "))))
    }
}

/// An archive that is the same whoever makes it, and when.
fn pack(folder: &Path, name: &str) -> Done<PathBuf> {
    let archive = folder.join(format!("{name}.tar.gz"));
    let packed = Command::new("tar")
        .args([
            "--sort=name",
            "--owner=0",
            "--group=0",
            "--numeric-owner",
            "--mtime=@0",
            "-czf",
        ])
        .arg(&archive)
        .arg(name)
        .current_dir(folder)
        .status();
    if packed.is_ok_and(|status| status.success()) {
        Ok(archive)
    } else {
        Err(Error::Environment("tar failed".to_owned()))
    }
}

fn make(folder: &Path) -> Done {
    fs::create_dir_all(folder).map_err(Error::file(folder))
}

fn copy(from: &Path, to: &Path) -> Done {
    fs::copy(from, to).map(drop).map_err(Error::file(from))
}

fn write(path: &Path, octets: &[u8]) -> Done {
    fs::write(path, octets).map_err(Error::file(path))
}
