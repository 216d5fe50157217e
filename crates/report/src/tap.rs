//! Test Anything Protocol, version 14: a line for each instance, findings with a block of YAML below.

use std::fmt::Write as _;

use wsanvil_model::{CaseReport, InstanceReport, Report};

use crate::plain::{facts, line};
use crate::{Context, Standing};

/// The file as text.
pub(crate) fn render(report: &Report, context: &Context<'_>) -> String {
    let instances = report
        .cases
        .iter()
        .flat_map(|case| case.instances.iter().map(move |instance| (case, instance)));
    let mut text = format!("TAP version 14\n1..{}\n", instances.clone().count());
    for (number, (case, instance)) in (1..).zip(instances) {
        point(&mut text, number, case, instance, context.gate.of(instance));
    }
    text
}

fn point(text: &mut String, number: usize, case: &CaseReport, instance: &InstanceReport, standing: Standing) {
    let ok = if matches!(
        standing,
        Standing::Passed | Standing::Remarked | Standing::Skipped
    ) {
        "ok"
    } else {
        "not ok"
    };
    let _ = write!(text, "{ok} {number} - {}", description(&instance.name));
    match standing {
        Standing::Skipped => {
            let _ = write!(text, " # SKIP {}", description(&instance.reason));
        }
        Standing::Expected => {
            let reason = instance.baseline.as_deref().unwrap_or("expected by the baseline");
            let _ = write!(text, " # TODO {}", description(reason));
        }
        _ => {}
    }
    text.push('\n');
    if instance.verdict.is_finding() {
        text.push_str("  ---\n");
        let head = [
            ("message", line(&instance.reason)),
            ("severity", instance.verdict.name().to_owned()),
        ];
        for (name, value) in head.into_iter().chain(facts(case, instance)) {
            let _ = writeln!(text, "  {name}: {}", quoted(&value));
        }
        if instance.flaky {
            text.push_str("  flaky: true\n");
        }
        text.push_str("  ...\n");
    }
}

/// Text in which `#` begins no directive.
fn description(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// A string of JSON is one of YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
