//! The run: many instances at once, and no verdict that a dead target could have made.

mod culprits;
mod recovery;
mod retry;
mod settle;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wsanvil_case::Instance;
use wsanvil_engine::CompressedMessages;
use wsanvil_engine::Outcome;
use wsanvil_model::{Event, InstanceReport, RunInfo, TargetInfo, Verdict};
use wsanvil_net::{ExitReport, Launch, Launched};

use crate::contact::{self, Contact};
use crate::convert;
use crate::evidence::Evidence;
use crate::needs::{self, Around};
use crate::pace::{Heard, Pace};
use crate::plan::{Plan, RunError, Stop};
use crate::pulse::{Pulse, shows_life};
use crate::standing::Hits;
use crate::worker::{Done, Job, Shared};

use self::culprits::Unexplained;

/// Octets of compressed messages kept for the next instance that sends the same; twice, for small and large ones.
const COMPRESSED: usize = 24 << 20;

/// Receives the events of a run.
pub(crate) type Sink<'a> = &'a mut (dyn FnMut(Event) + Send);

/// Runs a plan to its end, or until somebody asks to stop.
pub async fn run(mut plan: Plan, stop: Stop, sink: Sink<'_>) -> Result<(), RunError> {
    let origin = Instant::now();
    let started = SystemTime::now();
    let pulse = Pulse::new(&plan.facts, plan.seed);
    let launched = plan.launch.is_some();
    let contact = contact::make(
        &pulse,
        &plan.connector,
        &plan.facts,
        plan.app,
        plan.step_deadline,
        launched,
    )
    .await?;
    plan.facts.app = contact.app;
    let harmless = plan
        .connector
        .is_loopback(plan.step_deadline)
        .await
        .unwrap_or(false);
    let around = Around {
        launched: plan.launch.is_some(),
        harm_allowed: plan.disruptive || plan.launch.is_some() || harmless,
    };
    if !plan.selective {
        plan.instances.retain(|instance| needs::is_for_servers(instance));
    }
    let info = RunInfo {
        seed: plan.seed,
        profile: plan.profile.clone(),
        jobs: plan.jobs,
        started: rfc3339(started),
        shard: plan.shard,
        ..RunInfo::default()
    };
    let total = u32::try_from(plan.instances.len()).unwrap_or(u32::MAX);
    sink(Event::Started {
        target: target_info(&plan, &contact),
        run: info.clone(),
        total,
    });
    if let Some(warning) = contact.warning {
        sink(Event::Warning(warning));
    }
    let mut pace = Pace::new(plan.step_deadline);
    if let Some(time) = contact.round_trip {
        pace.round_trip(time);
    }
    let shared = Arc::new(Shared {
        queue: Mutex::new(VecDeque::new()),
        pace: Mutex::new(pace),
        meter: Mutex::new(plan.launch.as_ref().map(|(_, launched)| launched.target.meter())),
        connector: Arc::clone(&plan.connector),
        facts: Arc::new(plan.facts.clone()),
        seed: plan.seed,
        keep_all: plan.keep_all,
        compressed: Arc::new(CompressedMessages::new(COMPRESSED)),
        origin,
        until: plan.max_time.map(|time| origin + time),
    });
    let mut schedule = Schedule {
        shared,
        pulse,
        launch: plan.launch.take(),
        replay: plan.replay.clone(),
        jobs: plan.jobs.max(1),
        stop,
        sink,
        hits: Hits::default(),
        results: BTreeMap::new(),
        evidence: Evidence::new(plan.keep_all),
        alive: Duration::ZERO,
        lived: contact.lived,
        well: contact.went_well,
        gone: None,
        restarts: 0,
        idle_deaths: 0,
        restarting: Duration::ZERO,
        exit_noticed: None,
        died: Duration::ZERO,
        apart: VecDeque::new(),
        open_again: BTreeMap::new(),
        unexplained: Vec::new(),
        unjudged: BTreeMap::new(),
    };
    schedule.run(&plan, around).await;
    let interrupted = schedule.stop.is_asked();
    schedule.settle(plan.selective, plan.retries).await;
    let Schedule { sink, launch, .. } = schedule;
    if let Some((_, mut launched)) = launch {
        launched.target.stop().await;
    }
    let wall_ms = u64::try_from(origin.elapsed().as_millis()).unwrap_or(u64::MAX);
    sink(Event::Ended {
        run: RunInfo {
            wall_ms,
            interrupted,
            ..info
        },
    });
    Ok(())
}

/// An instance that was judged, as far as the end of the run may change it.
#[derive(Debug)]
struct Judged {
    instance: Arc<Instance>,
    report: InstanceReport,
    began: Duration,
    ended: Duration,
    provisional: bool,
    dropped: bool,
    late_end: bool,
    suspect: bool,
    shortened: bool,
    timed_out: bool,
}

/// A run under way.
struct Schedule<'a> {
    shared: Arc<Shared>,
    pulse: Pulse,
    launch: Option<(Launch, Launched)>,
    replay: String,
    jobs: u32,
    stop: Stop,
    sink: Sink<'a>,
    hits: Hits,
    /// Room for transcripts.
    evidence: Evidence,
    results: BTreeMap<String, Judged>,
    /// Latest moment at which a handshake began that succeeded: the target lived then.
    alive: Duration,
    /// Whether the target has ever answered an opening handshake.
    lived: bool,
    /// Whether it was seen to treat a connection that keeps every rule as it should.
    well: bool,
    /// The target serves no more: the verdict of what did not run, and why.
    gone: Option<(Verdict, String)>,
    /// How often the target was started anew.
    restarts: u32,
    /// Deaths in a row while no instance ran.
    idle_deaths: u32,
    /// Time spent on starting the target anew.
    restarting: Duration,
    /// When the process of a launched target was seen to have ended, until it is started anew.
    exit_noticed: Option<Duration>,
    /// When it died last, as near as can be told.
    died: Duration,
    /// Instances that run alone, behind the others: a death that nobody has caused alone is no reason to run them
    /// together again.
    apart: VecDeque<Job>,
    /// How often instances ran when the target died and nobody turned out to have killed it.
    open_again: BTreeMap<String, u32>,
    /// Deaths without a culprit, so far.
    unexplained: Vec<Unexplained>,
    /// Instances of the phase that have no verdict yet.
    unjudged: BTreeMap<String, Arc<Instance>>,
}

impl Schedule<'_> {
    async fn run(&mut self, plan: &Plan, around: Around) {
        let (mut parallel, mut serial) = (VecDeque::new(), VecDeque::new());
        for instance in &plan.instances {
            if let Some(reason) = needs::missing(instance, &plan.facts, around) {
                self.emit(
                    instance,
                    convert::not_run(instance, Verdict::Skip, &reason, &self.replay),
                );
                continue;
            }
            let job = Job::new(Arc::clone(instance));
            if instance.case.serial || instance.case.limits.is_some() {
                serial.push_back(job);
            } else {
                parallel.push_back(job);
            }
        }
        self.phase(parallel, self.jobs).await;
        self.phase(serial, 1).await;
    }

    /// Runs a queue with so many workers, recovering the target when it dies.
    async fn phase(&mut self, queue: VecDeque<Job>, jobs: u32) {
        self.unjudged = queue
            .iter()
            .map(|job| (job.instance.name.clone(), Arc::clone(&job.instance)))
            .collect();
        *self.shared.queue() = queue;
        self.empty_queue(jobs).await;
        self.give_up_rest();
    }

    /// Runs what is in the queue, and then alone what must not run beside others.
    async fn empty_queue(&mut self, jobs: u32) {
        let mut jobs = jobs;
        while self.goes_on() {
            if self.shared.queue().is_empty() {
                if self.apart.is_empty() {
                    return;
                }
                self.shared.queue().append(&mut self.apart);
                jobs = 1;
            }
            if let Some(unreached) = self.drain(jobs).await
                && !self.is_over()
            {
                self.recover(unreached).await;
            }
        }
    }

    /// Whether somebody asked to stop, or the time is up.
    fn is_over(&self) -> bool {
        self.stop.is_asked() || self.shared.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Whether there is a target and time for it.
    fn goes_on(&self) -> bool {
        !self.is_over() && self.gone.is_none()
    }

    /// Runs one instance by itself. None: the run is over.
    async fn alone(&mut self, job: Job, buffer: &mut Vec<u8>) -> Option<Done> {
        unless_over(&self.stop, &self.shared, self.shared.one(job, buffer)).await
    }

    /// A Ping within `within`. None: the run is over.
    async fn ping(&mut self, within: Duration) -> Option<Outcome> {
        let ping = self.pulse.ping(&self.shared.connector, within);
        unless_over(&self.stop, &self.shared, ping).await
    }

    /// Lets workers empty the queue. `Some`: the target stopped taking connections, and these did not get one; the
    /// queue keeps what was not begun.
    async fn drain(&mut self, jobs: u32) -> Option<Vec<Job>> {
        let (sender, mut done) = mpsc::unbounded_channel();
        let mut workers = JoinSet::new();
        let count = (jobs as usize).min(self.shared.queue().len());
        for _ in 0..count {
            workers.spawn(Arc::clone(&self.shared).work(sender.clone()));
        }
        drop(sender);
        let mut held = VecDeque::new();
        let mut unreached = Vec::new();
        let mut died = false;
        loop {
            let next = tokio::select! {
                biased;
                () = self.stop.asked() => {
                    workers.shutdown().await;
                    return None;
                }
                next = done.recv() => next,
                () = past(self.shared.until) => {
                    workers.shutdown().await;
                    return None;
                }
                () = exited(&mut self.launch), if !died => {
                    died = true;
                    self.exit_noticed = Some(self.shared.origin.elapsed());
                    held.append(&mut self.shared.queue());
                    continue;
                }
            };
            let Some(result) = next else { break };
            if no_transport(&result) {
                unreached.push(result.job);
                held.append(&mut self.shared.queue());
                continue;
            }
            self.take(result);
        }
        // The channel is closed when every worker is gone; one that panicked is a bug of ours and is passed on.
        while let Some(end) = workers.join_next().await {
            if let Err(error) = end
                && let Ok(panic) = error.try_into_panic()
            {
                std::panic::resume_unwind(panic);
            }
        }
        let mut queue = self.shared.queue();
        held.append(&mut queue);
        *queue = held;
        (died || !unreached.is_empty()).then_some(unreached)
    }

    /// Takes in a result: what it says about the target's speed and life, and its verdict.
    fn take(&mut self, done: Done) {
        let outcome = &done.outcome;
        let changed = {
            let mut pace = self.shared.pace();
            if let Some(time) = outcome.barrier_round_trip {
                pace.round_trip(time);
            }
            // Who had no Close to wait for shows neither.
            if outcome.late_end || outcome.close.clean {
                pace.ended(outcome.late_end);
            }
            pace.learn(Heard::of(outcome))
        };
        if changed {
            self.rerun_shortened();
        }
        if shows_life(outcome) {
            self.alive = self.alive.max(done.began);
            self.lived = true;
        }
        self.judge(done);
    }

    /// The target behaves differently from what the dropped deadline supposed: what it decided runs again in full.
    fn rerun_shortened(&mut self) {
        let again: Vec<Arc<Instance>> = self
            .results
            .values()
            .filter(|judged| judged.shortened)
            .map(|judged| Arc::clone(&judged.instance))
            .collect();
        let mut queue = self.shared.queue();
        for instance in again {
            if let Some(judged) = self.results.get_mut(&instance.name) {
                judged.shortened = false;
            }
            queue.push_back(Job::full(instance));
        }
    }

    /// Records a verdict and says so.
    fn judge(&mut self, done: Done) {
        let Done {
            job,
            began,
            ended,
            shortened,
            outcome,
        } = done;
        let (provisional, dropped, suspect) = (outcome.provisional, outcome.dropped, outcome.suspect);
        let late_end = outcome.late_end;
        let timed_out = outcome.timed_out;
        let shortened = shortened && timed_out;
        let standing = outcome.standing.clone();
        self.hits.watch(&outcome);
        let mut report = convert::report(&job.instance, outcome, &self.replay);
        self.evidence.fit(&mut report.transcript);
        let waived: Vec<_> = standing
            .into_iter()
            .filter(|hit| !job.instance.case.waive.iter().any(|rule| rule == hit.rule))
            .collect();
        self.hits.add(&waived, &report);
        (self.sink)(Event::Finished {
            case: job.instance.case.id.clone(),
            instance: Box::new(report.clone()),
        });
        let instance = job.instance;
        let name = instance.name.clone();
        self.unjudged.remove(&name);
        self.results.insert(
            name,
            Judged {
                instance,
                report,
                began,
                ended,
                provisional,
                dropped,
                late_end,
                suspect,
                shortened,
                timed_out,
            },
        );
    }

    fn emit(&mut self, instance: &Instance, report: InstanceReport) {
        (self.sink)(Event::Finished {
            case: instance.case.id.clone(),
            instance: Box::new(report),
        });
    }

    /// What could not begin any more gets its verdict.
    fn give_up_rest(&mut self) {
        if self.stop.is_asked() {
            return;
        }
        self.shared.queue().clear();
        self.apart.clear();
        let rest = std::mem::take(&mut self.unjudged);
        let (verdict, reason) = match &self.gone {
            Some((verdict, why)) => (*verdict, why.clone()),
            None => (Verdict::Skip, "not run: --max-time has passed".to_owned()),
        };
        for instance in rest.into_values() {
            let report = convert::not_run(&instance, verdict, &reason, &self.replay);
            self.emit(&instance, report);
        }
    }
}

/// Waits for something, unless the run is over before.
async fn unless_over<T>(stop: &Stop, shared: &Shared, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = stop.asked() => None,
        () = past(shared.until) => None,
        value = future => Some(value),
    }
}

/// Resolves when the time of the run is over; never without a limit.
async fn past(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

/// Resolves when the launched target has ended; never without one.
async fn exited(launch: &mut Option<(Launch, Launched)>) {
    match launch {
        Some((_, launched)) => {
            launched.target.exited().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether an instance did not even get its first transport.
fn no_transport(done: &Done) -> bool {
    done.outcome.unreachable
        && !done
            .outcome
            .transcript
            .iter()
            .any(|entry| entry.what == wsanvil_model::What::Opened)
}

/// How a target ended, for a sentence.
fn ending(exit: &ExitReport) -> String {
    let mut text = exit.summary();
    let last: Vec<&str> = exit.last_lines.iter().rev().take(5).map(String::as_str).collect();
    if !last.is_empty() {
        let lines: Vec<&str> = last.into_iter().rev().collect();
        text.push_str("; its last lines: ");
        text.push_str(&lines.join(" | "));
    }
    text
}

fn target_info(plan: &Plan, contact: &Contact) -> TargetInfo {
    let address = plan.connector.address();
    let agent = plan
        .agent
        .clone()
        .or_else(|| contact.server.clone())
        .unwrap_or_else(|| address.authority());
    TargetInfo {
        agent,
        url: format!("{}://{}{}", address.scheme(), address.authority(), address.path()),
        app: match contact.app {
            wsanvil_engine::App::Echo => "echo".to_owned(),
            wsanvil_engine::App::None => "none".to_owned(),
        },
        command: plan.command.clone(),
        version: plan.target_version.clone(),
        server: contact.server.clone(),
    }
}

/// A moment in RFC 3339, UTC, to the second.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Civil date from days, years beginning in March (Hinnant).
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_157_626, "2026-11-20T06:53:46Z"),
        ] {
            assert_eq!(
                rfc3339(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
                text
            );
        }
    }
}
