//! What each subcommand does.

mod check;
mod config;
mod diff;
mod echo;
mod explain;
mod library;
mod list;
mod man;
mod merge;
mod probe;
mod replay;
mod report_file;
mod reports;
mod run;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use wsanvil_case::ProfileName;

use crate::cli::{Cli, Command, RunArgs};
use crate::config::{Config, find, read, with_defaults};
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// Does what the command line says and returns the exit code.
pub(crate) fn dispatch() -> u8 {
    match parse_and_run() {
        Ok(code) => code,
        Err(failure) => {
            failure.tell();
            failure.code
        }
    }
}

fn parse_and_run() -> Result<u8, Failure> {
    let line = with_command(std::env::args_os().collect());
    let matches = parse(Cli::command(), &line)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| refused(&error))?;
    terminal::set_color(cli.color);
    match cli.command {
        Some(Command::List(args)) => list::list(&args),
        Some(Command::Explain(args)) => explain::explain(&args),
        Some(Command::Echo(args)) => echo::echo(&args),
        Some(Command::Probe(args)) => probe::probe(&args),
        Some(Command::Replay(args)) => replay::replay(&args),
        Some(Command::Check(args)) => check::check(&args),
        Some(Command::Diff(args)) => diff::diff(&args),
        Some(Command::Merge(args)) => merge::merge(&args),
        Some(Command::Config(args)) => config::config(&args),
        Some(Command::Completions(args)) => man::completions(&args),
        Some(Command::Man(args)) => man::man(&args),
        Some(Command::Run(args)) => {
            let (args, config) = configured(&line, &args)?;
            run::run(&args, config.declared)
        }
        None => Err(Failure::usage("no command")),
    }
}

/// Without a subcommand `run` is meant: `wsanvil`, `wsanvil --quiet`.
fn with_command(line: Vec<OsString>) -> Vec<OsString> {
    let lacks = match Cli::command().try_get_matches_from(&line) {
        Ok(matches) => matches.subcommand().is_none(),
        Err(error) => error.kind() == ErrorKind::UnknownArgument,
    };
    if !lacks {
        return line;
    }
    let mut line = line.into_iter();
    let program = line.next().unwrap_or_else(|| "wsanvil".into());
    let full: Vec<OsString> = [program, "run".into()].into_iter().chain(line.clone()).collect();
    // What `run` does not know either is best told about the command line as it was given.
    match Cli::command().try_get_matches_from(&full) {
        Err(error) if error.kind() == ErrorKind::UnknownArgument => {
            full.into_iter().take(1).chain(line).collect()
        }
        _ => full,
    }
}

/// The options of `run` with the defaults of the configuration.
fn configured(line: &[OsString], args: &RunArgs) -> Result<(RunArgs, Config), Failure> {
    let config = configuration(args.config.as_ref())?;
    let of_run = |profile: Option<&str>| {
        let matches = parse(with_defaults(&config, profile), line)?;
        let matches = matches
            .subcommand_matches("run")
            .ok_or_else(|| Failure::usage("no command"))?;
        RunArgs::from_sources(matches).map_err(|error| refused(&error))
    };
    // Which profile is chosen may stand in `[run]`.
    let chosen = of_run(None)?.profile;
    let mut args = of_run(chosen.as_deref())?;
    if let Some(name) = &chosen {
        args.selects = Some(selects(&config, name)?);
    }
    Ok((args, config))
}

/// The configuration that is named, else the nearest, else an empty one.
fn configuration(named: Option<&PathBuf>) -> Result<Config, Failure> {
    let path = named.cloned().or_else(|| find(&std::env::current_dir().ok()?));
    path.map_or_else(|| Ok(Config::default()), |path| read(&path))
}

/// What a profile selects.
fn selects(config: &Config, name: &str) -> Result<ProfileName, Failure> {
    config.selects(name).ok_or_else(|| {
        let built_in = ProfileName::ALL.iter().map(|profile| profile.name());
        let own = config.profiles.keys().map(String::as_str);
        let known: Vec<&str> = built_in.chain(own.filter(|own| *own != name)).collect();
        let failure = if config.profiles.contains_key(name) {
            Failure::usage(format!(
                "[profile.{name}] of {} selects a profile that wsanvil does not have",
                config.file
            ))
        } else {
            Failure::usage(format!("no profile is called {name:?}"))
        };
        failure.hint(format!("known are: {}", known.join(", ")))
    })
}

fn parse(command: clap::Command, line: &[OsString]) -> Result<ArgMatches, Failure> {
    command
        .try_get_matches_from(line)
        .map_err(|error| refused(&error))
}

/// Prints what clap says; help and version are no mistakes.
fn refused(error: &clap::Error) -> Failure {
    let given = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(given)) => given.as_str(),
        _ => "",
    };
    if error.kind() == ErrorKind::InvalidSubcommand && given.contains("://") {
        let url = wsanvil_report::redact_url(given);
        return Failure::usage(format!("{url} is no command")).hint(format!(
            "to test that server: wsanvil run {}",
            terminal::shell_quote(&url)
        ));
    }
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        terminal::complain(&text);
        return Failure::told(exit_code::USAGE);
    }
    match terminal::say(&text) {
        Ok(()) => Failure::told(exit_code::OK),
        Err(failure) => failure,
    }
}
