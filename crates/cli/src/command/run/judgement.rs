//! What a run comes to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wsanvil_model::{Report, Verdict};
use wsanvil_report::Gate;

use crate::exit_code as code;

/// The exit code of a run with this report.
pub(in crate::command) fn exit_code(report: &Report, gate: Gate) -> u8 {
    let summary = &report.summary;
    let judged = summary.total() - summary.skip;
    if judged > 0 && summary.error == judged {
        code::TARGET
    } else if gate.is_broken(report) {
        code::FINDINGS
    } else {
        code::OK
    }
}

/// Says so when most instances judged nothing, and why most likely. `reasons` are verdict and reason of each.
pub(super) fn warnings<'r>(reasons: impl Iterator<Item = (Verdict, &'r str)>) -> Vec<String> {
    let mut total = 0_usize;
    let mut idle: BTreeMap<(Verdict, &str), usize> = BTreeMap::new();
    for (verdict, reason) in reasons {
        total += 1;
        if matches!(verdict, Verdict::Skip | Verdict::Error) {
            *idle.entry((verdict, reason)).or_default() += 1;
        }
    }
    let sum: usize = idle.values().sum();
    // Of a handful picked by hand, a skip is no surprise.
    if total < 2 || sum * 10 <= total * 9 {
        return Vec::new();
    }
    let mut warning = format!("{sum} of {total} instances judged nothing, so this run says little");
    if let Some(((verdict, reason), count)) = idle.into_iter().max_by_key(|(_, count)| *count) {
        let _ = write!(
            warning,
            "; {count} of them {}: {reason}",
            if verdict == Verdict::Skip {
                "skipped"
            } else {
                "in error"
            }
        );
    }
    vec![warning]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_judged_next_to_nothing_is_told() {
        let mostly = (0..19)
            .map(|_| (Verdict::Skip, "no echo"))
            .chain([(Verdict::Pass, "")]);
        let warnings = warnings(mostly);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("19 of 20") && warnings[0].contains("no echo"));
        let half = (0..10).map(|n| (if n < 5 { Verdict::Skip } else { Verdict::Pass }, ""));
        assert!(super::warnings(half).is_empty());
        assert!(super::warnings([(Verdict::Skip, "x")].into_iter()).is_empty());
    }
}
