//! Markdown, for a pull request, a wiki or the summary of a CI step: counts, then the cases that are findings.
//!
//! Whatever a target sent stands in code spans, so that it is neither markup nor a mention.

use std::fmt::Write as _;

use wsanvil_model::{CaseReport, InstanceReport, Report};

use crate::plain::{facts, line};
use crate::{Context, Spread, Standing};

/// Cases that are told in full; the rest is named.
const FULL: usize = 50;
/// Instances of a case that are named.
const NAMED: usize = 5;

/// The file as text.
pub(crate) fn render(report: &Report, context: &Context<'_>) -> String {
    let mut text = head(report);
    let mut findings: Vec<Found<'_>> = report
        .cases
        .iter()
        .filter_map(|case| Found::of(case, context))
        .collect();
    findings.sort_by_key(|found| (found.standing.order(), std::cmp::Reverse(found.case.verdict)));
    let mut heading = None;
    for (nth, found) in findings.iter().enumerate() {
        if heading != Some(found.standing.heading()) {
            heading = Some(found.standing.heading());
            let _ = write!(text, "\n## {}\n\n", found.standing.heading());
        }
        if nth < FULL {
            found.tell(&mut text);
        } else {
            let _ = writeln!(text, "- {} {}", found.case.verdict.name(), code(&found.case.id));
        }
    }
    text
}

fn head(report: &Report) -> String {
    let summary = &report.summary;
    let mut text = format!(
        "# wsanvil: {}\n\n{} at {}, profile {}, seed {}, {} ms, wsanvil {}\n\n\
         | pass | nonstrict | fail | crash | error | skip |\n|---:|---:|---:|---:|---:|---:|\n\
         | {} | {} | {} | {} | {} | {} |\n",
        code(&report.target.agent),
        code(&report.target.url),
        escaped(&report.run.started),
        escaped(&report.run.profile),
        report.run.seed,
        report.run.wall_ms,
        escaped(&report.tool.version),
        summary.pass,
        summary.nonstrict,
        summary.fail,
        summary.crash,
        summary.error,
        summary.skip,
    );
    if report.run.interrupted {
        text.push_str("\n**Interrupted before its end.**\n");
    }
    for warning in &report.run.warnings {
        let _ = write!(text, "\n> {}\n", escaped(warning));
    }
    text
}

/// A case with findings: the worst of them stands for it.
struct Found<'r> {
    case: &'r CaseReport,
    worst: &'r InstanceReport,
    others: Vec<&'r InstanceReport>,
    standing: Standing,
}

impl<'r> Found<'r> {
    fn of(case: &'r CaseReport, context: &Context<'_>) -> Option<Self> {
        let rank = |instance: &&InstanceReport| {
            let standing = context.gate.of(instance);
            (std::cmp::Reverse(standing.order()), instance.verdict)
        };
        let found = || {
            case.instances
                .iter()
                .filter(|instance| instance.verdict.is_finding())
        };
        // The first of the worst: max_by_key would give the last.
        let worst = found().rev().max_by_key(rank)?;
        Some(Self {
            case,
            worst,
            others: found().filter(|other| !std::ptr::eq(*other, worst)).collect(),
            standing: context.gate.of(worst),
        })
    }

    fn tell(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "- **{}** {}: {}",
            self.worst.verdict.name(),
            code(&self.worst.name),
            escaped(&self.worst.reason)
        );
        for (name, value) in facts(self.case, self.worst) {
            let value = if name == "requirement" {
                escaped(&value)
            } else {
                code(&value)
            };
            let _ = writeln!(text, "  - {name}: {value}");
        }
        if let Some(reason) = &self.worst.baseline {
            let _ = writeln!(text, "  - baseline: {}", escaped(reason));
        }
        if self.worst.flaky {
            text.push_str("  - flaky: repeated runs disagreed\n");
        }
        if let Some(spread) = Spread::of(self.case) {
            let _ = writeln!(text, "  - {}", escaped(&spread.to_string()));
        }
        if !self.others.is_empty() {
            let mut names: Vec<String> = self
                .others
                .iter()
                .take(NAMED)
                .map(|other| code(&other.name))
                .collect();
            if self.others.len() > NAMED {
                names.push(format!("{} more", self.others.len() - NAMED));
            }
            let _ = writeln!(text, "  - also: {}", names.join(", "));
        }
    }
}

impl Standing {
    fn order(self) -> u8 {
        match self {
            Self::Broken => 0,
            Self::Unjudged => 1,
            Self::Expected => 2,
            Self::Remarked => 3,
            Self::Passed | Self::Skipped => 4,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Broken => "Findings",
            Self::Unjudged => "Not judged",
            Self::Expected => "Expected by the baseline",
            _ => "Remarks that do not count",
        }
    }
}

/// Text in which nothing is markup, a mention or a link. It never begins a line.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in line(text).chars() {
        match c {
            // A reference works where a backslash does not: in mentions and bare addresses.
            '@' => out.push_str("&#64;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A code span: its fence is longer than any run of backticks inside (`CommonMark` section 6.1).
pub(crate) fn code(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return String::new();
    }
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    if text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' ')) {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_any_text() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(""), "");
    }

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            escaped("@a *b* [c](http://d) #1"),
            "&#64;a \\*b\\* \\[c\\](http&#58;//d) \\#1"
        );
    }
}
