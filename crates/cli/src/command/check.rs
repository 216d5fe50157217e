//! `wsanvil check`: mistakes in case files, with the line they are in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use wsanvil_case::{Diagnostic, Library, Severity, lint_file};

use super::library;
use crate::cli::CheckArgs;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;
use crate::terminal::snippet::Snippet;

/// Checks the files and prints what is wrong, or how many cases are fine.
pub(super) fn check(args: &CheckArgs) -> Result<u8, Failure> {
    let mut base = library::load(&args.cases)?;
    let mut diagnostics = Vec::new();
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for path in &args.paths {
        if path.is_dir() {
            files.extend(case_files(path)?);
            diagnostics.extend(sets_of(path, &mut base));
        } else {
            files.insert(path.clone());
        }
    }
    if files.is_empty() {
        return Err(Failure::usage("there is no case file").hint("case files end in .toml"));
    }
    for path in &files {
        diagnostics.extend(lint_file(&base, path));
        // So that an id taken twice shows at the second file. What is wrong is told already.
        let _ = base.add_file(path);
    }
    for diagnostic in &diagnostics {
        terminal::complain(&Snippet::new(diagnostic.severity, diagnostic.error.clone()).render());
    }
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors > 0 {
        terminal::say(&format!(
            "{}, {}\n",
            number(errors, "error"),
            number(warnings, "warning")
        ))?;
        return Ok(exit_code::USAGE);
    }
    let of_files = |file: &str| files.iter().any(|path| path.ends_with(file));
    let cases = base.cases().filter(|case| of_files(&case.file)).count();
    let instances = base
        .instances
        .iter()
        .filter(|instance| of_files(&instance.case.file))
        .count();
    let remark = if warnings > 0 {
        format!(", {}", number(warnings, "warning"))
    } else {
        ": fine".to_owned()
    };
    terminal::say(&format!(
        "{}, {}{remark}\n",
        number(cases, "case"),
        number(instances, "instance")
    ))?;
    Ok(exit_code::OK)
}

fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Makes the sets of a folder known; its cases are looked at one by one.
fn sets_of(folder: &Path, base: &mut Library) -> Vec<Diagnostic> {
    let errors = base.add_dir(folder).err().unwrap_or_default();
    let of_sets = |file: &str| Path::new(file).parent() == Some(folder) && is_sets(Path::new(file));
    errors
        .into_iter()
        // The built-in library may be checked too: its sets are known already.
        .filter(|error| of_sets(&error.file) && !wsanvil_cases::SETS.contains(error.text.trim()))
        .map(|error| Diagnostic {
            severity: Severity::Error,
            error,
        })
        .collect()
}

/// The TOML files of a folder and below, without hidden ones and without sets.
fn case_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| Failure::usage(format!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(unreadable)?.is_dir() {
            files.extend(case_files(&path)?);
        } else if is_case_file(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_case_file(path: &Path) -> bool {
    let is_manifest = path.file_name().is_some_and(|name| name == "Cargo.toml");
    path.extension().is_some_and(|extension| extension == "toml") && !is_sets(path) && !is_manifest
}

fn is_sets(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("sets"))
}
