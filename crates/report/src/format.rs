//! The formats a report can have.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use wsanvil_model::Report;

use crate::{
    DestinationError, Gate, ReportError, RequirementText, badge, github, html, json, junit, markdown, ndjson,
    pcapng, sarif, tap,
};

/// What a format may need beside the report.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Looks up a requirement by its id.
    pub requirement: &'a dyn Fn(&str) -> Option<RequirementText>,
    /// What counts against the target.
    pub gate: Gate,
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
    /// XML as `JUnit` writes it.
    Junit,
    /// Test Anything Protocol, version 14.
    Tap,
    /// SARIF 2.1.0.
    Sarif,
    /// Markdown.
    Markdown,
    /// Workflow commands of GitHub Actions.
    Github,
    /// Events, one JSON object in each line.
    Ndjson,
    /// A capture file.
    Pcapng,
    /// The answer of a badge endpoint.
    Badge,
}

struct Row {
    format: ReportFormat,
    name: &'static str,
    ending: &'static str,
    about: &'static str,
    render: fn(&Report, &Context<'_>) -> Result<Vec<u8>, ReportError>,
}

/// The only list of formats.
const TABLE: &[Row] = &[
    Row {
        format: ReportFormat::Json,
        name: "json",
        ending: "json",
        about: "everything, for programs; its schema is in reports/schema.json",
        render: |report, _| json::to_vec(report, json::Layout::Pretty),
    },
    Row {
        format: ReportFormat::Html,
        name: "html",
        ending: "html",
        about: "one self-contained page for people",
        render: |report, context| html::render(report, context.requirement).map(String::into_bytes),
    },
    Row {
        format: ReportFormat::Junit,
        name: "junit",
        ending: "xml",
        about: "JUnit XML, for CI systems",
        render: junit::render,
    },
    Row {
        format: ReportFormat::Tap,
        name: "tap",
        ending: "tap",
        about: "Test Anything Protocol, version 14",
        render: |report, context| Ok(tap::render(report, context).into_bytes()),
    },
    Row {
        format: ReportFormat::Sarif,
        name: "sarif",
        ending: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        render: sarif::render,
    },
    Row {
        format: ReportFormat::Markdown,
        name: "markdown",
        ending: "md",
        about: "Markdown: counts and findings",
        render: |report, context| Ok(markdown::render(report, context).into_bytes()),
    },
    Row {
        format: ReportFormat::Github,
        name: "github",
        ending: "github",
        about: "annotations of a GitHub Actions step",
        render: |report, context| Ok(github::render(report, context).into_bytes()),
    },
    Row {
        format: ReportFormat::Ndjson,
        name: "ndjson",
        ending: "ndjson",
        about: "events, one JSON object in each line",
        render: ndjson::render,
    },
    Row {
        format: ReportFormat::Pcapng,
        name: "pcapng",
        ending: "pcapng",
        about: "a capture file of what the transcripts hold, for Wireshark",
        render: |report, context| Ok(pcapng::render(report, context)),
    },
    Row {
        format: ReportFormat::Badge,
        name: "badge",
        ending: "badge.json",
        about: "JSON for a badge endpoint, such as that of shields.io",
        render: badge::render,
    },
];

impl ReportFormat {
    /// All formats, in the order of the help text.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.format)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The usual ending of its files.
    pub fn ending(self) -> &'static str {
        self.row().ending
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
        for format in ReportFormat::all() {
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
        assert_eq!(
            say("pdf=x"),
            "unknown report format `pdf`; known are json, html, junit, tap, sarif, markdown, github, ndjson, pcapng, badge"
        );
        assert_eq!(
            say("x.json"),
            "`x.json` is not of the form FORMAT=PATH, with FORMAT one of json, html, junit, tap, sarif, markdown, github, ndjson, pcapng, badge"
        );
        assert_eq!(say("json="), "`json=` names no file");
    }
}
