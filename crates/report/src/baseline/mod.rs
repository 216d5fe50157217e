//! The baseline: findings that are known and accepted, each with a reason, so that only what is new counts.
//!
//! It is a TOML file of `[[expected]]` tables. [`Baseline::parse`] reads it, [`Baseline::mark`] says of a result whether
//! an entry expects it, [`Baseline::review`] finds entries that say nothing true any more, and [`updated`] writes the
//! text that fits a report.

mod date;
mod list;
mod pattern;
mod read;
mod review;
mod schema;
mod update;

use wsanvil_model::{InstanceReport, Verdict};

pub use date::Date;
pub use read::Mistake;
pub use review::{Named, Remark, Scope, What};
pub use schema::schema;
pub use update::{Updated, updated};

use pattern::Pattern;

/// Findings that are expected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// One `[[expected]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// Line of its head, from 1.
    line: u32,
    patterns: Vec<Pattern>,
    /// The worst that is expected.
    verdict: Verdict,
    reason: String,
    /// Last day on which it counts.
    until: Option<Date>,
    /// A pass is fine too.
    flaky: bool,
}

impl Entry {
    fn covers(&self, case: &str, name: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(case, name))
    }

    fn is_past(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

impl Baseline {
    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Marks `instance` of `case` as expected when it is a finding, and an entry whose date has not passed covers it
    /// with a verdict that is as bad or worse. A mark of another baseline is taken off.
    pub fn mark(&self, case: &str, instance: &mut InstanceReport, today: Date) {
        let entry = self.entries.iter().find(|entry| {
            instance.verdict.is_finding()
                && instance.verdict <= entry.verdict
                && !entry.is_past(today)
                && entry.covers(case, &instance.name)
        });
        instance.expected_by_baseline = entry.is_some();
        instance.baseline = entry.map(|entry| entry.reason.clone());
    }
}

#[cfg(test)]
mod sample {
    use wsanvil_model::{CaseReport, InstanceReport, Report, ToolInfo, Verdict};

    use super::{Named, Scope};
    use crate::Collector;

    fn case_of(name: &str) -> String {
        name.split('[').next().unwrap_or(name).to_owned()
    }

    /// A report of these instances; each says what it is.
    pub(super) fn report_of(verdicts: &[(&str, Verdict)]) -> Report {
        let tool = ToolInfo {
            name: "wsanvil".to_owned(),
            version: "0".to_owned(),
        };
        let mut report = Collector::new(tool, Vec::new()).finish();
        for (name, verdict) in verdicts {
            let id = case_of(name);
            let mut instance = InstanceReport::new(*name, *verdict);
            instance.reason = format!("because of {name}");
            match report.cases.iter_mut().find(|case| case.id == id) {
                Some(case) => case.instances.push(instance),
                None => report.cases.push(CaseReport {
                    instances: vec![instance],
                    ..CaseReport::of_unknown(&id)
                }),
            }
        }
        report
    }

    /// The instance of that name.
    pub(super) fn finding<'r>(report: &'r mut Report, name: &str) -> &'r mut InstanceReport {
        let mut instances = report.cases.iter_mut().flat_map(|case| &mut case.instances);
        instances.find(|instance| instance.name == name).unwrap()
    }

    /// A library of which the profile runs everything.
    pub(super) fn scope_of(names: &[&str]) -> Scope {
        let all: Vec<Named> = names
            .iter()
            .map(|name| Named {
                case: case_of(name),
                name: (*name).to_owned(),
            })
            .collect();
        Scope {
            library: all.clone(),
            whole: all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::new(2026, 11, 20);

    fn marked(text: &str, name: &str, verdict: Verdict) -> Option<String> {
        let baseline = Baseline::parse(text).unwrap();
        let mut instance = InstanceReport::new(name, verdict);
        baseline.mark("a/x", &mut instance, TODAY);
        assert_eq!(instance.expected_by_baseline, instance.baseline.is_some());
        instance.baseline
    }

    fn entry(rest: &str) -> String {
        format!("[[expected]]\nid = \"a/x\"\nverdict = \"fail\"\nreason = \"known\"\n{rest}")
    }

    #[test]
    fn what_is_as_bad_or_milder_is_expected() {
        let known = Some("known".to_owned());
        assert_eq!(marked(&entry(""), "a/x[1]", Verdict::Fail), known);
        assert_eq!(marked(&entry(""), "a/x[1]", Verdict::Nonstrict), known);
        assert_eq!(marked(&entry(""), "a/x[1]", Verdict::Crash), None);
        assert_eq!(marked(&entry(""), "a/x[1]", Verdict::Pass), None);
        assert_eq!(
            marked(&entry("").replace("a/x", "a/y"), "a/x[1]", Verdict::Fail),
            None
        );
    }

    #[test]
    fn an_entry_counts_to_the_end_of_its_day() {
        let known = Some("known".to_owned());
        assert_eq!(marked(&entry("until = 2026-11-20"), "a/x", Verdict::Fail), known);
        assert_eq!(marked(&entry("until = 2026-11-19"), "a/x", Verdict::Fail), None);
        let two = entry("until = 2026-11-19") + "\n" + &entry("");
        assert_eq!(
            marked(&two, "a/x", Verdict::Fail),
            known,
            "another entry may still count"
        );
    }

    #[test]
    fn a_mark_of_another_baseline_goes() {
        let mut instance = InstanceReport::new("a/x", Verdict::Fail);
        instance.expected_by_baseline = true;
        instance.baseline = Some("old".to_owned());
        Baseline::default().mark("a/x", &mut instance, TODAY);
        assert!(!instance.expected_by_baseline && instance.baseline.is_none());
    }
}
