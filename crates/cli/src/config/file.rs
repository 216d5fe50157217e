//! Reading the TOML text: every mistake has its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use wsanvil_case::Severity;

use super::keys::{self, Key, Kind};
use super::target::DECLARED;
use crate::terminal::snippet::Snippet;

/// Tables of the file.
const TABLES: [&str; 3] = ["run", "profile", "target"];
/// Names less alike than this are not suggested.
const ALIKE: f64 = 0.7;

/// What a configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// The file, as it was found.
    pub(crate) file: String,
    /// `[run]`.
    pub(crate) run: Vec<Setting>,
    /// `[profile.NAME]`, by name: stronger than `[run]` when that profile is chosen.
    pub(crate) profiles: BTreeMap<String, Vec<Setting>>,
    /// `[target]`, by name.
    pub(crate) declared: BTreeMap<String, String>,
}

/// A default of an option of `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Id of the argument.
    pub(crate) argument: String,
    /// As the command line would spell them.
    pub(crate) values: Vec<String>,
    /// Line in the file.
    pub(crate) line: u32,
}

/// Reads `text`. `file` is for messages; paths in it start from `folder`. Unknown keys are warnings, so that a file
/// for a newer wsanvil still works.
pub(crate) fn parse(file: &str, text: &str, folder: &Path) -> (Config, Vec<Snippet>) {
    let mut reader = Reader {
        file,
        text: text.into(),
        folder,
        config: Config {
            file: file.to_owned(),
            ..Config::default()
        },
        problems: Vec::new(),
    };
    match DeTable::parse(text) {
        Ok(document) => reader.document(document.get_ref()),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            reader.problem(
                Severity::Error,
                span,
                format!("not TOML: {}", error.message()),
                None,
            );
        }
    }
    (reader.config, reader.problems)
}

struct Reader<'r> {
    file: &'r str,
    text: Arc<str>,
    folder: &'r Path,
    config: Config,
    problems: Vec<Snippet>,
}

impl Reader<'_> {
    fn document(&mut self, document: &DeTable<'_>) {
        for (name, value) in document {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("run", DeValue::Table(table)) => self.config.run = self.settings(table),
                ("profile", DeValue::Table(table)) => self.profiles(table),
                ("target", DeValue::Table(table)) => self.target(table),
                ("run" | "profile" | "target", _) => self.wrong_type(name.get_ref(), value, "a table"),
                (unknown, _) => self.unknown(unknown, "table", name.span(), &TABLES),
            }
        }
    }

    fn profiles(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong_type(name.get_ref(), value, "a table");
                continue;
            };
            let settings = self.settings(table);
            self.config.profiles.insert(name.get_ref().to_string(), settings);
        }
    }

    fn settings(&mut self, table: &DeTable<'_>) -> Vec<Setting> {
        let keys = keys::run_keys();
        let mut settings = Vec::new();
        for (name, value) in table {
            // TOML likes underscores, the command line hyphens; both are taken.
            let spelled = name.get_ref().replace('_', "-");
            let Some(key) = keys.iter().find(|key| key.name == spelled) else {
                let names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
                self.unknown(name.get_ref(), "key", name.span(), &names);
                continue;
            };
            let Some(values) = values(key.kind, value.get_ref()) else {
                self.wrong_type(name.get_ref(), value, key.kind.wants());
                continue;
            };
            let values: Vec<String> = values.into_iter().map(|text| self.rooted(key, text)).collect();
            let fault = values.iter().find_map(|text| keys::fault(key, text));
            if let Some(fault) = fault {
                let message = format!("the value of `{}` is wrong", name.get_ref());
                self.problem(Severity::Error, value.span(), message, Some(fault));
            } else {
                settings.push(Setting {
                    argument: key.argument.clone(),
                    values,
                    line: place(&self.text, name.span().start).0,
                });
            }
        }
        settings
    }

    fn target(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let Some(known) = DECLARED
                .iter()
                .find(|known| known.name == name.get_ref().as_ref())
            else {
                let names: Vec<&str> = DECLARED.iter().map(|known| known.name).collect();
                self.unknown(name.get_ref(), "key", name.span(), &names);
                continue;
            };
            let kind = if known.number { Kind::Number } else { Kind::Text };
            match values(kind, value.get_ref()).and_then(|mut values| values.pop()) {
                Some(text) => {
                    self.config.declared.insert(known.name.to_owned(), text);
                }
                None => self.wrong_type(known.name, value, kind.wants()),
            }
        }
    }

    /// Paths in the file start where the file is, not where wsanvil was called.
    fn rooted(&self, key: &Key, text: String) -> String {
        let join = |path: &str| self.folder.join(path).display().to_string();
        if key.path {
            return join(&text);
        }
        match text.split_once('=') {
            Some((format, path)) if key.name == "report" && !path.is_empty() => {
                format!("{format}={}", join(path))
            }
            _ => text,
        }
    }

    fn unknown(&mut self, name: &str, what: &str, span: Range<usize>, known: &[&str]) {
        let nearest = known
            .iter()
            .map(|known| (strsim::jaro_winkler(name, known), *known))
            .filter(|(score, _)| *score > ALIKE)
            .max_by(|left, right| left.0.total_cmp(&right.0));
        let hint = match nearest {
            Some((_, nearest)) => format!("did you mean `{nearest}`?"),
            None => format!("known are: {}", known.join(", ")),
        };
        self.problem(
            Severity::Warning,
            span,
            format!("unknown {what} `{name}`, not used"),
            Some(hint),
        );
    }

    fn wrong_type(&mut self, name: &str, value: &Spanned<DeValue<'_>>, wants: &str) {
        let message = format!("`{name}` must be {wants}");
        self.problem(Severity::Error, value.span(), message, None);
    }

    fn problem(&mut self, severity: Severity, span: Range<usize>, message: String, hint: Option<String>) {
        let (line, column) = place(&self.text, span.start);
        self.problems.push(Snippet {
            severity,
            file: self.file.to_owned(),
            line,
            column,
            message,
            hint,
            text: Arc::clone(&self.text),
            span,
        });
    }
}

/// The value as the command line would spell it; none when its type is wrong.
fn values(kind: Kind, value: &DeValue<'_>) -> Option<Vec<String>> {
    let one = match (kind, value) {
        (Kind::Flag, DeValue::Boolean(flag)) => flag.to_string(),
        (Kind::Number | Kind::Duration, DeValue::Integer(number)) => {
            i128::from_str_radix(number.as_str(), number.radix())
                .ok()?
                .to_string()
        }
        (Kind::Duration | Kind::Text | Kind::List, DeValue::String(text)) => text.to_string(),
        (Kind::List, DeValue::Array(items)) => {
            let text = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            };
            return items.iter().map(text).collect();
        }
        _ => return None,
    };
    Some(vec![one])
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

    fn problems(text: &str) -> Vec<(Severity, u32, u32, String, Option<String>)> {
        let (_, problems) = parse("wsanvil.toml", text, Path::new("/conf"));
        problems
            .into_iter()
            .map(|p| (p.severity, p.line, p.column, p.message, p.hint))
            .collect()
    }

    #[test]
    fn values_become_defaults() {
        let text = "[run]\njobs = 0x10\nfail_on = \"nonstrict\"\nquiet = true\ntimeout = 250\ncases = \"own\"\nbaseline = \"known.toml\"\nshard = \"1/3\"\n\
            header = [\"A: b\", \"C: d\"]\nreport = [\"json=out/r.json\"]\n[target]\nmax_message = 65536\norigin = \"http://o\"\n";
        let (config, problems) = parse("wsanvil.toml", text, Path::new("/conf"));
        assert_eq!(problems, []);
        let get = |id: &str| {
            config
                .run
                .iter()
                .find(|setting| setting.argument == id)
                .map(|setting| setting.values.join("|"))
        };
        assert_eq!(get("jobs").as_deref(), Some("16"));
        assert_eq!(get("fail_on").as_deref(), Some("nonstrict"));
        assert_eq!(get("quiet").as_deref(), Some("true"));
        assert_eq!(get("timeout").as_deref(), Some("250"));
        assert_eq!(get("cases").as_deref(), Some("/conf/own"));
        assert_eq!(get("baseline").as_deref(), Some("/conf/known.toml"));
        assert_eq!(get("shard").as_deref(), Some("1/3"));
        assert_eq!(get("header").as_deref(), Some("A: b|C: d"));
        assert_eq!(get("report").as_deref(), Some("json=/conf/out/r.json"));
        assert_eq!(config.declared["max_message"], "65536");
        assert_eq!(config.declared["origin"], "http://o");
    }

    #[test]
    fn profiles_are_tables_of_settings() {
        let text = "[profile.ci]\nprofile = \"full\"\njobs = 4\n[profile.quick]\njobs = 1\n";
        let (config, problems) = parse("wsanvil.toml", text, Path::new("/conf"));
        assert_eq!(problems, []);
        let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
        assert_eq!(names, ["ci", "quick"]);
        let jobs = config.profiles["ci"]
            .iter()
            .find(|setting| setting.argument == "jobs");
        assert_eq!(
            jobs.map(|jobs| (jobs.values.join(""), jobs.line)),
            Some(("4".to_owned(), 3))
        );
    }

    #[test]
    fn unknown_names_are_warnings_with_the_nearest_name() {
        let found = problems("[run]\njob = 3\n[targets]\n[target]\nmax_mesage = 1\n");
        let said: Vec<_> = found
            .iter()
            .map(|p| (p.0, p.1, p.3.as_str(), p.4.as_deref().unwrap()))
            .collect();
        assert!(said.contains(&(
            Severity::Warning,
            2,
            "unknown key `job`, not used",
            "did you mean `jobs`?"
        )));
        assert!(said.contains(&(
            Severity::Warning,
            3,
            "unknown table `targets`, not used",
            "did you mean `target`?"
        )));
        assert!(said.contains(&(
            Severity::Warning,
            5,
            "unknown key `max_mesage`, not used",
            "did you mean `max_message`?"
        )));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn wrong_values_are_errors_with_their_place() {
        let found = problems("[run]\njobs = \"x\"\n");
        assert_eq!(
            found,
            [(
                Severity::Error,
                2,
                8,
                "`jobs` must be a whole number".to_owned(),
                None
            )]
        );
        let found = problems("[run]\nfail-on = \"skip\"\n");
        assert_eq!(found[0].3, "the value of `fail-on` is wrong");
        assert!(found[0].4.as_deref().unwrap().contains("nonstrict"));
        let found = problems("[profile]\nci = 3\n");
        assert_eq!(found[0].3, "`ci` must be a table");
        let found = problems("run = 3");
        assert_eq!(found[0].3, "`run` must be a table");
        let found = problems("[run\n");
        assert_eq!((found[0].0, found[0].1), (Severity::Error, 1));
        assert!(found[0].3.starts_with("not TOML"));
    }
}
