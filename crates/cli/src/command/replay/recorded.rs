//! The command lines that a report records, as words again.

use std::ffi::OsString;
use std::path::PathBuf;

use wsanvil_model::{InstanceReport, Report};

use crate::cli::AppArg;
use crate::failure::Failure;

/// How something was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorded {
    /// The command line without the name of the program and without `--case`.
    pub(super) words: Vec<OsString>,
    /// Case files beside those of the command line.
    pub(super) folders: Vec<PathBuf>,
    /// Values of `--case`.
    pub(super) cases: Vec<String>,
    /// What the target does with messages, when the command line does not say.
    pub(super) app: Option<AppArg>,
    /// Whether it must be said where the target is.
    pub(super) needs_url: bool,
}

/// The findings by the command line they are from: each is one run.
pub(super) fn groups<'r>(
    report: &Report,
    findings: &[&'r InstanceReport],
) -> Result<Vec<(Recorded, Vec<&'r InstanceReport>)>, Failure> {
    let mut groups: Vec<(Recorded, Vec<&InstanceReport>)> = Vec::new();
    for finding in findings {
        let recorded = of(report, finding)?;
        match groups.iter_mut().find(|(group, _)| group.words == recorded.words) {
            Some((group, members)) => {
                group.cases.extend(recorded.cases);
                members.push(finding);
            }
            None => groups.push((recorded, vec![finding])),
        }
    }
    for (group, _) in &mut groups {
        group.cases.sort();
        group.cases.dedup();
    }
    Ok(groups)
}

fn of(report: &Report, finding: &InstanceReport) -> Result<Recorded, Failure> {
    let unreadable = || {
        Failure::usage(format!(
            "the report does not say how to run {} again",
            finding.name
        ))
        .hint("run the case by itself: wsanvil run URL --case NAME")
    };
    let line = if finding.replay.is_empty() {
        vec![
            "wsanvil".to_owned(),
            "run".to_owned(),
            report.target.url.clone(),
            "--seed".to_owned(),
            report.run.seed.to_string(),
            "--case".to_owned(),
            finding.name.clone(),
        ]
    } else {
        words(&finding.replay).ok_or_else(unreadable)?
    };
    let mut line = line.into_iter();
    if (
        line.next().as_deref(),
        line.as_slice().first().map(String::as_str),
    ) != (Some("wsanvil"), Some("run"))
    {
        return Err(unreadable());
    }
    let (mut words, mut cases) = (Vec::new(), Vec::new());
    while let Some(word) = line.next() {
        match word.as_str() {
            "--case" => cases.push(line.next().ok_or_else(unreadable)?),
            // What follows belongs to the target.
            "--" => {
                words.push(word.into());
                words.extend(line.by_ref().map(OsString::from));
            }
            _ => words.push(word.into()),
        }
    }
    if cases.is_empty() {
        return Err(unreadable());
    }
    Ok(Recorded {
        words,
        folders: Vec::new(),
        cases,
        app: None,
        needs_url: false,
    })
}

/// The words of a line as a POSIX shell reads it, as far as wsanvil writes such lines: single quotes and backslashes.
/// Nothing when a quote is not closed.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use wsanvil_model::Verdict;

    use super::*;
    use crate::terminal::shell_quote;

    #[test]
    fn what_is_quoted_is_read_back() {
        let all = [
            "a",
            "",
            "it's",
            "a b",
            "{port}",
            r"back\slash",
            "naïve",
            "''",
            "$x `y`",
        ];
        let line: Vec<_> = all.iter().map(|word| shell_quote(word)).collect();
        assert_eq!(words(&line.join("  ")).unwrap(), all);
        assert_eq!(words("a 'b"), None);
    }

    fn finding(name: &str, replay: &str) -> InstanceReport {
        InstanceReport {
            replay: replay.to_owned(),
            ..InstanceReport::new(name, Verdict::Fail)
        }
    }

    #[test]
    fn one_run_for_each_command_line() {
        let report =
            wsanvil_report::json::from_json(include_str!("../../../../../reports/samples/example.json"));
        let report = report.unwrap();
        let all = [
            finding(
                "a/a",
                "wsanvil run ws://h/ --seed 7 --case 'a/a' -- ./server --case x",
            ),
            finding(
                "standing/mask",
                "wsanvil run ws://h/ --seed 7 --case 'a/a' --case 'a/b' -- ./server --case x",
            ),
            finding("a/c", ""),
        ];
        let groups = groups(&report, &all.iter().collect::<Vec<_>>()).unwrap();
        let seen: Vec<(usize, Vec<&str>)> = groups
            .iter()
            .map(|(group, members)| (members.len(), group.cases.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(seen, [(2, vec!["a/a", "a/b"]), (1, vec!["a/c"])]);
        assert_eq!(
            groups[0].0.words,
            ["run", "ws://h/", "--seed", "7", "--", "./server", "--case", "x"]
        );
        for wrong in [
            "rm -rf x --case a",
            "wsanvil probe x --case a",
            "wsanvil run 'x",
            "wsanvil run x",
        ] {
            assert_eq!(
                of(&report, &finding("a/a", wrong)).unwrap_err().code,
                crate::exit_code::USAGE
            );
        }
    }
}
