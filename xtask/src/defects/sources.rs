//! Where defects are switched: the uses of their variants in the code of the echo endpoint.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wsanvil_echo::Defect;

use crate::error::Error;
use crate::{Done, project};

/// The places where a defect is asked for.
#[derive(Debug, Default, Clone)]
pub(super) struct Uses {
    pub(super) places: Vec<Place>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Below the workspace.
    pub(super) file: String,
    pub(super) line: usize,
}

/// Where defects are switched: in the endpoint, and where it is served.
const FOLDERS: [&str; 2] = ["crates/echo/src", "crates/run/src"];

/// The uses of every defect. The table itself, and tests, use none.
pub(super) fn uses() -> Done<BTreeMap<Defect, Uses>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&project::root().join(folder), &mut files)?;
    }
    files.sort();
    let mut uses: BTreeMap<Defect, Uses> = BTreeMap::new();
    let variants: BTreeMap<String, Defect> = Defect::ALL
        .iter()
        .map(|defect| (format!("{defect:?}"), *defect))
        .collect();
    for (file, text) in files {
        for (line, variant) in named(&text) {
            if let Some(defect) = variants.get(variant) {
                let place = Place {
                    file: file.clone(),
                    line,
                };
                let places = &mut uses.entry(*defect).or_default().places;
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }
    Ok(uses)
}

/// Variants of `Defect` in a source file, with their lines, up to its tests.
fn named(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines.enumerate().flat_map(|(index, line)| {
        let code = line.split("//").next().unwrap_or(line);
        code.match_indices("Defect::").map(move |(at, path)| {
            let rest = &code[at + path.len()..];
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            (index + 1, &rest[..end])
        })
    })
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) -> Done {
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((project::shown(&path), project::read(&path)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_found_and_comments_and_tests_are_not() {
        let text = "if has(Defect::NoPong) || has(Defect::Silent) {\n// Defect::NoEcho\n}\n#[cfg(test)]\nDefect::NoUtf8";
        let found: Vec<(usize, &str)> = named(text).collect();
        assert_eq!(found, [(1, "NoPong"), (1, "Silent")]);
    }

    #[test]
    fn every_defect_is_switched_somewhere_and_breaks_a_known_requirement() {
        let uses = uses().unwrap();
        for defect in Defect::ALL {
            assert!(uses.contains_key(defect), "{defect} is switched nowhere");
            let known = wsanvil_case::requirement(defect.requirement()).is_some();
            assert!(known, "{defect}: unknown requirement {}", defect.requirement());
        }
    }
}
