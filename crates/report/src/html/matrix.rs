//! Areas by verdict, and their cases with the number of instances of each verdict.

use wsanvil_model::{CaseReport, Report, Summary, Verdict};

use super::anchor::Anchor;
use super::overview::{Tile, tiles};
use super::{Mark, SHOWN, areas, counted};
use crate::visible::Visible;

pub(super) struct Area {
    pub(super) name: Visible,
    pub(super) mark: Mark,
    /// Instances by verdict.
    pub(super) tiles: Vec<Tile>,
    pub(super) total: u32,
    /// Cases and instances, in words.
    pub(super) size: String,
    pub(super) cases: Vec<Case>,
}

pub(super) struct Case {
    pub(super) id: Visible,
    pub(super) title: Visible,
    pub(super) cells: Vec<Cell>,
}

/// Instances of one verdict.
pub(super) struct Cell {
    pub(super) mark: Mark,
    pub(super) count: usize,
    pub(super) href: String,
}

/// Areas in the order of their first case.
pub(super) fn of(report: &Report) -> Vec<Area> {
    let numbered: Vec<(usize, &CaseReport)> = report.cases.iter().enumerate().collect();
    areas(report)
        .into_iter()
        .map(|name| {
            let cases = || numbered.iter().filter(move |(_, case)| case.area == name);
            let mut summary = Summary::default();
            for instance in cases().flat_map(|(_, case)| &case.instances) {
                summary.count(instance.verdict);
            }
            let worst = cases().map(|(_, case)| case.verdict).max();
            Area {
                name: Visible::new(name),
                mark: Mark::of(worst.unwrap_or(Verdict::Skip)),
                tiles: tiles(&summary),
                total: summary.total(),
                size: format!(
                    "{}, {}",
                    counted(cases().count() as u64, "case", "cases"),
                    counted(summary.total().into(), "instance", "instances")
                ),
                cases: cases().map(|(number, case)| of_case(*number, case)).collect(),
            }
        })
        .collect()
}

fn of_case(number: usize, case: &CaseReport) -> Case {
    let cells = SHOWN.into_iter().filter_map(|verdict| {
        let count = case
            .instances
            .iter()
            .filter(|instance| instance.verdict == verdict)
            .count();
        let href = if verdict.is_finding() {
            Anchor::of("case", &case.id).href
        } else {
            format!("#c{number}")
        };
        (count > 0).then(|| Cell {
            mark: Mark::of(verdict),
            count,
            href,
        })
    });
    Case {
        id: Visible::new(&case.id),
        title: Visible::new(&case.title),
        cells: cells.collect(),
    }
}
