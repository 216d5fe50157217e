//! A finding beside what came of it when it was run again.

use wsanvil_model::{InstanceReport, Verdict};

/// What became of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Again {
    pub(super) name: String,
    pub(super) state: State,
    pub(super) why: String,
}

/// What became of it, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Verdict, kind, rule and requirement are the same.
    Reproduced,
    /// Something else was found, or the instance could not be judged.
    Changed,
    /// It passes.
    Gone,
}

impl Again {
    /// Compares; without `new` the instance is not in the new report. A standing rule is only there when it is broken.
    pub(super) fn of(old: &InstanceReport, new: Option<&InstanceReport>) -> Self {
        let (state, why) = match new {
            None if old.name.starts_with("standing/") => (State::Gone, "not broken any more".to_owned()),
            None => (State::Changed, "it did not run".to_owned()),
            Some(new) if new.verdict == Verdict::Pass => (State::Gone, new.reason.clone()),
            Some(new) if new.verdict == Verdict::Skip => (State::Changed, format!("skipped: {}", new.reason)),
            Some(new) => {
                let differences = differences(old, new);
                if differences.is_empty() {
                    (State::Reproduced, new.reason.clone())
                } else {
                    (
                        State::Changed,
                        format!("{}: {}", differences.join(", "), new.reason),
                    )
                }
            }
        };
        Self {
            name: old.name.clone(),
            state,
            why,
        }
    }

    /// An instance of a case file, of which no earlier verdict is known.
    pub(super) fn of_case(name: &str, new: Option<&InstanceReport>) -> Self {
        let old = match new {
            Some(new) if new.verdict.is_finding() => InstanceReport {
                finding: new.finding.clone(),
                ..InstanceReport::new(name, new.verdict)
            },
            _ => InstanceReport::new(name, Verdict::Fail),
        };
        Self::of(&old, new)
    }
}

/// In what two findings differ.
fn differences(old: &InstanceReport, new: &InstanceReport) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, old: String, new: String| {
        if old != new {
            differences.push(format!("{what} {old} → {new}"));
        }
    };
    compare(
        "verdict",
        old.verdict.name().to_owned(),
        new.verdict.name().to_owned(),
    );
    let kind = |one: &InstanceReport| {
        let kind = one
            .finding
            .as_ref()
            .map(|finding| serde_json::to_value(finding.kind));
        let name = kind.and_then(Result::ok);
        name.and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_else(|| "none".to_owned())
    };
    compare("kind", kind(old), kind(new));
    let rule = |one: &InstanceReport| {
        let rule = one.finding.as_ref().and_then(|finding| finding.rule.clone());
        rule.unwrap_or_else(|| "none".to_owned())
    };
    compare("rule", rule(old), rule(new));
    let requirement = |one: &InstanceReport| {
        let id = one.finding.as_ref().map(|finding| finding.requirement.clone());
        id.unwrap_or_else(|| "none".to_owned())
    };
    compare("requirement", requirement(old), requirement(new));
    differences
}

#[cfg(test)]
mod tests {
    use wsanvil_model::{Finding, FindingKind};

    use super::*;

    fn found(verdict: Verdict, kind: FindingKind) -> InstanceReport {
        InstanceReport {
            reason: "r".to_owned(),
            finding: Some(Finding {
                kind,
                rule: None,
                requirement: "6455-5.2-3".to_owned(),
                expected: String::new(),
                observed: String::new(),
                on: "main".to_owned(),
                line: 0,
                offset: None,
            }),
            ..InstanceReport::new("a/b", verdict)
        }
    }

    #[test]
    fn same_other_and_gone() {
        let old = found(Verdict::Fail, FindingKind::Silence);
        let of = |new: Option<&InstanceReport>| {
            let again = Again::of(&old, new);
            (again.state, again.why)
        };
        assert_eq!(of(Some(&old)), (State::Reproduced, "r".to_owned()));
        let other = found(Verdict::Nonstrict, FindingKind::NotFailed);
        assert_eq!(
            of(Some(&other)),
            (
                State::Changed,
                "verdict fail → nonstrict, kind silence → not-failed: r".to_owned()
            )
        );
        assert_eq!(
            of(Some(&InstanceReport::new("a/b", Verdict::Pass))).0,
            State::Gone
        );
        assert_eq!(
            of(Some(&InstanceReport::new("a/b", Verdict::Skip))).0,
            State::Changed
        );
        assert_eq!(of(None).0, State::Changed);
        let rule = InstanceReport {
            name: "standing/mask".to_owned(),
            ..old.clone()
        };
        assert_eq!(Again::of(&rule, None).state, State::Gone);
    }

    #[test]
    fn a_case_file_is_reproduced_by_whatever_it_finds() {
        let bad = found(Verdict::Nonstrict, FindingKind::NotFailed);
        assert_eq!(Again::of_case("a/b", Some(&bad)).state, State::Reproduced);
        let good = InstanceReport::new("a/b", Verdict::Pass);
        assert_eq!(Again::of_case("a/b", Some(&good)).state, State::Gone);
        let skipped = InstanceReport::new("a/b", Verdict::Skip);
        assert_eq!(Again::of_case("a/b", Some(&skipped)).state, State::Changed);
        assert_eq!(Again::of_case("a/b", None).state, State::Changed);
    }
}
