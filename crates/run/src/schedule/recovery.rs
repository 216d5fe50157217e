//! When the target stops serving: is it dead, who killed it, and how does the run go on?

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_engine::Outcome;
use wsanvil_model::{FindingKind, Verdict};

use crate::convert;
use crate::worker::Job;

use super::{Schedule, ending, no_transport};

/// Handshakes that must fail before a target counts as dead, and the time they are spread over.
const ATTEMPTS: u32 = 3;
const BETWEEN: Duration = Duration::from_millis(600);

/// Restarts of a launched target in one run.
const RESTARTS: u32 = 200;

impl Schedule<'_> {
    /// The target stopped taking connections, or its process ended. `unreached` got no connection.
    pub(super) async fn recover(&mut self, unreached: Vec<Job>) {
        let Some(why) = self.death().await else {
            self.rerun_singly(unreached).await;
            return;
        };
        self.shared.queue().extend(unreached);
        self.die(&why).await;
    }

    /// The target is dead: a launched one tells who killed it, another leaves the last ones suspected.
    pub(super) async fn die(&mut self, why: &str) {
        if self.launch.is_some() {
            self.find_culprits(why).await;
        } else {
            self.blame_the_last(why);
            self.gone = Some(format!("the target serves no more: {why}"));
        }
    }

    /// A conversation of the run's own.
    pub(super) async fn ping(&self) -> Outcome {
        let within = self.shared.pace().full();
        self.pulse.ping(&self.shared.connector, within).await
    }

    /// Whether the target is dead, and how it died.
    pub(super) async fn death(&mut self) -> Option<String> {
        if let Some((_, launched)) = &mut self.launch
            && let Some(exit) = launched.target.try_exit()
        {
            return Some(ending(&exit));
        }
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                // A wait on a foreign process, not for one of our own.
                tokio::time::sleep(BETWEEN).await;
            }
            let outcome = self.ping().await;
            if !outcome.unreachable {
                self.alive = self.shared.origin.elapsed();
                return None;
            }
            why = outcome.reason;
        }
        if let Some((_, launched)) = &mut self.launch
            && let Some(exit) = launched.target.try_exit()
        {
            return Some(ending(&exit));
        }
        Some(why)
    }

    /// The target lives: what got no connection in the crowd gets one alone.
    pub(super) async fn rerun_singly(&mut self, jobs: Vec<Job>) {
        let mut buffer = Vec::new();
        for job in jobs {
            if self.stop.is_asked() {
                return;
            }
            let done = self.shared.one(Job { full: true, ..job }, &mut buffer).await;
            self.take(done);
        }
    }

    /// Runs singly, on fresh processes, all that could have killed the target.
    async fn find_culprits(&mut self, why: &str) {
        let suspects: VecDeque<Job> = self
            .suspects()
            .into_iter()
            .filter_map(|name| self.results.get(&name))
            .map(|judged| Job {
                instance: Arc::clone(&judged.instance),
                full: true,
            })
            .collect();
        let names: Vec<String> = suspects.iter().map(|job| job.instance.name.clone()).collect();
        if !self.restart().await {
            return;
        }
        let mut found = false;
        let mut buffer = Vec::new();
        for job in suspects {
            if self.stop.is_asked() {
                return;
            }
            let instance = Arc::clone(&job.instance);
            let done = self.shared.one(job, &mut buffer).await;
            let lost = no_transport(&done);
            self.judge(done);
            let dead = self.exit_soon(lost).await;
            if let Some(how) = dead {
                found = true;
                self.crash(&instance.name, &format!("the target died: {how}"));
                if !self.restart().await {
                    return;
                }
            }
        }
        if !found {
            let text = format!(
                "the target died ({why}) while these ran together, and none of them kills it alone: {}",
                names.join(", ")
            );
            for name in &names {
                self.crash(name, &text);
            }
            (self.sink)(wsanvil_model::Event::Warning(text));
        }
    }

    /// Whether the launched target has ended. Its end may come a moment behind the end of its connections, so a fresh
    /// conversation is tried first.
    async fn exit_soon(&mut self, lost: bool) -> Option<String> {
        let outcome = self.ping().await;
        if !outcome.unreachable && !lost {
            self.alive = self.shared.origin.elapsed();
            return None;
        }
        self.death().await
    }

    /// Instances that ran, or had only just ended, when the target died.
    fn suspects(&self) -> Vec<String> {
        let mut suspects: Vec<_> = self
            .results
            .values()
            .filter(|judged| judged.ended >= self.alive)
            .collect();
        suspects.sort_by_key(|judged| (judged.began, judged.instance.name.clone()));
        suspects
            .into_iter()
            .map(|judged| judged.instance.name.clone())
            .collect()
    }

    /// Without a process of our own: those that could have done it, and had reason to be suspected, did.
    fn blame_the_last(&mut self, why: &str) {
        let names = self.suspects();
        let suspected = |schedule: &Self, name: &String| {
            schedule
                .results
                .get(name)
                .is_some_and(|judged| judged.suspect || judged.report.verdict.is_finding())
        };
        let mut guilty: Vec<String> = names
            .iter()
            .filter(|name| suspected(self, name))
            .cloned()
            .collect();
        if guilty.is_empty() {
            guilty = names;
        }
        let text = match guilty.as_slice() {
            [_] => format!("the target serves no more behind this case: {why}"),
            _ => format!(
                "the target serves no more behind {} cases that ran together: {why}",
                guilty.len()
            ),
        };
        for name in guilty {
            self.crash(&name, &text);
        }
    }

    /// The verdict of an instance becomes crash.
    fn crash(&mut self, name: &str, observed: &str) {
        let Some(judged) = self.results.get_mut(name) else {
            return;
        };
        judged.provisional = false;
        convert::overrule(
            &mut judged.report,
            &judged.instance,
            Verdict::Crash,
            FindingKind::Crash,
            "the target goes on serving",
            observed,
        );
        let (instance, report) = (Arc::clone(&judged.instance), judged.report.clone());
        self.emit(&instance, report);
    }

    /// Starts the target anew, on the same port. False: it could not be, and the run is over.
    async fn restart(&mut self) -> bool {
        let Some((mut launch, mut old)) = self.launch.take() else {
            return false;
        };
        self.restarts += 1;
        old.target.stop().await;
        if self.restarts > RESTARTS {
            self.gone = Some(format!("the target died more than {RESTARTS} times"));
            return false;
        }
        let port = old.address.port().to_string();
        launch.url = launch.url.replace("{port}", &port);
        launch
            .command
            .iter_mut()
            .for_each(|word| *word = word.replace("{port}", &port));
        match launch.clone().start().await {
            Ok(launched) => {
                self.launch = Some((launch, launched));
                self.alive = self.shared.origin.elapsed();
                true
            }
            Err(error) => {
                self.gone = Some(format!("the target could not be started again: {error}"));
                false
            }
        }
    }
}
