//! Files that are either whole or not there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::ReportError;

/// Writes `octets` to `path` so that a reader sees the old content or the new, never a part.
///
/// The octets go to a temporary file in the same folder, which is then renamed over `path`; missing folders are
/// made. A symbolic link keeps pointing where it does. What is not a regular file (a device, a named pipe) is written
/// to directly.
pub fn write_atomic(path: &Path, octets: &[u8]) -> Result<(), ReportError> {
    write(path, octets).map_err(|cause| ReportError::Write {
        path: path.to_owned(),
        cause,
    })
}

fn write(path: &Path, octets: &[u8]) -> io::Result<()> {
    let target = match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(found) if !found.is_file() => return OpenOptions::new().write(true).open(path)?.write_all(octets),
        Ok(_) => fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let (temporary, file) = create_beside(&target)?;
    let result = fill(file, octets).and_then(|()| fs::rename(&temporary, &target));
    if result.is_err() {
        // The first error is the one to tell; the leftover is only untidy.
        let _ = fs::remove_file(&temporary);
    }
    result
}

fn fill(mut file: File, octets: &[u8]) -> io::Result<()> {
    file.write_all(octets)?;
    file.sync_all()
}

/// Opens a new file next to `target`; a leftover of an earlier process with the same number is stepped over.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut attempt = 0_u32;
    loop {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{attempt}.tmp", std::process::id()));
        let path = target.with_file_name(hidden);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/report.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_atomic(folder.path(), b"x").unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
        assert!(error.contains("directory"), "{error}");
    }

    #[test]
    fn a_file_in_place_of_a_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"kept").unwrap();
        assert!(write_atomic(&file.join("report.json"), b"x").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"kept");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_its_aim_and_a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let aim = folder.path().join("aim");
        let link = folder.path().join("link");
        fs::write(&aim, b"old").unwrap();
        std::os::unix::fs::symlink(&aim, &link).unwrap();
        write_atomic(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&aim).unwrap(), b"new");
        write_atomic(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
