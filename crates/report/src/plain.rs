//! Foreign text for formats of plain text, and the facts about a finding in the order in which all of them tell it.

use wsanvil_model::{CaseReport, InstanceReport};

use crate::Place;
use crate::visible::Visible;

/// `text` in one line in which nothing is hidden, cut when it is very long.
pub(crate) fn line(text: &str) -> String {
    Visible::new(text).to_string()
}

/// The requirement that a finding rests on: its own, else the main one of the case.
pub(crate) fn requirement<'r>(case: &'r CaseReport, instance: &'r InstanceReport) -> &'r str {
    instance
        .finding
        .as_ref()
        .map(|finding| finding.requirement.as_str())
        .filter(|id| !id.is_empty())
        .or(case.spec.first().map(String::as_str))
        .unwrap_or_default()
}

/// Name and value of what there is to tell about a finding, empty values left out.
pub(crate) fn facts(case: &CaseReport, instance: &InstanceReport) -> Vec<(&'static str, String)> {
    let id = requirement(case, instance);
    let place = Place::of(id).map_or_else(|| line(id), |place| format!("{id}, {place}"));
    let octet = instance.finding.as_ref().and_then(|finding| {
        let offset = finding.offset?;
        Some(format!("{offset} received on {}", line(&finding.on)))
    });
    let facts = [
        ("requirement", place),
        ("expected", line(&instance.expected)),
        ("observed", line(&instance.observed)),
        ("octet", octet.unwrap_or_default()),
        ("replay", line(&instance.replay)),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
