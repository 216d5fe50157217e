//! Explanations for programs.

use serde_json::{Value, json};
use wsanvil_case::script::{Action, Step};
use wsanvil_case::{Instance, Library, dsl};
use wsanvil_cases::SpecRow;
use wsanvil_report::Place;

use super::Found;
use super::requirement::{ambiguities, errata, exception};
use crate::exit_code;
use crate::failure::Failure;

/// The explanation as a JSON document with one of the keys `case`, `requirement`, `standing`.
pub(super) fn explain(found: &Found<'_>, library: &Library) -> Result<String, Failure> {
    let document = match found {
        Found::Case(instances, chosen) => json!({ "case": case(instances, *chosen) }),
        Found::Requirement(row) => {
            let mut value = requirement(row);
            value["cases"] = cases(row.id, library);
            json!({ "requirement": value })
        }
        Found::Standing(rule) => json!({ "standing": {
            "id": rule.id,
            "title": rule.title,
            "why": rule.why,
            "level": rule.level,
            "spec": rests_on(&rule.spec),
        }}),
    };
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::new(exit_code::BUG, format!("cannot make JSON: {error}")))?;
    Ok(text + "\n")
}

fn case(instances: &[&Instance], chosen: Option<&Instance>) -> Value {
    let Some(first) = chosen.or(instances.first().copied()) else {
        return Value::Null;
    };
    let case = &first.case;
    let names: Vec<&str> = instances.iter().map(|instance| instance.name.as_str()).collect();
    json!({
        "id": case.id,
        "was": case.was,
        "title": case.general_title(),
        "why": case.general_why(),
        "level": case.level,
        "role": case.role,
        "spec": rests_on(&case.spec),
        "check": case.check,
        "waive": case.waive,
        "instances": names,
        "instance": {
            "name": first.name,
            "title": first.title,
            "why": first.why,
            "values": first.values,
            "alias": first.alias,
            "steps": steps(&first.script.steps),
        },
    })
}

/// Steps in the one-line notation; those of a loop are a list behind it.
fn steps(steps_: &[Step]) -> Vec<Value> {
    let mut values = Vec::new();
    for step in steps_ {
        let line = dsl(step);
        if let Action::Repeat(repeat) = &step.action {
            values.push(Value::from(line.split(" {").next().unwrap_or(&line)));
            values.push(Value::from(steps(&repeat.steps)));
        } else {
            values.push(Value::from(line));
        }
    }
    values
}

fn rests_on(ids: &[String]) -> Vec<Value> {
    ids.iter()
        .map(|id| wsanvil_case::requirement(id).map_or_else(|| json!({ "id": id }), requirement))
        .collect()
}

fn requirement(row: &SpecRow) -> Value {
    let errata: Vec<Value> = errata(row.id)
        .map(|erratum| {
            json!({
                "number": erratum.number,
                "status": erratum.status,
                "says": erratum.says,
                "address": erratum.address(),
            })
        })
        .collect();
    let ambiguities: Vec<Value> = ambiguities(row.id)
        .map(|place| json!({ "slug": place.slug, "unclear": place.unclear, "graded": place.graded }))
        .collect();
    json!({
        "id": row.id,
        "document": row.rfc,
        "section": row.section,
        "address": Place::of(row.id).and_then(|place| place.address),
        "level": row.level,
        "actor": row.actor,
        "text": row.requirement,
        "judged": row.how,
        "errata": errata,
        "ambiguities": ambiguities,
        "exception": exception(row.id).map(|exception| json!({ "kind": exception.kind, "reason": exception.reason })),
    })
}

/// Cases and standing rules that rest on a requirement.
fn cases(id: &str, library: &Library) -> Value {
    let cases = library
        .cases()
        .filter(|case| case.spec.iter().any(|spec| spec == id));
    let cases =
        cases.map(|case| json!({ "id": case.id, "title": case.general_title(), "level": case.level }));
    let rules = wsanvil_run::standing_cases().filter(|rule| rule.spec.iter().any(|spec| spec == id));
    let rules = rules.map(|rule| json!({ "id": rule.id, "title": rule.title, "level": rule.level }));
    cases.chain(rules).collect()
}
