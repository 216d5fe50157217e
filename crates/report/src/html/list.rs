//! All instances, one line each, those of a case together.

use wsanvil_model::{CaseReport, Closer, InstanceReport, Report};

use super::anchor::Anchor;
use super::finding::{Note, autobahn, close, notes};
use super::{Mark, areas, duration, exchange};
use crate::visible::Visible;

/// The instances of a case.
pub(super) struct Group {
    /// Number of its area, in the order of the matrix.
    pub(super) area: usize,
    pub(super) level: &'static str,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) mark: Mark,
    pub(super) name: Visible,
    pub(super) duration: String,
    pub(super) accepted: bool,
    pub(super) flaky: bool,
    pub(super) place: Place,
}

/// Where to read more.
pub(super) enum Place {
    /// Below the line.
    Below(Detail),
    /// Among the findings, at this address.
    Finding(String),
}

pub(super) struct Detail {
    pub(super) title: Visible,
    pub(super) reason: Visible,
    pub(super) notes: Vec<Note>,
    /// How the connection ended, unless it ended as most do.
    pub(super) close: Option<Visible>,
    pub(super) autobahn: Visible,
    pub(super) exchange: Visible,
    /// The command, unless the one of the page says it.
    pub(super) replay: Visible,
}

/// Characters of one text below a line.
const MOST: usize = 300;

/// Stands for the name of an instance in the command of the page.
const NAME: &str = "NAME";

/// The command that runs any one instance that is no finding, when most agree on it.
pub(super) fn replay(report: &Report) -> Option<String> {
    let first = quiet(report).find(|instance| !instance.replay.is_empty())?;
    let pattern = pattern(first);
    (pattern != first.replay).then_some(pattern)
}

fn quiet(report: &Report) -> impl Iterator<Item = &InstanceReport> {
    report
        .cases
        .iter()
        .flat_map(|case| &case.instances)
        .filter(|instance| !instance.verdict.is_finding())
}

fn pattern(instance: &InstanceReport) -> String {
    instance.replay.replacen(&instance.name, NAME, 1)
}

/// `replay` is what the page says about all of them.
pub(super) fn of(report: &Report, replay: Option<&str>) -> Vec<Group> {
    let areas = areas(report);
    report
        .cases
        .iter()
        .map(|case| Group {
            area: areas
                .iter()
                .position(|area| *area == case.area)
                .unwrap_or_default(),
            level: case.level.word(),
            rows: rows(case, replay),
        })
        .collect()
}

fn rows(case: &CaseReport, replay: Option<&str>) -> Vec<Row> {
    case.instances
        .iter()
        .map(|instance| Row {
            mark: Mark::of(instance.verdict),
            name: Visible::new(&instance.name),
            duration: duration(instance.duration_ms),
            accepted: instance.expected_by_baseline,
            flaky: instance.flaky,
            place: if instance.verdict.is_finding() {
                Place::Finding(Anchor::of("finding", &instance.name).href)
            } else {
                Place::Below(detail(instance, replay))
            },
        })
        .collect()
}

fn detail(instance: &InstanceReport, replay: Option<&str>) -> Detail {
    let said = replay == Some(pattern(instance).as_str());
    let mut notes = notes(instance, MOST);
    notes.retain(|note| note.text != Visible::within(&instance.reason, MOST));
    Detail {
        title: Visible::within(&instance.title, MOST),
        reason: Visible::within(&instance.reason, MOST),
        notes,
        close: is_worth_a_word(instance).then(|| close(&instance.close, MOST)),
        autobahn: autobahn(instance),
        exchange: exchange::line(&instance.transcript),
        replay: Visible::new(if said { "" } else { &instance.replay }),
    }
}

/// What was not run has no connection that ended; most end with the tester's Close 1000 and its echo.
fn is_worth_a_word(instance: &InstanceReport) -> bool {
    let close = &instance.close;
    let usual =
        close.by == Closer::Tester && close.code == Some(1000) && close.reason.is_empty() && close.clean;
    !instance.transcript.is_empty() && !usual
}
