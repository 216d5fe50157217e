//! Head of the page: what was tested, how, and the result in numbers.

use wsanvil_model::{Report, Summary, Verdict};

use super::{Mark, SHOWN, counted, duration, visible};
use crate::visible::Visible;

pub(super) struct Overview {
    pub(super) agent: Visible,
    pub(super) url: Visible,
    pub(super) tool: Visible,
    /// Date, profile, seed, duration and command in one line.
    pub(super) how: Visible,
    pub(super) headline: String,
    pub(super) remarks: Vec<String>,
    pub(super) tiles: Vec<Tile>,
    pub(super) facts: Vec<Fact>,
    pub(super) warnings: Vec<Visible>,
}

/// One number of the summary; `x` and `width` place it in a bar 1000 units wide.
pub(super) struct Tile {
    pub(super) mark: Mark,
    pub(super) count: u32,
    pub(super) x: u64,
    pub(super) width: u64,
}

pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) value: Visible,
}

pub(super) fn of(report: &Report) -> Overview {
    let (target, run) = (&report.target, &report.run);
    let tool = Visible::new(&format!("{} {}", report.tool.name, report.tool.version));
    let app = match target.app.as_str() {
        "echo" => "echoes messages",
        "none" => "unknown (no echo)",
        other => other,
    };
    let facts = [
        ("Version", target.version.as_deref()),
        ("Server field", target.server.as_deref()),
        ("Application", Some(app).filter(|app| !app.is_empty())),
        ("Started with", target.command.as_deref()),
        ("Date", Some(run.started.as_str())),
        ("Duration", Some(duration(run.wall_ms).as_str())),
        ("Profile", Some(run.profile.as_str())),
        ("Seed", Some(run.seed.to_string().as_str())),
        ("Cases at once", Some(run.jobs.to_string().as_str())),
    ]
    .into_iter()
    .filter_map(|(label, value)| {
        Some(Fact {
            label,
            value: Visible::new(value?),
        })
    })
    .collect();
    let agent = if target.agent.is_empty() {
        &target.url
    } else {
        &target.agent
    };
    Overview {
        agent: Visible::new(agent),
        url: Visible::new(&target.url),
        tool,
        how: Visible::new(&how(report)),
        headline: headline(&report.summary),
        remarks: remarks(report),
        tiles: tiles(&report.summary),
        facts,
        warnings: visible(&run.warnings),
    }
}

fn how(report: &Report) -> String {
    let run = &report.run;
    let mut parts = vec![
        run.started.clone(),
        format!("profile {}", run.profile),
        format!("seed {}", run.seed),
        duration(run.wall_ms),
    ];
    parts.extend(
        report
            .target
            .command
            .as_ref()
            .map(|command| format!("started with “{command}”")),
    );
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn count_of(summary: &Summary, verdict: Verdict) -> u32 {
    match verdict {
        Verdict::Crash => summary.crash,
        Verdict::Fail => summary.fail,
        Verdict::Error => summary.error,
        Verdict::Nonstrict => summary.nonstrict,
        Verdict::Pass => summary.pass,
        Verdict::Skip => summary.skip,
    }
}

pub(super) fn tiles(summary: &Summary) -> Vec<Tile> {
    let total = u64::from(summary.total().max(1));
    let mut before = 0;
    SHOWN
        .into_iter()
        .map(|verdict| {
            let count = count_of(summary, verdict);
            let x = before * 1000 / total;
            before += u64::from(count);
            let end = before * 1000 / total;
            Tile {
                mark: Mark::of(verdict),
                count,
                x,
                width: end - x,
            }
        })
        .collect()
}

/// The result in one sentence. What was not judged is never counted as conformant.
fn headline(summary: &Summary) -> String {
    let judged = summary.total() - summary.skip - summary.error;
    if judged == 0 {
        return "Nothing was judged.".to_owned();
    }
    let clauses: Vec<String> = [
        (summary.crash, "crashed the target or stopped it from serving"),
        (summary.fail, "found a MUST broken"),
        (summary.nonstrict, "found a SHOULD missed or a disputed reaction"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let judged = counted(judged.into(), "judged instance", "judged instances");
    match clauses.as_slice() {
        [] => format!("No rule was found broken in {judged}."),
        [one] => format!("Of {judged}, {one}."),
        [first @ .., last] => format!("Of {judged}, {} and {last}.", first.join(", ")),
    }
}

fn remarks(report: &Report) -> Vec<String> {
    let instances = || report.cases.iter().flat_map(|case| &case.instances);
    let accepted = instances()
        .filter(|i| i.verdict.is_finding() && i.expected_by_baseline)
        .count() as u64;
    let flaky = instances().filter(|i| i.flaky).count() as u64;
    let mut remarks = Vec::new();
    if report.run.interrupted {
        remarks.push("The run was interrupted: the numbers cover a part of the selection.".to_owned());
    }
    if report.summary.error > 0 {
        remarks.push(format!(
            "{} could not be judged.",
            counted(report.summary.error.into(), "instance", "instances")
        ));
    }
    if report.summary.skip > 0 {
        let skipped = counted(report.summary.skip.into(), "instance was", "instances were");
        remarks.push(format!("{skipped} skipped; the list says why."));
    }
    if accepted > 0 {
        remarks.push(format!(
            "{} accepted by the baseline.",
            counted(accepted, "finding is", "findings are")
        ));
    }
    if flaky > 0 {
        let gave = counted(flaky, "instance gave", "instances gave");
        remarks.push(format!("{gave} different results when repeated."));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headlines_are_honest() {
        let say = |pass, nonstrict, fail, crash, error, skip| {
            headline(&Summary {
                pass,
                nonstrict,
                fail,
                crash,
                error,
                skip,
            })
        };
        assert_eq!(say(0, 0, 0, 0, 2, 9), "Nothing was judged.");
        assert_eq!(
            say(1, 0, 0, 0, 0, 9),
            "No rule was found broken in 1 judged instance."
        );
        assert_eq!(
            say(5, 3, 2, 1, 0, 0),
            "Of 11 judged instances, 1 crashed the target or stopped it from serving, 2 found a MUST broken and \
             3 found a SHOULD missed or a disputed reaction."
        );
    }

    #[test]
    fn the_bar_is_full() {
        let tiles = tiles(&Summary {
            pass: 1,
            nonstrict: 1,
            fail: 1,
            crash: 0,
            error: 0,
            skip: 0,
        });
        assert_eq!(tiles.iter().map(|tile| tile.width).sum::<u64>(), 1000);
    }
}
