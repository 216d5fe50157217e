//! XML as `JUnit` writes it and CI systems read it: a suite for each area, a test case for each instance.
//!
//! A finding that a baseline expects, and one that does not count, is no failure: the first is skipped with the reason,
//! the second stands in the output of its test case.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use wsanvil_model::{CaseReport, InstanceReport, Report, Verdict};

use crate::plain::{facts, line};
use crate::{Context, Gate, ReportError, Standing};

/// The octets of the file.
pub(crate) fn render(report: &Report, context: &Context<'_>) -> Result<Vec<u8>, ReportError> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for case in &report.cases {
        let suite = suites
            .entry(&case.area)
            .or_insert_with(|| TestSuite::new(line(&case.area)));
        for instance in &case.instances {
            suite.add_test_case(test_case(case, instance, context.gate));
        }
    }
    let mut junit = quick_junit::Report::new(format!("wsanvil: {}", line(&report.target.agent)));
    junit.set_time(Duration::from_millis(report.run.wall_ms));
    junit.add_test_suites(suites.into_values());
    let text = junit.to_string().map_err(|error| ReportError::Format {
        format: "junit",
        cause: error.to_string(),
    })?;
    Ok(text.into_bytes())
}

fn test_case(case: &CaseReport, instance: &InstanceReport, gate: Gate) -> TestCase {
    let standing = gate.of(instance);
    let mut status = match standing {
        Standing::Passed | Standing::Remarked => TestCaseStatus::success(),
        Standing::Skipped | Standing::Expected => TestCaseStatus::skipped(),
        Standing::Broken => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Standing::Unjudged => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let mut said = facts(case, instance)
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect::<Vec<_>>()
        .join("\n");
    if instance.flaky {
        said.push_str("\nflaky: repeated runs disagreed");
    }
    match standing {
        Standing::Skipped => {
            status.set_message(line(&instance.reason));
        }
        Standing::Expected => {
            let reason = instance.baseline.as_deref().map(line).unwrap_or_default();
            status.set_message(format!("expected by the baseline: {reason}"));
        }
        Standing::Broken | Standing::Unjudged => {
            status.set_type(instance.verdict.name());
            status.set_message(line(&instance.reason));
            status.set_description(said.clone());
        }
        Standing::Passed | Standing::Remarked => {}
    }
    let mut test = TestCase::new(line(&instance.name), status);
    test.set_classname(line(&case.id));
    test.set_time(Duration::from_millis(instance.duration_ms));
    if matches!(standing, Standing::Remarked | Standing::Expected) {
        test.set_system_out(format!(
            "{}: {}\n{said}",
            instance.verdict.name(),
            line(&instance.reason)
        ));
    } else if instance.verdict == Verdict::Pass && !instance.notes.is_empty() {
        let notes = instance
            .notes
            .iter()
            .map(|note| format!("note: {}", line(&note.text)));
        test.set_system_out(notes.collect::<Vec<_>>().join("\n"));
    }
    test
}
