//! The committed schema, the committed samples, and reading back.

use std::path::{Path, PathBuf};
use std::{env, fs};

use wsanvil_model::{Report, TargetInfo, ToolInfo};
use wsanvil_report::json::{self, Layout};
use wsanvil_report::{Collector, Context, Gate, ReportFormat};
use wsanvil_report::{baseline, diff};

use crate::sample;

fn reports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports")
}

/// Compares a committed file with what it must hold; with `UPDATE_SCHEMA=1` writes it instead.
fn committed(path: &str, wanted: &[u8]) {
    let file = reports().join(path);
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, wanted).unwrap();
        return;
    }
    let found = fs::read(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "reports/{path} is stale: run `UPDATE_SCHEMA=1 cargo test -p wsanvil-report` and commit it"
    );
}

#[test]
fn schemas_are_fresh() {
    committed("schema.json", json::schema().unwrap().as_bytes());
    committed("baseline-schema.json", baseline::schema().unwrap().as_bytes());
    committed("diff-schema.json", diff::schema().unwrap().as_bytes());
}

#[test]
fn samples_are_fresh() {
    let report = sample::report();
    let context = Context {
        requirement: &sample::requirement,
        gate: Gate::default(),
    };
    // A capture file is no text to look at.
    for format in ReportFormat::all().filter(|format| *format != ReportFormat::Pcapng) {
        let octets = format.render(&report, &context).unwrap();
        committed(&format!("samples/example.{}", format.ending()), &octets);
    }
}

#[test]
fn reports_follow_the_schema() {
    let schema = serde_json::from_str(&json::schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let empty = Collector::new(
        ToolInfo {
            name: "wsanvil".to_owned(),
            version: "0".to_owned(),
        },
        Vec::new(),
    )
    .finish();
    for report in [sample::report(), empty] {
        let value = serde_json::to_value(&report).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, [] as [String; 0]);
    }
    let mut other = serde_json::to_value(sample::report()).unwrap();
    other["schema_version"] = 2.into();
    assert!(!validator.is_valid(&other));
}

#[test]
fn what_is_written_is_read_back() {
    let report = sample::report();
    for layout in [Layout::Pretty, Layout::Compact] {
        let octets = json::to_vec(&report, layout).unwrap();
        let text = String::from_utf8(octets).unwrap();
        assert_eq!(json::from_json(&text).unwrap(), report);
        assert!(text.ends_with("}\n"));
    }
}

#[test]
fn unknown_fields_are_passed_over_and_missing_ones_named() {
    let mut value = serde_json::to_value(sample::report()).unwrap();
    value["later"] = "addition".into();
    assert!(json::from_json(&value.to_string()).is_ok());
    value["run"].as_object_mut().unwrap().remove("seed");
    let error = json::from_json(&value.to_string()).unwrap_err().to_string();
    assert!(error.contains("missing field `seed`"), "{error}");
}

#[test]
fn json_looks_as_it_did() {
    let mut report: Report = sample::report();
    report.cases.retain(|case| case.id == "control/pong-payload");
    report.target = TargetInfo {
        command: None,
        ..report.target
    };
    insta::assert_json_snapshot!(report);
}
