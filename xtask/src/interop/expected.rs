//! The findings that are known of a server.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use wsanvil_model::{Report, Verdict};

use crate::error::Error;
use crate::{Done, project};

/// The content of `expected.toml`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    /// Profile it was written with.
    pub(super) profile: String,
    /// In the order of the report.
    #[serde(default)]
    pub(super) finding: Vec<Finding>,
}

/// An instance that is neither pass nor skip.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    /// Its name.
    pub(super) instance: String,
    /// The verdict in a word.
    pub(super) verdict: String,
    /// Why, for the reader; not compared.
    pub(super) reason: String,
}

/// The findings of a report.
pub(super) fn findings(report: &Report) -> Vec<Finding> {
    let instances = report.cases.iter().flat_map(|case| &case.instances);
    instances
        .filter(|instance| !matches!(instance.verdict, Verdict::Pass | Verdict::Skip))
        .map(|instance| Finding {
            instance: instance.name.clone(),
            verdict: word(instance.verdict).to_owned(),
            reason: instance.reason.clone(),
        })
        .collect()
}

/// A verdict as it stands in reports.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Skip => "skip",
        Verdict::Pass => "pass",
        Verdict::Nonstrict => "nonstrict",
        Verdict::Error => "error",
        Verdict::Fail => "fail",
        Verdict::Crash => "crash",
    }
}

impl Expected {
    pub(super) fn read(path: &Path) -> Done<Self> {
        toml::from_str(&project::read(path)?)
            .map_err(|cause| Error::Usage(format!("{}: {cause}", path.display())))
    }

    pub(super) fn to_toml(&self) -> String {
        let mut text = format!(
            "# Findings that are known of this server; `cargo xtask interop --update` writes them.\nprofile = {}\n",
            quoted(&self.profile)
        );
        for finding in &self.finding {
            text.extend(["\n[[finding]]\ninstance = ", &quoted(&finding.instance)]);
            text.extend(["\nverdict = ", &quoted(&finding.verdict)]);
            text.extend(["\nreason = ", &quoted(&finding.reason), "\n"]);
        }
        text
    }

    /// What is not as expected, in words.
    pub(super) fn compare(&self, found: &[Finding]) -> Vec<String> {
        let by_name = |findings: &[Finding]| -> BTreeMap<String, String> {
            let pairs = findings
                .iter()
                .map(|finding| (finding.instance.clone(), finding.verdict.clone()));
            pairs.collect()
        };
        let (expected, found) = (by_name(&self.finding), by_name(found));
        let mut complaints = Vec::new();
        for (instance, verdict) in &found {
            match expected.get(instance) {
                None => complaints.push(format!("new: {verdict} {instance}")),
                Some(old) if old != verdict => complaints.push(format!("{old} is now {verdict}: {instance}")),
                Some(_) => {}
            }
        }
        let gone = expected
            .iter()
            .filter(|(instance, _)| !found.contains_key(*instance));
        complaints.extend(gone.map(|(instance, verdict)| format!("gone: {verdict} {instance}")));
        complaints
    }
}

/// A basic string of TOML; unlike in JSON, DEL is escaped too.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += format!("\\u{:04X}", u32::from(c)).as_str(),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(instance: &str, verdict: &str) -> Finding {
        Finding {
            instance: instance.to_owned(),
            verdict: verdict.to_owned(),
            reason: "quotes \" \\, controls \u{7f}\u{1b}\n and \u{e9}".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let expected = Expected {
            profile: "default".to_owned(),
            finding: vec![finding("a/b[c=\"d\"]", "fail"), finding("e/f", "nonstrict")],
        };
        assert_eq!(toml::from_str::<Expected>(&expected.to_toml()).unwrap(), expected);
    }

    #[test]
    fn new_changed_and_gone_findings() {
        let expected = Expected {
            profile: "default".to_owned(),
            finding: vec![finding("a", "fail"), finding("b", "fail"), finding("c", "fail")],
        };
        let found = [
            finding("a", "fail"),
            finding("b", "nonstrict"),
            finding("d", "crash"),
        ];
        assert_eq!(
            expected.compare(&found),
            ["fail is now nonstrict: b", "new: crash d", "gone: fail c"]
        );
    }
}
