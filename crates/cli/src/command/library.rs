//! The case library with the user's own cases.

use std::path::PathBuf;

use wsanvil_case::{Library, LoadError, SelectError, Severity};

use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;
use crate::terminal::snippet::Snippet;

/// The embedded cases and those of `folders`, each of which may be a single file. Mistakes are printed with their place.
pub(super) fn load(folders: &[PathBuf]) -> Result<Library, Failure> {
    let mut library = embedded();
    let mut errors = Vec::new();
    for folder in folders {
        let added = if folder.is_file() {
            library.add_file(folder)
        } else {
            library.add_dir(folder)
        };
        errors.extend(added.err().into_iter().flatten());
    }
    if errors.is_empty() {
        return Ok(library);
    }
    let count = errors.len();
    tell(errors);
    let what = if count == 1 { "a mistake" } else { "mistakes" };
    Err(Failure::usage(format!(
        "{what} in the case files: nothing was run"
    )))
}

/// The cases that wsanvil carries.
pub(super) fn embedded() -> Library {
    // A test of the case crate loads it; a mistake here would be wsanvil's own.
    Library::embedded().unwrap_or_else(|error| panic!("the embedded case library does not load: {error}"))
}

/// The file of a case as a reader finds it: built-in ones below `cases/`, the user's own as they were named.
pub(super) fn shown_file(file: &str) -> String {
    let built_in = wsanvil_cases::FILES.iter().any(|embedded| embedded.path == file);
    if built_in {
        format!("cases/{file}")
    } else {
        file.to_owned()
    }
}

/// Prints mistakes in case files.
pub(super) fn tell(errors: Vec<LoadError>) {
    for error in errors {
        terminal::complain(&Snippet::new(Severity::Error, error).render());
    }
}

/// What a selection that selects nothing means.
pub(super) fn unselected(error: &SelectError) -> Failure {
    match error {
        SelectError::NoMatch { pattern, nearest } => {
            let failure = Failure::new(exit_code::NO_CASE, format!("`{pattern}` matches no case"));
            if nearest.is_empty() {
                failure.hint("`wsanvil list` shows all cases")
            } else {
                failure.hint(format!("nearest: {}", nearest.join(", ")))
            }
        }
        SelectError::Empty => Failure::new(exit_code::NO_CASE, "the selection is empty")
            .hint("--exclude takes away everything, or the profile holds nothing; see `wsanvil list`"),
        SelectError::BadPattern { .. } => {
            Failure::usage(error.to_string()).hint("only * and ? are wildcards, as in 'utf8/*'")
        }
    }
}
