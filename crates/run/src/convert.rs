//! From the engine's outcome to the report's entry.

use std::sync::Arc;

use wsanvil_case::Instance;
use wsanvil_engine::Outcome;
use wsanvil_model::{Finding, FindingKind, InstanceReport, Verdict};

/// The entry of an instance that ran.
pub(crate) fn report(instance: &Instance, outcome: Outcome, replay: &str) -> InstanceReport {
    let (expected, observed) = outcome
        .finding
        .as_ref()
        .map(|finding| (finding.expected.clone(), finding.observed.clone()))
        .unwrap_or_default();
    InstanceReport {
        reason: outcome.reason,
        notes: outcome.notes,
        expected,
        observed,
        finding: outcome.finding,
        duration_ms: u64::try_from(outcome.duration.as_millis()).unwrap_or(u64::MAX),
        close: outcome.close,
        autobahn: outcome.autobahn,
        transcript: outcome.transcript,
        ..blank(instance, outcome.verdict, replay)
    }
}

/// The entry of an instance that did not run.
pub(crate) fn not_run(instance: &Instance, verdict: Verdict, reason: &str, replay: &str) -> InstanceReport {
    InstanceReport {
        reason: reason.to_owned(),
        finding: (verdict == Verdict::Error)
            .then(|| finding(instance, FindingKind::Unreachable, "a target that serves", reason)),
        ..blank(instance, verdict, replay)
    }
}

/// What is known before anything happened.
fn blank(instance: &Instance, verdict: Verdict, replay: &str) -> InstanceReport {
    InstanceReport {
        title: instance.title.clone(),
        values: instance.values.clone(),
        alias: instance.alias.clone(),
        replay: replay_of(instance, replay),
        ..InstanceReport::new(instance.name.clone(), verdict)
    }
}

/// Turns an entry into another one: what happened around the conversation outweighs it.
pub(crate) fn overrule(
    report: &mut InstanceReport,
    instance: &Arc<Instance>,
    verdict: Verdict,
    kind: FindingKind,
    expected: &str,
    observed: &str,
) {
    report.verdict = verdict;
    observed.clone_into(&mut report.reason);
    expected.clone_into(&mut report.expected);
    observed.clone_into(&mut report.observed);
    report.finding = verdict
        .is_finding()
        .then(|| finding(instance, kind, expected, observed));
}

fn finding(instance: &Instance, kind: FindingKind, expected: &str, observed: &str) -> Finding {
    Finding {
        kind,
        rule: None,
        requirement: instance.case.spec.first().cloned().unwrap_or_default(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        on: "main".to_owned(),
        line: instance.case.line,
        offset: None,
    }
}

fn replay_of(instance: &Instance, replay: &str) -> String {
    // Instance names hold no quote: labels and axes are checked when a case is loaded; be safe all the same.
    format!("{replay} --case '{}'", instance.name.replace('\'', "'\\''"))
}
