//! Who killed the target: what ran when it died runs again alone, the likeliest first, until it dies again.
//!
//! A run alone is short, and no verdict unless it came to its own end: who turns out to be innocent, or was not tried,
//! goes back to the queue. So a death costs a few restarts, however slow the target is with those that did not kill it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wsanvil_case::Instance;
use wsanvil_model::{Direction, FindingKind, Verdict};

use crate::standing;
use crate::worker::{Done, Job};

use super::{Judged, Schedule, no_transport};

/// How much longer a suspect may take alone than it had taken when the target died.
const SLACK: Duration = Duration::from_millis(200);
/// How long the search behind one death may take.
const SEARCH_WITHIN: Duration = Duration::from_secs(10);
/// Who had taken so long by then is tried last: to try it again takes as long.
const LONG: Duration = Duration::from_secs(1);
/// How often a suspect runs again that killed a process which had served other suspects before.
const CONFIRMATIONS: u32 = 2;

/// A death that nothing has caused alone.
#[derive(Debug)]
pub(super) struct Unexplained {
    /// How the target died.
    pub(super) why: String,
    /// Instances that ran then.
    pub(super) names: Vec<String>,
}

/// What a run alone showed.
enum Alone {
    /// The target lives.
    Harmless(Box<Done>),
    /// The target died, in this way.
    Deadly(Box<Done>, String),
    /// It got no connection: the target had died before, or the run is over.
    Unknown,
}

impl Schedule<'_> {
    /// Runs singly, on fresh processes, what could have killed the target.
    pub(super) async fn find_culprit(&mut self, why: &str) {
        let names = self.suspects();
        if names.is_empty() {
            return self.die_idly(why).await;
        }
        self.idle_deaths = 0;
        if !self.restart().await {
            return self.blame(names, why);
        }
        let until = Instant::now() + SEARCH_WITHIN;
        // Whether the process has served nobody but the one that runs alone now.
        let mut fresh = true;
        let mut open = Vec::new();
        let mut left = names.iter();
        let mut culprit = None;
        while culprit.is_none()
            && Instant::now() < until
            && self.goes_on()
            && let Some(name) = left.next()
        {
            let Some((instance, limit)) = self.to_repeat(name) else {
                continue;
            };
            match self.deadly(&instance, limit).await {
                Alone::Harmless(done) => {
                    fresh = false;
                    if !self.accept(*done, limit) {
                        open.push(name);
                    }
                }
                Alone::Deadly(done, how) => {
                    if let Some(how) = self.confirmed(*done, how, limit, fresh).await {
                        culprit = Some((name, instance, limit, how));
                    } else {
                        fresh = false;
                        open.push(name);
                    }
                }
                Alone::Unknown => {
                    open.push(name);
                    fresh = false;
                    if self.goes_on() && self.try_exit().is_some() {
                        fresh = self.restart().await;
                    }
                }
            }
        }
        open.extend(left);
        let Some((name, instance, limit, how)) = culprit else {
            return self.leave_unexplained(&names, &open, why);
        };
        for name in open {
            self.put_back(name, why, false);
        }
        self.crash(name, &format!("the target died: {how}"));
        if self.restart().await {
            self.try_siblings(&instance, limit).await;
        }
    }

    /// An instance that ran when the target died, and how long it may take alone.
    fn to_repeat(&self, name: &str) -> Option<(Arc<Instance>, Duration)> {
        let judged = self.results.get(name)?;
        Some((Arc::clone(&judged.instance), self.took(judged) + SLACK))
    }

    /// How long it had taken when the target died.
    fn took(&self, judged: &Judged) -> Duration {
        judged.ended.min(self.died).saturating_sub(judged.began)
    }

    /// Runs an instance alone.
    async fn deadly(&mut self, instance: &Arc<Instance>, limit: Duration) -> Alone {
        let mut buffer = Vec::new();
        let job = Job::within(Arc::clone(instance), limit);
        let Some(done) = self.alone(job, &mut buffer).await else {
            return Alone::Unknown;
        };
        if no_transport(&done) {
            return Alone::Unknown;
        }
        match self.exit_soon().await {
            Some(how) => Alone::Deadly(Box::new(done), how),
            None => Alone::Harmless(Box::new(done)),
        }
    }

    /// Takes the verdict of a run alone, when it came to its own end.
    fn accept(&mut self, done: Done, limit: Duration) -> bool {
        let cut = done.ended.saturating_sub(done.began) >= limit;
        if !cut {
            self.take(done);
        }
        !cut
    }

    /// Whether it does so again: a process that has served others may have died of what they did to it. Gives how it
    /// died. The target is not started again behind that.
    async fn confirmed(&mut self, done: Done, how: String, limit: Duration, fresh: bool) -> Option<String> {
        if fresh {
            self.judge(done);
            return Some(how);
        }
        let instance = Arc::clone(&done.job.instance);
        for _ in 0..CONFIRMATIONS {
            if !self.restart().await {
                return None;
            }
            match self.deadly(&instance, limit).await {
                Alone::Deadly(done, how) => {
                    self.judge(*done);
                    return Some(how);
                }
                Alone::Harmless(done) => {
                    self.accept(*done, limit);
                }
                Alone::Unknown => {}
            }
        }
        None
    }

    /// What one instance of a case does, the others are likely to do: they run alone as long as they do.
    async fn try_siblings(&mut self, culprit: &Instance, limit: Duration) {
        while self.goes_on() {
            let Some(sibling) = self.take_sibling(culprit) else {
                return;
            };
            match self.deadly(&sibling, limit).await {
                Alone::Deadly(done, how) => {
                    let name = sibling.name.clone();
                    self.judge(*done);
                    self.crash(&name, &format!("the target died: {how}"));
                    if !self.restart().await {
                        return;
                    }
                }
                Alone::Harmless(done) => {
                    if !self.accept(*done, limit) {
                        self.shared.queue().push_back(Job::new(sibling));
                    }
                    return;
                }
                Alone::Unknown => {
                    self.shared.queue().push_back(Job::new(sibling));
                    return;
                }
            }
        }
    }

    fn take_sibling(&self, culprit: &Instance) -> Option<Arc<Instance>> {
        let mut queue = self.shared.queue();
        let place = queue
            .iter()
            .position(|job| job.instance.case.id == culprit.case.id)?;
        queue.remove(place).map(|job| job.instance)
    }

    /// None of them has killed the target alone, as far as there was time. Those that did not come to an end run once
    /// more, beside others; the second time apart, at leisure; and not a third time.
    fn leave_unexplained(&mut self, names: &[String], open: &[&String], why: &str) {
        self.unexplained.push(Unexplained {
            why: why.to_owned(),
            names: names.to_vec(),
        });
        for name in open {
            let times = self.open_again.entry((*name).clone()).or_default();
            *times += 1;
            match *times {
                1 => self.put_back(name, why, false),
                2 => self.put_back(name, why, true),
                _ => self.leave_open(name, why),
            }
        }
    }

    /// What ran when the target died runs again, beside others or apart from them.
    fn put_back(&mut self, name: &str, why: &str, apart: bool) {
        // Counts only when it does not come to run again.
        self.leave_open(name, why);
        let Some(judged) = self.results.remove(name) else {
            return;
        };
        self.unjudged
            .insert(name.to_owned(), Arc::clone(&judged.instance));
        let job = Job::full(judged.instance);
        if apart {
            self.apart.push_back(job);
        } else {
            self.shared.queue().push_back(job);
        }
    }

    /// What ran when the target died is not judged by what it saw then.
    fn leave_open(&mut self, name: &str, why: &str) {
        let text = format!("the target died while this ran together with others: {why}");
        self.overrule(
            name,
            Verdict::Error,
            FindingKind::Unreachable,
            "a target that serves",
            &text,
        );
    }

    /// Instances that ran, or had only just ended, when the target died; the one that did something nearest to that comes first.
    fn suspects(&self) -> Vec<String> {
        let mut suspects: Vec<_> = self
            .results
            .values()
            .filter(|judged| judged.ended >= self.alive)
            .collect();
        suspects.sort_by_key(|judged| {
            let long = self.took(judged) > LONG;
            (
                long,
                self.distance_from_death(judged),
                judged.instance.name.clone(),
            )
        });
        suspects
            .into_iter()
            .map(|judged| judged.instance.name.clone())
            .collect()
    }

    /// From the death of the target to what an instance did nearest to it.
    fn distance_from_death(&self, judged: &Judged) -> Duration {
        let sent = judged.report.transcript.iter();
        let sent = sent
            .filter(|entry| entry.dir == Direction::Out)
            .map(|entry| judged.began + Duration::from_micros(entry.t_us));
        // The end of a conversation is something that it does, unless it is the end of the target.
        let ended = (judged.ended <= self.died).then_some(judged.ended);
        sent.chain(ended)
            .map(|at| self.died.abs_diff(at))
            .min()
            .unwrap_or(Duration::MAX)
    }

    /// Without a process that could be started again: the only one that could have done it, and had reason to be
    /// suspected, did. Of several nobody knows.
    pub(super) fn blame_the_last(&mut self, why: &str) {
        let names = self.suspects();
        let suspected = |name: &&String| {
            self.results.get(*name).is_some_and(|judged| {
                judged.suspect || judged.provisional || judged.report.verdict.is_finding()
            })
        };
        let guilty: Vec<String> = names.iter().filter(suspected).cloned().collect();
        self.blame(if guilty.is_empty() { names } else { guilty }, why);
    }

    fn blame(&mut self, names: Vec<String>, why: &str) {
        if let [name] = names.as_slice() {
            let text = format!("the target serves no more behind this case: {why}");
            self.crash(name, &text);
            return;
        }
        for name in &names {
            self.leave_open(name, why);
        }
        self.unexplained.push(Unexplained {
            why: why.to_owned(),
            names,
        });
    }

    /// The verdict of an instance becomes crash.
    fn crash(&mut self, name: &str, observed: &str) {
        if let Some(judged) = self.results.get_mut(name) {
            judged.provisional = false;
        }
        self.overrule(
            name,
            Verdict::Crash,
            FindingKind::Crash,
            "the target goes on serving",
            observed,
        );
    }

    /// Deaths that no instance has come to answer for are one finding of the run.
    pub(super) fn report_unexplained(&mut self) {
        let mut deaths = std::mem::take(&mut self.unexplained);
        let guilty = |name: &String| {
            let judged = self.results.get(name);
            judged.is_some_and(|judged| judged.report.verdict == Verdict::Crash)
        };
        deaths.retain(|death| !death.names.iter().any(guilty));
        if let [first, more @ ..] = deaths.as_slice() {
            let event = standing::not_serving(&first.why, &first.names, more.len(), &self.replay);
            (self.sink)(event);
        }
    }
}
