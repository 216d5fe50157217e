//! The runs and what they found.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use wsanvil_echo::Defect;
use wsanvil_model::{Level, Verdict};
use wsanvil_testkit::Kind;
use wsanvil_testkit::pair::Chop;
use wsanvil_testkit::proof::{finding, roles, trial};

use super::Product;
use super::scope::Scope;

/// Between two lines of progress where no terminal shows them in place.
const PROGRESS: Duration = Duration::from_secs(15);

/// What each defect made fail.
pub(super) struct Matrix {
    /// By number of the defect.
    caught: Vec<Caught>,
    /// References that do not pass and runs that came to no end.
    pub(super) broken_runs: Vec<String>,
}

/// What caught one defect.
#[derive(Debug, Default, Clone)]
struct Caught {
    /// Numbers of instances that do not pass.
    failed: BTreeSet<usize>,
    /// Numbers of instances that passed with other notes than on the reference.
    noted: BTreeSet<usize>,
    /// Standing rules seen broken, and whether an instance of the default profile saw them.
    rules: BTreeMap<&'static str, bool>,
}

/// Verdict and notes of an instance on the reference.
struct Plain {
    notes: Vec<String>,
}

impl Matrix {
    pub(super) fn run(product: &Product, scope: &Scope, threads: usize) -> Self {
        // A run that does not end panics and is told in a complaint.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let mut broken_runs = Vec::new();
        let references = parallel(
            threads,
            product.instances.len(),
            "instances on the reference",
            |number| {
                if scope.touches_instance(number) {
                    reference(product, number)
                } else {
                    Ok(Plain { notes: Vec::new() })
                }
            },
        );
        let mut plain = Vec::new();
        for reference in references {
            plain.push(reference.unwrap_or_else(|why| {
                broken_runs.push(why);
                Plain { notes: Vec::new() }
            }));
        }
        let columns = parallel(threads, product.defects.len(), "defects", |number| {
            column(product, scope, &plain, number)
        });
        panic::set_hook(hook);
        let mut caught = Vec::new();
        for (column, broken) in columns {
            caught.push(column);
            broken_runs.extend(broken);
        }
        Self { caught, broken_runs }
    }

    /// Cases and standing rules of level must or should that catch a defect, and whether the default profile is enough.
    pub(super) fn catchers(&self, product: &Product, defect: usize) -> BTreeMap<String, bool> {
        let mut catchers: BTreeMap<String, bool> = BTreeMap::new();
        let Some(caught) = self.caught.get(defect) else {
            return catchers;
        };
        for &number in &caught.failed {
            let instance = &product.instances[number];
            if instance.case.level != Level::May {
                *catchers.entry(instance.case.id.clone()).or_default() |= instance.profiles.default;
            }
        }
        for (rule, by_default) in &caught.rules {
            catchers.insert(format!("standing/{rule}"), *by_default);
        }
        catchers
    }

    /// Cases that a defect passes with other notes.
    pub(super) fn noters(&self, product: &Product, defect: usize) -> BTreeSet<String> {
        let noted = self.caught.get(defect).map(|caught| &caught.noted);
        let noted = noted.into_iter().flatten();
        noted
            .map(|&number| product.instances[number].case.id.clone())
            .collect()
    }

    /// Whether an instance fails on some defect.
    pub(super) fn catches_any(&self, instance: usize) -> bool {
        self.caught.iter().any(|caught| caught.failed.contains(&instance))
    }

    /// Defects that each case catches, or notes when it is of level may.
    pub(super) fn by_case(&self, product: &Product) -> BTreeMap<String, BTreeSet<Defect>> {
        let mut cases: BTreeMap<String, BTreeSet<Defect>> = BTreeMap::new();
        for instance in &product.instances {
            cases.entry(instance.case.id.clone()).or_default();
        }
        for (caught, defect) in self.caught.iter().zip(product.defects) {
            let may = |number: &&usize| product.instances[**number].case.level == Level::May;
            for &number in caught.failed.iter().chain(caught.noted.iter().filter(may)) {
                let case = &product.instances[number].case;
                cases.entry(case.id.clone()).or_default().insert(*defect);
            }
            for rule in caught.rules.keys() {
                cases
                    .entry(format!("standing/{rule}"))
                    .or_default()
                    .insert(*defect);
            }
        }
        cases
    }
}

fn reference(product: &Product, number: usize) -> Result<Plain, String> {
    let instance = &product.instances[number];
    let mut notes = Vec::new();
    for role in roles(instance) {
        let outcome = trial(instance, *role, Kind::Reference, Chop::Whole)?;
        if !matches!(outcome.verdict, Verdict::Pass | Verdict::Skip) {
            return Err(format!(
                "{} on the reference: {}: {}",
                instance.name,
                outcome.verdict.name(),
                outcome.reason
            ));
        }
        notes.extend(outcome.notes.into_iter().map(|note| note.text));
    }
    Ok(Plain { notes })
}

fn column(product: &Product, scope: &Scope, plain: &[Plain], number: usize) -> (Caught, Vec<String>) {
    let mut caught = Caught::default();
    let mut broken = Vec::new();
    let defect = product.defects[number];
    for (at, instance) in product.instances.iter().enumerate() {
        if !scope.wants(at, number) {
            continue;
        }
        let mut notes = Vec::new();
        for role in roles(instance) {
            match trial(instance, *role, Kind::Defect(defect), Chop::Whole) {
                Err(why) => broken.push(format!("{} on {defect}: {why}", instance.name)),
                Ok(outcome) => {
                    if finding(&outcome).is_some() {
                        caught.failed.insert(at);
                    }
                    for hit in &outcome.standing {
                        if hit.level != Level::May {
                            *caught.rules.entry(hit.rule).or_default() |= instance.profiles.default;
                        }
                    }
                    notes.extend(outcome.notes.into_iter().map(|note| note.text));
                }
            }
        }
        if !caught.failed.contains(&at) && notes != plain[at].notes {
            caught.noted.insert(at);
        }
    }
    (caught, broken)
}

/// The results of `work` for 0 to `count`, in order, from several threads, with progress on the terminal.
fn parallel<T: Send>(threads: usize, count: usize, what: &str, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let started = Instant::now();
    let shown = Mutex::new(started);
    let tell = |finished: usize| {
        let mut last = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let in_place = std::io::stderr().is_terminal();
        let pause = if in_place {
            Duration::from_millis(200)
        } else {
            PROGRESS
        };
        if finished == count || last.elapsed() >= pause {
            *last = Instant::now();
            let (from, to) = if in_place { ("\r", "") } else { ("", "\n") };
            let end = if in_place && finished == count { "\n" } else { to };
            eprint!(
                "{from}{finished} of {count} {what}, {} s{end}",
                started.elapsed().as_secs()
            );
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let result = work(number);
                    let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push((number, result));
                    tell(done.len());
                }
            });
        }
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
