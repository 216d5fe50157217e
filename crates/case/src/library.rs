//! The case library: what is embedded, and what the user adds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::LoadError;
use crate::load::file;
use crate::load::sets::Sets;
use crate::types::{Case, Instance};

/// A case file larger than this is not one.
const MAX_FILE: u64 = 16 << 20;

/// All cases with their instances.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Every instance: files sorted by path, then in the order of the file.
    pub instances: Vec<Arc<Instance>>,
    sets: Sets,
    /// Which file took an instance name, a case id or a former id.
    names: BTreeMap<String, String>,
}

impl Library {
    /// The library that wsanvil carries.
    pub fn embedded() -> Result<Self, LoadError> {
        let first = |errors: Vec<LoadError>| errors.into_iter().next();
        let mut library = Self::default();
        let loaded = file::load_sets("sets.toml", wsanvil_cases::SETS, &mut library.sets).and_then(|()| {
            wsanvil_cases::FILES
                .iter()
                .try_for_each(|file| library.add_text(file.path, file.text, None))
        });
        match loaded.map_err(first) {
            Err(Some(error)) => Err(error),
            Ok(()) | Err(None) => Ok(library),
        }
    }

    /// A library with the same sets and without cases.
    pub(crate) fn without_cases(&self) -> Self {
        Self {
            sets: self.sets.clone(),
            ..Self::default()
        }
    }

    /// A library with the sets of the embedded one and without cases.
    pub fn empty() -> Self {
        let mut library = Self::default();
        // The embedded sets are checked by the tests of this crate.
        let _ = file::load_sets("sets.toml", wsanvil_cases::SETS, &mut library.sets);
        library
    }

    /// Adds every case file below a folder; `sets*.toml` directly in it adds sets.
    ///
    /// Everything that is wrong is reported. An id that the library has already is a mistake.
    pub fn add_dir(&mut self, dir: &Path) -> Result<(), Vec<LoadError>> {
        let mut paths = Vec::new();
        collect(dir, &mut paths)?;
        paths.sort();
        let (sets, cases): (Vec<_>, Vec<_>) = paths
            .into_iter()
            .partition(|path| path.parent() == Some(dir) && is_sets(path));
        let mut errors = Vec::new();
        for path in sets {
            let shown = path.display().to_string();
            let added = read(&path).and_then(|text| file::load_sets(&shown, &text, &mut self.sets));
            errors.extend(added.err().into_iter().flatten());
        }
        for path in cases {
            errors.extend(self.add_file(&path).err().into_iter().flatten());
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Adds one case file of the user.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Vec<LoadError>> {
        let text = read(path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        self.add_text(&path.display().to_string(), &text, Some(folder))
    }

    /// Adds the cases of a text. `path` is for messages; `folder` is where payload files are, if anywhere.
    pub fn add_text(&mut self, path: &str, text: &str, folder: Option<&Path>) -> Result<(), Vec<LoadError>> {
        let instances = file::load(path, text, folder, &self.sets)?;
        let mut errors = Vec::new();
        let mut last: Option<&Arc<Case>> = None;
        for instance in &instances {
            let case = &instance.case;
            let is_new_case = last.is_none_or(|last| last.is_not(case));
            last = Some(case);
            if is_new_case {
                for id in std::iter::once(&case.id).chain(&case.was) {
                    self.take(id, case, text, &mut errors);
                }
            }
            if instance.name != case.id {
                self.take(&instance.name, case, text, &mut errors);
            }
        }
        if errors.is_empty() {
            self.instances.extend(instances);
            Ok(())
        } else {
            Err(errors)
        }
    }

    fn take(&mut self, name: &str, case: &Case, text: &str, errors: &mut Vec<LoadError>) {
        let place = format!("{}:{}", case.file, case.line);
        if let Some(owner) = self.names.insert(name.to_owned(), place) {
            let start: usize = text
                .split_inclusive('\n')
                .take(case.line.saturating_sub(1) as usize)
                .map(str::len)
                .sum();
            errors.push(LoadError {
                file: case.file.clone(),
                line: case.line,
                column: 1,
                message: format!("the id `{name}` is taken by {owner}"),
                hint: None,
                text: text.into(),
                span: start..start + 1,
            });
        }
    }

    /// Every case once, in the order of [`Self::instances`].
    pub fn cases(&self) -> impl Iterator<Item = &Arc<Case>> {
        let mut last: Option<&Arc<Case>> = None;
        self.instances.iter().filter_map(move |instance| {
            let case = &instance.case;
            let is_new = last.is_none_or(|last| last.is_not(case));
            last = Some(case);
            is_new.then_some(case)
        })
    }

    /// The instance of that name.
    pub fn instance(&self, name: &str) -> Option<&Arc<Instance>> {
        self.instances.iter().find(|instance| instance.name == name)
    }

    /// The case of that id, or that had it once.
    pub fn case(&self, id: &str) -> Option<&Arc<Case>> {
        self.cases()
            .find(|case| case.id == id || case.was.iter().any(|was| was == id))
    }
}

fn is_sets(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with("sets"))
}

/// TOML files of a folder and below; hidden ones are left out.
fn collect(dir: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Vec<LoadError>> {
    let wrong = |error: std::io::Error| vec![unreadable(dir, &error)];
    for entry in fs::read_dir(dir).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let path = entry.path();
        let kind = entry.file_type().map_err(wrong)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    Ok(())
}

pub(crate) fn read(path: &Path) -> Result<String, Vec<LoadError>> {
    let wrong = |error: std::io::Error| vec![unreadable(path, &error)];
    if fs::metadata(path).map_err(wrong)?.len() > MAX_FILE {
        return Err(wrong(std::io::Error::other(format!(
            "more than {} MiB",
            MAX_FILE >> 20
        ))));
    }
    fs::read_to_string(path).map_err(wrong)
}

fn unreadable(path: &Path, error: &std::io::Error) -> LoadError {
    LoadError {
        file: path.display().to_string(),
        line: 0,
        column: 0,
        message: format!("cannot be read: {error}"),
        hint: None,
        text: "".into(),
        span: 0..0,
    }
}
