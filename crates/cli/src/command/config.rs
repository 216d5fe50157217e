//! What a run here would have, and where each value comes from.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::parser::ValueSource;
use serde_json::{Value, json};

use super::{configuration, parse, selects};
use crate::cli::ConfigArgs;
use crate::config::{Config, RunKey, run_keys, schema, with_defaults};
use crate::exit_code;
use crate::failure::Failure;
use crate::secrets::Secrets;
use crate::terminal;

/// A value that is not the built-in default.
struct Shown {
    name: String,
    values: Vec<String>,
    /// Numbers and flags need no quotation marks.
    bare: bool,
    origin: String,
}

/// Prints the options of a run, or the schema of the file.
pub(super) fn config(args: &ConfigArgs) -> Result<u8, Failure> {
    if args.schema {
        terminal::say(&schema())?;
        return Ok(exit_code::OK);
    }
    let config = configuration(args.config.as_ref())?;
    let own = config.run.iter().find(|setting| setting.argument == "profile");
    let own = own.and_then(|setting| setting.values.first());
    let chosen = args.profile.as_ref().or(own);
    if let Some(name) = chosen {
        selects(&config, name)?;
    }
    let shown = shown(&config, chosen.map(String::as_str), args.profile.as_deref())?;
    let text = if args.json {
        as_json(&config, &shown)
    } else {
        as_text(&config, &shown)
    };
    terminal::say(&text)?;
    Ok(exit_code::OK)
}

/// `asked` is the profile of this command line.
fn shown(config: &Config, profile: Option<&str>, asked: Option<&str>) -> Result<Vec<Shown>, Failure> {
    let asked = asked.map(|name| format!("--profile={name}"));
    let line: Vec<OsString> = ["wsanvil", "run"]
        .into_iter()
        .chain(asked.as_deref())
        .map(Into::into)
        .collect();
    let matches = parse(with_defaults(config, profile), &line)?;
    let matches = matches
        .subcommand_matches("run")
        .ok_or_else(|| Failure::usage("no command"))?;
    let mut shown = Vec::new();
    for key in run_keys() {
        let bare = key.is_bare();
        let RunKey { name, argument, .. } = key;
        let values: Vec<String> = matches
            .get_raw(&argument)
            .into_iter()
            .flatten()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let origin = match matches.value_source(&argument) {
            Some(ValueSource::EnvVariable) => {
                format!("WSANVIL_{}", name.replace('-', "_").to_uppercase())
            }
            Some(ValueSource::DefaultValue) => {
                let setting = config
                    .settings(profile)
                    .filter(|setting| setting.argument == argument)
                    .last();
                match setting {
                    Some(setting) => format!("{}:{}", config.file, setting.line),
                    None => continue,
                }
            }
            Some(ValueSource::CommandLine) => "the command line".to_owned(),
            _ => continue,
        };
        shown.push(Shown {
            values: clean(&name, &values),
            bare,
            name,
            origin,
        });
    }
    for (name, value) in &config.declared {
        let values = clean(name, std::slice::from_ref(value));
        shown.push(Shown {
            name: format!("target.{name}"),
            bare: value.parse::<u64>().is_ok(),
            values,
            origin: config.file.clone(),
        });
    }
    Ok(shown)
}

/// The values without credentials.
fn clean(name: &str, values: &[String]) -> Vec<String> {
    let mut secrets = Secrets::default();
    for value in values {
        match name {
            "url" | "proxy" => secrets.url(value),
            "header" => {
                if let Some((field, text)) = value.split_once(':') {
                    secrets.field(field.trim(), text.trim());
                }
            }
            "auth" => secrets.credentials(value),
            _ => {}
        }
    }
    values.iter().map(|value| secrets.hide(value)).collect()
}

fn as_text(config: &Config, shown: &[Shown]) -> String {
    let mut text = if config.file.is_empty() {
        "no wsanvil.toml here or above\n".to_owned()
    } else {
        format!("{}\n", terminal::escape(&config.file))
    };
    let rows: Vec<(String, &str)> = shown
        .iter()
        .map(|row| {
            let value = |value: &String| {
                if row.bare {
                    value.clone()
                } else {
                    format!("{value:?}")
                }
            };
            let values: Vec<String> = row.values.iter().map(value).collect();
            (
                format!("{} = {}", row.name, values.join(", ")),
                row.origin.as_str(),
            )
        })
        .collect();
    let width = rows
        .iter()
        .map(|(value, _)| value.chars().count())
        .max()
        .unwrap_or(0);
    for (value, origin) in rows {
        let _ = writeln!(text, "  {value:width$}  {}", terminal::escape(origin));
    }
    text.push_str("everything else has its built-in value: wsanvil run --help\n");
    text
}

fn as_json(config: &Config, shown: &[Shown]) -> String {
    let values: Vec<Value> = shown
        .iter()
        .map(|row| json!({ "name": row.name, "values": row.values, "origin": row.origin }))
        .collect();
    let file = (!config.file.is_empty()).then_some(&config.file);
    format!("{:#}\n", json!({ "file": file, "values": values }))
}
