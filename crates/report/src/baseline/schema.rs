//! The JSON Schema of the file, for editors.

use serde_json::json;
use wsanvil_model::Verdict;

use super::read::{KEYS, TABLE, VERDICTS};
use crate::ReportError;

/// The JSON Schema of a baseline, as text with a newline at the end: the content of `reports/baseline-schema.json`.
pub fn schema() -> Result<String, ReportError> {
    let [id, verdict, reason, until, flaky] = KEYS;
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wsanvil baseline",
        "description": "Findings that are known and accepted: they do not count.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            TABLE: {
                "description": "One accepted finding, or several for the same reason.",
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": [id, verdict, reason],
                    "properties": {
                        id: {
                            "description": "Id of a case or name of an instance, with * and ? as wildcards, or a list of them.",
                            "anyOf": [
                                { "type": "string", "minLength": 1 },
                                { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
                            ],
                        },
                        verdict: {
                            "description": "What is expected. A milder verdict is expected too, a worse one counts.",
                            "enum": VERDICTS.map(Verdict::name),
                        },
                        reason: {
                            "description": "Why this is accepted.",
                            "type": "string",
                            "pattern": "\\S",
                        },
                        until: {
                            "description": "Last day, in UTC, on which the entry counts.",
                            "type": "string",
                            "format": "date",
                            "pattern": "^\\d{4}-\\d{2}-\\d{2}$",
                        },
                        flaky: {
                            "description": "Whether a pass is fine too.",
                            "type": "boolean",
                        },
                    },
                },
            },
        },
    });
    let mut text = serde_json::to_string_pretty(&schema).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use toml_edit::{Document, Item};

    use super::super::Baseline;
    use super::*;

    /// TOML in the terms of JSON; a date is its text.
    fn as_json(item: &Item) -> Value {
        match item {
            Item::Table(table) => table
                .iter()
                .map(|(key, item)| (key.to_owned(), as_json(item)))
                .collect(),
            Item::ArrayOfTables(tables) => tables
                .iter()
                .map(|table| as_json(&Item::Table(table.clone())))
                .collect(),
            Item::Value(toml_edit::Value::Array(items)) => items
                .iter()
                .map(|item| as_json(&Item::Value(item.clone())))
                .collect(),
            item => {
                let text = item.as_str().map(Value::from);
                let date = || item.as_datetime().map(|date| Value::from(date.to_string()));
                let rest = || {
                    item.as_bool()
                        .map(Value::from)
                        .or(item.as_integer().map(Value::from))
                };
                text.or_else(date).or_else(rest).unwrap()
            }
        }
    }

    #[test]
    fn schema_and_reader_agree() {
        let schema = serde_json::from_str(&schema().unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let good = "[[expected]]\nid = \"a/x\"\nverdict = \"fail\"\nreason = \"r\"\n";
        let mut texts = vec![good.to_owned(), String::new()];
        for (old, new) in [
            ("\"a/x\"", "[\"a\", \"b\"]"),
            ("\"a/x\"", "[]"),
            ("\"a/x\"", "\"\""),
            ("\"a/x\"", "7"),
            ("fail", "nonstrict"),
            ("fail", "pass"),
            ("\"r\"", "\"  \""),
            ("reason", "until = 2026-12-31\nreason"),
            ("reason", "until = \"2026-12-31\"\nreason"),
            ("reason", "until = 2026-12-31T10:00:00Z\nreason"),
            ("reason", "until = 7\nreason"),
            ("reason", "flaky = true\nreason"),
            ("reason", "flaky = 1\nreason"),
            ("reason", "why"),
            ("[[expected]]", "[[expect]]"),
            ("[[expected]]", "[expected]"),
        ] {
            texts.push(good.replace(old, new));
        }
        for text in texts {
            let document = Document::parse(text.as_str()).unwrap();
            let value = as_json(document.as_item());
            assert_eq!(
                validator.is_valid(&value),
                Baseline::parse(&text).is_ok(),
                "{text}"
            );
        }
    }
}
