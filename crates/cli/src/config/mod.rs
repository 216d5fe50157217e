//! `wsanvil.toml`: defaults for the options of `run`, and what the user declares about the target.

mod file;
mod keys;
mod merge;
mod schema;
mod search;
mod target;

pub(crate) use file::{Config, parse};
pub(crate) use keys::{Key as RunKey, run_keys};
pub(crate) use merge::with_defaults;
pub(crate) use schema::schema;
pub(crate) use search::find;

use std::path::Path;

use wsanvil_case::Severity;

use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// A configuration larger than this is none.
const MAX_FILE: u64 = 1 << 20;

/// Reads a configuration. Warnings and mistakes are printed with their place.
pub(crate) fn read(path: &Path) -> Result<Config, Failure> {
    let shown = path.display().to_string();
    let unreadable = |cause: String| {
        Failure::usage(format!("the configuration {shown} cannot be read: {cause}"))
            .hint("--config names a TOML file; without it the nearest wsanvil.toml is used, if there is one")
    };
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > MAX_FILE {
        return Err(unreadable("more than 1 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let (config, problems) = parse(&shown, &text, folder);
    for problem in &problems {
        terminal::complain(&problem.render());
    }
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Failure::told(exit_code::USAGE));
    }
    Ok(config)
}
