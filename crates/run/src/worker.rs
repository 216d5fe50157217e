//! Workers: each takes the next instance, drives it, and hands in the outcome.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use wsanvil_case::Instance;
use wsanvil_engine::{CompressedMessages, Engine, Outcome, Settings, TargetFacts};
use wsanvil_net::{Connector, Meter};

use crate::drive;
use crate::pace::Pace;
use crate::usage::{self, Greeting};

/// Dropped deadlines that an instance may take in all: octets that trickle in put off the end of a step.
const SHORT_STEPS: u32 = 4;

/// An instance to run.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The instance.
    pub(crate) instance: Arc<Instance>,
    /// Whether it gets the full deadline, whatever the pace.
    pub(crate) full: bool,
    /// Absolute end, earlier than that of its case.
    pub(crate) within: Option<Duration>,
}

impl Job {
    /// The instance, at the pace of the run.
    pub(crate) fn new(instance: Arc<Instance>) -> Self {
        Self {
            instance,
            full: false,
            within: None,
        }
    }

    /// The instance, with the full deadline.
    pub(crate) fn full(instance: Arc<Instance>) -> Self {
        Self {
            full: true,
            ..Self::new(instance)
        }
    }

    /// The instance with the full deadline of a step, which ends within `limit` all the same.
    pub(crate) fn within(instance: Arc<Instance>, limit: Duration) -> Self {
        Self {
            within: Some(limit),
            ..Self::full(instance)
        }
    }
}

/// An instance that ran.
#[derive(Debug)]
pub(crate) struct Done {
    /// The instance.
    pub(crate) job: Job,
    /// When it began, since the start of the run.
    pub(crate) began: Duration,
    /// When it ended.
    pub(crate) ended: Duration,
    /// Whether it ran under a dropped deadline.
    pub(crate) shortened: bool,
    /// What it came to.
    pub(crate) outcome: Outcome,
}

/// What workers share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Instances not begun.
    pub(crate) queue: Mutex<VecDeque<Job>>,
    /// Speed of the target.
    pub(crate) pace: Mutex<Pace>,
    /// Reads what the target uses, when wsanvil started it.
    pub(crate) meter: Mutex<Option<Meter>>,
    /// Opens connections.
    pub(crate) connector: Arc<Connector>,
    /// The target.
    pub(crate) facts: Arc<TargetFacts>,
    /// Seed of the run.
    pub(crate) seed: u64,
    /// Keep whole transcripts.
    pub(crate) keep_all: bool,
    /// Compressed messages of the run.
    pub(crate) compressed: Arc<CompressedMessages>,
    /// Moment 0.
    pub(crate) origin: Instant,
    /// No instance begins behind this moment.
    pub(crate) until: Option<Instant>,
}

/// The instance, which ends within `limit`, whatever still comes.
pub(crate) fn ending_within(instance: &Arc<Instance>, limit: Duration) -> Arc<Instance> {
    let mut shorter = Instance::clone(instance);
    let case = Arc::make_mut(&mut shorter.case);
    case.deadline_ms = case
        .deadline_ms
        .min(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
    Arc::new(shorter)
}

impl Shared {
    /// The queue.
    pub(crate) fn queue(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pace.
    pub(crate) fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next instance.
    fn next(&self) -> Option<Job> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return None;
        }
        self.queue().pop_front()
    }

    /// Runs one instance.
    pub(crate) async fn one(&self, job: Job, buffer: &mut Vec<u8>) -> Done {
        let (step_deadline, quiet_window, closing, full) = {
            let pace = self.pace();
            let deadline = if job.full {
                pace.full()
            } else {
                pace.step_deadline()
            };
            (deadline, pace.quiet_window(), pace.closing(), pace.full())
        };
        let settings = Settings {
            target: Arc::clone(&self.facts),
            seed: self.seed,
            step_deadline,
            quiet_window,
            closing,
            keep_all: self.keep_all,
            compressed: Arc::clone(&self.compressed),
        };
        let began = self.origin.elapsed();
        let dropped = (step_deadline < full).then(|| step_deadline * SHORT_STEPS);
        let instance = match job.within.or(dropped) {
            Some(limit) => ending_within(&job.instance, limit),
            None => Arc::clone(&job.instance),
        };
        let engine = Engine::new(instance, settings);
        let meter = *self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        // Boxed: an engine is large, and every future that awaits this one would hold it.
        let conversation = Box::pin(async {
            drive(engine, &*self.connector, Instant::now(), buffer)
                .await
                .into_outcome()
        });
        let greeting = Greeting {
            facts: &self.facts,
            seed: self.seed,
            connector: &self.connector,
            within: full,
        };
        let outcome = usage::watched(&job.instance, meter, greeting, conversation).await;
        Done {
            job,
            began,
            ended: self.origin.elapsed(),
            shortened: step_deadline < full,
            outcome,
        }
    }

    /// Works until the queue is empty.
    pub(crate) async fn work(self: Arc<Self>, done: mpsc::UnboundedSender<Done>) {
        let mut buffer = Vec::new();
        while let Some(job) = self.next() {
            if done.send(self.one(job, &mut buffer).await).is_err() {
                return;
            }
        }
    }
}
