//! The end of a run: verdicts that were provisional, and the standing rules.

use std::sync::Arc;

use wsanvil_model::{Closer, Event, FindingKind, Level, Verdict};

use crate::convert;
use crate::pulse::went_well;
use crate::worker::Job;

use super::{Judged, Schedule};

/// One in so many is few.
const FEW: usize = 20;

/// More than one in so many that end in silence are the target's way, not the crowd's doing.
const STARVED: usize = 4;

/// Instances at once when those that ended in silence run again: few enough for a slow target.
const CALM: u32 = 4;

impl Schedule<'_> {
    /// Confirms what rests on a living target, and reports the standing rules.
    pub(super) async fn settle(&mut self, selective: bool, retries: u32) {
        if self.lived && self.goes_on() {
            self.rerun_dropped().await;
            self.rerun_late().await;
            self.rerun_starved().await;
            // What ran under a deadline that turned out to be too short.
            self.empty_queue(1).await;
            self.retry(retries).await;
        }
        while self.lived && self.goes_on() {
            self.confirm().await;
            if self.shared.queue().is_empty() {
                break;
            }
            // It had died: what ran with the culprit runs again.
            self.empty_queue(CALM).await;
        }
        self.give_up_rest();
        self.report_unexplained();
        if self.lived {
            self.withdraw_unproven();
        } else {
            self.withdraw_all();
        }
        for event in std::mem::take(&mut self.hits).events(selective) {
            (self.sink)(event);
        }
    }

    /// Where a connection that kept every rule was dropped while others ran, the others may be the reason: what rests
    /// on a drop runs again, singly.
    async fn rerun_dropped(&mut self) {
        let innocent = |judged: &Judged| judged.dropped && judged.report.verdict == Verdict::Fail;
        if self.jobs == 1 || !self.results.values().any(innocent) {
            return;
        }
        let before: Vec<(String, Verdict)> = self
            .results
            .iter()
            .filter(|(_, judged)| innocent(judged) || judged.provisional)
            .map(|(name, judged)| (name.clone(), judged.report.verdict))
            .collect();
        let jobs = before
            .iter()
            .filter_map(|(name, _)| self.results.get(name))
            .map(|judged| Job::full(Arc::clone(&judged.instance)))
            .collect();
        let left = self.rerun_singly(jobs).await.len();
        let changed = self.changed(&before);
        if changed > 0 {
            let text = format!(
                "the target dropped connections while others were open: {changed} cases came out differently alone, \
                 and count as they did alone (--jobs 1 shows the same)"
            );
            (self.sink)(Event::Warning(text));
        }
        if left > 0 {
            let text = format!(
                "the target dropped connections while others were open, and there was no time to run {left} of the \
                 cases that saw it again alone (--jobs 1 does)"
            );
            (self.sink)(Event::Warning(text));
        }
    }

    /// A few late endings among many prompt ones are the crowd's doing: they get another look, singly. Where all are
    /// late it is the target's way.
    async fn rerun_late(&mut self) {
        let late: Vec<Job> = self
            .results
            .values()
            .filter(|judged| judged.late_end && !judged.report.verdict.is_finding())
            .map(|judged| Job::full(Arc::clone(&judged.instance)))
            .collect();
        if self.jobs > 1 && !self.shared.pace().ends_late() && late.len() * FEW <= self.results.len() {
            self.rerun_singly(late).await;
        }
    }

    /// A target that is slow may not have come round to all of the crowd in time: where only some ended in silence,
    /// they run again, few at once.
    async fn rerun_starved(&mut self) {
        let starved = |judged: &Judged| judged.timed_out && judged.report.verdict.is_finding();
        let before: Vec<(String, Verdict)> = self
            .results
            .iter()
            .filter(|(_, judged)| starved(judged))
            .map(|(name, judged)| (name.clone(), judged.report.verdict))
            .collect();
        if self.jobs <= CALM || before.is_empty() || before.len() * STARVED > self.results.len() {
            return;
        }
        for (name, _) in &before {
            if let Some(judged) = self.results.get(name) {
                let instance = Arc::clone(&judged.instance);
                self.shared.queue().push_back(Job::full(instance));
            }
        }
        self.empty_queue(CALM).await;
        let changed = self.changed(&before);
        if changed > 0 {
            let text = format!(
                "the target did not answer all of {} connections in time: {changed} cases came out differently with \
                 {CALM} at once, and count as they did then (--jobs {CALM} shows the same)",
                self.jobs
            );
            (self.sink)(Event::Warning(text));
        }
    }

    /// How many verdicts are not what they were.
    fn changed(&self, before: &[(String, Verdict)]) -> usize {
        let differs = |(name, verdict): &&(String, Verdict)| {
            let now = self.results.get(name);
            now.is_some_and(|judged| judged.report.verdict != *verdict)
        };
        before.iter().filter(differs).count()
    }

    /// A last conversation: the target still serves, and does not drop connections that keep every rule.
    async fn confirm(&mut self) {
        let doubtful = |judged: &Judged| judged.suspect || judged.provisional || judged.timed_out;
        if !self.results.values().any(doubtful) {
            return;
        }
        let within = self.shared.pace().full();
        let Some(outcome) = self.ping(within).await else {
            return;
        };
        if outcome.busy {
            return;
        }
        if outcome.unreachable
            && let Some(why) = self.death().await
        {
            self.die(&why).await;
            return;
        }
        self.well = went_well(&outcome);
        if self.well {
            self.alive = self.shared.origin.elapsed();
            return;
        }
        let observed = format!(
            "the target treats a connection that keeps every rule no better: {}",
            outcome.reason
        );
        for (name, ended) in self.passes(|judged| rests_on_an_end(judged) || shows_nothing(judged)) {
            if ended {
                self.overrule(
                    &name,
                    Verdict::Fail,
                    FindingKind::NotFailed,
                    "the peer fails the connection because of the violation",
                    &format!("the connection ended, but {observed}"),
                );
            } else {
                self.overrule(
                    &name,
                    Verdict::Error,
                    FindingKind::Unreachable,
                    "a target that treats lawful connections well",
                    &observed,
                );
            }
        }
    }

    /// A run that ended early leaves passes that nothing later confirms.
    fn withdraw_unproven(&mut self) {
        let (alive, well) = (self.alive, self.well);
        let unproven = |judged: &Judged| {
            (judged.provisional && judged.ended >= alive)
                || (!well && (rests_on_an_end(judged) || shows_nothing(judged)))
        };
        for (name, _) in self.passes(unproven) {
            self.overrule(
                &name,
                Verdict::Skip,
                FindingKind::Unreachable,
                "a later handshake that shows that the target lives",
                "not judged: the run ended before a later handshake could show that the target lives",
            );
        }
    }

    /// A target that never answered an opening handshake has shown nothing.
    fn withdraw_all(&mut self) {
        for (name, _) in self.passes(|_| true) {
            self.overrule(
                &name,
                Verdict::Error,
                FindingKind::Unreachable,
                "an answer to an opening handshake",
                "the target answered none in the whole run",
            );
        }
    }

    /// Instances without a finding, or with one that costs little, of which this holds; and whether they rest on the
    /// end of a connection.
    fn passes(&self, of: impl Fn(&Judged) -> bool) -> Vec<(String, bool)> {
        self.results
            .iter()
            .filter(|(_, judged)| {
                matches!(judged.report.verdict, Verdict::Pass | Verdict::Nonstrict) && of(judged)
            })
            .map(|(name, judged)| (name.clone(), rests_on_an_end(judged)))
            .collect()
    }

    /// The verdict becomes another, by what happened around the conversation.
    pub(super) fn overrule(
        &mut self,
        name: &str,
        verdict: Verdict,
        kind: FindingKind,
        expected: &str,
        observed: &str,
    ) {
        let Some(judged) = self.results.get_mut(name) else {
            return;
        };
        convert::overrule(
            &mut judged.report,
            &judged.instance,
            verdict,
            kind,
            expected,
            observed,
        );
        let event = Event::Finished {
            case: judged.instance.case.id.clone(),
            instance: Box::new(judged.report.clone()),
        };
        (self.sink)(event);
    }
}

/// Whether a verdict rests on the target having ended a connection that was not as it should be.
fn rests_on_an_end(judged: &Judged) -> bool {
    judged.provisional || (judged.suspect && judged.report.close.by == Closer::Target)
}

/// Whether a pass of a target that does badly with everybody says nothing about the rule: silence, or the miss of
/// something that is only allowed.
fn shows_nothing(judged: &Judged) -> bool {
    let optional = judged.instance.case.level == Level::May && !judged.report.notes.is_empty();
    judged.report.verdict == Verdict::Pass && (judged.timed_out || optional)
}
