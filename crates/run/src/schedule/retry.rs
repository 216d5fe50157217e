//! Verdicts that rest on time get another look, when the user asks for one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wsanvil_model::{Event, FindingKind, InstanceReport, Note, Verdict};

use crate::worker::Job;

use super::Schedule;

/// How long all these instances together may be run again.
const WITHIN: Duration = Duration::from_secs(120);

/// What the runs of one instance came to.
struct Runs {
    verdicts: Vec<Verdict>,
    worst: InstanceReport,
}

impl Schedule<'_> {
    /// Runs what rests on time again, alone, up to so many times each. Where runs disagree the instance is flaky and its
    /// worst verdict counts. What a crowd or a dropped deadline may have caused is settled before.
    pub(super) async fn retry(&mut self, retries: u32) {
        let names = self.results.iter();
        let names = names.filter(|(_, judged)| rests_on_time(&judged.report));
        let names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
        let until = Instant::now() + WITHIN;
        let mut all = Vec::new();
        let mut left = 0;
        for name in names.into_iter().filter(|_| retries > 0) {
            let Some(first) = self.results.get(&name).map(|judged| judged.report.clone()) else {
                continue;
            };
            let mut runs = Runs {
                verdicts: vec![first.verdict],
                worst: first,
            };
            for _ in 0..retries {
                if !self.goes_on() || Instant::now() >= until || !self.once_more(&name, &mut runs).await {
                    left += usize::from(runs.verdicts.len() == 1);
                    break;
                }
                if runs.disagree() {
                    break;
                }
            }
            all.push((name, runs));
        }
        // What was run under a deadline that turned out to be too short while this went on.
        self.empty_queue(1).await;
        for (name, runs) in all {
            self.keep_the_worst(&name, runs);
        }
        if left > 0 {
            let text = format!("there was no time to run {left} of the cases that rest on time again");
            (self.sink)(Event::Warning(text));
        }
    }

    /// False: it could not be run.
    async fn once_more(&mut self, name: &str, runs: &mut Runs) -> bool {
        let Some(judged) = self.results.get(name) else {
            return false;
        };
        let job = Job::full(Arc::clone(&judged.instance));
        if !self.rerun_singly(vec![job]).await.is_empty() {
            return false;
        }
        if let Some(judged) = self.results.get(name) {
            runs.add(&judged.report);
        }
        true
    }

    fn keep_the_worst(&mut self, name: &str, mut runs: Runs) {
        let Some(judged) = self.results.get_mut(name) else {
            return;
        };
        if runs.verdicts.last() != Some(&judged.report.verdict) {
            runs.add(&judged.report);
        }
        if !runs.disagree() {
            return;
        }
        let verdicts: Vec<&str> = runs.verdicts.iter().map(|verdict| verdict.name()).collect();
        judged.report = InstanceReport {
            flaky: true,
            ..runs.worst
        };
        judged.report.notes.push(Note {
            text: format!(
                "flaky: its runs came to {}; the worst counts",
                verdicts.join(", ")
            ),
            on: String::new(),
            line: 0,
        });
        let event = Event::Finished {
            case: judged.instance.case.id.clone(),
            instance: Box::new(judged.report.clone()),
        };
        (self.sink)(event);
    }
}

impl Runs {
    fn add(&mut self, report: &InstanceReport) {
        self.verdicts.push(report.verdict);
        if report.verdict > self.worst.verdict {
            self.worst = report.clone();
        }
    }

    fn disagree(&self) -> bool {
        self.verdicts.iter().any(|verdict| *verdict != self.verdicts[0])
    }
}

/// Whether another run could come out differently by chance: what decided was a deadline, or that no connection came
/// about.
fn rests_on_time(report: &InstanceReport) -> bool {
    let Some(finding) = &report.finding else {
        return false;
    };
    match finding.kind {
        FindingKind::Silence | FindingKind::Deadline | FindingKind::Blocked => true,
        FindingKind::Unreachable => report.verdict == Verdict::Error,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use wsanvil_model::Finding;

    use super::*;

    fn report(verdict: Verdict, kind: FindingKind) -> InstanceReport {
        let mut report = InstanceReport::new("a/x", verdict);
        report.finding = Some(Finding {
            kind,
            rule: None,
            requirement: String::new(),
            expected: String::new(),
            observed: String::new(),
            on: String::new(),
            line: 0,
            offset: None,
        });
        report
    }

    #[test]
    fn only_time_is_retried() {
        for (verdict, kind, retried) in [
            (Verdict::Fail, FindingKind::Silence, true),
            (Verdict::Nonstrict, FindingKind::Deadline, true),
            (Verdict::Fail, FindingKind::Blocked, true),
            (Verdict::Error, FindingKind::Unreachable, true),
            (Verdict::Crash, FindingKind::Unreachable, false),
            (Verdict::Fail, FindingKind::WrongEcho, false),
            (Verdict::Fail, FindingKind::NotFailed, false),
            (Verdict::Crash, FindingKind::Crash, false),
        ] {
            assert_eq!(
                rests_on_time(&report(verdict, kind)),
                retried,
                "{verdict:?} {kind:?}"
            );
        }
        assert!(!rests_on_time(&InstanceReport::new("a/x", Verdict::Pass)));
    }

    #[test]
    fn the_worst_of_the_runs_is_kept() {
        let mut runs = Runs {
            verdicts: vec![Verdict::Error],
            worst: report(Verdict::Error, FindingKind::Unreachable),
        };
        runs.add(&report(Verdict::Error, FindingKind::Unreachable));
        assert!(!runs.disagree());
        runs.add(&report(Verdict::Fail, FindingKind::Silence));
        runs.add(&InstanceReport::new("a/x", Verdict::Pass));
        assert!(runs.disagree());
        assert_eq!(runs.worst.verdict, Verdict::Fail);
    }
}
