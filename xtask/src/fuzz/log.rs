//! What a run of libFuzzer printed.

/// Heads of the summary.
pub(super) const HEADS: [&str; 6] = ["target", "executions", "exec/s", "edges", "corpus", "result"];

/// Lines of a finding that are shown.
const SHOWN: usize = 24;

/// The figures and the finding in a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    executions: String,
    per_second: String,
    edges: String,
    corpus: String,
    /// What libFuzzer calls the finding.
    pub(super) kind: Option<String>,
    /// The lines that tell of it.
    pub(super) finding: String,
}

impl Log {
    /// Reads a log.
    pub(super) fn of(text: &str) -> Self {
        let mut log = Self::default();
        for line in text.lines() {
            if let Some((name, value)) = line.strip_prefix("stat::").and_then(|stat| stat.split_once(':')) {
                match name {
                    "number_of_executed_units" => value.trim().clone_into(&mut log.executions),
                    "average_exec_per_sec" => value.trim().clone_into(&mut log.per_second),
                    _ => {}
                }
            } else if line.starts_with('#') {
                let after = |key| {
                    line.split_once(key)
                        .and_then(|(_, rest)| rest.split_whitespace().next())
                };
                if let (Some(edges), Some(corpus)) = (after(" cov: "), after(" corp: ")) {
                    edges.clone_into(&mut log.edges);
                    corpus
                        .split('/')
                        .next()
                        .unwrap_or_default()
                        .clone_into(&mut log.corpus);
                }
            } else if let Some(kind) = line.strip_prefix("SUMMARY: ") {
                log.kind = Some(kind.to_owned());
            }
        }
        log.finding = finding(text);
        log
    }

    /// The row of the summary.
    pub(super) fn row(self, target: &str, result: String) -> Vec<String> {
        vec![
            target.to_owned(),
            self.executions,
            self.per_second,
            self.edges,
            self.corpus,
            result,
        ]
    }
}

/// From the panic or the sanitizer's report on, and where the input is; traces and figures are left out.
fn finding(text: &str) -> String {
    let starts = |line: &&str| line.contains(" panicked at ") || line.contains("ERROR: ");
    let is_trace = |line: &&str| {
        ["#", "at ", "stat::"]
            .iter()
            .any(|first| line.trim_start().starts_with(first))
    };
    let from = text.lines().skip_while(|line| !starts(line));
    let mut shown: Vec<&str> = from.filter(|line| !is_trace(line)).take(SHOWN).collect();
    let written = text.lines().find(|line| line.contains("Test unit written to "));
    shown.extend(written.filter(|line| !shown.contains(line)));
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: &str = "\
INFO: Running with entropic power schedule (0xFF, 100).
#2\tINITED cov: 51 ft: 52 corp: 1/1b exec/s: 0 rss: 41Mb
#1876\tDONE   cov: 3041 ft: 18748 corp: 704/86Kb lim: 153 exec/s: 60 rss: 411Mb
Done 1876 runs in 31 second(s)
stat::number_of_executed_units: 1876
stat::average_exec_per_sec:     60
stat::new_units_added:          422
";

    const FOUND: &str = "\
#9\tNEW    cov: 60 ft: 61 corp: 2/9b lim: 4 exec/s: 0 rss: 41Mb

thread '<unnamed>' (7) panicked at src/utf8_differential.rs:23:9:
assertion `left == right` failed
    #0 0x55 in __sanitizer_print_stack_trace
==7== ERROR: libFuzzer: deadly signal
SUMMARY: libFuzzer: deadly signal
artifact_prefix='fuzz/artifacts/'; Test unit written to fuzz/artifacts/crash-1
stat::number_of_executed_units: 10
";

    #[test]
    fn figures_are_found() {
        let log = Log::of(QUIET);
        assert_eq!(log.kind, None);
        assert_eq!(log.finding, "");
        let row = log.row("t", "nothing found".to_owned());
        assert_eq!(row, ["t", "1876", "60", "3041", "704", "nothing found"]);
    }

    #[test]
    fn a_finding_is_told_without_its_trace() {
        let log = Log::of(FOUND);
        assert_eq!(log.kind.as_deref(), Some("libFuzzer: deadly signal"));
        assert!(log.finding.starts_with("thread '<unnamed>'"));
        assert!(log.finding.ends_with("crash-1"));
        assert!(!log.finding.contains("0x55"));
        assert_eq!(log.row("t", String::new())[1..5], ["10", "", "60", "2"]);
    }
}
