//! Servers that use what the texts leave open: no case of the default profile fails any of them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};
use std::thread;

use wsanvil_case::{Instance, Library, Need};
use wsanvil_echo::Config;
use wsanvil_engine::{App, Outcome};
use wsanvil_model::Verdict;
use wsanvil_testkit::lawful::{Lawful, lawful_servers};
use wsanvil_testkit::pair::Pair;
use wsanvil_testkit::proof::{candidates, traffic};
use wsanvil_testkit::settings;
use wsanvil_wire::Role;

/// Instances of a case that run on each server: those with the least and the most traffic, and some between.
const OF_A_CASE: usize = 4;
/// Instances that move more octets run only where they are asked for.
const TRAFFIC: u64 = 256 << 10;

static INSTANCES: LazyLock<Vec<Arc<Instance>>> = LazyLock::new(|| {
    let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
    let mut cases: BTreeMap<String, Vec<Arc<Instance>>> = BTreeMap::new();
    for instance in candidates(&library) {
        let declared = instance
            .case
            .needs
            .iter()
            .any(|need| matches!(need, Need::Declares(_) | Need::Tls));
        if instance.profiles.default && !declared && traffic::of(&instance) < TRAFFIC {
            cases.entry(instance.case.id.clone()).or_default().push(instance);
        }
    }
    let all = std::env::var_os("LAWFUL_ALL").is_some();
    let some = |mut instances: Vec<Arc<Instance>>| {
        let count = instances.len();
        let step = if all { 1 } else { count.div_ceil(OF_A_CASE) };
        let mut index = 0;
        instances.retain(|_| {
            index += 1;
            (index - 1) % step == 0 || index == count
        });
        instances
    };
    cases.into_values().flat_map(some).collect()
});

fn run(instance: &Arc<Instance>, lawful: &'static Lawful) -> Result<Outcome, String> {
    let server = lawful.start(Config::default());
    let run = || {
        Pair::default().run(
            Arc::clone(instance),
            settings(Role::Server, lawful.app),
            &mut |nth| server.connect(nth),
        )
    };
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        message.unwrap_or_else(|| format!("{} panicked", instance.name))
    })
}

/// What a server is blamed for, although it keeps every rule.
fn complaints(lawful: &'static Lawful) -> Vec<String> {
    let mut complaints = Vec::new();
    for instance in INSTANCES.iter() {
        if lawful.app == App::None && instance.case.needs.contains(&Need::Echo) {
            continue;
        }
        let blamed = match run(instance, lawful) {
            Err(panic) => panic,
            Ok(outcome) => match outcome.verdict {
                Verdict::Pass | Verdict::Skip => {
                    let hit = outcome
                        .standing
                        .iter()
                        .find(|hit| hit.level != wsanvil_model::Level::May);
                    let Some(hit) = hit else { continue };
                    format!("standing/{}: {}", hit.rule, hit.finding.observed)
                }
                Verdict::Nonstrict if lawful.nonstrict_in == Some(instance.case.id.as_str()) => continue,
                Verdict::Error if lawful.few_connections => continue,
                verdict => format!("{}: {}", verdict.name(), outcome.reason),
            },
        };
        complaints.push(format!("{}: {}: {blamed}", lawful.name, instance.name));
    }
    complaints
}

#[test]
fn no_case_fails_a_lawful_server() {
    let only = std::env::var("LAWFUL").unwrap_or_default();
    let rows: Vec<&'static Lawful> = lawful_servers().filter(|row| row.name.contains(&only)).collect();
    let threads = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let found: Vec<String> = thread::scope(|scope| {
        let rows = &rows;
        let parts: Vec<_> = (0..threads)
            .map(|part| {
                scope.spawn(move || {
                    let mine = rows.iter().skip(part).step_by(threads);
                    mine.flat_map(|row| complaints(row)).collect::<Vec<_>>()
                })
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|error| panic!("{error:?}")))
            .collect()
    });
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}
