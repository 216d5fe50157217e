//! What can go wrong with reports, by who is to blame.

use std::path::PathBuf;

use thiserror::Error;

/// A report could not be made or written. The command line ends with exit code 5.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The file system refused.
    #[error("cannot write the report to {}: {cause}", path.display())]
    Write {
        /// The file that was wanted.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The report could not be serialised: a bug in wsanvil.
    #[error("cannot make the JSON report: {0}")]
    Json(#[source] serde_json::Error),
    /// The page could not be rendered: a bug in wsanvil.
    #[error("cannot make the HTML report: {0}")]
    Html(#[source] askama::Error),
    /// Another format could not be written: a bug in wsanvil.
    #[error("cannot make the {format} report: {cause}")]
    Format {
        /// Name of the format.
        format: &'static str,
        /// What its writer said.
        cause: String,
    },
}

/// A file is not a report this version reads.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text is not JSON.
    #[error("not JSON: {0}")]
    Syntax(#[source] serde_json::Error),
    /// The JSON holds no schema version.
    #[error("not a wsanvil report: `schema_version` is missing or not an integer")]
    NotAReport,
    /// Another schema.
    #[error("the report has schema version {found}, this wsanvil reads version {known}")]
    Version {
        /// What the file says.
        found: u64,
        /// What is read.
        known: u32,
    },
    /// The version fits and the content does not.
    #[error("the report does not follow its schema: {0}")]
    Content(#[source] serde_json::Error),
}

/// An argument of the form `FORMAT=PATH` is wrong: the user's mistake.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// There is no `=`.
    #[error("`{given}` is not of the form FORMAT=PATH, with FORMAT one of {known}")]
    Form {
        /// What was given.
        given: String,
        /// The known formats.
        known: String,
    },
    /// The format is not known.
    #[error("unknown report format `{given}`; known are {known}")]
    Format {
        /// What was given.
        given: String,
        /// The known formats.
        known: String,
    },
    /// The path is empty.
    #[error("`{given}` names no file")]
    Path {
        /// What was given.
        given: String,
    },
}
