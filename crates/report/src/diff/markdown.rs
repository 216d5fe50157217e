//! A difference as Markdown, for a pull request or the summary of a CI step.

use std::fmt::Write as _;

use super::{Change, Diff, Shown, State, shown};
use crate::markdown::{code, escaped};

/// The difference as Markdown. Whatever a target sent stands in code spans or is escaped.
pub fn markdown(diff: &Diff) -> String {
    let verdict = if diff.is_worse() {
        "something regressed"
    } else {
        "nothing regressed"
    };
    let mut text = format!("# wsanvil diff: {verdict}\n\n{}\n\n", diff.counts());
    for (word, side) in [("old", &diff.old), ("new", &diff.new)] {
        let _ = writeln!(text, "- {word}: {}", escaped(&super::text::of_side(side)));
    }
    for (name, meaning, list) in diff.lists().into_iter().filter(|(.., list)| !list.is_empty()) {
        let _ = write!(text, "\n## {name} ({})\n\n{meaning}\n\n", list.len());
        for item in shown(list) {
            match item {
                Shown::Change(change) => tell(&mut text, change),
                Shown::More(more, Some(case)) => {
                    let _ = writeln!(text, "- … and {more} more of {}", code(case));
                }
                Shown::More(more, None) => {
                    let _ = writeln!(text, "- … and {more} more");
                }
            }
        }
    }
    text
}

fn tell(text: &mut String, change: &Change) {
    let verdict = |state: &Option<State>| state.as_ref().map_or("absent", |state| state.verdict.name());
    let _ = writeln!(
        text,
        "- **{} → {}** {}{}{}",
        verdict(&change.old),
        verdict(&change.new),
        code(&change.name),
        if change.flaky { ", flaky" } else { "" },
        if change.expected_by_baseline {
            ", expected by the baseline"
        } else {
            ""
        }
    );
    for (word, state) in [("old", &change.old), ("new", &change.new)] {
        if let Some(state) = state.as_ref().filter(|state| !state.reason.is_empty()) {
            let _ = writeln!(text, "  - {word}: {}", code(&state.reason));
        }
    }
    let finding = change
        .new
        .as_ref()
        .is_some_and(|state| state.verdict.is_finding());
    if finding && !change.replay.is_empty() {
        let _ = writeln!(text, "  - again: {}", code(&change.replay));
    }
}
