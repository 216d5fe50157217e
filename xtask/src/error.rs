//! Why a developer command failed, and who is to blame.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A failed developer command.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// The comparison was made and the two sides differ.
    #[error("{0}")]
    Differs(String),
    /// The command line, or a file named on it, is wrong.
    #[error("{0}")]
    Usage(String),
    /// A program or package that is not ours did not do what it must.
    #[error("{0}")]
    Environment(String),
    /// wsanvil itself did not do what it must.
    #[error("wsanvil: {0}")]
    Wsanvil(String),
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl Error {
    /// For `map_err`: the file that an I/O error is about.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |cause| Self::File { path, cause }
    }

    /// 1: the sides differ; 2: the command line; 3: everything else.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Differs(_) => 1,
            Self::Usage(_) => 2,
            Self::Environment(_) | Self::Wsanvil(_) | Self::File { .. } => 3,
        }
    }
}
