//! Annotations of a GitHub Actions step: workflow commands, one for each case with a finding.
//!
//! GitHub shows ten errors and ten warnings of a step. When there are more, the last of the ten says how many are left
//! out; the summary of the step holds them all.

use std::fmt::Write as _;

use wsanvil_model::{CaseReport, InstanceReport, Report, Verdict};

use crate::plain::{facts, line};
use crate::{Context, Standing};

/// Annotations of a level that a step can have.
const MOST: usize = 10;
/// Octets that the summary of a step may have.
pub const SUMMARY_LIMIT: usize = 1 << 20;

const CUT: &str = "\n\nCut here: GitHub takes no more than 1 MiB.\n";

/// The commands, a line each.
pub(crate) fn render(report: &Report, context: &Context<'_>) -> String {
    let mut text = String::new();
    for level in ["error", "warning"] {
        let all: Vec<(&CaseReport, &InstanceReport)> = report
            .cases
            .iter()
            .filter_map(|case| {
                let worst = worst(case, context)?;
                (level_of(worst, context) == Some(level)).then_some((case, worst))
            })
            .collect();
        let shown = if all.len() > MOST { MOST - 1 } else { all.len() };
        for (case, instance) in all.iter().take(shown) {
            annotation(&mut text, level, case, instance);
        }
        if all.len() > shown {
            let left = all.len() - shown;
            let _ = writeln!(
                text,
                "::{level} title=wsanvil::{left} more cases; the summary of this step has all of them"
            );
        }
    }
    text
}

/// The report as the summary of a step: Markdown that fits into what GitHub takes.
pub fn step_summary(report: &Report, context: &Context<'_>) -> String {
    let mut text = crate::markdown::render(report, context);
    if text.len() > SUMMARY_LIMIT {
        let mut end = SUMMARY_LIMIT - CUT.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // A line that is cut could leave a code span open.
        let whole = text.get(..end).and_then(|kept| kept.rfind('\n')).unwrap_or(0);
        text.truncate(whole);
        text.push_str(CUT);
    }
    text
}

fn worst<'r>(case: &'r CaseReport, context: &Context<'_>) -> Option<&'r InstanceReport> {
    let shown = case
        .instances
        .iter()
        .filter(|instance| level_of(instance, context).is_some());
    shown.rev().max_by_key(|instance| instance.verdict)
}

fn level_of(instance: &InstanceReport, context: &Context<'_>) -> Option<&'static str> {
    match context.gate.of(instance) {
        Standing::Broken | Standing::Unjudged => Some("error"),
        Standing::Remarked if instance.verdict != Verdict::Pass => Some("warning"),
        _ => None,
    }
}

fn annotation(text: &mut String, level: &str, case: &CaseReport, instance: &InstanceReport) {
    let mut message = line(&instance.reason);
    let broken = case
        .instances
        .iter()
        .filter(|other| other.verdict == instance.verdict)
        .count();
    if broken > 1 {
        let _ = write!(message, " (and {} more instances)", broken - 1);
    }
    for (name, value) in facts(case, instance) {
        let _ = write!(message, "\n{name}: {value}");
    }
    let title = format!("wsanvil {}: {}", instance.verdict.name(), line(&instance.name));
    let _ = writeln!(text, "::{level} title={}::{}", property(&title), data(&message));
}

/// The message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_no_command() {
        assert_eq!(data("a%\n::error::b"), "a%25%0A::error::b");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
