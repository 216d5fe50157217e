//! Where things are in the workspace.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Done;
use crate::error::Error;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// A folder below `target/` for things that are installed or built on the side, made when absent.
pub(crate) fn scratch(name: &str) -> Done<PathBuf> {
    let folder = root().join("target").join(name);
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    Ok(folder)
}

/// An empty folder below `target/`; what was in it is gone.
pub(crate) fn emptied(name: &str) -> Done<PathBuf> {
    let folder = root().join("target").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file(&folder))?;
    }
    scratch(name)
}

/// The optimised binary of wsanvil, built when it is not fresh; or the one that is given.
pub(crate) fn wsanvil(given: Option<&Path>) -> Done<PathBuf> {
    if let Some(path) = given {
        return path.canonicalize().map_err(Error::file(path));
    }
    let built = cargo()
        .args(["build", "--release", "--quiet", "--package", "wsanvil"])
        .current_dir(root())
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err(Error::Wsanvil("cargo build failed".to_owned()));
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let path = root().join(target).join("release/wsanvil");
    path.canonicalize().map_err(Error::file(&path))
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A path as it may stand in a committed file: relative to the workspace.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Done<String> {
    fs::read_to_string(path).map_err(Error::file(path))
}

/// Writes a file.
pub(crate) fn write(path: &Path, text: &str) -> Done {
    fs::write(path, text).map_err(Error::file(path))
}
