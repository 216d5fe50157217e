//! Every case of the library is proved twice: the strict reference endpoint passes it, and one defect made for it does
//! not. `UPDATE_PROVED=1` looks for the defects that `proved_by.tsv` lacks and rewrites it, `UPDATE_PROVED=all` looks for
//! all of them again.

mod defects;
mod table;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use wsanvil_case::{Instance, Library};
use wsanvil_model::{Level, Verdict};
use wsanvil_testkit::Kind;
use wsanvil_testkit::hostile::by_name;
use wsanvil_testkit::pair::Chop;
use wsanvil_testkit::proof::{candidates, is_negative, roles, traffic, trial};
use wsanvil_wire::Role;

/// Instances that move more octets run with whole reads only.
const CHOPPED: u64 = 64 << 10;

static INSTANCES: LazyLock<Vec<Arc<Instance>>> = LazyLock::new(|| {
    let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
    candidates(&library)
});

/// Fails with one line for each complaint.
fn none(complaints: &[String], what: &str) {
    assert!(
        complaints.is_empty(),
        "{what}: {}\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

#[test]
fn every_instance_passes_on_the_reference_however_the_reads_are_cut() {
    let mut complaints = Vec::new();
    for instance in INSTANCES.iter() {
        // Cutting the long ones as well would take most of the time and show nothing new.
        let chops: &[Chop] = if traffic::of(instance) < CHOPPED {
            &[Chop::Whole, Chop::Seeded(1)]
        } else {
            &[Chop::Whole]
        };
        for (role, chop) in roles(instance)
            .iter()
            .flat_map(|role| chops.iter().map(move |chop| (role, *chop)))
        {
            match trial(instance, *role, Kind::Reference, chop) {
                Ok(outcome) if matches!(outcome.verdict, Verdict::Pass | Verdict::Skip) => {}
                Ok(outcome) => complaints.push(format!(
                    "{} ({role:?}, {chop:?}): {}: {}",
                    instance.name,
                    outcome.verdict.name(),
                    outcome.reason
                )),
                Err(why) => complaints.push(why),
            }
        }
    }
    none(&complaints, "not passed by the reference");
}

/// Cases that a defect has to fail, with their instances, those with the least traffic first.
fn cases() -> BTreeMap<&'static str, Vec<&'static Arc<Instance>>> {
    let mut cases: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for instance in INSTANCES
        .iter()
        .filter(|instance| instance.case.level != Level::May)
    {
        cases.entry(&instance.case.id).or_default().push(instance);
    }
    for instances in cases.values_mut() {
        instances.sort_by_key(|instance| traffic::of(instance));
    }
    cases
}

#[test]
fn every_case_fails_on_a_defect() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("proved_by.tsv");
    let update = std::env::var("UPDATE_PROVED");
    let committed = std::fs::read_to_string(&path).unwrap();
    let known = if update.as_deref() == Ok("all") {
        BTreeMap::new()
    } else {
        table::parse(&committed)
    };
    let cases = cases();
    let mut missing = cases.clone();
    missing.retain(|id, instances| known.get(id).is_none_or(|proof| !proof.holds(instances)));
    if update.is_ok() {
        let mut proofs = known;
        proofs.retain(|id, _| cases.contains_key(id) && !missing.contains_key(id));
        proofs.extend(table::search(&cases, &missing));
        missing.retain(|id, _| !proofs.contains_key(id));
        std::fs::write(&path, table::write(&proofs)).unwrap();
    } else {
        let gone: Vec<String> = known
            .keys()
            .filter(|id| !cases.contains_key(*id))
            .map(ToString::to_string)
            .collect();
        none(
            &gone,
            "proofs of cases that are not there; run with UPDATE_PROVED=1",
        );
    }
    let missing: Vec<String> = missing.keys().map(ToString::to_string).collect();
    none(
        &missing,
        "cases that no known defect fails; run with UPDATE_PROVED=1",
    );
}

#[test]
fn silence_and_echo_of_everything_never_pass_where_the_target_must_fail() {
    let mut complaints = Vec::new();
    for instance in INSTANCES.iter().filter(|instance| is_negative(instance)) {
        for name in ["silent", "stalls-in-handshake", "mute", "echo-all"] {
            match trial(instance, Role::Server, hostile(name), Chop::Whole) {
                Ok(outcome) if outcome.verdict != Verdict::Pass => {}
                Ok(outcome) => complaints.push(format!("{} on {name}: {}", instance.name, outcome.reason)),
                Err(why) => complaints.push(why),
            }
        }
    }
    none(&complaints, "passed without being failed");
}

#[test]
fn death_never_passes_for_good_where_the_target_must_fail() {
    let mut complaints = Vec::new();
    for instance in INSTANCES.iter().filter(|instance| is_negative(instance)) {
        for name in [
            "ends-after-upgrade",
            "resets-after-upgrade",
            "ends-on-first-frame",
            "resets-on-first-frame",
        ] {
            match trial(instance, Role::Server, hostile(name), Chop::Whole) {
                // Provisional: the runner asks a fresh handshake before it lets the pass stand.
                Ok(outcome) if outcome.verdict != Verdict::Pass || outcome.provisional => {}
                Ok(outcome) => complaints.push(format!("{} on {name}: {}", instance.name, outcome.reason)),
                Err(why) => complaints.push(why),
            }
        }
    }
    none(&complaints, "passed by dying");
}

fn hostile(name: &str) -> Kind {
    Kind::Hostile(by_name(name).unwrap_or_else(|| panic!("no such peer: {name}")))
}
