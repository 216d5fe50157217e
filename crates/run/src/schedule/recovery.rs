//! When the target stops serving: is it dead, and how does the run go on?

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use wsanvil_model::{Direction, Verdict};

use crate::worker::Job;

use super::{Judged, Schedule, ending, exited, no_transport, unless_over};

/// Handshakes that must fail before a target counts as dead, and the time they are spread over.
const ATTEMPTS: u32 = 3;
const BETWEEN: Duration = Duration::from_millis(600);

/// How long the later ones of these may take: the first one has waited for all there is to wait for.
const AGAIN_WITHIN: Duration = Duration::from_secs(1);

/// How long a target that has nothing else to do may take to answer a handshake, before it is looked at more closely.
const ALONE_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// Restarts of a launched target in one run, and the time that they may take: a target that is slow to start is not
/// worth starting so often.
const RESTARTS: u32 = 200;
const RESTARTING_WITHIN: Duration = Duration::from_secs(60);
/// Deaths in a row, with no instance running, behind which a target counts as unable to serve.
const IDLE_DEATHS: u32 = 3;
/// How long instances may be run again singly beside a living target.
const ALONE_WITHIN: Duration = Duration::from_secs(15);

impl Schedule<'_> {
    /// The target stopped taking connections, or its process ended. `unreached` got no connection.
    pub(super) async fn recover(&mut self, unreached: Vec<Job>) {
        let Some(why) = self.death().await else {
            let left = self.rerun_singly(unreached).await;
            // Nothing of these has been judged: they go back, behind the rest.
            self.shared.queue().extend(left);
            return;
        };
        self.shared.queue().extend(unreached);
        self.die(&why).await;
    }

    /// The target is dead: a launched one tells who killed it, another leaves the last ones suspected.
    pub(super) async fn die(&mut self, why: &str) {
        let noticed = self.exit_noticed.take();
        self.died = noticed.unwrap_or_else(|| self.last_sign_of_life());
        if self.launch.is_some() {
            self.find_culprit(why).await;
        } else {
            if self.lived {
                self.blame_the_last(why);
            }
            self.gone = Some((Verdict::Error, format!("the target serves no more: {why}")));
        }
    }

    /// Whether the target is dead, and how it died. None also when the run is over.
    pub(super) async fn death(&mut self) -> Option<String> {
        if let Some(exit) = self.try_exit() {
            return Some(exit);
        }
        let mut within = self.shared.pace().full();
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                self.pause().await?;
                if let Some(exit) = self.try_exit() {
                    return Some(exit);
                }
                within = within.min(AGAIN_WITHIN);
            }
            let outcome = self.ping(within).await?;
            if !outcome.unreachable || outcome.busy {
                self.alive = self.shared.origin.elapsed();
                return None;
            }
            why = outcome.reason;
        }
        self.try_exit().or(Some(why))
    }

    /// When the last octets came from a target of which nobody saw the end.
    fn last_sign_of_life(&self) -> Duration {
        let heard = |judged: &Judged| {
            let entries = judged.report.transcript.iter();
            let last = entries
                .filter(|entry| entry.dir == Direction::In)
                .map(|entry| entry.t_us)
                .max();
            last.map(|at| judged.began + Duration::from_micros(at))
        };
        self.results
            .values()
            .filter_map(heard)
            .max()
            .unwrap_or(self.alive)
    }

    /// A wait on a foreign process; the end of our own ends it. None: the run is over.
    async fn pause(&mut self) -> Option<()> {
        let end = async {
            tokio::select! {
                () = tokio::time::sleep(BETWEEN) => {}
                () = exited(&mut self.launch) => {}
            }
        };
        unless_over(&self.stop, &self.shared, end).await
    }

    pub(super) fn try_exit(&mut self) -> Option<String> {
        let (_, launched) = self.launch.as_mut()?;
        launched.target.try_exit().map(|exit| ending(&exit))
    }

    /// The target lives: what did badly in the crowd runs alone. Gives back what there was no time for.
    pub(super) async fn rerun_singly(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let mut buffer = Vec::new();
        let until = Instant::now() + ALONE_WITHIN;
        let mut jobs = jobs.into_iter();
        while self.goes_on()
            && Instant::now() < until
            && let Some(job) = jobs.next()
        {
            let full = !self.shared.pace().is_dropped();
            match self.alone(Job { full, ..job }, &mut buffer).await {
                // The last one, or the Ping that found the target alive, has killed it.
                Some(done) if no_transport(&done) && self.launch.is_some() => match self.death().await {
                    Some(why) => {
                        self.die(&why).await;
                        return std::iter::once(done.job).chain(jobs).collect();
                    }
                    None => self.take(done),
                },
                Some(done) => self.take(done),
                None => break,
            }
        }
        jobs.collect()
    }

    /// The target died before an instance had done anything. Once can be an accident.
    pub(super) async fn die_idly(&mut self, why: &str) {
        self.idle_deaths += 1;
        if self.idle_deaths >= IDLE_DEATHS {
            let text =
                format!("the target dies by itself, {IDLE_DEATHS} times before a case could run: {why}");
            self.gone = Some((Verdict::Crash, text));
            return;
        }
        self.restart().await;
    }

    /// Whether the launched target has ended. Its end may come a moment behind the end of its connections, so a fresh
    /// conversation is tried first.
    pub(super) async fn exit_soon(&mut self) -> Option<String> {
        let within = self.shared.pace().full().min(ALONE_ANSWERS_WITHIN);
        let outcome = self.ping(within).await?;
        if !outcome.unreachable || outcome.busy {
            self.alive = self.shared.origin.elapsed();
            return None;
        }
        self.death().await
    }

    /// Starts the target anew, on the same port. False: it could not be, and the run is over.
    pub(super) async fn restart(&mut self) -> bool {
        let Some((mut launch, mut old)) = self.launch.take() else {
            return false;
        };
        self.restarts += 1;
        if self.restarts > RESTARTS || self.restarting > RESTARTING_WITHIN {
            let text = format!(
                "the target died {} times: it was not started again after {} s of starting it",
                self.restarts,
                self.restarting.as_secs()
            );
            old.target.stop().await;
            self.gone = Some((Verdict::Error, text));
            return false;
        }
        let began = Instant::now();
        old.target.stop().await;
        self.exit_noticed = None;
        let port = old.address.port().to_string();
        launch.url = launch.url.replace("{port}", &port);
        launch
            .command
            .iter_mut()
            .for_each(|word| *word = word.replace("{port}", &port));
        let started = unless_over(&self.stop, &self.shared, launch.clone().start()).await;
        self.restarting += began.elapsed();
        match started {
            Some(Ok(launched)) => {
                *self.shared.meter.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(launched.target.meter());
                self.launch = Some((launch, launched));
                self.alive = self.shared.origin.elapsed();
                true
            }
            Some(Err(error)) => {
                let text = format!("the target could not be started again: {error}");
                self.gone = Some((Verdict::Error, text));
                false
            }
            // Nothing runs any more that would need it.
            None => false,
        }
    }
}
