//! The keys of `[run]` are the options of `run`: their types are read off the command line's own definition.

use std::any::TypeId;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Args as _, Command};

use crate::cli::RunArgs;

/// What a key wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Number,
    /// Text such as `5s`, or a number of milliseconds.
    Duration,
    Text,
    /// One text or a list of them.
    List,
}

impl Kind {
    /// What to write, for messages.
    pub(super) fn wants(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Number => "a whole number",
            Self::Duration => "a duration such as \"5s\", or a whole number of milliseconds",
            Self::Text => "a string",
            Self::List => "a string or a list of strings",
        }
    }
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// As the file spells it.
    pub(crate) name: String,
    /// Id of the argument.
    pub(crate) argument: String,
    pub(super) kind: Kind,
    /// What it is for.
    pub(super) about: String,
    /// The values it can have, when they are few.
    pub(super) allowed: Vec<String>,
    /// Whether the value is a path that starts from the folder of the file.
    pub(super) path: bool,
}

impl Key {
    /// Whether the file writes its value without quotation marks.
    pub(crate) fn is_bare(&self) -> bool {
        matches!(self.kind, Kind::Flag | Kind::Number)
    }
}

/// All keys of `[run]`.
pub(crate) fn run_keys() -> Vec<Key> {
    definition().get_arguments().filter_map(key).collect()
}

fn definition() -> Command {
    RunArgs::augment_args(Command::new("run"))
}

fn key(argument: &Arg) -> Option<Key> {
    let id = argument.get_id().as_str();
    // A file that names another one would only make it harder to see what holds.
    if matches!(id, "config" | "help" | "version") {
        return None;
    }
    let value = argument.get_value_parser().type_id();
    let kind = if value == TypeId::of::<bool>() {
        Kind::Flag
    } else if matches!(argument.get_action(), ArgAction::Append) || id == "command" {
        Kind::List
    } else if value == TypeId::of::<Duration>() {
        Kind::Duration
    } else if value == TypeId::of::<u32>() || value == TypeId::of::<u64>() {
        Kind::Number
    } else {
        Kind::Text
    };
    Some(Key {
        name: argument.get_long().unwrap_or(id).to_owned(),
        argument: id.to_owned(),
        kind,
        about: argument.get_help().map(ToString::to_string).unwrap_or_default(),
        allowed: if kind == Kind::Text {
            let allowed = argument.get_possible_values();
            allowed.iter().map(|value| value.get_name().to_owned()).collect()
        } else {
            Vec::new()
        },
        path: matches!(id, "cases" | "cacert" | "baseline"),
    })
}

/// What is wrong with a value, as the command line would see it.
pub(super) fn fault(key: &Key, value: &str) -> Option<String> {
    let line = ["run".to_owned(), format!("--{}={value}", key.name)];
    // Positional arguments are free text.
    definition()
        .get_arguments()
        .find(|argument| argument.get_long() == Some(&key.name))?;
    let error = definition().try_get_matches_from(line).err()?;
    if let Some(cause) = std::error::Error::source(&error) {
        return Some(cause.to_string());
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(valid)) => Some(format!("allowed: {}", valid.join(", "))),
        _ => Some("it is not allowed here".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_options() {
        let keys = run_keys();
        let kind = |name: &str| keys.iter().find(|key| key.name == name).map(|key| key.kind);
        assert_eq!(kind("jobs"), Some(Kind::Number));
        assert_eq!(kind("seed"), Some(Kind::Number));
        assert_eq!(kind("timeout"), Some(Kind::Duration));
        assert_eq!(kind("header"), Some(Kind::List));
        assert_eq!(kind("command"), Some(Kind::List));
        assert_eq!(kind("quiet"), Some(Kind::Flag));
        assert_eq!(kind("url"), Some(Kind::Text));
        assert_eq!(kind("config"), None);
    }

    #[test]
    fn values_are_judged_as_on_the_command_line() {
        let keys = run_keys();
        let fault = |name: &str, value: &str| fault(keys.iter().find(|key| key.name == name).unwrap(), value);
        assert_eq!(fault("jobs", "8"), None);
        assert!(fault("jobs", "0").unwrap().contains("1..=1024"));
        assert_eq!(fault("fail-on", "pass").unwrap(), "allowed: fail, nonstrict");
        assert!(fault("timeout", "soon").unwrap().contains("5s"));
        assert!(fault("report", "pdf=x").unwrap().contains("pdf"));
        assert_eq!(fault("quiet", "true"), None);
    }
}
