//! The formats a report can have.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use wsanvil_model::Report;

use crate::{DestinationError, ReportError, RequirementText, html, json};

/// What a format may need beside the report.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Looks up a requirement by its id.
    pub requirement: &'a dyn Fn(&str) -> Option<RequirementText>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

/// A format of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportFormat {
    /// The whole report as JSON.
    Json,
    /// One self-contained page.
    Html,
}

struct Row {
    format: ReportFormat,
    name: &'static str,
    about: &'static str,
    render: fn(&Report, &Context<'_>) -> Result<Vec<u8>, ReportError>,
}

/// The only list of formats.
const TABLE: &[Row] = &[
    Row {
        format: ReportFormat::Json,
        name: "json",
        about: "everything, for programs; its schema is in reports/schema.json",
        render: |report, _| json::to_vec(report, json::Layout::Pretty),
    },
    Row {
        format: ReportFormat::Html,
        name: "html",
        about: "one self-contained page for people",
        render: |report, context| html::render(report, context.requirement).map(String::into_bytes),
    },
];

impl ReportFormat {
    /// All formats, in the order of the help text.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.format)
    }

    /// Its name on the command line and the usual ending of its files.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it is for, in a few words.
    pub fn about(self) -> &'static str {
        self.row().about
    }

    /// The octets of the file.
    pub fn render(self, report: &Report, context: &Context<'_>) -> Result<Vec<u8>, ReportError> {
        (self.row().render)(report, context)
    }

    fn row(self) -> &'static Row {
        // The table holds every variant: a test walks them.
        TABLE.iter().find(|row| row.format == self).unwrap_or(&TABLE[0])
    }
}

/// A report that is wanted: the value of `--report FORMAT=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What.
    pub format: ReportFormat,
    /// Where.
    pub path: PathBuf,
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let known = || TABLE.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
        let Some((name, path)) = given.split_once('=') else {
            return Err(DestinationError::Form {
                given: given.to_owned(),
                known: known(),
            });
        };
        let Some(row) = TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(name)) else {
            return Err(DestinationError::Format {
                given: name.to_owned(),
                known: known(),
            });
        };
        if path.is_empty() {
            return Err(DestinationError::Path {
                given: given.to_owned(),
            });
        }
        Ok(Self {
            format: row.format,
            path: PathBuf::from(path),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_stands_in_the_table() {
        for format in [ReportFormat::Json, ReportFormat::Html] {
            assert_eq!(format.row().format, format);
        }
        assert_eq!(ReportFormat::all().count(), TABLE.len());
    }

    #[test]
    fn destinations() {
        let parsed: Destination = "HTML=out/a=b.html".parse().unwrap();
        assert_eq!(
            parsed,
            Destination {
                format: ReportFormat::Html,
                path: PathBuf::from("out/a=b.html")
            }
        );
        let say = |given: &str| given.parse::<Destination>().unwrap_err().to_string();
        assert_eq!(say("pdf=x"), "unknown report format `pdf`; known are json, html");
        assert_eq!(
            say("x.json"),
            "`x.json` is not of the form FORMAT=PATH, with FORMAT one of json, html"
        );
        assert_eq!(say("json="), "`json=` names no file");
    }
}
