//! Where the configuration is.

use std::path::{Path, PathBuf};

/// Its name.
const NAME: &str = "wsanvil.toml";

/// The nearest configuration in `folder` or above it.
pub(crate) fn find(folder: &Path) -> Option<PathBuf> {
    folder
        .ancestors()
        .map(|folder| folder.join(NAME))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_one_is_taken() {
        let top = tempfile::tempdir().unwrap();
        let low = top.path().join("a/b");
        std::fs::create_dir_all(&low).unwrap();
        std::fs::write(top.path().join(NAME), "").unwrap();
        assert_eq!(find(&low), Some(top.path().join(NAME)));
        std::fs::write(top.path().join("a").join(NAME), "").unwrap();
        assert_eq!(find(&low), Some(top.path().join("a").join(NAME)));
    }
}
