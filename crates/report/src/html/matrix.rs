//! Areas by verdict, and their cases with one cell for each instance.

use wsanvil_model::{Report, Verdict};

use super::{Mark, SHOWN, counted};
use crate::visible::Visible;

pub(super) struct Area {
    pub(super) name: Visible,
    pub(super) mark: Mark,
    pub(super) counts: Vec<(Mark, u32)>,
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

pub(super) struct Cell {
    pub(super) mark: Mark,
    /// What tells this instance from the others: its name without the id of the case.
    pub(super) label: Visible,
    /// Number of the instance in the report.
    pub(super) number: usize,
    /// Whether the link leads to a finding or to the list.
    pub(super) finding: bool,
}

/// Areas in the order of their first case.
pub(super) fn of(report: &Report) -> Vec<Area> {
    let mut names: Vec<&str> = Vec::new();
    let mut areas: Vec<Area> = Vec::new();
    let mut number = 0;
    for case in &report.cases {
        let place = names
            .iter()
            .position(|name| *name == case.area)
            .unwrap_or_else(|| {
                names.push(&case.area);
                areas.push(Area {
                    name: Visible::new(&case.area),
                    mark: Mark::of(Verdict::Skip),
                    counts: SHOWN.map(|verdict| (Mark::of(verdict), 0)).to_vec(),
                    total: 0,
                    size: String::new(),
                    cases: Vec::new(),
                });
                areas.len() - 1
            });
        let area = &mut areas[place];
        let mut cells = Vec::with_capacity(case.instances.len());
        for instance in &case.instances {
            let mark = Mark::of(instance.verdict);
            area.total += 1;
            if let Some((_, count)) = area.counts.iter_mut().find(|(counted, _)| *counted == mark) {
                *count += 1;
            }
            let label = instance
                .name
                .strip_prefix(case.id.as_str())
                .unwrap_or(&instance.name);
            let finding = instance.verdict.is_finding();
            cells.push(Cell {
                mark,
                label: Visible::new(label),
                number,
                finding,
            });
            number += 1;
        }
        area.cases.push(Case {
            id: Visible::new(&case.id),
            title: Visible::new(&case.title),
            cells,
        });
    }
    for (area, name) in areas.iter_mut().zip(names) {
        let worst = report
            .cases
            .iter()
            .filter(|case| case.area == name)
            .map(|case| case.verdict)
            .max();
        area.mark = Mark::of(worst.unwrap_or(Verdict::Skip));
        area.size = format!(
            "{}, {}",
            counted(area.cases.len() as u64, "case", "cases"),
            counted(area.total.into(), "instance", "instances")
        );
    }
    areas
}
