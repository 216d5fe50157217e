//! The end of a run: verdicts that were provisional, and the standing rules.

use std::sync::Arc;

use wsanvil_model::{Event, FindingKind, Verdict};

use crate::convert;
use crate::pulse::went_well;
use crate::worker::Job;

use super::{Judged, Schedule};

/// One in so many is few.
const FEW: usize = 20;

impl Schedule<'_> {
    /// Confirms what rests on a living target, and reports the standing rules.
    pub(super) async fn settle(&mut self, selective: bool) {
        if !self.stop.is_asked() && self.gone.is_none() {
            self.rerun_dropped().await;
            self.rerun_late().await;
        }
        if !self.stop.is_asked() && self.gone.is_none() {
            self.confirm().await;
        }
        let judged = self
            .results
            .values()
            .any(|judged| judged.report.verdict != Verdict::Error);
        for event in std::mem::take(&mut self.hits).events(selective, judged) {
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
            .map(|judged| Job {
                instance: Arc::clone(&judged.instance),
                full: true,
            })
            .collect();
        self.rerun_singly(jobs).await;
        let changed = before
            .iter()
            .filter(|(name, verdict)| {
                self.results
                    .get(name)
                    .is_some_and(|judged| judged.report.verdict != *verdict)
            })
            .count();
        if changed > 0 {
            let text = format!(
                "the target dropped connections while others were open: {changed} cases came out differently alone, \
                 and count as they did alone (--jobs 1 shows the same)"
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
            .map(|judged| Job {
                instance: Arc::clone(&judged.instance),
                full: true,
            })
            .collect();
        if self.jobs > 1 && late.len() * FEW <= self.results.len() {
            self.rerun_singly(late).await;
        }
    }

    /// A last conversation: the target still serves, and does not drop connections that keep every rule.
    async fn confirm(&mut self) {
        let suspects = self
            .results
            .values()
            .any(|judged| judged.suspect || judged.provisional);
        if !suspects {
            return;
        }
        let outcome = self.ping().await;
        if outcome.unreachable
            && let Some(why) = self.death().await
        {
            self.die(&why).await;
            return;
        }
        if went_well(&outcome) {
            self.alive = self.shared.origin.elapsed();
            return;
        }
        let provisional: Vec<String> = self
            .results
            .iter()
            .filter(|(_, judged)| judged.provisional && !judged.report.verdict.is_finding())
            .map(|(name, _)| name.clone())
            .collect();
        let observed = format!(
            "the connection ended, but the target treats a connection that keeps every rule no better: {}",
            outcome.reason
        );
        for name in provisional {
            self.overrule(&name, &observed);
        }
    }

    /// What a provisional pass rested on shows nothing.
    fn overrule(&mut self, name: &str, observed: &str) {
        let Some(judged) = self.results.get_mut(name) else {
            return;
        };
        convert::overrule(
            &mut judged.report,
            &judged.instance,
            Verdict::Fail,
            FindingKind::NotFailed,
            "the peer fails the connection because of the violation",
            observed,
        );
        let event = Event::Finished {
            case: judged.instance.case.id.clone(),
            instance: Box::new(judged.report.clone()),
        };
        (self.sink)(event);
    }
}
