//! Every defect of the reference is caught: `caught_by.tsv` names an instance of the default profile for each but those
//! that [`elsewhere`] gives a reason for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use wsanvil_case::Instance;
use wsanvil_echo::Defect;
use wsanvil_model::Level;
use wsanvil_testkit::proof::{elsewhere, finds, roles, traffic};

use super::{INSTANCES, none};

/// How many threads look for instances.
const THREADS: usize = 2;

/// Instances that may prove a defect, those with the least traffic first.
fn default_profile() -> Vec<&'static Arc<Instance>> {
    let mut instances: Vec<_> = INSTANCES
        .iter()
        .filter(|instance| instance.profiles.default && instance.case.level != Level::May)
        .collect();
    instances.sort_by_key(|instance| traffic::of(instance));
    instances
}

fn catches(instance: &Arc<Instance>, defect: Defect) -> bool {
    roles(instance)
        .iter()
        .any(|role| finds(instance, *role, defect).is_some())
}

/// The first instance that catches the defect: those that cite its requirement come first, then those of its section.
fn first_that_catches(instances: &[&'static Arc<Instance>], defect: Defect) -> Option<&'static str> {
    let requirement = defect.requirement();
    let section = requirement
        .rsplit_once('-')
        .map_or(requirement, |(section, _)| section);
    let mut nearest = instances.to_vec();
    nearest.sort_by_key(|instance| {
        let cites = |part: &str| instance.case.spec.iter().any(|id| id.as_str().starts_with(part));
        (!cites(requirement), !cites(section))
    });
    let caught = nearest.into_iter().find(|instance| catches(instance, defect));
    caught.map(|instance| instance.name.as_str())
}

/// Looks for all of `defects`.
fn search(instances: &[&'static Arc<Instance>], defects: &[Defect]) -> BTreeMap<Defect, String> {
    let found = |part: usize| {
        let mine = defects.iter().skip(part).step_by(THREADS);
        let caught =
            mine.filter_map(|defect| Some((*defect, first_that_catches(instances, *defect)?.to_owned())));
        caught.collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let found = &found;
        let parts: Vec<_> = (0..THREADS)
            .map(|part| scope.spawn(move || found(part)))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|error| panic!("{error:?}")))
            .collect()
    })
}

fn parse(text: &str) -> BTreeMap<Defect, String> {
    // A line about a defect that is there no more is left out, and not written again.
    let line = |line: &str| {
        let (defect, instance) = line.split_once('\t')?;
        Some((defect.parse().ok()?, instance.to_owned()))
    };
    text.lines().filter_map(line).collect()
}

fn write(caught: &BTreeMap<Defect, String>) -> String {
    let mut text = String::new();
    for (defect, instance) in caught {
        let _ = writeln!(text, "{defect}\t{instance}");
    }
    text
}

#[test]
fn every_defect_is_caught() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("caught_by.tsv");
    let update = std::env::var("UPDATE_PROVED");
    let mut caught = match update.as_deref() {
        Ok("all") => BTreeMap::new(),
        _ => parse(&std::fs::read_to_string(&path).unwrap()),
    };
    let instances = default_profile();
    let by_name: BTreeMap<&str, _> = instances
        .iter()
        .map(|instance| (instance.name.as_str(), *instance))
        .collect();
    caught.retain(|defect, name| {
        by_name
            .get(name.as_str())
            .is_some_and(|instance| catches(instance, *defect))
    });
    let wanted = Defect::ALL
        .iter()
        .copied()
        .filter(|defect| elsewhere(*defect).is_none());
    let mut missing: Vec<Defect> = wanted.filter(|defect| !caught.contains_key(defect)).collect();
    if update.is_ok() {
        caught.extend(search(&instances, &missing));
        missing.retain(|defect| !caught.contains_key(defect));
        std::fs::write(&path, write(&caught)).unwrap();
    }
    let surplus: Vec<String> = caught
        .keys()
        .filter_map(|defect| Some(format!("{defect}: {}", elsewhere(*defect)?)))
        .collect();
    none(&surplus, "defects that are caught and listed as proved elsewhere");
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    none(
        &missing,
        "defects that no case of the default profile catches; run with UPDATE_PROVED=1",
    );
}
