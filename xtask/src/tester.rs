//! Running the wsanvil binary and reading its report.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wsanvil_model::Report;
use wsanvil_report::json;

use crate::error::Error;
use crate::process::{self, Group};
use crate::{Done, project};

/// One run of `wsanvil run`.
pub(crate) struct Tester<'a> {
    /// The binary.
    pub(crate) binary: &'a Path,
    /// Where the target serves; may hold `{port}` when `command` is given.
    pub(crate) url: &'a str,
    /// More options.
    pub(crate) options: Vec<String>,
    /// What starts the target; empty: it runs already.
    pub(crate) command: Vec<String>,
    /// Folder for the report and the log.
    pub(crate) folder: PathBuf,
    /// How long the run may take.
    pub(crate) limit: Duration,
}

impl Tester<'_> {
    /// Runs it and gives the report. Findings are no error.
    pub(crate) fn report(self) -> Done<Report> {
        let path = self.folder.join("report.json");
        let mut command = vec![
            self.binary.display().to_string(),
            "run".to_owned(),
            self.url.to_owned(),
        ];
        command.push("--report".to_owned());
        command.push(format!("json={}", path.display()));
        command.extend(self.options);
        if !self.command.is_empty() {
            command.push("--".to_owned());
            command.extend(self.command);
        }
        let log = self.folder.join("wsanvil.log");
        let mut group = Group::start("wsanvil", process::leashed(&command)?, &log)?;
        group.wait(self.limit)?;
        if !path.exists() {
            return Err(group.error("wrote no report"));
        }
        read(&path)
    }
}

/// Reads a report.
pub(crate) fn read(path: &Path) -> Done<Report> {
    json::from_json(&project::read(path)?)
        .map_err(|cause| Error::Usage(format!("{}: {cause}", path.display())))
}
