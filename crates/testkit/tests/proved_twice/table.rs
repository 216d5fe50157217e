//! The table of proofs: which instance of a case does not pass on which defect.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use wsanvil_case::Instance;
use wsanvil_echo::Defect;
use wsanvil_model::FindingKind;
use wsanvil_testkit::proof::{finds, is_negative, roles};
use wsanvil_wire::Role;

/// Cases by id, with their instances.
type Cases = BTreeMap<&'static str, Vec<&'static Arc<Instance>>>;

/// A line of the table.
pub(crate) struct Proof {
    defect: Defect,
    role: Role,
    instance: String,
}

impl Proof {
    /// Whether the instance is still there and still does not pass.
    pub(crate) fn holds(&self, instances: &[&'static Arc<Instance>]) -> bool {
        let instance = instances.iter().find(|instance| instance.name == self.instance);
        instance.is_some_and(|instance| finds(instance, self.role, self.defect).is_some())
    }
}

/// Looks for the defect made for each case of `missing`: of those that fail it the one that fails the fewest of all
/// `cases`. Where the target has to fail the connection, one that goes on comes before one that fails it wrongly.
pub(crate) fn search(cases: &Cases, missing: &Cases) -> BTreeMap<&'static str, Proof> {
    if missing.is_empty() {
        return BTreeMap::new();
    }
    let breaks = |defect: &Defect| {
        let least = cases.values().filter_map(|instances| instances.first());
        least
            .filter(|instance| finds(instance, roles(instance)[0], *defect).is_some())
            .count()
    };
    let mut defects = Defect::ALL.to_vec();
    defects.retain(|defect| !defect.is_about_tls());
    defects.sort_by_cached_key(breaks);
    let found = missing
        .iter()
        .filter_map(|(id, instances)| Some((*id, made_for(instances, &defects)?)));
    found.collect()
}

/// The first defect that fails an instance in the right way, else the first that fails one.
fn made_for(instances: &[&Arc<Instance>], defects: &[Defect]) -> Option<Proof> {
    let mut beside = None;
    for defect in defects {
        for instance in instances {
            for role in roles(instance) {
                let Some(kind) = finds(instance, *role, *defect) else {
                    continue;
                };
                let proof = Proof {
                    defect: *defect,
                    role: *role,
                    instance: instance.name.clone(),
                };
                if !is_negative(instance) || kind == FindingKind::NotFailed {
                    return Some(proof);
                }
                beside.get_or_insert(proof);
            }
        }
    }
    beside
}

/// The table as text.
pub(crate) fn write(proofs: &BTreeMap<&str, Proof>) -> String {
    let mut text = String::new();
    for (
        id,
        Proof {
            defect,
            role,
            instance,
        },
    ) in proofs
    {
        let role = if *role == Role::Server { "server" } else { "client" };
        let _ = writeln!(text, "{id}\t{defect}\t{role}\t{instance}");
    }
    text
}

/// Reads the table.
pub(crate) fn parse(text: &str) -> BTreeMap<&str, Proof> {
    text.lines()
        .map(|line| line_of(line).unwrap_or_else(|| panic!("not a line of the table: {line}")))
        .collect()
}

fn line_of(line: &str) -> Option<(&str, Proof)> {
    let mut columns = line.split('\t');
    let id = columns.next()?;
    let defect = columns.next()?.parse().ok()?;
    let role = match columns.next()? {
        "server" => Role::Server,
        "client" => Role::Client,
        _ => return None,
    };
    Some((
        id,
        Proof {
            defect,
            role,
            instance: columns.next()?.to_owned(),
        },
    ))
}
