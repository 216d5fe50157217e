//! A difference as plain text, for a terminal.

use std::fmt::Write as _;

use super::{Change, Diff, Shown, Side, State, shown};
use crate::plain::line;

/// The difference in lines without any style. Nothing that a target sent stays hidden in them.
pub fn text(diff: &Diff) -> String {
    let mut text = String::new();
    for (name, meaning, list) in diff.lists().into_iter().filter(|(.., list)| !list.is_empty()) {
        let _ = writeln!(text, "{name} ({}): {meaning}", list.len());
        for item in shown(list) {
            match item {
                Shown::Change(change) => tell(&mut text, change),
                Shown::More(more, Some(case)) => {
                    let _ = writeln!(text, "  … and {more} more of {}", line(case));
                }
                Shown::More(more, None) => {
                    let _ = writeln!(text, "  … and {more} more: --format json names all");
                }
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", diff.counts());
    for (word, side) in [("old", &diff.old), ("new", &diff.new)] {
        let _ = writeln!(text, "{word}: {}", of_side(side));
    }
    text
}

fn tell(text: &mut String, change: &Change) {
    let verdict = |state: &Option<State>| state.as_ref().map_or("absent", |state| state.verdict.name());
    let mut marks = String::new();
    if change.flaky {
        marks.push_str(" (flaky)");
    }
    if change.expected_by_baseline {
        marks.push_str(" (expected by the baseline)");
    }
    let _ = writeln!(
        text,
        "  {} -> {}  {}{marks}",
        verdict(&change.old),
        verdict(&change.new),
        line(&change.name)
    );
    for (word, state) in [("old", &change.old), ("new", &change.new)] {
        if let Some(state) = state.as_ref().filter(|state| !state.reason.is_empty()) {
            let _ = writeln!(text, "    {word}:   {}", line(&state.reason));
        }
    }
    let finding = change
        .new
        .as_ref()
        .is_some_and(|state| state.verdict.is_finding());
    if finding && !change.replay.is_empty() {
        let _ = writeln!(text, "    again: {}", line(&change.replay));
    }
}

/// Who, which version, when, and what is left out.
pub(super) fn of_side(side: &Side) -> String {
    let mut text = line(&side.agent);
    if let Some(version) = &side.version {
        let _ = write!(text, " {}", line(version));
    }
    let _ = write!(text, ", {}, profile {}", line(&side.started), line(&side.profile));
    if let Some(shard) = side.shard {
        let _ = write!(text, ", shard {shard} only");
    }
    if side.interrupted {
        text.push_str(", interrupted before its end");
    }
    text
}
