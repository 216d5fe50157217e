//! What a terminal says about a report, free of any terminal.

use wsanvil_model::{InstanceReport, Report, Verdict};

use crate::Place;

/// One finding in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingLine {
    /// Judgement.
    pub verdict: Verdict,
    /// Name of the instance.
    pub name: String,
    /// One sentence saying why.
    pub reason: String,
    /// Where to look: the section of the requirement, the connection, the octet, the line of the case file. Empty when
    /// nothing is known.
    pub place: String,
    /// Command that runs it again.
    pub replay: String,
    /// Whether a baseline entry expects this verdict.
    pub expected: bool,
    /// Whether repeated runs disagreed.
    pub flaky: bool,
}

/// The findings of `report`: what a baseline expects last, else the worst first, else in the order of the report.
pub fn lines(report: &Report) -> Vec<FindingLine> {
    let mut lines: Vec<FindingLine> = report
        .cases
        .iter()
        .flat_map(|case| {
            case.instances
                .iter()
                .map(move |instance| (case.spec.first(), instance))
        })
        .filter(|(_, instance)| instance.verdict.is_finding())
        .map(|(spec, instance)| FindingLine {
            verdict: instance.verdict,
            name: instance.name.clone(),
            reason: instance.reason.clone(),
            place: place(spec, instance),
            replay: instance.replay.clone(),
            expected: instance.expected_by_baseline,
            flaky: instance.flaky,
        })
        .collect();
    lines.sort_by(|a, b| a.expected.cmp(&b.expected).then(b.verdict.cmp(&a.verdict)));
    lines
}

fn place(spec: Option<&String>, instance: &InstanceReport) -> String {
    let finding = instance.finding.as_ref();
    let requirement = finding
        .map(|finding| &finding.requirement)
        .filter(|id| !id.is_empty())
        .or(spec);
    let mut parts: Vec<String> = requirement
        .map(|id| Place::of(id).map_or_else(|| id.clone(), |place| place.to_string()))
        .into_iter()
        .collect();
    if let Some(finding) = finding {
        if let Some(offset) = finding.offset {
            parts.push(format!("octet {offset} received on {}", finding.on));
        } else if !finding.on.is_empty() && finding.on != "main" {
            parts.push(format!("connection {}", finding.on));
        }
        if finding.line > 0 {
            parts.push(format!("line {} of the case file", finding.line));
        }
    }
    parts.join(", ")
}
