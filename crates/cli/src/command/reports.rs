//! Where the reports go.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use wsanvil_model::Report;
use wsanvil_report::{Context, Destination, ReportFormat, RequirementText, write_atomic};

use crate::exit_code;
use crate::failure::Failure;
use crate::terminal::Written;

/// Where reports go when nothing is said.
pub(super) fn default_folder() -> PathBuf {
    PathBuf::from("wsanvil-report")
}

/// The reports that are wanted.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<Destination>);

impl Reports {
    /// Those that were asked for, else JSON and the page.
    pub(super) fn of(wanted: &[Destination]) -> Result<Self, Failure> {
        if wanted.is_empty() {
            let all = [
                (ReportFormat::Json, "report.json"),
                (ReportFormat::Html, "report.html"),
            ];
            let all = all.map(|(format, name)| Destination {
                format,
                path: default_folder().join(name),
            });
            return Ok(Self(all.into()));
        }
        for (index, destination) in wanted.iter().enumerate() {
            if wanted[..index].iter().any(|other| other.path == destination.path) {
                let path = destination.path.display();
                return Err(
                    Failure::usage(format!("two reports go to {path}")).hint("give each its own path")
                );
            }
        }
        Ok(Self(wanted.to_vec()))
    }

    /// Makes sure before a run that its reports can be written after it.
    pub(super) fn try_out(&self) -> Result<(), Failure> {
        for Destination { path, .. } in &self.0 {
            try_out(path).map_err(|error| {
                Failure::new(
                    exit_code::OUTPUT,
                    format!("cannot write a report to {}: {error}", path.display()),
                )
                .hint("choose another path: --report FORMAT=PATH. Nothing was run")
            })?;
        }
        Ok(())
    }

    /// Writes all; what cannot be written does not keep the others from it.
    pub(super) fn write(&self, report: &Report, context: &Context<'_>) -> (Vec<Written>, Vec<Failure>) {
        let (mut written, mut failures) = (Vec::new(), Vec::new());
        for Destination { format, path } in &self.0 {
            let result = format
                .render(report, context)
                .and_then(|octets| write_atomic(path, &octets));
            match result {
                Ok(()) => written.push(Written {
                    format: format.name(),
                    path: path.clone(),
                }),
                Err(error) => failures.push(
                    Failure::new(exit_code::OUTPUT, error.to_string())
                        .hint("the other reports and the summary hold what is known"),
                ),
            }
        }
        (written, failures)
    }
}

/// The requirement with this id.
pub(super) fn requirement(id: &str) -> Option<RequirementText> {
    wsanvil_case::requirement(id).map(|row| RequirementText {
        level: row.level.to_owned(),
        text: row.requirement.to_owned(),
    })
}

/// Whether `write_atomic` will be able to write there, as far as can be known.
pub(in crate::command) fn try_out(path: &Path) -> io::Result<()> {
    let target = match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        // A device or a pipe: opening a pipe could wait for its reader.
        Ok(found) if !found.is_file() => return Ok(()),
        Ok(_) => fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let folder = target.parent().map(Path::to_path_buf).unwrap_or_default();
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(&folder)?;
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}-try.tmp", std::process::id()));
    let probe: PathBuf = folder.join(hidden);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&probe)?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        try_out(&folder.path().join("new/report.json")).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
    }

    #[test]
    fn folders_and_files_in_the_way_are_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(try_out(folder.path()).is_err());
        assert!(try_out(&folder.path().join("file/report.json")).is_err());
        assert!(try_out(Path::new("/dev/null")).is_ok());
    }
}
