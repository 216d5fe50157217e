//! The last words of a run.

use std::fmt::Write as _;
use std::path::PathBuf;

use wsanvil_model::{Report, Verdict};

use super::escape::escape;
use super::findings::findings;
use super::style;

/// A report that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Such as `html`.
    pub(crate) format: &'static str,
    pub(crate) path: PathBuf,
}

/// Findings, counts, warnings and where the reports are; `width` is that of stdout in columns.
pub(crate) fn summary(report: &Report, written: &[Written], width: usize) -> String {
    let page = written
        .iter()
        .find(|written| written.format == "html")
        .or(written.first());
    let rest = page.map_or_else(|| "no report".to_owned(), |page| page.path.display().to_string());
    let mut text = findings(report, width, &escape(&rest));
    counts(&mut text, report);
    for warning in &report.run.warnings {
        let style = style::WARNING;
        let _ = writeln!(text, "{style}warning{style:#}: {}", escape(warning));
    }
    for written in written {
        let _ = writeln!(text, "report: {}", escape(&written.path.display().to_string()));
    }
    text
}

/// What several targets came to, one line for each.
pub(crate) fn agents(reports: &[Report], written: &[Written]) -> String {
    let mut text = String::new();
    for report in reports {
        let head = style::HEAD;
        let _ = writeln!(
            text,
            "{head}{}{head:#}: {}",
            escape(&report.target.agent),
            counted(report)
        );
        for warning in &report.run.warnings {
            let style = style::WARNING;
            let _ = writeln!(text, "  {style}warning{style:#}: {}", escape(warning));
        }
    }
    for written in written {
        let _ = writeln!(text, "report: {}", escape(&written.path.display().to_string()));
    }
    text
}

/// `2 fail, 30 pass`.
fn counted(report: &Report) -> String {
    let summary = &report.summary;
    let all = [
        (Verdict::Crash, summary.crash),
        (Verdict::Fail, summary.fail),
        (Verdict::Error, summary.error),
        (Verdict::Nonstrict, summary.nonstrict),
        (Verdict::Pass, summary.pass),
        (Verdict::Skip, summary.skip),
    ];
    let counted: Vec<String> = all
        .into_iter()
        .filter(|(verdict, count)| *count > 0 || matches!(verdict, Verdict::Fail | Verdict::Pass))
        .map(|(verdict, count)| {
            let style = if count > 0 { style::of(verdict) } else { style::DIM };
            format!("{style}{count} {}{style:#}", verdict.name())
        })
        .collect();
    counted.join(", ")
}

fn counts(text: &mut String, report: &Report) {
    let counted = counted(report);
    let interrupted = if report.run.interrupted {
        "interrupted: "
    } else {
        ""
    };
    let noted = report
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .filter(|instance| instance.verdict == Verdict::Pass && !instance.notes.is_empty())
        .count();
    let noted = if noted > 0 {
        format!(" ({noted} of the passed with notes)")
    } else {
        String::new()
    };
    let run = &report.run;
    let _ = writeln!(
        text,
        "{interrupted}{}{noted} in {:.1} s",
        counted,
        run.wall_ms as f64 / 1000.0
    );
    let findings = || {
        let instances = report.cases.iter().flat_map(|case| &case.instances);
        instances.filter(|instance| instance.verdict.is_finding())
    };
    let expected = findings()
        .filter(|instance| instance.expected_by_baseline)
        .count();
    if expected > 0 {
        let _ = writeln!(
            text,
            "{expected} of {} findings are expected by the baseline",
            findings().count()
        );
    }
    let dim = style::DIM;
    let _ = writeln!(
        text,
        "{dim}target {} ({}), app {}, profile {}, {} jobs, seed {}{dim:#}",
        escape(&report.target.url),
        escape(&report.target.agent),
        escape(&report.target.app),
        escape(&run.profile),
        run.jobs,
        run.seed
    );
}
