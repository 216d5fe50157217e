//! SARIF 2.1.0, for code scanning: a rule for each requirement, a result for each finding, located in the case file.
//!
//! What could not be judged is no result but a notification of the invocation.

mod document;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use wsanvil_model::{CaseReport, InstanceReport, Report, Verdict};

use self::document::{
    ArtifactLocation, Configuration, Document, Driver, Invocation, Location, LogicalLocation, Notification,
    PhysicalLocation, Properties, Region, Result as Finding, Rule, Run, Suppression, Text, Tool,
};
use crate::plain::{line, requirement};
use crate::{Context, Place, ReportError, Standing};

/// Where the tool is described.
const INFORMATION: &str = env!("CARGO_PKG_REPOSITORY");

/// The octets of the file.
pub(crate) fn render(report: &Report, context: &Context<'_>) -> Result<Vec<u8>, ReportError> {
    let mut octets = serde_json::to_vec_pretty(&document(report, context)).map_err(ReportError::Json)?;
    octets.push(b'\n');
    Ok(octets)
}

fn document(report: &Report, context: &Context<'_>) -> Document {
    let mut rules = Rules::default();
    let (mut results, mut notifications) = (Vec::new(), Vec::new());
    for case in &report.cases {
        for instance in &case.instances {
            match instance.verdict {
                Verdict::Pass | Verdict::Skip => {}
                Verdict::Error => notifications.push(Notification {
                    level: "error",
                    message: Text::new(format!("{}: {}", line(&instance.name), line(&instance.reason))),
                }),
                Verdict::Nonstrict | Verdict::Fail | Verdict::Crash => {
                    results.push(result(case, instance, context, &mut rules));
                }
            }
        }
    }
    Document {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: line(&report.tool.name),
                    version: line(&report.tool.version),
                    information_uri: INFORMATION,
                    rules: rules.list,
                },
            },
            invocations: [Invocation {
                execution_successful: !report.run.interrupted && notifications.is_empty(),
                tool_execution_notifications: notifications,
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

/// Rules in the order in which results ask for them.
#[derive(Default)]
struct Rules {
    list: Vec<Rule>,
    by_id: BTreeMap<String, usize>,
}

impl Rules {
    fn index(&mut self, id: &str, case: &CaseReport, context: &Context<'_>) -> usize {
        if let Some(index) = self.by_id.get(id) {
            return *index;
        }
        let known = (context.requirement)(id);
        let level = known
            .as_ref()
            .map_or(case.level.word(), |known| known.level.as_str());
        let place = Place::of(id);
        let text = known
            .as_ref()
            .map_or(case.title.as_str(), |known| known.text.as_str());
        let full = place.as_ref().map_or_else(
            || format!("{level}: {}", line(text)),
            |place| format!("{place}, {level}: {}", line(text)),
        );
        self.list.push(Rule {
            id: line(id),
            short_description: Text::new(line(text)),
            full_description: Text::new(full),
            help_uri: place.and_then(|place| place.address),
            default_configuration: Configuration {
                level: if level.starts_with("MUST") {
                    "error"
                } else {
                    "warning"
                },
            },
        });
        let index = self.list.len() - 1;
        self.by_id.insert(id.to_owned(), index);
        index
    }
}

fn result(case: &CaseReport, instance: &InstanceReport, context: &Context<'_>, rules: &mut Rules) -> Finding {
    let id = match requirement(case, instance) {
        "" => case.id.as_str(),
        id => id,
    };
    let standing = context.gate.of(instance);
    let start = instance.finding.as_ref().map_or(0, |finding| finding.line).max(1);
    Finding {
        rule_id: line(id),
        rule_index: rules.index(id, case, context),
        level: if instance.verdict == Verdict::Nonstrict {
            "warning"
        } else {
            "error"
        },
        message: Text::new(message(instance)),
        locations: [Location {
            physical_location: (!case.file.is_empty()).then(|| PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(&case.file) },
                region: Region { start_line: start },
            }),
            logical_locations: [LogicalLocation {
                name: line(&instance.name),
                fully_qualified_name: line(&instance.name),
                kind: "function",
            }],
        }],
        partial_fingerprints: BTreeMap::from([("wsanvil/v1", fingerprint(id, instance))]),
        suppressions: (standing == Standing::Expected)
            .then(|| Suppression {
                kind: "external",
                status: "accepted",
                justification: line(instance.baseline.as_deref().unwrap_or("expected by the baseline")),
            })
            .into_iter()
            .collect(),
        properties: Properties {
            verdict: instance.verdict.name(),
            expected: line(&instance.expected),
            observed: line(&instance.observed),
            replay: line(&instance.replay),
            flaky: instance.flaky,
        },
    }
}

fn message(instance: &InstanceReport) -> String {
    let mut text = format!("{}: {}", line(&instance.name), line(&instance.reason));
    for (name, value) in [("Expected", &instance.expected), ("Observed", &instance.observed)] {
        if !value.is_empty() {
            let _ = write!(text, ". {name}: {}", line(value));
        }
    }
    text
}

/// The same finding in two runs has the same fingerprint, whatever its octets were.
fn fingerprint(requirement: &str, instance: &InstanceReport) -> String {
    let kind = instance.finding.as_ref().map(|finding| finding.kind);
    let kind = serde_json::to_string(&kind).unwrap_or_default();
    let digest = Sha256::digest(format!("{}\n{requirement}\n{kind}", instance.name));
    let mut text = String::new();
    for octet in digest.iter().take(16) {
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// A path as a relative reference (RFC 3986 section 4.2).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for octet in path.replace('\\', "/").bytes() {
        if octet.is_ascii_alphanumeric() || b"/._-~".contains(&octet) {
            uri.push(char::from(octet));
        } else {
            let _ = write!(uri, "%{octet:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("cases/close/codes.toml"), "cases/close/codes.toml");
        assert_eq!(uri("my cases\\a#b.toml"), "my%20cases/a%23b.toml");
    }
}
