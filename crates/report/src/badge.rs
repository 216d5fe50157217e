//! The answer of a badge endpoint, as <https://shields.io/badges/endpoint-badge> reads it.

use serde::Serialize;
use wsanvil_model::Report;

use crate::{Context, Gate, ReportError, Standing};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u32,
    label: &'static str,
    message: String,
    color: &'static str,
}

/// The octets of the file.
pub(crate) fn render(report: &Report, context: &Context<'_>) -> Result<Vec<u8>, ReportError> {
    let mut octets = serde_json::to_vec(&badge(report, context.gate)).map_err(ReportError::Json)?;
    octets.push(b'\n');
    Ok(octets)
}

fn badge(report: &Report, gate: Gate) -> Badge {
    let count = |wanted: fn(Standing) -> bool| {
        let cases = report.cases.iter();
        cases
            .filter(|case| case.instances.iter().any(|instance| wanted(gate.of(instance))))
            .count()
    };
    let broken = count(Standing::counts);
    let expected = count(|standing| standing == Standing::Expected);
    let judged = count(|standing| standing != Standing::Skipped);
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let (message, color) = if judged == 0 || report.run.interrupted {
        ("not judged".to_owned(), "lightgrey")
    } else if broken > 0 {
        (format!("{broken} of {judged} cases broken"), "red")
    } else if expected > 0 {
        (
            format!("{judged} cases, {expected} known fault{}", plural(expected)),
            "yellow",
        )
    } else {
        (format!("{judged} case{} passed", plural(judged)), "brightgreen")
    };
    Badge {
        schema_version: 1,
        label: "WebSocket",
        message,
        color,
    }
}
