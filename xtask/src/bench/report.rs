//! The tables and the written report.

use super::numbers::{Group, Measured, Numbers, Remark};
use crate::{machine, table};

/// Everything that was measured, and how.
pub(super) struct Report<'a> {
    /// What was measured.
    pub(super) numbers: &'a Numbers,
    /// The command that did it.
    pub(super) command: &'a str,
    /// Load averages before it.
    pub(super) load: &'a str,
}

impl Report<'_> {
    /// One row per group: ours, the best peer, the limit.
    pub(super) fn summary(&self) -> String {
        let heads = [
            "group",
            "per",
            "ours ns",
            "best peer",
            "ns",
            "ratio",
            "range",
            "target",
            "",
            "limit ns",
            "× limit",
        ];
        let rows: Vec<Vec<String>> = self
            .numbers
            .groups
            .iter()
            .filter_map(|group| self.row(group))
            .collect();
        table::render(&heads, &rows)
    }

    fn row(&self, group: &Group) -> Option<Vec<String>> {
        let ours = group.ours()?;
        let best = group.best_peer(&self.numbers.references);
        let compared = best.map_or_else(
            || ["–"; 6].map(str::to_owned).to_vec(),
            |best| {
                let ratio = best.median_ns / ours.median_ns;
                let range = (best.min_ns / ours.max_ns, best.max_ns / ours.min_ns);
                let mark = if ratio < group.target() { "short" } else { "" };
                vec![
                    best.name.clone(),
                    nanoseconds(best.median_ns),
                    format!("{ratio:.2}"),
                    format!("{:.2}–{:.2}", range.0, range.1),
                    format!("{:.2}", group.target()),
                    mark.to_owned(),
                ]
            },
        );
        let limit = group.limit.as_ref().map_or_else(
            || ["–"; 2].map(str::to_owned),
            |limit| {
                [
                    nanoseconds(limit.median_ns),
                    format!("{:.1}", ours.median_ns / limit.median_ns),
                ]
            },
        );
        let mut row = vec![group.id.clone(), group.unit.clone(), nanoseconds(ours.median_ns)];
        row.extend(compared);
        row.extend(limit);
        Some(row)
    }

    /// The report as a file.
    pub(super) fn markdown(&self) -> String {
        let numbers = self.numbers;
        let mut text = format!(
            "# The codec beside other WebSocket crates\n\n\
             Written by `{}`.\n\n\
             * Machine: {}; load before {}\n\
             * Compiler: {}; release profile with `lto = \"fat\"`, one codegen unit, default target-cpu\n\
             * Date: {}\n\
             * Commit: {}\n\n\
             Contenders of a group do the same work on the same octets, checked against ours before anything is \
             measured, and are measured in turns: {} passes of {} rounds, in each round a slice of {} ms per contender, \
             each time beginning with another one. The clock is the processor time of the thread. A number is nanoseconds \
             per unit: the median over the passes of the median over the rounds.\n\n\
             ## Summary\n\n",
            self.command,
            machine::description(),
            self.load,
            numbers.rustc,
            machine::says("date", &["-u", "+%Y-%m-%d"]),
            machine::says("git", &["describe", "--always", "--dirty"]),
            numbers.runs,
            numbers.rounds,
            numbers.slice_ms,
        );
        text.push_str(&self.summary());
        text.push_str(
            "\n`ratio` is the best peer's time to ours: more than 1 means that we are faster. `range` is what it can be \
             between the passes, best against worst. `× limit` is our time to that of copying the octets. `short` \
             marks a ratio below the target.\n\n## All contenders\n",
        );
        for kind in self.kinds() {
            text.extend(["\n### ", kind, "\n\nNanoseconds.\n\n", &self.contenders(kind)]);
            let notes = remarks(&numbers.notes, kind);
            let missing = remarks(&numbers.not_compared, kind);
            for (title, list) in [("What they do differently:", notes), ("Not compared:", missing)] {
                if !list.is_empty() {
                    text.extend(["\n", title, "\n\n", &list]);
                }
            }
        }
        text.push_str("\n## Versions\n\n");
        let general = numbers.notes.iter().filter(|(prefix, _, _)| prefix.is_empty());
        for (_, name, remark) in general {
            text.extend(["* ", name, ": ", remark, "\n"]);
        }
        let versions: Vec<String> = numbers
            .versions
            .iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        text.extend(["\n", &versions.join(", "), "\n"]);
        text
    }

    /// The kinds of work, in their order.
    fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = self.numbers.groups.iter().map(Group::kind).collect();
        kinds.dedup();
        kinds
    }

    /// One row per contender, one column per group of the kind.
    fn contenders(&self, kind: &str) -> String {
        let groups: Vec<&Group> = self
            .numbers
            .groups
            .iter()
            .filter(|group| group.kind() == kind)
            .collect();
        let all = |group: &'_ Group| -> Vec<Measured> {
            group.contenders.iter().chain(&group.limit).cloned().collect()
        };
        let mut names: Vec<String> = Vec::new();
        for measured in groups.iter().flat_map(|group| all(group)) {
            if !names.contains(&measured.name) {
                names.push(measured.name);
            }
        }
        // The limits last, also where a later group has a contender more.
        names.sort_by_key(|name| {
            groups
                .iter()
                .any(|group| group.limit.as_ref().is_some_and(|limit| &limit.name == name))
        });
        let mut heads = vec![kind];
        heads.extend(groups.iter().map(|group| group.input()));
        let rows: Vec<Vec<String>> = names
            .iter()
            .map(|name| {
                let cells = groups.iter().map(|group| {
                    let measured = all(group).into_iter().find(|measured| &measured.name == name);
                    measured.map_or("–".to_owned(), |measured| nanoseconds(measured.median_ns))
                });
                std::iter::once(name.clone()).chain(cells).collect()
            })
            .collect();
        table::render(&heads, &rows)
    }
}

/// The remarks on groups of a kind as a list.
fn remarks(all: &[Remark], kind: &str) -> String {
    let mut list = String::new();
    for (prefix, name, remark) in all {
        let (of, part) = prefix.split_once('/').unwrap_or((prefix, ""));
        if of != kind {
            continue;
        }
        list.extend(["* ", name]);
        if !part.is_empty() {
            list.extend([" (", part, ")"]);
        }
        list.extend([": ", remark, "\n"]);
    }
    list
}

/// Three or four digits that count.
fn nanoseconds(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Numbers {
        let text = r#"{
            "rustc": "rustc 1", "runs": 3, "rounds": 31, "slice_ms": 3, "versions": {"a": "1.0.0"},
            "groups": [
                {"id": "decode/16B", "unit": "frame", "contenders": [
                    {"name": "wsanvil-wire", "median_ns": 10.0, "min_ns": 9.0, "max_ns": 12.0},
                    {"name": "a", "median_ns": 20.0, "min_ns": 18.0, "max_ns": 27.0}
                ], "limit": {"name": "memcpy", "median_ns": 2.0, "min_ns": 2.0, "max_ns": 2.0}},
                {"id": "mask/16B", "unit": "buffer", "contenders": [
                    {"name": "wsanvil-wire", "median_ns": 1234.5, "min_ns": 9.0, "max_ns": 12.0}
                ], "limit": null}
            ],
            "references": [], "notes": [["decode/16B", "a", "copies"], ["", "a", "is old"]],
            "not_compared": [["mask", "a", "has none"]]
        }"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_ratio_below_the_target_is_marked() {
        let numbers = numbers();
        let report = Report {
            numbers: &numbers,
            command: "cargo xtask bench",
            load: "0 0 0",
        };
        let decode = report.row(&numbers.groups[0]).unwrap();
        assert_eq!(
            decode[2..],
            [
                "10.0",
                "a",
                "20.0",
                "2.00",
                "1.50–3.00",
                "3.00",
                "short",
                "2.0",
                "5.0"
            ]
        );
        let mask = report.row(&numbers.groups[1]).unwrap();
        assert_eq!(mask[2..], ["1234", "–", "–", "–", "–", "–", "–", "–", "–"]);
    }

    #[test]
    fn every_remark_is_in_the_report() {
        let numbers = numbers();
        let report = Report {
            numbers: &numbers,
            command: "cargo xtask bench --runs 3",
            load: "0 0 0",
        };
        let text = report.markdown();
        for part in [
            "`cargo xtask bench --runs 3`",
            "* a (16B): copies\n",
            "* a: has none\n",
            "* a: is old\n",
            "a 1.0.0",
            "| memcpy       |  2.0 |",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
