//! Embeds the case files, the value sets and the requirement inventory.
//!
//! The folder is walked so that a new case file needs no list to be edited.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    println!("cargo::rerun-if-changed=.");

    let mut source = String::new();
    embed_cases(&root, &mut source)?;
    embed_sets(&root, &mut source)?;
    embed_inventory(&root, &mut source)?;
    fs::write(out.join("embedded.rs"), source)
}

/// Every TOML file in a folder below the root is a case file; `src` and `spec` hold none.
fn embed_cases(root: &Path, source: &mut String) -> io::Result<()> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        if path.is_dir() && !["src", "spec", "target"].iter().any(|name| path.ends_with(name)) {
            collect(&path, "toml", &mut paths)?;
        }
    }
    let mut names = relative(root, &paths);
    names.sort();

    source.push_str("/// Every case file, sorted by path.\npub const FILES: &[CaseFile] = &[\n");
    for name in &names {
        let _ = writeln!(
            source,
            "    CaseFile {{ path: {name:?}, text: {} }},",
            include(name)
        );
    }
    source.push_str("];\n");
    Ok(())
}

/// `sets.toml` comes first, so that its line numbers hold for the joined text.
fn embed_sets(root: &Path, source: &mut String) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_toml = Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "toml");
        if is_toml && name.starts_with("sets") {
            names.push(name);
        }
    }
    names.sort_by_key(|name| (name != "sets.toml", name.clone()));

    source.push_str("/// The value sets (`@name` in a matrix) as one TOML document.\n");
    let includes: Vec<String> = names.iter().map(|name| include(name)).collect();
    let _ = writeln!(
        source,
        "pub const SETS: &str = concat!({});",
        includes.join(", \"\\n\", ")
    );
    Ok(())
}

/// Tables below `spec` that say something about requirements and hold none.
const BESIDE: [&str; 3] = ["ambiguities.tsv", "errata.tsv", "exceptions.tsv"];

/// Every other table below `spec` holds requirements.
fn embed_inventory(root: &Path, source: &mut String) -> io::Result<()> {
    let mut paths = Vec::new();
    collect(&root.join("spec"), "tsv", &mut paths)?;
    let mut names = relative(root, &paths);
    names.retain(|name| !BESIDE.iter().any(|beside| name.ends_with(beside)));
    names.sort();

    source.push_str("/// The inventory: name and text of each table, with its header line.\n");
    source.push_str("const INVENTORY: &[(&str, &str)] = &[\n");
    for name in &names {
        let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
        let _ = writeln!(source, "    ({stem:?}, {}),", include(name));
    }
    source.push_str("];\n");
    Ok(())
}

fn collect(folder: &Path, extension: &str, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extension, paths)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Case paths are part of messages and reports, so they have forward slashes on every system.
fn relative(root: &Path, paths: &[PathBuf]) -> Vec<String> {
    paths
        .iter()
        .filter_map(|path| path.strip_prefix(root).ok())
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .collect()
}

fn include(name: &str) -> String {
    format!(
        "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}))",
        format!("/{name}")
    )
}
