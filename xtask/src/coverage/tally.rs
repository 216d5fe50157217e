//! The state of each requirement that binds a server and can be tested from the client role.

use std::collections::{BTreeMap, BTreeSet};

use wsanvil_case::{Library, checks, requirement};
use wsanvil_cases::{Exception, SpecRow, requirements};
use wsanvil_model::{Level, TargetRole};

/// What becomes of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A case, a standing rule or a check that some case names rests on it.
    Covered,
    /// Excepted: for a protocol that wsanvil does not speak yet.
    Later,
    /// Excepted for another reason.
    Excepted,
    /// Neither.
    Uncovered,
}

/// Requirements by state.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) all: usize,
    pub(super) partly: usize,
    pub(super) covered: usize,
    pub(super) later: usize,
    pub(super) excepted: usize,
    pub(super) uncovered: usize,
}

impl Counts {
    pub(super) fn add(&mut self, row: &SpecRow, state: State) {
        self.all += 1;
        self.partly += usize::from(row.as_client == "partly");
        *match state {
            State::Covered => &mut self.covered,
            State::Later => &mut self.later,
            State::Excepted => &mut self.excepted,
            State::Uncovered => &mut self.uncovered,
        } += 1;
    }
}

/// Who cites what.
pub(super) struct Tally<'a> {
    /// Requirement to the worst that a miss costs in what cites it.
    cited: BTreeMap<String, Level>,
    exceptions: &'a [Exception],
    /// Cases that cite what is not there.
    unknown: Vec<String>,
}

impl<'a> Tally<'a> {
    /// What the cases about servers, and the rules watched on them, cite.
    pub(super) fn of_servers(library: &Library, exceptions: &'a [Exception]) -> Self {
        let mut tally = Self {
            cited: BTreeMap::new(),
            exceptions,
            unknown: Vec::new(),
        };
        let mut named = BTreeSet::new();
        for instance in &library.instances {
            let case = &instance.case;
            if matches!(case.role, TargetRole::Server | TargetRole::Both) {
                named.extend(case.check.iter().map(String::as_str));
                for id in &case.spec {
                    tally.cite(id, case.level, &case.id);
                }
            }
        }
        let named = named.into_iter().filter_map(checks::find);
        for check in named.chain(checks::watched_on_servers()) {
            for id in check.spec {
                tally.cite(id, Level::Must, check.name);
            }
        }
        tally
    }

    fn cite(&mut self, id: &str, level: Level, by: &str) {
        if requirement(id).is_none() {
            let complaint = format!("{by} cites {id}, which is not in the inventory");
            if !self.unknown.contains(&complaint) {
                self.unknown.push(complaint);
            }
        }
        let worst = self.cited.entry(id.to_owned()).or_insert(level);
        if level.cost() > worst.cost() {
            *worst = level;
        }
    }

    /// Every requirement that binds a server and can be tested, with its state.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static SpecRow, State)> {
        let rows = requirements().iter().filter(|row| testable(row));
        rows.map(|row| (row, self.state(row)))
    }

    fn state(&self, row: &SpecRow) -> State {
        let exception = self
            .exceptions
            .iter()
            .find(|exception| exception.requirement == row.id);
        match exception {
            _ if self.cited.contains_key(row.id) => State::Covered,
            Some(exception) if exception.kind == "later" => State::Later,
            Some(_) => State::Excepted,
            None => State::Uncovered,
        }
    }

    /// Testable requirements that `counts` by state.
    pub(super) fn count(&self, counts: impl Fn(&SpecRow) -> bool) -> Counts {
        let mut sum = Counts::default();
        for (row, state) in self.rows().filter(|(row, _)| counts(row)) {
            sum.add(row, state);
        }
        sum
    }

    /// MUSTs that no case fails a server for.
    pub(super) fn noted(&self) -> Vec<&'static SpecRow> {
        let musts = self.rows().filter(|(row, _)| row.level.starts_with("MUST"));
        musts
            .filter(|(row, _)| self.cited.get(row.id) == Some(&Level::May))
            .map(|(row, _)| row)
            .collect()
    }

    pub(super) fn exceptions(&self) -> &'a [Exception] {
        self.exceptions
    }

    /// Citations of unknown requirements and exceptions that are not needed.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = self.unknown.clone();
        for exception in self.exceptions {
            let id = exception.requirement;
            mistakes.extend(match requirement(id) {
                None => Some(format!("the exception {id} is not in the inventory")),
                Some(row) if !testable(row) => {
                    Some(format!("the exception {id} cannot be tested on servers anyway"))
                }
                Some(_) if self.cited.contains_key(id) => {
                    Some(format!("the exception {id} is checked by a case"))
                }
                Some(_) => None,
            });
        }
        mistakes
    }
}

fn testable(row: &SpecRow) -> bool {
    ["server", "endpoint"].contains(&row.actor) && row.as_client != "no"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(cases: &str) -> Library {
        let mut library = Library::empty();
        library.add_text("own.toml", cases, None).unwrap();
        library
    }

    const CASES: &str = r#"
        [[case]]
        id = "own/must"
        title = "A rule"
        spec = ["6455-5.2-3", "6455-5.2-77"]
        check = ["deflate-used"]
        steps = [{ open = "ws" }]

        [[case]]
        id = "own/may"
        title = "A choice"
        level = "may"
        spec = ["6455-5.2-9"]
        steps = [{ open = "ws" }]

        [[case]]
        id = "own/client"
        title = "Of clients"
        role = "client"
        spec = ["6455-5.2-10"]
        steps = [{ open = "ws" }]
    "#;

    const EXCEPTIONS: &[Exception] = &[
        exception("6455-5.2-10", "local"),
        exception("8441-3-1", "later"),
        // Stale: not there, covered, not testable.
        exception("6455-5.2-78", "local"),
        exception("6455-5.2-9", "local"),
        exception("6455-5.1-1", "local"),
    ];

    const fn exception(requirement: &'static str, kind: &'static str) -> Exception {
        Exception {
            requirement,
            kind,
            reason: "",
        }
    }

    fn state(tally: &Tally<'_>, id: &str) -> State {
        let found = tally.rows().find(|(row, _)| row.id == id);
        found.unwrap().1
    }

    #[test]
    fn cases_checks_and_rules_of_servers_cover() {
        let library = library(CASES);
        let tally = Tally::of_servers(&library, EXCEPTIONS);
        assert_eq!(state(&tally, "6455-5.2-3"), State::Covered);
        assert_eq!(
            state(&tally, "7692-6.1-1"),
            State::Covered,
            "by a check that a case names"
        );
        assert_eq!(state(&tally, "6455-5.2-8"), State::Covered, "by a standing rule");
        assert_eq!(
            state(&tally, "6455-5.2-10"),
            State::Excepted,
            "a case about clients"
        );
        assert_eq!(state(&tally, "8441-3-1"), State::Later);
        assert_eq!(state(&tally, "6455-5.3-6"), State::Uncovered);
        let noted: Vec<&str> = tally.noted().iter().map(|row| row.id).collect();
        assert_eq!(noted, ["6455-5.2-9"]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let library = library(CASES);
        let tally = Tally::of_servers(&library, EXCEPTIONS);
        assert_eq!(
            tally.mistakes(),
            [
                "own/must cites 6455-5.2-77, which is not in the inventory",
                "the exception 6455-5.2-78 is not in the inventory",
                "the exception 6455-5.2-9 is checked by a case",
                "the exception 6455-5.1-1 cannot be tested on servers anyway",
            ]
        );
    }

    #[test]
    fn every_testable_requirement_on_servers_has_a_case_or_an_exception() {
        let library = Library::embedded().unwrap();
        let tally = Tally::of_servers(&library, wsanvil_cases::exceptions());
        assert_eq!(tally.mistakes(), Vec::<String>::new());
        let uncovered = tally.rows().filter(|(_, state)| *state == State::Uncovered);
        let uncovered: Vec<&str> = uncovered.map(|(row, _)| row.id).collect();
        assert_eq!(uncovered, Vec::<&str>::new());
    }
}
