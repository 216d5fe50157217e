//! JSON Schema of case files, for editors. Made from the tables that the loader reads.

use serde_json::{Map, Value, json};

use crate::load::grammar::{
    ALTERNATIVE, AXIS, Argument, CASE, EXPECT_KINDS, Field, GROUP_OWN, Kind, PAYLOAD, STEP, VERBS, Verb,
};
use crate::load::shape::Shape;

/// The schema (draft 2020-12) of a case file.
///
/// It is somewhat wider than the loader: a template may stand for any value, and which fields a kind takes is
/// checked only for kinds that are written out.
pub fn schema() -> Value {
    let mut steps: Vec<Value> = Vec::new();
    for verb in VERBS {
        steps.extend(verb_schemas(verb));
    }
    let mut group = properties(GROUP_OWN);
    let mut defaults = properties(CASE);
    defaults.remove("id");
    defaults.remove("title");
    group.extend(defaults);
    let mut case = object(properties(CASE), &["title", "steps"]);
    case["required"] = json!(["id", "title", "steps"]);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wsanvil case file",
        "type": "object",
        "properties": {
            "group": object(group, &[]),
            "case": { "type": "array", "items": case, "minItems": 1 },
        },
        "required": ["case"],
        "additionalProperties": false,
        "$defs": {
            "template": {
                "type": "string",
                "pattern": r"^\{[A-Za-z_][A-Za-z0-9_.-]*([+-][0-9]+)?\}$",
                "description": "takes the value of a row or axis with its type",
            },
            "payload": object(properties(PAYLOAD), &[]),
            "axis": {
                "anyOf": [
                    { "type": "array" },
                    { "type": "string", "pattern": "^@" },
                    object(properties(AXIS), &[]),
                ],
            },
            "alternative": { "anyOf": kind_schemas("expect", EXPECT_KINDS, &[ALTERNATIVE]) },
            "step": { "anyOf": steps },
        },
    })
}

fn verb_schemas(verb: &Verb) -> Vec<Value> {
    match &verb.argument {
        Argument::Kind(kinds) => {
            let mut schemas = kind_schemas(verb.name, kinds, &[STEP, verb.fields]);
            // The kind is a template: any field of any kind may stand here.
            let mut all: Map<String, Value> = Map::new();
            for field in STEP.iter().chain(verb.all_fields()) {
                let own = described(or_template(shape(&field.shape)), field.doc);
                match all.get_mut(field.name) {
                    Some(known) if *known != own => {
                        let known_before = known.take();
                        *known = json!({ "anyOf": [known_before, own] });
                    }
                    Some(_) => {}
                    None => {
                        all.insert(field.name.to_owned(), own);
                    }
                }
            }
            all.insert(verb.name.to_owned(), json!({ "$ref": "#/$defs/template" }));
            schemas.push(described(object(all, &[verb.name]), verb.doc));
            schemas
        }
        Argument::Value(argument) => {
            let mut own = properties(STEP);
            own.extend(properties(verb.fields));
            own.insert(verb.name.to_owned(), or_template(shape(argument)));
            vec![described(object(own, &[verb.name]), verb.doc)]
        }
    }
}

fn kind_schemas(verb: &str, kinds: &[Kind], around: &[&[Field]]) -> Vec<Value> {
    let supported = kinds.iter().filter(|kind| kind.supported);
    supported
        .map(|kind| {
            let mut own = Map::new();
            for fields in around.iter().chain(kind.fields) {
                own.extend(properties(fields));
            }
            own.insert(verb.to_owned(), json!({ "const": kind.name }));
            let mut required = vec![verb];
            required.extend(kind.required);
            described(object(own, &required), kind.doc)
        })
        .collect()
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    let properties = Value::Object(properties);
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn described(mut schema: Value, doc: &str) -> Value {
    schema["description"] = doc.into();
    schema
}

fn properties(fields: &[Field]) -> Map<String, Value> {
    fields
        .iter()
        .map(|field| {
            let schema = described(or_template(shape(&field.shape)), field.doc);
            (field.name.to_owned(), schema)
        })
        .collect()
}

/// A field may be `{name}` whatever its type.
fn or_template(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        // Plain text holds templates anyway.
        Some("string") if schema.get("enum").is_none() && schema.get("pattern").is_none() => schema,
        _ => json!({ "anyOf": [schema, { "$ref": "#/$defs/template" }] }),
    }
}

fn shape(of: &Shape) -> Value {
    match of {
        // Hexadecimal digits may be mixed with templates, so that no pattern fits them.
        Shape::Text | Shape::Name | Shape::Template | Shape::Hex => json!({ "type": "string" }),
        Shape::Word(words) => json!({ "type": "string", "enum": words }),
        Shape::Length => json!({ "type": "integer", "minimum": 0 }),
        Shape::Int(min, u64::MAX) => json!({ "type": "integer", "minimum": min }),
        Shape::Int(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Signed => json!({ "type": "integer" }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Off => json!({ "const": false }),
        Shape::HexNumber => json!({ "type": "string", "pattern": "^0x[0-9A-Fa-f]+$" }),
        Shape::List(items) => json!({ "type": "array", "items": or_template(shape(items)) }),
        Shape::Map(values) => {
            json!({ "type": "object", "additionalProperties": or_template(shape(values)) })
        }
        Shape::Pair => json!({ "type": "array", "minItems": 2, "maxItems": 2 }),
        Shape::Table(fields) => object(properties(fields), &[]),
        Shape::Payload => json!({ "$ref": "#/$defs/payload" }),
        Shape::Steps => json!({ "type": "array", "items": { "$ref": "#/$defs/step" } }),
        Shape::Alternatives => json!({ "type": "array", "items": { "$ref": "#/$defs/alternative" } }),
        Shape::Axis => json!({ "$ref": "#/$defs/axis" }),
        Shape::Value => json!({}),
        Shape::Any(shapes) => {
            let shapes: Vec<Value> = shapes.iter().map(shape).collect();
            json!({ "anyOf": shapes })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_and_case_field_is_in_the_schema() {
        let schema = schema();
        let case = &schema["properties"]["case"]["items"]["properties"];
        for field in CASE {
            assert!(case.get(field.name).is_some(), "{}", field.name);
        }
        let steps = schema["$defs"]["step"]["anyOf"].as_array().unwrap();
        for verb in VERBS {
            assert!(
                steps
                    .iter()
                    .any(|step| step["properties"].get(verb.name).is_some()),
                "{}",
                verb.name
            );
        }
    }

    #[test]
    fn an_expectation_of_failure_takes_codes_but_no_payload() {
        let schema = schema();
        let steps = schema["$defs"]["step"]["anyOf"].as_array().unwrap();
        let fail = steps
            .iter()
            .find(|step| step["properties"]["expect"]["const"] == "fail")
            .unwrap();
        assert!(fail["properties"].get("code").is_some());
        assert!(fail["properties"].get("data").is_none());
    }
}
