//! Files that are made from the code and committed, so that readers and editors have them without a build.

use std::path::PathBuf;

use serde_json::Value;

use crate::error::Error;
use crate::{Done, project};

/// A file and what it must hold.
struct Generated {
    /// Below the workspace.
    path: &'static str,
    text: String,
}

impl Generated {
    fn file(&self) -> PathBuf {
        project::root().join(self.path)
    }

    fn is_fresh(&self) -> bool {
        project::read(&self.file()).is_ok_and(|found| found == self.text)
    }
}

fn all() -> Done<Vec<Generated>> {
    let made = |text: Result<String, wsanvil_report::ReportError>| {
        text.map_err(|cause| Error::Wsanvil(cause.to_string()))
    };
    let cases = outlined(&wsanvil_case::schema(), 0);
    Ok(vec![
        Generated {
            path: "reports/schema.json",
            text: made(wsanvil_report::json::schema())?,
        },
        Generated {
            path: "reports/baseline-schema.json",
            text: made(wsanvil_report::baseline::schema())?,
        },
        Generated {
            path: "reports/diff-schema.json",
            text: made(wsanvil_report::diff::schema())?,
        },
        Generated {
            path: "cases/schema.json",
            text: cases + "\n",
        },
    ])
}

/// Levels that get lines of their own; below, a value is one line.
const OUTLINE: usize = 4;

/// JSON with one line for each definition: a third of the size of pretty JSON, and a difference still shows its place.
fn outlined(value: &Value, depth: usize) -> String {
    let (open, children, close) = match value {
        Value::Object(fields) if depth < OUTLINE && !fields.is_empty() => {
            let children = fields.iter();
            let children = children.map(|(key, child)| {
                let key = Value::from(key.as_str());
                format!("{key}: {}", outlined(child, depth + 1))
            });
            ('{', children.collect::<Vec<_>>(), '}')
        }
        Value::Array(items) if depth < OUTLINE && !items.is_empty() => {
            let children = items.iter().map(|child| outlined(child, depth + 1));
            ('[', children.collect(), ']')
        }
        _ => return value.to_string(),
    };
    let (inner, outer) = (" ".repeat(depth + 1), " ".repeat(depth));
    let lines = children.join(&format!(",\n{inner}"));
    format!("{open}\n{inner}{lines}\n{outer}{close}")
}

/// Rewrites every generated file that is stale.
pub(crate) fn run() -> Done {
    for generated in all()? {
        if generated.is_fresh() {
            println!("{} is fresh", generated.path);
        } else {
            project::write(&generated.file(), &generated.text)?;
            println!("{} is written", generated.path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_is_the_same_value() {
        let value = wsanvil_case::schema();
        let text = outlined(&value, 0);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.lines().count() > 100);
    }

    #[test]
    fn committed_files_are_fresh() {
        for generated in all().unwrap() {
            assert!(
                generated.is_fresh(),
                "{} is stale: run `cargo xtask generate` and commit it",
                generated.path
            );
        }
    }
}
