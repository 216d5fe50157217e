//! How the findings of a case lie among its instances: in all of them, or in some, and what those have in common.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use wsanvil_model::{CaseReport, InstanceReport, Verdict};

/// Longer values, such as payloads, tell a reader nothing.
const LONGEST: usize = 24;
/// Values of one name that are listed.
const LISTED: usize = 4;

/// Which instances of a case are findings. Those that were skipped or could not be judged do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    verdict: Option<Verdict>,
    found: usize,
    judged: usize,
    shared: Shared,
}

/// What the findings have in common that not every instance has.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shared {
    /// They are all there are.
    All,
    /// No single value or list of values tells them from the others.
    Nothing,
    /// They are exactly the instances with these values.
    Exactly(String),
    /// They are exactly the instances without this value.
    AllBut(String),
    /// All of them have these values, and so have `others` that passed.
    Among { values: String, others: usize },
}

impl Spread {
    /// `None` when the case has no finding, or only one instance that was judged.
    pub fn of(case: &CaseReport) -> Option<Self> {
        let judged = |instance: &&InstanceReport| {
            matches!(
                instance.verdict,
                Verdict::Pass | Verdict::Nonstrict | Verdict::Fail | Verdict::Crash
            )
        };
        let (found, passed): (Vec<_>, Vec<_>) = case
            .instances
            .iter()
            .filter(judged)
            .partition(|instance| instance.verdict.is_finding());
        let first = found.first()?;
        if found.len() + passed.len() < 2 {
            return None;
        }
        let same = found.iter().all(|instance| instance.verdict == first.verdict);
        Some(Self {
            verdict: same.then_some(first.verdict),
            found: found.len(),
            judged: found.len() + passed.len(),
            shared: shared(&found, &passed),
        })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.verdict {
            Some(Verdict::Crash) => "crashes",
            Some(Verdict::Fail) => "fails",
            Some(Verdict::Nonstrict) => "is nonstrict",
            _ => "does not pass",
        };
        let Self { found, judged, .. } = self;
        match &self.shared {
            Shared::All => write!(f, "{verb} in all {judged} instances"),
            Shared::Nothing => write!(f, "{verb} in {found} of {judged} instances"),
            Shared::Exactly(values) => {
                write!(
                    f,
                    "{verb} in {found} of {judged} instances: exactly those with {values}"
                )
            }
            Shared::AllBut(value) => {
                write!(
                    f,
                    "{verb} in {found} of {judged} instances: all but those with {value}"
                )
            }
            Shared::Among { values, others } => write!(
                f,
                "{verb} in {found} of {judged} instances: all with {values}, as have {others} that pass"
            ),
        }
    }
}

fn shared(found: &[&InstanceReport], passed: &[&InstanceReport]) -> Shared {
    if passed.is_empty() {
        return Shared::All;
    }
    let names = names(found);
    let common: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| values(found, name).is_some_and(|values| values.len() == 1))
        .collect();
    // The fewest values that leave no instance that passed: one, two, or all with those left out that are not needed.
    let single = common.iter().map(|name| vec![*name]);
    let pairs = common.iter().enumerate().flat_map(|(at, one)| {
        let others = common.iter().skip(at + 1);
        others.map(|other| vec![*one, *other])
    });
    let exact = single.chain(pairs).find(|names| alike(found, passed, names) == 0);
    let exact =
        exact.or_else(|| (alike(found, passed, &common) == 0).then(|| needed(found, passed, &common)));
    if let Some(names) = exact {
        return Shared::Exactly(listed(found, &names));
    }
    if let Some(shared) = names.iter().find_map(|name| by_list(found, passed, name)) {
        return shared;
    }
    // One value at least that some of the others lack.
    let telling: Vec<&str> = common
        .into_iter()
        .filter(|name| alike(found, passed, &[*name]) < passed.len())
        .collect();
    if telling.is_empty() {
        return Shared::Nothing;
    }
    Shared::Among {
        values: listed(found, &telling),
        others: alike(found, passed, &telling),
    }
}

/// Names whose values can be told, axes first: they stand in the names of the instances. A row's own name tells nothing
/// that the list of findings does not.
fn names<'a>(found: &[&'a InstanceReport]) -> Vec<&'a str> {
    let Some(first) = found.first() else {
        return Vec::new();
    };
    let mut names: Vec<&str> = first
        .values
        .keys()
        .map(String::as_str)
        .filter(|name| *name != "name")
        .collect();
    let is_axis = |name: &str| {
        let shown = format!("{name}=");
        first.name.contains(&format!("[{shown}")) || first.name.contains(&format!(",{shown}"))
    };
    // What a single finding has beside its axes is only its own description.
    names.retain(|name| found.len() > 1 || is_axis(name));
    names.sort_by_key(|name| !is_axis(name));
    names
}

/// The values under a name, when every instance has one that can be shown.
fn values(instances: &[&InstanceReport], name: &str) -> Option<BTreeSet<String>> {
    instances.iter().map(|instance| value(instance, name)).collect()
}

fn value(instance: &InstanceReport, name: &str) -> Option<String> {
    let text = match instance.values.get(name)? {
        Value::String(text) => text.clone(),
        value @ (Value::Number(_) | Value::Bool(_)) => value.to_string(),
        _ => return None,
    };
    (text.chars().count() <= LONGEST).then_some(text)
}

/// How many of those that passed have the same values under `names` as the findings.
fn alike(found: &[&InstanceReport], passed: &[&InstanceReport], names: &[&str]) -> usize {
    let Some(first) = found.first() else { return 0 };
    let same = |instance: &&&InstanceReport| {
        names
            .iter()
            .all(|name| value(instance, name) == value(first, name))
    };
    passed.iter().filter(same).count()
}

/// `names` without those that can be left out.
fn needed<'a>(found: &[&InstanceReport], passed: &[&InstanceReport], names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    let mut at = names.len();
    while at > 0 {
        at -= 1;
        let left_out = names.remove(at);
        if alike(found, passed, &names) > 0 {
            names.insert(at, left_out);
        }
    }
    names
}

/// Whether a few values of one name, or all but one, are exactly those of the findings.
fn by_list(found: &[&InstanceReport], passed: &[&InstanceReport], name: &str) -> Option<Shared> {
    let (with, without) = (values(found, name)?, values(passed, name)?);
    if !with.is_disjoint(&without) {
        return None;
    }
    if without.len() == 1 && with.len() > 1 {
        let value = without.first()?;
        return Some(Shared::AllBut(format!("{name}={value}")));
    }
    // A list that has a value for every finding is the list of findings.
    if with.len() > LISTED || with.len() == found.len() {
        return None;
    }
    let values: Vec<String> = with.into_iter().collect();
    Some(Shared::Exactly(format!("{name}={}", values.join(" or "))))
}

fn listed(found: &[&InstanceReport], names: &[&str]) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    let pairs: Vec<String> = names
        .iter()
        .filter_map(|name| Some(format!("{name}={}", value(first, name)?)))
        .collect();
    pairs.join(" and ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wsanvil_model::{Level, TargetRole};

    use super::*;

    fn instance(chunk: u32, kind: &str, verdict: Verdict) -> InstanceReport {
        InstanceReport {
            values: [
                ("chunk".to_owned(), json!(chunk)),
                ("kind".to_owned(), json!(kind)),
            ]
            .into(),
            ..InstanceReport::new(format!("a/x[chunk={chunk},kind={kind}]"), verdict)
        }
    }

    /// The matrix of chunks 1 to 6 and two kinds; `fails` says which combinations are findings.
    fn said(fails: impl Fn(u32, &str) -> bool) -> Option<String> {
        let all = (1..=6).flat_map(|chunk| ["binary", "text"].map(|kind| (chunk, kind)));
        let instances = all.map(|(chunk, kind)| {
            let verdict = if fails(chunk, kind) {
                Verdict::Fail
            } else {
                Verdict::Pass
            };
            instance(chunk, kind, verdict)
        });
        said_of(instances.collect())
    }

    fn said_of(instances: Vec<InstanceReport>) -> Option<String> {
        let case = CaseReport {
            id: "a/x".to_owned(),
            title: String::new(),
            area: "a".to_owned(),
            role: TargetRole::Server,
            level: Level::Must,
            verdict: Verdict::Fail,
            spec: Vec::new(),
            alias: Vec::new(),
            why: None,
            file: String::new(),
            instances,
        };
        Spread::of(&case).map(|spread| spread.to_string())
    }

    #[test]
    fn what_findings_have_in_common() {
        let is = |fails: &dyn Fn(u32, &str) -> bool, text: &str| {
            assert_eq!(said(fails).unwrap(), text);
        };
        is(&|_, _| true, "fails in all 12 instances");
        is(
            &|chunk, _| chunk == 1,
            "fails in 2 of 12 instances: exactly those with chunk=1",
        );
        is(
            &|_, kind| kind == "text",
            "fails in 6 of 12 instances: exactly those with kind=text",
        );
        is(
            &|chunk, kind| chunk == 1 && kind == "text",
            "fails in 1 of 12 instances: exactly those with chunk=1 and kind=text",
        );
        is(
            &|chunk, _| chunk == 2 || chunk == 4,
            "fails in 4 of 12 instances: exactly those with chunk=2 or 4",
        );
        is(
            &|chunk, _| chunk != 6,
            "fails in 10 of 12 instances: all but those with chunk=6",
        );
        is(
            &|chunk, kind| kind == "text" && chunk % 2 == 0,
            "fails in 3 of 12 instances: all with kind=text, as have 3 that pass",
        );
        is(
            &|chunk, kind| (chunk % 2 == 0) == (kind == "text"),
            "fails in 6 of 12 instances",
        );
    }

    #[test]
    fn nothing_is_said_where_there_is_nothing_to_compare() {
        assert_eq!(said(|_, _| false), None);
        assert_eq!(said_of(vec![instance(1, "text", Verdict::Fail)]), None);
        let skipped = vec![
            instance(1, "text", Verdict::Fail),
            instance(2, "text", Verdict::Skip),
        ];
        assert_eq!(said_of(skipped), None);
    }

    #[test]
    fn different_verdicts_are_not_called_by_one() {
        let mixed = vec![
            instance(1, "text", Verdict::Nonstrict),
            instance(2, "text", Verdict::Crash),
        ];
        assert_eq!(said_of(mixed).unwrap(), "does not pass in all 2 instances");
    }

    #[test]
    fn payloads_are_not_told() {
        let mut instances = vec![
            instance(1, "text", Verdict::Fail),
            instance(2, "text", Verdict::Pass),
        ];
        for (octet, instance) in ["61", "62"].into_iter().zip(&mut instances) {
            instance.values = [("hex".to_owned(), json!(octet.repeat(100)))].into();
        }
        assert_eq!(said_of(instances).unwrap(), "fails in 1 of 2 instances");
    }
}
