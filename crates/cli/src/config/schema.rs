//! The JSON Schema of `wsanvil.toml`, made from the options of `run`.

use serde_json::{Map, Value, json};

use super::keys::{Kind, run_keys};
use super::target::DECLARED;

/// The schema as text, with a newline at the end.
pub(crate) fn schema() -> String {
    let run = settings();
    let target: Map<String, Value> = DECLARED
        .iter()
        .map(|known| {
            let kind = if known.number { "integer" } else { "string" };
            (known.name.to_owned(), json!({ "type": kind }))
        })
        .collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wsanvil.toml",
        "description": "Defaults for the options of wsanvil run, and what is declared about the target.",
        "type": "object",
        "properties": {
            "run": { "$ref": "#/$defs/run", "description": "Defaults of the options of wsanvil run." },
            "profile": {
                "type": "object",
                "description": "Further profiles for --profile: settings that are stronger than those of run. \
                    Their key profile names the built-in profile that is selected.",
                "additionalProperties": { "$ref": "#/$defs/run" }
            },
            "target": {
                "type": "object",
                "description": "What the target promises: only what is declared here is tested.",
                "properties": target,
                "additionalProperties": false
            }
        },
        "additionalProperties": false,
        "$defs": { "run": run }
    });
    format!("{schema:#}\n")
}

fn settings() -> Value {
    let mut properties = Map::new();
    for key in run_keys() {
        let mut value = match key.kind {
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Number => json!({ "type": "integer", "minimum": 0 }),
            Kind::Duration => json!({ "type": ["string", "integer"] }),
            Kind::Text => json!({ "type": "string" }),
            Kind::List => json!({ "type": ["string", "array"], "items": { "type": "string" } }),
        };
        if let Some(fields) = value.as_object_mut() {
            fields.insert("description".to_owned(), Value::from(key.about));
            if !key.allowed.is_empty() {
                fields.insert("enum".to_owned(), Value::from(key.allowed));
            }
        }
        // Both spellings are read; the schema offers that of the command line.
        properties.insert(key.name, value);
    }
    json!({
        "type": "object",
        "properties": properties,
        "patternProperties": { "_": {} },
        "additionalProperties": false
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_schema_is_fresh() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/config-schema.json");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&file, schema()).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found == schema(),
            "reports/config-schema.json is stale: run `UPDATE_SCHEMA=1 cargo test -p wsanvil the_committed_schema`"
        );
    }

    #[test]
    fn it_takes_what_the_program_takes() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let good = json!({
            "run": { "jobs": 3, "timeout": "5s", "fail-on": "nonstrict", "header": ["A: b"], "quiet": true },
            "profile": { "ci": { "profile": "full", "report": "junit=x.xml" } },
            "target": { "max_message": 65536, "origin": "http://o" }
        });
        assert!(validator.is_valid(&good));
        for bad in [
            json!({ "run": { "jobs": "many" } }),
            json!({ "run": { "job": 3 } }),
            json!({ "run": { "fail-on": "skip" } }),
            json!({ "target": { "max_message": true } }),
            json!({ "runs": {} }),
        ] {
            assert!(!validator.is_valid(&bad), "{bad}");
        }
    }
}
