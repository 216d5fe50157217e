//! The report as JSON, and the schema of it.

use std::io::Write;

use serde::Deserialize;
use serde_json::Value;
use wsanvil_model::{Report, SCHEMA_VERSION};

use crate::{ReadError, ReportError};

/// How the JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Indented, with a newline at the end.
    Pretty,
    /// One line, with a newline at the end.
    Compact,
}

/// Writes `report` to `out`.
pub fn write(report: &Report, layout: Layout, mut out: impl Write) -> Result<(), ReportError> {
    match layout {
        Layout::Pretty => serde_json::to_writer_pretty(&mut out, report),
        Layout::Compact => serde_json::to_writer(&mut out, report),
    }
    .and_then(|()| out.write_all(b"\n").map_err(serde_json::Error::io))
    .map_err(ReportError::Json)
}

/// The octets of the file.
pub fn to_vec(report: &Report, layout: Layout) -> Result<Vec<u8>, ReportError> {
    let mut octets = Vec::new();
    write(report, layout, &mut octets)?;
    Ok(octets)
}

/// Reads a report back.
///
/// Fields that are not known are passed over: they were added without a change of the schema version, so an older
/// reader cannot misunderstand the rest.
pub fn from_json(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        schema_version: Value,
    }
    let head = match serde_json::from_str::<Head>(text) {
        Ok(head) => head,
        Err(error) if error.is_data() => return Err(ReadError::NotAReport),
        Err(error) => return Err(ReadError::Syntax(error)),
    };
    let found = head.schema_version.as_u64().ok_or(ReadError::NotAReport)?;
    if found != u64::from(SCHEMA_VERSION) {
        return Err(ReadError::Version {
            found,
            known: SCHEMA_VERSION,
        });
    }
    serde_json::from_str(text).map_err(ReadError::Content)
}

/// The JSON Schema of a report, as text with a newline at the end: the content of `reports/schema.json`.
pub fn schema() -> Result<String, ReportError> {
    let mut schema = schemars::schema_for!(Report);
    schema.insert("title".to_owned(), Value::from("wsanvil report"));
    if let Some(version) = schema
        .pointer_mut("/properties/schema_version")
        .and_then(Value::as_object_mut)
    {
        version.insert("const".to_owned(), Value::from(SCHEMA_VERSION));
        version.insert("description".to_owned(), Value::from("Version of this schema."));
    }
    let mut text = serde_json::to_string_pretty(&schema).map_err(ReportError::Json)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str) -> String {
        from_json(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_a_report_is_named() {
        assert!(say("{").starts_with("not JSON: EOF"));
        assert!(say("7").starts_with("not a wsanvil report"));
        assert!(say("{}").starts_with("not a wsanvil report"));
        assert_eq!(
            say(r#"{"schema_version":9}"#),
            "the report has schema version 9, this wsanvil reads version 1"
        );
        assert!(
            say(r#"{"schema_version":1}"#)
                .starts_with("the report does not follow its schema: missing field")
        );
    }
}
