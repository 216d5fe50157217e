//! Every case of the library is proved twice: the strict reference endpoint passes it, and one defect made for it does
//! not. `UPDATE_PROVED=1` searches the defects again and rewrites `proved_by.tsv`.

mod traffic;
mod trial;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use wsanvil_case::{Instance, Library, Transport};
use wsanvil_echo::Defect;
use wsanvil_model::{FindingKind, Level, TargetRole, Verdict};
use wsanvil_testkit::Kind;
use wsanvil_testkit::hostile::by_name;
use wsanvil_testkit::pair::Chop;
use wsanvil_wire::Role;

/// Instances that move more octets are left to real runs.
const TRAFFIC: u64 = 1 << 20;
/// Instances that move more octets run with whole reads only.
const CHOPPED: u64 = 64 << 10;

/// What can be run in memory: HTTP/1.1, one target, little traffic, the profiles default and full.
static INSTANCES: LazyLock<Vec<Arc<Instance>>> = LazyLock::new(|| {
    let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
    let mut instances = library.instances;
    instances.retain(|instance| {
        let profiles = instance.profiles;
        (profiles.default || profiles.full)
            && matches!(instance.case.transport, Transport { h1: true, .. })
            && !roles(instance).is_empty()
            && traffic::of(instance) < TRAFFIC
    });
    instances
});

/// Roles of the target that the instance is for. The engine plays the client; targets that are clients come with it.
fn roles(instance: &Instance) -> &'static [Role] {
    match instance.case.role {
        TargetRole::Server | TargetRole::Both => &[Role::Server],
        TargetRole::Client | TargetRole::Proxy => &[],
    }
}

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
            match trial::run(instance, *role, Kind::Reference, chop) {
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

/// A line of the table: which instance of the case does not pass on which defect.
struct Proof {
    defect: Defect,
    instance: String,
    role: Role,
}

/// Why the instance does not pass on the defect, if it does not. An error proves nothing: the case was not judged.
fn finds(instance: &Arc<Instance>, role: Role, defect: Defect) -> Option<FindingKind> {
    let outcome = trial::run(instance, role, Kind::Defect(defect), Chop::Whole).ok()?;
    let failed = matches!(
        outcome.verdict,
        Verdict::Fail | Verdict::Nonstrict | Verdict::Crash
    );
    outcome.finding.filter(|_| failed).map(|finding| finding.kind)
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
    if std::env::var_os("UPDATE_PROVED").is_some() {
        std::fs::write(&path, search()).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let proofs = parse(&text);
    let cases = cases();
    let mut complaints = Vec::new();
    for (id, instances) in &cases {
        let Some(proof) = proofs.get(id) else {
            complaints.push(format!("{id}: no defect is known to fail it"));
            continue;
        };
        let proved = instances
            .iter()
            .find(|instance| instance.name == proof.instance)
            .is_some_and(|instance| finds(instance, proof.role, proof.defect).is_some());
        if !proved {
            complaints.push(format!("{id}: does not fail on {} any more", proof.defect.name()));
        }
    }
    complaints.extend(
        proofs
            .keys()
            .filter(|id| !cases.contains_key(*id))
            .map(|id| format!("{id}: is no such case")),
    );
    none(&complaints, "cases without proof");
}

/// Tries every defect on every case. Of those that fail a case the one that fails the fewest others is kept: it is
/// the one made for it. Where the target has to fail the connection, one that goes on comes before one that fails it
/// wrongly.
fn search() -> String {
    let mut found: BTreeMap<&str, Vec<(bool, Proof)>> = BTreeMap::new();
    let mut breaks: BTreeMap<Defect, usize> = BTreeMap::new();
    for (id, instances) in cases() {
        let proofs = found.entry(id).or_default();
        for defect in Defect::ALL {
            let proof = instances.iter().find_map(|instance| {
                roles(instance).iter().find_map(|role| {
                    let kind = finds(instance, *role, *defect)?;
                    let beside = negative(instance) && kind != FindingKind::NotFailed;
                    Some((
                        beside,
                        Proof {
                            defect: *defect,
                            instance: instance.name.clone(),
                            role: *role,
                        },
                    ))
                })
            });
            if let Some(proof) = proof {
                *breaks.entry(*defect).or_default() += 1;
                proofs.push(proof);
            }
        }
    }
    let mut table = String::new();
    for (id, proofs) in found {
        let best = proofs
            .iter()
            .min_by_key(|(beside, proof)| (*beside, breaks[&proof.defect]));
        if let Some((_, proof)) = best {
            let role = if proof.role == Role::Server {
                "server"
            } else {
                "client"
            };
            let _ = writeln!(table, "{id}\t{}\t{role}\t{}", proof.defect.name(), proof.instance);
        }
    }
    table
}

fn parse(text: &str) -> BTreeMap<&str, Proof> {
    text.lines()
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [id, defect, role, instance] = columns[..] else {
                panic!("not four columns: {line}")
            };
            let defect = Defect::ALL.iter().find(|known| known.name() == defect);
            let defect = *defect.unwrap_or_else(|| panic!("no such defect: {line}"));
            let role = if role == "server" {
                Role::Server
            } else {
                Role::Client
            };
            (
                id,
                Proof {
                    defect,
                    instance: instance.to_owned(),
                    role,
                },
            )
        })
        .collect()
}

#[test]
#[ignore = "expect fail still takes a Close with reserved bits for a failed connection"]
fn silence_and_echo_of_everything_never_pass_where_the_target_must_fail() {
    let mut complaints = Vec::new();
    for instance in INSTANCES.iter().filter(|instance| negative(instance)) {
        for name in ["silent", "stalls-in-handshake", "mute", "echo-all"] {
            match trial::run(instance, Role::Server, hostile(name), Chop::Whole) {
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
    for instance in INSTANCES.iter().filter(|instance| negative(instance)) {
        for name in [
            "ends-after-upgrade",
            "resets-after-upgrade",
            "ends-on-first-frame",
            "resets-on-first-frame",
        ] {
            match trial::run(instance, Role::Server, hostile(name), Chop::Whole) {
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

/// Whether the target, a server, has to fail the connection, level may left out.
fn negative(instance: &Instance) -> bool {
    roles(instance).contains(&Role::Server)
        && instance.case.level != Level::May
        && traffic::expects_failure(&instance.script.steps)
}
