//! Which pairs of instance and defect run.

use std::collections::BTreeSet;
use std::process::Command;

use globset::{GlobBuilder, GlobMatcher};
use wsanvil_case::{Library, ProfileName, Selection};

use super::{Arguments, Product};
use crate::error::Error;
use crate::{Done, project};

/// What is selected.
#[derive(Debug)]
pub(super) struct Scope {
    instances: Vec<bool>,
    defects: Vec<bool>,
    /// Selected instances on every defect and selected defects on every instance; else only where both are selected.
    either: bool,
}

impl Scope {
    pub(super) fn new(arguments: &Arguments, library: &Library, product: &Product) -> Done<Self> {
        if let Some(revision) = &arguments.changed {
            return Ok(Self::of_files(&changed(revision)?, product));
        }
        Ok(Self {
            instances: instances(&arguments.case, library, product)?,
            defects: defects(&arguments.defect, product)?,
            either: false,
        })
    }

    /// The cases and defects that stand in these files.
    fn of_files(files: &BTreeSet<String>, product: &Product) -> Self {
        let instances = product.instances.iter().map(|instance| {
            let file = format!("cases/{}", instance.case.file);
            files.contains(&file)
        });
        let defects = product.defects.iter().map(|defect| {
            let uses = product.uses.get(defect);
            uses.is_some_and(|uses| uses.places.iter().any(|place| files.contains(&place.file)))
        });
        Self {
            instances: instances.collect(),
            defects: defects.collect(),
            either: true,
        }
    }

    /// Whether this instance runs on this defect.
    pub(super) fn wants(&self, instance: usize, defect: usize) -> bool {
        let (instance, defect) = (self.instances[instance], self.defects[defect]);
        if self.either {
            instance || defect
        } else {
            instance && defect
        }
    }

    /// Whether this instance runs on anything.
    pub(super) fn touches_instance(&self, instance: usize) -> bool {
        (0..self.defects.len()).any(|defect| self.wants(instance, defect))
    }

    /// Whether this instance runs on every defect.
    pub(super) fn is_instance_whole(&self, instance: usize) -> bool {
        (0..self.defects.len()).all(|defect| self.wants(instance, defect))
    }

    /// Whether this defect meets every instance.
    pub(super) fn is_defect_whole(&self, defect: usize) -> bool {
        (0..self.instances.len()).all(|instance| self.wants(instance, defect))
    }

    /// Whether this defect meets any instance.
    pub(super) fn touches_defect(&self, defect: usize) -> bool {
        (0..self.instances.len()).any(|instance| self.wants(instance, defect))
    }

    /// Whether everything runs.
    pub(super) fn is_whole(&self) -> bool {
        (0..self.instances.len()).all(|instance| self.is_instance_whole(instance))
    }

    /// Pairs that run.
    pub(super) fn runs(&self) -> usize {
        let instances = 0..self.instances.len();
        instances
            .map(|instance| {
                (0..self.defects.len())
                    .filter(|defect| self.wants(instance, *defect))
                    .count()
            })
            .sum()
    }

    /// Cases that have an instance which runs.
    pub(super) fn cases(&self, product: &Product) -> usize {
        let instances = product.instances.iter().enumerate();
        let touched = instances.filter(|(number, _)| self.touches_instance(*number));
        touched
            .map(|(_, instance)| &instance.case.id)
            .collect::<BTreeSet<_>>()
            .len()
    }
}

fn instances(patterns: &[String], library: &Library, product: &Product) -> Done<Vec<bool>> {
    if patterns.is_empty() {
        return Ok(vec![true; product.instances.len()]);
    }
    let selection = Selection {
        include: patterns.to_vec(),
        profile: Some(ProfileName::Full),
        ..Selection::default()
    };
    let selected = selection
        .select(library)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let names: BTreeSet<&str> = selected.iter().map(|instance| instance.name.as_str()).collect();
    let instances = product.instances.iter();
    let chosen: Vec<bool> = instances
        .map(|instance| names.contains(instance.name.as_str()))
        .collect();
    if chosen.contains(&true) {
        Ok(chosen)
    } else {
        Err(Error::Usage("none of these can be run in memory".to_owned()))
    }
}

fn defects(patterns: &[String], product: &Product) -> Done<Vec<bool>> {
    if patterns.is_empty() {
        return Ok(vec![true; product.defects.len()]);
    }
    let mut chosen = vec![false; product.defects.len()];
    for pattern in patterns {
        let glob = matcher(pattern)?;
        let mut any = false;
        for (chosen, defect) in chosen.iter_mut().zip(product.defects) {
            let matches = glob.is_match(defect.name());
            any |= matches;
            *chosen |= matches;
        }
        if !any {
            return Err(Error::Usage(format!("no defect is called {pattern:?}")));
        }
    }
    Ok(chosen)
}

fn matcher(pattern: &str) -> Done<GlobMatcher> {
    let glob = GlobBuilder::new(pattern).build();
    let glob = glob.map_err(|error| Error::Usage(error.to_string()))?;
    Ok(glob.compile_matcher())
}

/// Files that are not as in `revision`, new ones too.
fn changed(revision: &str) -> Done<BTreeSet<String>> {
    let mut files = git(&["diff", "--name-only", revision, "--"])?;
    files.extend(git(&["ls-files", "--others", "--exclude-standard"])?);
    Ok(files)
}

fn git(arguments: &[&str]) -> Done<BTreeSet<String>> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(project::root())
        .output();
    let output = output.map_err(|cause| Error::Environment(format!("git: {cause}")))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::Usage(format!("git {}: {message}", arguments.join(" "))));
    }
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.lines().map(str::to_owned).collect())
}
