//! `cargo xtask coverage`: which requirements on servers the library checks, which are excepted, which are left.

mod tally;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use wsanvil_case::Library;
use wsanvil_cases::SpecRow;

use crate::error::Error;
use crate::{Done, table};
use tally::{Counts, State, Tally};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// List the requirements that no case checks, and the MUSTs that only cases of level may cite
    #[arg(long)]
    uncovered: bool,
}

/// Prints the coverage; fails when a testable requirement has neither case nor exception, or a citation is wrong.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let library = Library::embedded().map_err(|error| Error::Wsanvil(error.to_string()))?;
    let tally = Tally::of_servers(&library, wsanvil_cases::exceptions());
    println!("{}", levels(&tally));
    println!("{}", summary(&tally));
    println!("{}", reasons(&tally));
    if arguments.uncovered {
        print!("{}", listed(&tally));
    }
    let mut wrong = tally.mistakes();
    let uncovered = tally.count(|_| true).uncovered;
    if uncovered > 0 {
        let hint = if arguments.uncovered {
            ""
        } else {
            " (--uncovered lists them)"
        };
        wrong.push(format!(
            "{uncovered} testable requirements have neither case nor exception{hint}"
        ));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Differs(wrong.join("\nxtask: ")))
    }
}

/// One line for each table of the inventory and level.
fn levels(tally: &Tally<'_>) -> String {
    let mut groups: BTreeMap<(&str, usize), Counts> = BTreeMap::new();
    for (row, state) in tally.rows() {
        let level = LEVELS.iter().position(|level| *level == row.level);
        let group = (row.table, level.unwrap_or(LEVELS.len()));
        groups.entry(group).or_default().add(row, state);
    }
    let heads = [
        "requirements on servers",
        "testable",
        "of these partly",
        "covered",
        "later",
        "excepted",
        "uncovered",
    ];
    let line = |name: String, counts: &Counts| {
        let numbers = [
            counts.all,
            counts.partly,
            counts.covered,
            counts.later,
            counts.excepted,
            counts.uncovered,
        ];
        let numbers = numbers.iter().map(ToString::to_string);
        std::iter::once(name).chain(numbers).collect::<Vec<_>>()
    };
    let mut lines: Vec<Vec<String>> = groups
        .iter()
        .map(|((table, level), counts)| line(format!("{table} {}", LEVELS[*level]), counts))
        .collect();
    lines.push(line("all".to_owned(), &tally.count(|_| true)));
    table::render(&heads, &lines)
}

const LEVELS: [&str; 5] = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"];

/// What the library promises, in percent.
fn summary(tally: &Tally<'_>) -> String {
    let fully = |row: &SpecRow| row.as_client == "yes";
    let mut text = String::new();
    for (name, counts) in [
        (
            "fully testable MUST and MUST NOT",
            tally.count(|row| fully(row) && row.level.starts_with("MUST")),
        ),
        (
            "fully testable SHOULD and SHOULD NOT",
            tally.count(|row| fully(row) && row.level.starts_with("SHOULD")),
        ),
        ("fully or partly testable, any level", tally.count(|_| true)),
    ] {
        let now = counts.all - counts.later;
        let _ = writeln!(
            text,
            "{name}: {} of {now} covered ({:.1} %), {} excepted ({:.1} %); {} more are for later",
            counts.covered,
            percent(counts.covered, now),
            counts.excepted,
            percent(counts.excepted, now),
            counts.later,
        );
    }
    let _ = write!(
        text,
        "MUST and MUST NOT that only cases of level may cite: {}",
        tally.noted().len()
    );
    text
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        100.0
    } else {
        100.0 * part as f64 / whole as f64
    }
}

/// The exceptions: those with the same reason in one line.
fn reasons(tally: &Tally<'_>) -> String {
    let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for exception in tally.exceptions() {
        let ids = reasons.entry((exception.kind, exception.reason)).or_default();
        ids.push(exception.requirement);
    }
    let mut text = String::from("exceptions:\n");
    for ((kind, reason), ids) in reasons {
        let who = match ids.as_slice() {
            [only] => (*only).to_owned(),
            [first, .., last] => format!("{first} to {last} ({})", ids.len()),
            [] => continue,
        };
        let _ = writeln!(text, "  {kind}: {who}: {reason}");
    }
    text
}

fn listed(tally: &Tally<'_>) -> String {
    let mut text = String::new();
    let mut block = |head: &str, rows: &[&SpecRow]| {
        let _ = writeln!(text, "{head}: {}", rows.len());
        for row in rows {
            let partly = if row.as_client == "partly" { ", partly" } else { "" };
            let _ = writeln!(
                text,
                "  {} {}{partly}: {}\n      {}",
                row.id, row.level, row.requirement, row.how
            );
        }
    };
    let uncovered: Vec<&SpecRow> = tally
        .rows()
        .filter(|(_, state)| *state == State::Uncovered)
        .map(|(row, _)| row)
        .collect();
    block("uncovered", &uncovered);
    block("only noted", &tally.noted());
    text
}
