//! The events of a run, one JSON object in each line: as they happen, or of a whole report.
//!
//! The first line is `started`, then come `finished` and `warning`, the last is `ended`. An instance may be finished more
//! than once, when it was run again: the last line about it counts. Fields are those of the report.

use serde::Serialize;
use wsanvil_model::{
    CaseReport, Event, InstanceReport, Report, RunInfo, SCHEMA_VERSION, Summary, TargetInfo, ToolInfo,
};

use crate::{Context, ReportError, redact};

/// One line.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line<'r> {
    Started {
        schema_version: u32,
        tool: &'r ToolInfo,
        target: &'r TargetInfo,
        run: &'r RunInfo,
        total: u32,
    },
    Finished {
        case: &'r str,
        instance: &'r InstanceReport,
    },
    Warning {
        text: &'r str,
    },
    Ended {
        run: &'r RunInfo,
        #[serde(skip_serializing_if = "Option::is_none")]
        summary: Option<Summary>,
    },
}

/// The octets of the file.
pub(crate) fn render(report: &Report, _: &Context<'_>) -> Result<Vec<u8>, ReportError> {
    let mut out = Vec::new();
    push(
        &mut out,
        &Line::Started {
            schema_version: SCHEMA_VERSION,
            tool: &report.tool,
            target: &report.target,
            run: &report.run,
            total: report.summary.total(),
        },
    )?;
    for case in &report.cases {
        for instance in &case.instances {
            push(
                &mut out,
                &Line::Finished {
                    case: &case.id,
                    instance,
                },
            )?;
        }
    }
    for warning in &report.run.warnings {
        push(&mut out, &Line::Warning { text: warning })?;
    }
    push(
        &mut out,
        &Line::Ended {
            run: &report.run,
            summary: Some(report.summary),
        },
    )?;
    Ok(out)
}

/// The line of an event of a run that goes on, with its newline and without `secrets`.
pub fn line(event: &Event, tool: &ToolInfo, secrets: &[String]) -> Result<Vec<u8>, ReportError> {
    let mut out = Vec::new();
    // What a report is cleaned of, an event is: it travels in a report of its own.
    let mut report = alone(event, tool);
    redact(&mut report, secrets);
    let line = match event {
        Event::Started { total, .. } => Line::Started {
            schema_version: SCHEMA_VERSION,
            tool: &report.tool,
            target: &report.target,
            run: &report.run,
            total: *total,
        },
        Event::Finished { case, .. } => {
            let instance = report.cases.first().and_then(|case| case.instances.first());
            let Some(instance) = instance else {
                return Ok(out);
            };
            Line::Finished { case, instance }
        }
        Event::Warning(_) => Line::Warning {
            text: report.run.warnings.first().map_or("", String::as_str),
        },
        Event::Ended { .. } => Line::Ended {
            run: &report.run,
            summary: None,
        },
        // An event of a later version says nothing here.
        _ => return Ok(out),
    };
    push(&mut out, &line)?;
    Ok(out)
}

fn alone(event: &Event, tool: &ToolInfo) -> Report {
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        tool: tool.clone(),
        target: TargetInfo::default(),
        run: RunInfo::default(),
        summary: Summary::default(),
        cases: Vec::new(),
    };
    match event {
        Event::Started { target, run, .. } => {
            report.target = target.clone();
            report.run = run.clone();
        }
        Event::Finished { case, instance } => report.cases.push(CaseReport {
            instances: vec![(**instance).clone()],
            ..CaseReport::of_unknown(case)
        }),
        Event::Warning(text) => report.run.warnings.push(text.clone()),
        Event::Ended { run } => report.run = run.clone(),
        _ => {}
    }
    report
}

fn push(out: &mut Vec<u8>, line: &Line<'_>) -> Result<(), ReportError> {
    serde_json::to_writer(&mut *out, line).map_err(ReportError::Json)?;
    out.push(b'\n');
    Ok(())
}
