//! Several reports made into one: the shards of a run, or what several agents came to.

use std::collections::{BTreeMap, HashMap, HashSet};

use thiserror::Error;
use wsanvil_model::{CaseReport, Event, InstanceReport, Report, RunInfo, Shard};

use crate::{CaseMeta, Collector};

/// The id of every standing rule begins so: a rule is in each shard, a case with steps in one.
const STANDING: &str = "standing/";

/// Reports that are not parts of one run. Reports are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// Nothing was given.
    #[error("there is no report")]
    Nothing,
    /// Two reports judge the same instance.
    #[error("both judge {name}: they are no parts of one run")]
    Overlap {
        /// One of them.
        first: usize,
        /// The other.
        second: usize,
        /// The instance.
        name: String,
    },
    /// Parts of different wholes.
    #[error("one is shard {one}, the other is shard {other}: they are no parts of one run")]
    Shards {
        /// One of them.
        first: usize,
        /// The other.
        second: usize,
        /// The part that the one is.
        one: Shard,
        /// The part that the other is.
        other: Shard,
    },
}

/// Reports of the same target, each with its place among `reports`, in the order in which the targets came.
///
/// A target is known by the name of its agent. Where nobody gave one and wsanvil started the target, that name is an
/// address with whatever port was free; the command stands for it then.
pub fn by_agent(reports: Vec<Report>) -> Vec<Vec<(usize, Report)>> {
    let mut keys = Vec::new();
    let mut groups: Vec<Vec<(usize, Report)>> = Vec::new();
    for (place, report) in reports.into_iter().enumerate() {
        let target = &report.target;
        let address = target.url.split('/').nth(2).unwrap_or_default();
        let key = match &target.command {
            Some(command) if target.agent == address => command.clone(),
            _ => target.agent.clone(),
        };
        if let Some(at) = keys.iter().position(|known| *known == key) {
            groups[at].push((place, report));
        } else {
            keys.push(key);
            groups.push(vec![(place, report)]);
        }
    }
    groups
}

/// The whole of which `parts` are the shards, or any other reports of one target that have no instance in common.
///
/// Target and seed are those of the first part, the time that of the longest: shards run side by side. Of a standing
/// rule the worst verdict is kept, with the evidence that the whole run would have shown. `library` are the ids of all
/// cases in the order of a report; others come behind them as they come, and standing rules last.
pub fn shards(parts: &[(usize, &Report)], library: &[String]) -> Result<Report, MergeError> {
    let Some((_, first)) = parts.first() else {
        return Err(MergeError::Nothing);
    };
    same_whole(parts)?;
    let mut collector = Collector::new(first.tool.clone(), Vec::new());
    for meta in metas(parts, library) {
        collector.add_case(meta);
    }
    let mut owners: HashMap<&str, usize> = HashMap::new();
    let mut rules: BTreeMap<&str, Vec<&InstanceReport>> = BTreeMap::new();
    for (place, part) in parts {
        for (case, instance) in part.cases.iter().flat_map(of_case) {
            if case.id.starts_with(STANDING) {
                rules.entry(&case.id).or_default().push(instance);
                continue;
            }
            if let Some(owner) = owners.insert(&instance.name, *place) {
                return Err(MergeError::Overlap {
                    first: owner,
                    second: *place,
                    name: instance.name.clone(),
                });
            }
            collector.fold(finished(&case.id, instance.clone()));
        }
    }
    for (id, seen) in rules {
        collector.fold(finished(id, rule(&seen)));
    }
    collector.fold(Event::Started {
        target: first.target.clone(),
        run: RunInfo::default(),
        total: 0,
    });
    collector.fold(Event::Ended { run: run(parts) });
    Ok(collector.finish())
}

fn finished(case: &str, instance: InstanceReport) -> Event {
    Event::Finished {
        case: case.to_owned(),
        instance: Box::new(instance),
    }
}

fn of_case(case: &CaseReport) -> impl Iterator<Item = (&CaseReport, &InstanceReport)> {
    case.instances.iter().map(move |instance| (case, instance))
}

fn same_whole(parts: &[(usize, &Report)]) -> Result<(), MergeError> {
    let mut known: Vec<(usize, Shard)> = Vec::new();
    for (place, part) in parts {
        let Some(shard) = part.run.shard else { continue };
        let clash = known
            .iter()
            .find(|(_, other)| other.count != shard.count || other.index == shard.index);
        if let Some((first, one)) = clash {
            return Err(MergeError::Shards {
                first: *first,
                second: *place,
                one: *one,
                other: shard,
            });
        }
        known.push((*place, shard));
    }
    Ok(())
}

/// All cases of the parts, in order.
fn metas(parts: &[(usize, &Report)], library: &[String]) -> Vec<CaseMeta> {
    let places: HashMap<&str, usize> = library
        .iter()
        .enumerate()
        .map(|(place, id)| (id.as_str(), place))
        .collect();
    let mut seen = HashSet::new();
    let mut cases: Vec<&CaseReport> = parts
        .iter()
        .flat_map(|(_, part)| &part.cases)
        .filter(|case| seen.insert(case.id.as_str()))
        .collect();
    // Stable: what the library does not know stays as it came.
    cases.sort_by_key(|case| {
        let place = places.get(case.id.as_str()).copied().unwrap_or(library.len());
        (case.id.starts_with(STANDING), place)
    });
    let meta = |case: &CaseReport| CaseMeta {
        id: case.id.clone(),
        title: case.title.clone(),
        area: case.area.clone(),
        role: case.role,
        level: case.level,
        spec: case.spec.clone(),
        why: case.why.clone(),
        file: case.file.clone(),
    };
    cases.into_iter().map(meta).collect()
}

/// What the parts say about a standing rule, in one: the worst, and of equals the one that the whole run would show.
fn rule(seen: &[&InstanceReport]) -> InstanceReport {
    let rank = |instance: &&&InstanceReport| {
        let evidence = instance.seen_in.first();
        (
            instance.verdict,
            std::cmp::Reverse((evidence.is_none(), evidence.cloned())),
        )
    };
    let Some(worst) = seen.iter().rev().max_by_key(rank) else {
        unreachable!("a rule is here because a part has it");
    };
    let mut whole = InstanceReport::clone(worst);
    let mut others: Vec<String> = seen
        .iter()
        .flat_map(|instance| &instance.seen_in)
        .cloned()
        .collect();
    others.sort_unstable();
    others.dedup();
    if let Some(evidence) = whole.seen_in.first().cloned() {
        others.retain(|name| *name != evidence);
        whole.set_seen_in(std::iter::once(evidence).chain(others).collect());
    }
    whole
}

fn run(parts: &[(usize, &Report)]) -> RunInfo {
    let runs = || parts.iter().map(|(_, part)| &part.run);
    let mut all = RunInfo {
        started: runs().map(|run| run.started.clone()).min().unwrap_or_default(),
        wall_ms: runs().map(|run| run.wall_ms).max().unwrap_or_default(),
        jobs: runs().map(|run| run.jobs).max().unwrap_or_default(),
        interrupted: runs().any(|run| run.interrupted),
        shard: None,
        warnings: Vec::new(),
        ..runs().next().cloned().unwrap_or_default()
    };
    for warning in runs().flat_map(|run| &run.warnings) {
        if !all.warnings.contains(warning) {
            all.warnings.push(warning.clone());
        }
    }
    let known: Vec<Shard> = runs().filter_map(|run| run.shard).collect();
    if let Some(count) = known.first().map(|shard| shard.count) {
        let missing: Vec<String> = (1..=count)
            .map(|index| Shard { index, count })
            .filter(|shard| !known.contains(shard))
            .map(|shard| shard.to_string())
            .collect();
        if !missing.is_empty() {
            all.warnings.push(format!(
                "this is not the whole run: shard {} is missing",
                missing.join(", ")
            ));
        }
    }
    all
}
