//! Exit codes: a promise to scripts. A code keeps its meaning for ever.

use std::fmt::Write as _;

/// Nothing was found that counts.
pub(crate) const OK: u8 = 0;
/// A verdict fail or crash, some verdict error, or nonstrict with `--fail-on nonstrict`.
pub(crate) const FINDINGS: u8 = 1;
/// The command line, the configuration or a case file is wrong; nothing was run.
pub(crate) const USAGE: u8 = 2;
/// The target could not be started or reached, is no WebSocket server, or every verdict is error.
pub(crate) const TARGET: u8 = 3;
/// The selection matches no case.
pub(crate) const NO_CASE: u8 = 4;
/// A report or other output could not be written.
pub(crate) const OUTPUT: u8 = 5;
/// A bug in wsanvil.
pub(crate) const BUG: u8 = 70;
/// Interrupted by Ctrl-C or SIGTERM; reports of what was done are written.
pub(crate) const INTERRUPTED: u8 = 130;

/// Every code with its meaning: the source of the help text and of `docs/exit-codes.md`.
pub(crate) const TABLE: &[(u8, &str)] = &[
    (OK, "nothing was found that counts"),
    (
        FINDINGS,
        "a verdict fail or crash, or some verdict error, that no baseline expects; with --fail-on nonstrict also nonstrict; \
         with diff: something regressed; with probe: the target broke a rule; with replay: a finding is still there",
    ),
    (
        USAGE,
        "the command line, the configuration, the baseline, a report that is read or a case file is wrong; nothing was run",
    ),
    (
        TARGET,
        "the target could not be started or reached, is no WebSocket server, or gave only errors",
    ),
    (NO_CASE, "the selection matches no case"),
    (
        OUTPUT,
        "a report, the baseline or other output could not be written",
    ),
    (BUG, "a bug in wsanvil"),
    (
        INTERRUPTED,
        "interrupted by Ctrl-C or SIGTERM; reports are written",
    ),
];

/// The table below the help text.
pub(crate) fn help() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (code, meaning) in TABLE {
        let _ = writeln!(text, "  {code:>3}  {meaning}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_the_readme_have_the_same_table() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        for page in [
            concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exit-codes.md").to_owned(),
            format!("{root}/README.md"),
        ] {
            let text = std::fs::read_to_string(&page).unwrap();
            for (code, meaning) in TABLE {
                let row = format!("| {code} | {meaning} |");
                assert!(text.contains(&row), "{page} lacks the row {row}");
            }
        }
    }

    #[test]
    fn codes_are_unique_and_ascending() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
