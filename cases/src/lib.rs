//! The wsanvil case library and the requirement inventory, embedded as text.
//!
//! This crate only carries data. Case files are read by `wsanvil-case`.

mod beside;
mod requirement;

pub use beside::{Ambiguity, Erratum, Exception, ambiguities, errata, exceptions};
pub use requirement::{SpecRow, requirements};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// One case file as it stands in the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseFile {
    /// Path below `cases/`, with forward slashes: `framing/lengths.toml`.
    pub path: &'static str,
    /// The TOML text.
    pub text: &'static str,
}

/// The columns of a table's lines, without the header line.
fn lines(table: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    table.lines().skip(1).map(|line| line.split('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_files_are_sorted_and_hold_cases_only() {
        assert!(FILES.windows(2).all(|pair| pair[0].path < pair[1].path));
        for file in FILES {
            assert!(file.path.contains('/'), "{} is not in an area", file.path);
            assert!(file.text.contains("[[case]]"), "{} has no case", file.path);
        }
    }
}
