//! All instances, one line each.

use wsanvil_model::Report;

use super::finding::{Note, autobahn, close, notes};
use super::{Mark, duration, exchange};
use crate::visible::Visible;

pub(super) struct Row {
    /// Number of the instance in the report.
    pub(super) number: usize,
    /// Number of its area, in the order of the matrix.
    pub(super) area: usize,
    pub(super) mark: Mark,
    pub(super) name: Visible,
    pub(super) duration: String,
    pub(super) accepted: bool,
    pub(super) flaky: bool,
    /// What is below the line; a finding has its own place instead.
    pub(super) detail: Option<Detail>,
}

pub(super) struct Detail {
    pub(super) title: Visible,
    pub(super) reason: Visible,
    pub(super) notes: Vec<Note>,
    pub(super) close: Option<Visible>,
    pub(super) autobahn: Visible,
    pub(super) exchange: Visible,
    pub(super) replay: Visible,
}

pub(super) fn of(report: &Report) -> Vec<Row> {
    let mut areas: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for case in &report.cases {
        let area = areas
            .iter()
            .position(|name| *name == case.area)
            .unwrap_or_else(|| {
                areas.push(&case.area);
                areas.len() - 1
            });
        for instance in &case.instances {
            let detail = (!instance.verdict.is_finding()).then(|| Detail {
                title: Visible::new(&instance.title),
                reason: Visible::new(&instance.reason),
                notes: notes(instance),
                // What was not run has no connection that ended.
                close: (!instance.transcript.is_empty()).then(|| close(&instance.close)),
                autobahn: autobahn(instance),
                exchange: exchange::line(&instance.transcript),
                replay: Visible::new(&instance.replay),
            });
            rows.push(Row {
                number: rows.len(),
                area,
                mark: Mark::of(instance.verdict),
                name: Visible::new(&instance.name),
                duration: duration(instance.duration_ms),
                accepted: instance.expected_by_baseline,
                flaky: instance.flaky,
                detail,
            });
        }
    }
    rows
}
