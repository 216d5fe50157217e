//! When the target stops serving: is it dead, who killed it, and how does the run go on?

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use wsanvil_model::{FindingKind, Verdict};

use crate::worker::Job;

use super::{Schedule, ending, no_transport, unless_over};

/// Handshakes that must fail before a target counts as dead, and the time they are spread over.
const ATTEMPTS: u32 = 3;
const BETWEEN: Duration = Duration::from_millis(600);

/// How long the later ones of these may take: the first one has waited for all there is to wait for.
const AGAIN_WITHIN: Duration = Duration::from_secs(1);

/// Restarts of a launched target in one run, and the time that they and the search for culprits may take.
const RESTARTS: u32 = 200;
const RECOVERY_WITHIN: Duration = Duration::from_secs(30);
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
        if self.launch.is_some() {
            let began = Instant::now();
            self.find_culprits(why, began).await;
            self.recovering += began.elapsed();
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
                // A wait on a foreign process, not for one of our own.
                unless_over(&self.stop, &self.shared, tokio::time::sleep(BETWEEN)).await?;
                within = within.min(AGAIN_WITHIN);
            }
            let outcome = self.ping(within).await?;
            if !outcome.unreachable {
                self.alive = self.shared.origin.elapsed();
                return None;
            }
            why = outcome.reason;
        }
        self.try_exit().or(Some(why))
    }

    fn try_exit(&mut self) -> Option<String> {
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

    /// Runs singly, on fresh processes, all that could have killed the target.
    async fn find_culprits(&mut self, why: &str, began: Instant) {
        let names = self.suspects();
        if names.is_empty() {
            return self.die_idly(why, began).await;
        }
        self.idle_deaths = 0;
        if !self.restart(began).await {
            self.blame_the_last(why);
            return;
        }
        let mut found = false;
        let mut buffer = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let Some(instance) = self.results.get(name).map(|judged| Arc::clone(&judged.instance)) else {
                continue;
            };
            let job = Job { instance, full: true };
            let Some(done) = self.alone(job, &mut buffer).await else {
                return self.leave_open(&names[index..], why);
            };
            let lost = no_transport(&done);
            self.judge(done);
            if let Some(how) = self.exit_soon(lost).await {
                found = true;
                self.crash(name, &format!("the target died: {how}"));
                if !self.restart(began).await {
                    return self.leave_open(&names[index + 1..], why);
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

    /// The target died before an instance had done anything. Once can be an accident.
    async fn die_idly(&mut self, why: &str, began: Instant) {
        self.idle_deaths += 1;
        if self.idle_deaths >= IDLE_DEATHS {
            let text =
                format!("the target dies by itself, {IDLE_DEATHS} times before a case could run: {why}");
            self.gone = Some((Verdict::Crash, text));
            return;
        }
        self.restart(began).await;
    }

    /// What ran when the target died, and cannot run alone any more, is not judged by what it saw then.
    fn leave_open(&mut self, names: &[String], why: &str) {
        let text = format!(
            "the target died while this ran together with others, and there was no way to run it alone: {why}"
        );
        for name in names {
            self.overrule(
                name,
                Verdict::Error,
                FindingKind::Unreachable,
                "a target that serves",
                &text,
            );
        }
    }

    /// Whether the launched target has ended. Its end may come a moment behind the end of its connections, so a fresh
    /// conversation is tried first.
    async fn exit_soon(&mut self, lost: bool) -> Option<String> {
        let within = self.shared.pace().full();
        let outcome = self.ping(within).await?;
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
            schedule.results.get(name).is_some_and(|judged| {
                judged.suspect || judged.provisional || judged.report.verdict.is_finding()
            })
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

    /// Starts the target anew, on the same port. False: it could not be, and the run is over.
    async fn restart(&mut self, began: Instant) -> bool {
        let Some((mut launch, mut old)) = self.launch.take() else {
            return false;
        };
        self.restarts += 1;
        old.target.stop().await;
        let spent = self.recovering + began.elapsed();
        if self.restarts > RESTARTS || spent > RECOVERY_WITHIN {
            let text = format!(
                "the target died {} times: it was not started again after {} s of that",
                self.restarts,
                spent.as_secs()
            );
            self.gone = Some((Verdict::Error, text));
            return false;
        }
        let port = old.address.port().to_string();
        launch.url = launch.url.replace("{port}", &port);
        launch
            .command
            .iter_mut()
            .for_each(|word| *word = word.replace("{port}", &port));
        match unless_over(&self.stop, &self.shared, launch.clone().start()).await {
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
