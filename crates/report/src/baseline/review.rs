//! Entries that say nothing true any more.

use std::collections::HashMap;
use std::fmt;

use wsanvil_model::{Report, Verdict};

use super::{Baseline, Date, Entry, Pattern};

/// An instance by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Id of its case.
    pub case: String,
    /// Name of the instance.
    pub name: String,
}

/// What a report could have told about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// All there is: an entry that matches none of these is stale.
    pub library: Vec<Named>,
    /// What the profile runs when nothing is picked, left out or given to another shard: an entry is judged only when all
    /// of these that it covers were run.
    pub whole: Vec<Named>,
}

/// What is to be said about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Line of the entry, from 1.
    pub line: u32,
    /// The pattern it is about.
    pub pattern: String,
    /// What.
    pub what: What,
}

/// Kinds of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum What {
    /// It was good to this day, and its findings are still there: they count.
    Past {
        /// Its last day.
        until: Date,
        /// Findings that it would cover.
        findings: usize,
    },
    /// All that it covers was run and passes.
    Passes {
        /// What was expected.
        expected: Verdict,
    },
    /// It matches nothing in the library.
    Stale,
}

impl Remark {
    /// Whether `--strict-baseline` fails because of it. What is past fails by itself: its findings count.
    pub fn is_strict(&self) -> bool {
        matches!(self.what, What::Passes { .. } | What::Stale)
    }
}

/// Without its place.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, what, .. } = self;
        match what {
            What::Past { until, findings: 1 } => {
                write!(
                    f,
                    "the entry for `{pattern}` was good until {until}: its finding counts again"
                )
            }
            What::Past { until, findings } => write!(
                f,
                "the entry for `{pattern}` was good until {until}: its {findings} findings count again"
            ),
            What::Passes { expected } => write!(
                f,
                "`{pattern}` is expected to come to {} and passes: the entry can go",
                expected.name()
            ),
            What::Stale => write!(f, "`{pattern}` matches no case and no instance: the entry can go"),
        }
    }
}

impl Baseline {
    /// What is to be said about its entries behind a run, in their order.
    pub fn review(&self, report: &Report, scope: &Scope, today: Date) -> Vec<Remark> {
        let ran = Ran::of(report);
        let mut remarks = Vec::new();
        for entry in &self.entries {
            for pattern in &entry.patterns {
                if let Some(what) = ran.what(entry, pattern, scope, today) {
                    remarks.push(Remark {
                        line: entry.line,
                        pattern: pattern.0.clone(),
                        what,
                    });
                }
            }
        }
        remarks
    }
}

/// A report by name.
pub(super) struct Ran<'r> {
    report: &'r Report,
    verdicts: HashMap<&'r str, Verdict>,
}

impl<'r> Ran<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let instances = report.cases.iter().flat_map(|case| &case.instances);
        Self {
            report,
            verdicts: instances
                .map(|instance| (instance.name.as_str(), instance.verdict))
                .collect(),
        }
    }

    fn what(&self, entry: &Entry, pattern: &Pattern, scope: &Scope, today: Date) -> Option<What> {
        if self.is_stale(pattern, scope) {
            return Some(What::Stale);
        }
        if !entry.flaky && self.passes(pattern, scope) {
            return Some(What::Passes {
                expected: entry.verdict,
            });
        }
        let until = entry.until.filter(|_| entry.is_past(today))?;
        let findings = self.past(pattern).count();
        (findings > 0).then_some(What::Past { until, findings })
    }

    /// Whether nothing in the library has such a name.
    pub(super) fn is_stale(&self, pattern: &Pattern, scope: &Scope) -> bool {
        let known = |named: &Named| pattern.matches(&named.case, &named.name);
        !scope.library.iter().any(known) && self.covered(pattern).next().is_none()
    }

    /// Whether all that the pattern covers was run, and came to pass. What was skipped says nothing.
    pub(super) fn passes(&self, pattern: &Pattern, scope: &Scope) -> bool {
        let mut passed = false;
        for named in &scope.whole {
            if !pattern.matches(&named.case, &named.name) {
                continue;
            }
            match self.verdicts.get(named.name.as_str()) {
                Some(Verdict::Skip) => {}
                Some(Verdict::Pass) => passed = true,
                _ => return false,
            }
        }
        // What was picked from outside the profile.
        passed && self.covered(pattern).all(|(_, verdict)| !verdict.is_finding())
    }

    /// Findings that no entry expects any more.
    fn past(&self, pattern: &Pattern) -> impl Iterator<Item = &'r str> {
        let cases = self.report.cases.iter();
        let of = move |case: &'r wsanvil_model::CaseReport| {
            case.instances
                .iter()
                .map(move |instance| (case.id.as_str(), instance))
        };
        cases
            .flat_map(of)
            .filter(|(_, instance)| instance.verdict.is_finding() && !instance.expected_by_baseline)
            .filter(|(case, instance)| pattern.matches(case, &instance.name))
            .map(|(_, instance)| instance.name.as_str())
    }

    fn covered(&self, pattern: &Pattern) -> impl Iterator<Item = (&'r str, Verdict)> {
        let cases = self.report.cases.iter();
        cases.flat_map(|case| {
            let instances = case.instances.iter();
            instances
                .filter(|instance| pattern.matches(&case.id, &instance.name))
                .map(|instance| (instance.name.as_str(), instance.verdict))
        })
    }
}

#[cfg(test)]
mod tests {
    use wsanvil_model::{CaseReport, InstanceReport};

    use super::super::sample::{report_of, scope_of};
    use super::*;

    const TODAY: Date = Date::new(2026, 11, 20);

    fn remarks(text: &str, report: &Report, scope: &Scope) -> Vec<(String, What)> {
        let baseline = Baseline::parse(text).unwrap();
        let mut report = report.clone();
        for CaseReport { id, instances, .. } in &mut report.cases {
            for instance in instances {
                baseline.mark(id, instance, TODAY);
            }
        }
        let remarks = baseline.review(&report, scope, TODAY).into_iter();
        remarks.map(|remark| (remark.pattern, remark.what)).collect()
    }

    fn entry(id: &str, rest: &str) -> String {
        format!("[[expected]]\nid = {id}\nverdict = \"fail\"\nreason = \"known\"\n{rest}\n")
    }

    const PASSES: What = What::Passes {
        expected: Verdict::Fail,
    };

    #[test]
    fn an_entry_passes_when_all_it_covers_ran_and_passes() {
        let scope = scope_of(&["a/x[1]", "a/x[2]", "a/y"]);
        let text = entry("\"a/x\"", "");
        let say = |verdicts: &[(&str, Verdict)]| remarks(&text, &report_of(verdicts), &scope);
        let passes = [("a/x".to_owned(), PASSES)];
        assert_eq!(
            say(&[("a/x[1]", Verdict::Pass), ("a/x[2]", Verdict::Pass)]),
            passes
        );
        assert_eq!(
            say(&[("a/x[1]", Verdict::Pass), ("a/x[2]", Verdict::Skip)]),
            passes
        );
        for quiet in [
            &[("a/x[1]", Verdict::Pass), ("a/x[2]", Verdict::Fail)][..],
            // The other one was not selected, is in another shard, or was not reached.
            &[("a/x[1]", Verdict::Pass)],
            &[("a/x[1]", Verdict::Skip), ("a/x[2]", Verdict::Skip)],
            &[("a/y", Verdict::Pass)],
            &[],
        ] {
            assert_eq!(say(quiet), [], "{quiet:?}");
        }
    }

    #[test]
    fn flaky_entries_may_pass() {
        let scope = scope_of(&["a/x"]);
        let report = report_of(&[("a/x", Verdict::Pass)]);
        assert_eq!(remarks(&entry("\"a/x\"", "flaky = true"), &report, &scope), []);
    }

    #[test]
    fn each_pattern_of_a_list_is_judged() {
        let scope = scope_of(&["a/x[1]", "a/x[2]"]);
        let report = report_of(&[("a/x[1]", Verdict::Pass), ("a/x[2]", Verdict::Fail)]);
        let told = remarks(
            &entry("[\"a/x[1]\", \"a/x[2]\", \"a/gone\"]", ""),
            &report,
            &scope,
        );
        assert_eq!(
            told,
            [("a/x[1]".to_owned(), PASSES), ("a/gone".to_owned(), What::Stale)]
        );
    }

    #[test]
    fn past_entries_are_told_while_their_findings_are_there() {
        let scope = scope_of(&["a/x[1]", "a/x[2]"]);
        let report = report_of(&[("a/x[1]", Verdict::Fail), ("a/x[2]", Verdict::Fail)]);
        let until = Date::new(2026, 11, 19);
        let told = remarks(&entry("\"a/x\"", "until = 2026-11-19"), &report, &scope);
        assert_eq!(told, [("a/x".to_owned(), What::Past { until, findings: 2 })]);
        let other = entry("\"a/x\"", "until = 2026-11-19") + &entry("\"a/*\"", "");
        assert_eq!(remarks(&other, &report, &scope), [], "another entry expects them");
    }

    #[test]
    fn cases_of_ones_own_that_ran_are_not_stale() {
        let mut report = report_of(&[]);
        let mut case = CaseReport::of_unknown("own/x");
        case.instances.push(InstanceReport::new("own/x", Verdict::Fail));
        report.cases.push(case);
        assert_eq!(remarks(&entry("\"own/*\"", ""), &report, &Scope::default()), []);
    }
}
