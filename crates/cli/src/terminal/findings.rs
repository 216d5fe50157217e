//! The findings of a report, grouped by case, for a terminal.

use std::fmt::Write as _;

use wsanvil_model::{CaseReport, InstanceReport, Report, Verdict};
use wsanvil_report::{Place, Spread};

use super::escape::escape;
use super::style;
use super::width::fit;

/// Finding lines shown.
const SHOWN: usize = 40;
/// Finding lines of one case: one fault must not take all the room.
const PER_CASE: usize = 4;

/// The findings of `report`, the worst cases first. `rest` names where those are that are not shown.
pub(super) fn findings(report: &Report, width: usize, rest: &str) -> String {
    let mut cases: Vec<&CaseReport> = report
        .cases
        .iter()
        .filter(|case| found(case).next().is_some())
        .collect();
    // Stable: within a verdict the order of the library stays.
    cases.sort_by_key(|case| std::cmp::Reverse(case.verdict));
    let total: usize = cases.iter().map(|case| found(case).count()).sum();
    let mut left = SHOWN;
    let mut text = String::new();
    for case in cases {
        if left == 0 {
            break;
        }
        head(&mut text, case, width);
        let fair = PER_CASE.min(left);
        for instance in found(case).take(fair) {
            finding(&mut text, instance, width);
            left -= 1;
        }
        let more = found(case).count().saturating_sub(fair);
        if more > 0 {
            let _ = writeln!(text, "  … and {more} more of this case");
        }
        tail(&mut text, case);
    }
    let hidden = total - (SHOWN - left);
    if hidden > 0 {
        let _ = writeln!(
            text,
            "… {hidden} of {total} findings are not shown here; all are in {rest}\n"
        );
    }
    text
}

/// What is not expected by a baseline, the worst first.
fn found(case: &CaseReport) -> impl Iterator<Item = &InstanceReport> {
    let of = |verdict: Verdict| {
        case.instances
            .iter()
            .filter(move |instance| instance.verdict == verdict && !instance.expected_by_baseline)
    };
    Verdict::ALL
        .into_iter()
        .rev()
        .filter(|verdict| verdict.is_finding())
        .flat_map(of)
}

fn head(text: &mut String, case: &CaseReport, width: usize) {
    let place = case
        .spec
        .first()
        .and_then(|id| Place::of(id))
        .map(|place| format!(" ({place})"));
    // The title of a case with many instances is a template; that of its only finding says more.
    let mut instances = found(case);
    let title = match (instances.next(), instances.next()) {
        (Some(only), None) if !only.title.is_empty() => &only.title,
        _ => &case.title,
    };
    let line = format!(
        "{}: {}{}",
        escape(&case.id),
        escape(title),
        place.unwrap_or_default()
    );
    let head = style::HEAD;
    let _ = writeln!(text, "{head}{}{head:#}", fit(&line, width));
    if let Some(spread) = Spread::of(case) {
        let spread = spread.to_string();
        let _ = writeln!(text, "  {}", fit(&escape(&spread), width.saturating_sub(2)));
    }
}

fn finding(text: &mut String, instance: &InstanceReport, width: usize) {
    let style = style::of(instance.verdict);
    let mut line = escape(&instance.name).into_owned();
    if instance.flaky {
        line.push_str(" (flaky)");
    }
    let reason = if instance.reason.is_empty() {
        &instance.observed
    } else {
        &instance.reason
    };
    let _ = write!(line, ": {}", escape(reason));
    let verdict = instance.verdict.name();
    let _ = writeln!(
        text,
        "  {style}{verdict:<9}{style:#} {}",
        fit(&line, width.saturating_sub(12))
    );
}

fn tail(text: &mut String, case: &CaseReport) {
    let dim = style::DIM;
    if let Some(instance) = found(case).next()
        && !instance.replay.is_empty()
    {
        let _ = writeln!(text, "  {dim}again:   {}{dim:#}", escape(&instance.replay));
    }
    let _ = writeln!(
        text,
        "  {dim}explain: wsanvil explain {}{dim:#}\n",
        escape(&case.id)
    );
}
