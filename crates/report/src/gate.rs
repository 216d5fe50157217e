//! What counts against a target: the one place where a verdict, the baseline and the user's wishes meet.

use wsanvil_model::{InstanceReport, Report, Verdict};

/// What the user wants to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// Verdict nonstrict counts as fail does.
    pub nonstrict: bool,
    /// A finding that did not come again when the instance was repeated does not count.
    pub forgive_flaky: bool,
}

/// What an instance comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nothing to say against it.
    Passed,
    /// A finding that does not count: nonstrict, or flaky and forgiven.
    Remarked,
    /// A finding that a baseline entry expects.
    Expected,
    /// A finding that counts.
    Broken,
    /// It could not be judged, and that counts.
    Unjudged,
    /// Not run.
    Skipped,
}

impl Gate {
    /// What `instance` comes to.
    pub fn of(self, instance: &InstanceReport) -> Standing {
        match instance.verdict {
            Verdict::Pass => Standing::Passed,
            Verdict::Skip => Standing::Skipped,
            _ if instance.expected_by_baseline => Standing::Expected,
            _ if instance.flaky && self.forgive_flaky => Standing::Remarked,
            Verdict::Nonstrict if !self.nonstrict => Standing::Remarked,
            Verdict::Error => Standing::Unjudged,
            Verdict::Nonstrict | Verdict::Fail | Verdict::Crash => Standing::Broken,
        }
    }

    /// Whether anything in the report counts.
    pub fn is_broken(self, report: &Report) -> bool {
        let mut instances = report.cases.iter().flat_map(|case| &case.instances);
        instances.any(|instance| self.of(instance).counts())
    }
}

impl Standing {
    /// Whether it counts against the target, or against the run.
    pub fn counts(self) -> bool {
        matches!(self, Self::Broken | Self::Unjudged)
    }
}

#[cfg(test)]
mod tests {
    use wsanvil_model::Verdict;

    use super::*;

    #[test]
    fn what_counts() {
        let (lax, strict) = (
            Gate::default(),
            Gate {
                nonstrict: true,
                ..Gate::default()
            },
        );
        for (verdict, by_default, strictly) in [
            (Verdict::Pass, Standing::Passed, Standing::Passed),
            (Verdict::Skip, Standing::Skipped, Standing::Skipped),
            (Verdict::Nonstrict, Standing::Remarked, Standing::Broken),
            (Verdict::Error, Standing::Unjudged, Standing::Unjudged),
            (Verdict::Fail, Standing::Broken, Standing::Broken),
            (Verdict::Crash, Standing::Broken, Standing::Broken),
        ] {
            let mut one = InstanceReport::new("a/x", verdict);
            assert_eq!(
                (lax.of(&one), strict.of(&one)),
                (by_default, strictly),
                "{verdict:?}"
            );
            one.expected_by_baseline = true;
            assert!(!strict.of(&one).counts(), "{verdict:?} is expected");
        }
    }

    #[test]
    fn flaky_findings_count_unless_they_are_forgiven() {
        let mut one = InstanceReport::new("a/x", Verdict::Fail);
        one.flaky = true;
        assert_eq!(Gate::default().of(&one), Standing::Broken);
        let forgiving = Gate {
            forgive_flaky: true,
            ..Gate::default()
        };
        assert_eq!(forgiving.of(&one), Standing::Remarked);
    }
}
