//! Medians, ratios and the written report.

use super::contender::{Contender, Tally, Tool};
use crate::measure::Cost;
use crate::{machine, table};

/// One measured run.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// What the tester cost.
    pub(super) cost: Cost,
    /// Processor seconds of the server meanwhile.
    pub(super) server_cpu_s: f64,
    /// What the tester said.
    pub(super) tally: Tally,
}

/// Everything that was measured.
pub(super) struct Report<'a> {
    /// Who ran.
    pub(super) contenders: &'a [Contender],
    /// Runs of each.
    pub(super) samples: &'a [Vec<Sample>],
    /// Who could not run, and why.
    pub(super) absent: &'a [String],
    /// Case patterns; `None`: all cases.
    pub(super) sections: Option<&'a [String]>,
    /// What was tested.
    pub(super) server: &'a str,
    /// Load averages before the first round.
    pub(super) load: &'a str,
}

impl Report<'_> {
    /// One row per tester: the best level of each tool first, then the other levels.
    pub(super) fn table(&self) -> String {
        let best = self.best(Tool::Wsanvil).map(|index| &self.samples[index]);
        let heads = [
            "tester", "cases", "failed", "wall s", "min", "max", "user s", "system s", "server s",
            "peak MiB", "wall ×", "CPU ×",
        ];
        let (chosen, others): (Vec<usize>, Vec<usize>) = (0..self.contenders.len())
            .partition(|&index| self.best(self.contenders[index].tool) == Some(index));
        let rows: Vec<Vec<String>> = chosen
            .iter()
            .chain(&others)
            .map(|&index| {
                row(
                    &self.contenders[index].label(),
                    &self.samples[index],
                    best.map(Vec::as_slice),
                )
            })
            .collect();
        table::render(&heads, &rows)
    }

    /// The level of a tool with the least wall time.
    fn best(&self, tool: Tool) -> Option<usize> {
        let levels = (0..self.contenders.len()).filter(|&index| self.contenders[index].tool == tool);
        levels.min_by(|&a, &b| wall(&self.samples[a]).total_cmp(&wall(&self.samples[b])))
    }

    /// The report as a file.
    pub(super) fn markdown(&self) -> String {
        let cases = self
            .sections
            .map_or("all".to_owned(), |sections| sections.join(" "));
        let rounds = self.samples.first().map_or(0, Vec::len);
        let mut text = format!(
            "# wsanvil beside other testers\n\n\
             Written by `cargo xtask compare-peers`. Medians of {rounds} rounds; the testers ran in turn, each against \
             a fresh process of the same server.\n\n\
             * Autobahn cases: {cases}\n\
             * Server: {}\n\
             * Machine: {}; load before the first round {}\n\
             * Commit: {}\n",
            self.server,
            machine::description(),
            self.load,
            machine::says("git", &["describe", "--always", "--dirty"]),
        );
        let mut versions: Vec<&str> = self.contenders.iter().map(|c| c.version.as_str()).collect();
        versions.dedup();
        for version in versions {
            text.extend(["* Tester: ", version, "\n"]);
        }
        for reason in self.absent {
            text.extend(["* Not measured: ", reason, "\n"]);
        }
        text.push_str("\n## Numbers\n\n");
        text.push_str(&self.table());
        text.push_str(
            "\n`wall`, `user` and `system` are seconds of the tester, start of its process included; `server` is \
             processor time of the server over the same span; `peak` is the largest resident memory of the tester. \
             `failed` counts verdicts other than OK, NON-STRICT and INFORMATIONAL. The ratios are to the best wsanvil: \
             more than 1 means that wsanvil needs less. CPU is user and system of the tester.\n\n## Commands\n\n```text\n",
        );
        for contender in self.contenders {
            let program = match contender.tool {
                Tool::Wsanvil => "wsanvil",
                Tool::Autobahn => "wstest",
                Tool::Kosoku => "kosoku",
            };
            let arguments = contender.arguments(self.sections, "PORT");
            text.extend([program, " ", &arguments.join(" "), "\n"]);
        }
        text.push_str("```\n\nFor `wstest`, `spec.json` names the server and the same patterns.\n");
        text
    }
}

fn row(label: &str, samples: &[Sample], reference: Option<&[Sample]>) -> Vec<String> {
    let walls: Vec<f64> = samples.iter().map(|sample| sample.cost.wall_s).collect();
    let tallies = samples.iter().map(|sample| sample.tally);
    // A tester that leaves cases out in one of the rounds must not look fast.
    let cases = span(tallies.clone().map(|tally| tally.cases));
    let failed = span(tallies.map(|tally| tally.failed));
    let ratio = |of: fn(&[Sample]) -> f64| {
        reference.map_or("–".to_owned(), |reference| {
            format!("{:.1}", of(samples) / of(reference))
        })
    };
    vec![
        label.to_owned(),
        cases,
        failed,
        format!("{:.3}", wall(samples)),
        format!("{:.3}", walls.iter().copied().fold(f64::INFINITY, f64::min)),
        format!("{:.3}", walls.iter().copied().fold(0.0, f64::max)),
        format!("{:.3}", median(samples, |sample| sample.cost.user_s)),
        format!("{:.3}", median(samples, |sample| sample.cost.system_s)),
        format!("{:.3}", median(samples, |sample| sample.server_cpu_s)),
        format!(
            "{:.1}",
            median(samples, |sample| sample.cost.peak_kib as f64 / 1024.0)
        ),
        ratio(wall),
        ratio(cpu),
    ]
}

fn wall(samples: &[Sample]) -> f64 {
    median(samples, |sample| sample.cost.wall_s)
}

fn cpu(samples: &[Sample]) -> f64 {
    median(samples, |sample| sample.cost.user_s + sample.cost.system_s)
}

/// `5`, or `3–5` when the rounds differ.
fn span(counts: impl Iterator<Item = usize> + Clone) -> String {
    let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
    if least == most {
        most.to_string()
    } else {
        format!("{least}–{most}")
    }
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(wall_s: f64, cases: usize) -> Sample {
        Sample {
            cost: Cost {
                wall_s,
                user_s: wall_s / 2.0,
                system_s: 0.0,
                peak_kib: 2048,
                exit: Some(0),
            },
            server_cpu_s: 0.1,
            tally: Tally { cases, failed: 0 },
        }
    }

    #[test]
    fn medians_and_ratios() {
        let ours = [sample(1.0, 5), sample(9.0, 5), sample(2.0, 5)];
        let theirs = [sample(8.0, 5), sample(12.0, 4)];
        assert!((wall(&ours) - 2.0).abs() < 1e-9);
        assert!((wall(&theirs) - 10.0).abs() < 1e-9);
        let row = row("x", &theirs, Some(&ours));
        assert_eq!(row[1], "4–5");
        assert_eq!(row[10..], ["5.0", "5.0"]);
        assert_eq!(row[9], "2.0");
    }
}
