//! Reading the file: every mistake has its place.

use std::ops::Range;

use toml_edit::{Document, Item, Table, Value};
use wsanvil_model::Verdict;

use super::{Baseline, Date, Entry, Pattern};

/// The one kind of table.
pub(super) const TABLE: &str = "expected";
/// Keys of an entry.
pub(super) const KEYS: [&str; 5] = ["id", "verdict", "reason", "until", "flaky"];
/// Verdicts that can be expected, mildest first.
pub(super) const VERDICTS: [Verdict; 4] = [Verdict::Nonstrict, Verdict::Error, Verdict::Fail, Verdict::Crash];

/// Something wrong with a baseline: the user's mistake. The command line ends with exit code 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct Mistake {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
    /// The octets of the file that it is about.
    pub span: Range<usize>,
}

impl Baseline {
    /// Reads the text of a baseline. All mistakes are named, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader {
            text,
            mistakes: Vec::new(),
        };
        let entries = match Document::parse(text) {
            Ok(document) => reader.document(&document),
            Err(error) => {
                let hint = "the file is TOML: one [[expected]] table for each entry";
                let span = error.span().unwrap_or(0..0);
                reader.mistake(span, format!("not TOML: {}", error.message()), hint);
                Vec::new()
            }
        };
        if reader.mistakes.is_empty() {
            return Ok(Self { entries });
        }
        reader.mistakes.sort_by_key(|mistake| mistake.span.start);
        Err(reader.mistakes)
    }
}

struct Reader<'t> {
    text: &'t str,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn document(&mut self, document: &Document<&str>) -> Vec<Entry> {
        for (name, item) in document.iter().filter(|(name, _)| *name != TABLE) {
            let span = span_of_key(document, name).or(item.span()).unwrap_or(0..0);
            let hint = "known is only [[expected]]: one for each entry, with double brackets";
            self.mistake(span, format!("unknown name `{name}`"), hint);
        }
        match document.get(TABLE) {
            None => Vec::new(),
            Some(Item::ArrayOfTables(tables)) => {
                tables.iter().filter_map(|table| self.entry(table)).collect()
            }
            Some(other) => {
                let span = span_of_key(document, TABLE).or(other.span()).unwrap_or(0..0);
                let message = "entries are tables of their own".to_owned();
                self.mistake(
                    span,
                    message,
                    "write [[expected]], with double brackets, for each entry",
                );
                Vec::new()
            }
        }
    }

    /// None: something about it is wrong.
    fn entry(&mut self, table: &Table) -> Option<Entry> {
        let before = self.mistakes.len();
        let head = table.span().unwrap_or(0..0);
        for (name, item) in table.iter().filter(|(name, _)| !KEYS.contains(name)) {
            let span = span_of_key(table, name).or(item.span()).unwrap_or(head.clone());
            self.mistake(
                span,
                format!("unknown key `{name}`"),
                &format!("known are: {}", KEYS.join(", ")),
            );
        }
        let id = self.required(table, "id", "such as id = \"framing/rsv-in-first-frame[text-1]\"");
        let patterns = id.map(|id| self.patterns(id)).unwrap_or_default();
        let verdict = self.required(table, "verdict", "such as verdict = \"fail\"");
        let verdict = verdict.and_then(|verdict| self.verdict(verdict));
        let reason = self.required(
            table,
            "reason",
            "say in a sentence why this is accepted, and where it is tracked",
        );
        let reason = reason.and_then(|reason| self.reason(reason));
        let until = table.get("until").and_then(|until| self.until(until));
        let flaky = table.get("flaky").is_some_and(|flaky| {
            flaky.as_bool().unwrap_or_else(|| {
                self.wrong(flaky, "`flaky` must be true or false", "true: a pass is fine too");
                false
            })
        });
        if self.mistakes.len() > before {
            return None;
        }
        Some(Entry {
            line: place(self.text, head.start).0,
            patterns,
            verdict: verdict?,
            reason: reason?,
            until,
            flaky,
        })
    }

    fn required<'i>(&mut self, table: &'i Table, key: &str, hint: &str) -> Option<&'i Item> {
        let found = table.get(key);
        if found.is_none() {
            let head = table.span().unwrap_or(0..0);
            self.mistake(head, format!("the entry lacks `{key}`"), hint);
        }
        found
    }

    fn patterns(&mut self, id: &Item) -> Vec<Pattern> {
        const HINT: &str =
            "the id of a case or the name of an instance, with * and ? as wildcards, or a list of them";
        let one = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let patterns: Option<Vec<String>> = match id.as_value() {
            Some(Value::Array(items)) if !items.is_empty() => items.iter().map(one).collect(),
            Some(value) => one(value).map(|text| vec![text]),
            None => None,
        };
        if patterns.is_none() {
            self.wrong(
                id,
                "`id` must be a text that is not empty, or a list of such texts",
                HINT,
            );
        }
        patterns.unwrap_or_default().into_iter().map(Pattern).collect()
    }

    fn verdict(&mut self, item: &Item) -> Option<Verdict> {
        let found = item.as_str();
        let verdict = VERDICTS.into_iter().find(|verdict| found == Some(verdict.name()));
        if verdict.is_none() {
            let names: Vec<&str> = VERDICTS.iter().map(|verdict| verdict.name()).collect();
            self.wrong(
                item,
                "`verdict` must be that of a finding",
                &format!(
                    "one of {}; a milder one is expected too, a worse one is not",
                    names.join(", ")
                ),
            );
        }
        verdict
    }

    fn reason(&mut self, item: &Item) -> Option<String> {
        let reason = item.as_str().filter(|reason| !reason.trim().is_empty());
        if reason.is_none() {
            self.wrong(
                item,
                "`reason` must be a text that is not empty",
                "say in a sentence why this is accepted, and where it is tracked",
            );
        }
        reason.map(str::to_owned)
    }

    fn until(&mut self, item: &Item) -> Option<Date> {
        let date = match item.as_value() {
            Some(Value::String(text)) => Date::of(text.value()).filter(|_| text.value().len() == 10),
            Some(Value::Datetime(found)) => {
                let found = found.value();
                let alone = found.time.is_none() && found.offset.is_none();
                found
                    .date
                    .filter(|_| alone)
                    .and_then(|date| Date::of(&date.to_string()))
            }
            _ => None,
        };
        if date.is_none() {
            let hint = "the last day on which the entry counts, in UTC, such as until = 2026-12-31";
            self.wrong(item, "`until` must be a date", hint);
        }
        date
    }

    fn wrong(&mut self, item: &Item, message: &str, hint: &str) {
        self.mistake(item.span().unwrap_or(0..0), message.to_owned(), hint);
    }

    fn mistake(&mut self, span: Range<usize>, message: String, hint: &str) {
        let (line, column) = place(self.text, span.start);
        self.mistakes.push(Mistake {
            line,
            column,
            message,
            hint: hint.to_owned(),
            span,
        });
    }
}

fn span_of_key(table: &Table, key: &str) -> Option<Range<usize>> {
    table.key(key).and_then(toml_edit::Key::span)
}

/// Line and column in characters, both from 1.
fn place(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line as u32, column as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u32, u32, String)> {
        let mistakes = Baseline::parse(text).unwrap_err();
        assert!(mistakes.iter().all(|mistake| !mistake.hint.is_empty()));
        let told = mistakes.into_iter();
        told.map(|mistake| (mistake.line, mistake.column, mistake.message))
            .collect()
    }

    fn one(text: &str) -> (u32, u32, String) {
        let mut told = told(text);
        assert_eq!(told.len(), 1, "{told:?}");
        told.remove(0)
    }

    const GOOD: &str = "# known\n[[expected]]\nid = [\"a/x\", \"b/*\"]\nverdict = \"nonstrict\"\n\
        reason = \"see #7\"\nuntil = 2026-12-31\nflaky = true\n";

    #[test]
    fn an_entry_is_read() {
        let baseline = Baseline::parse(GOOD).unwrap();
        let [entry] = baseline.entries.as_slice() else {
            panic!("{baseline:?}")
        };
        assert_eq!((entry.line, entry.patterns.len(), entry.flaky), (2, 2, true));
        assert_eq!(entry.until, Some(Date::new(2026, 12, 31)));
        let text = GOOD.replace("2026-12-31", "\"2026-12-31\"");
        assert_eq!(Baseline::parse(&text).unwrap(), baseline);
        assert!(Baseline::parse("# nothing yet\n").unwrap().is_empty());
    }

    #[test]
    fn mistakes_have_their_place() {
        assert_eq!(
            one(&GOOD.replace("flaky", "flakey")),
            (7, 1, "unknown key `flakey`".to_owned())
        );
        assert_eq!(
            one(&GOOD.replace("\"see #7\"", "\" \"")),
            (5, 10, "`reason` must be a text that is not empty".to_owned())
        );
        assert_eq!(
            one(&GOOD.replace("reason = \"see #7\"\n", "")).2,
            "the entry lacks `reason`"
        );
        assert_eq!(one(&GOOD.replace("reason = \"see #7\"\n", "")).0, 2);
        assert_eq!(
            one(&GOOD.replace("nonstrict", "pass")),
            (4, 11, "`verdict` must be that of a finding".to_owned())
        );
        for until in [
            "2026-02-30",
            "1",
            "2026-12-31T00:00:00Z",
            "\"soon\"",
            "\"2026-12-31T00:00:00Z\"",
        ] {
            let (line, _, message) = one(&GOOD.replace("2026-12-31", until));
            assert_eq!(line, 6, "{until}");
            assert!(
                message.contains("until") || message.contains("not TOML"),
                "{message}"
            );
        }
        assert_eq!(
            one(&GOOD.replace("flaky = true", "flaky = 1")).2,
            "`flaky` must be true or false"
        );
        for id in ["[]", "\"\"", "7", "[\"a\", 7]"] {
            assert_eq!(one(&GOOD.replace("[\"a/x\", \"b/*\"]", id)).0, 3, "{id}");
        }
        assert_eq!(
            one(&GOOD.replace("[[expected]]", "[[expect]]")),
            (2, 3, "unknown name `expect`".to_owned())
        );
        assert_eq!(
            one(&GOOD.replace("[[expected]]", "[expected]")).2,
            "entries are tables of their own"
        );
        assert_eq!(one("[[expected]]\nid = ").0, 2);
    }

    #[test]
    fn all_mistakes_are_told_in_order() {
        let lines: Vec<u32> = told("x = 1\n[[expected]]\nid = 7\nverdict = \"skip\"\n[[expected]]\n")
            .into_iter()
            .map(|(line, ..)| line)
            .collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 5, 5]);
    }
}
