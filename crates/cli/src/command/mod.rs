//! What each subcommand does.

mod check;
mod echo;
mod explain;
mod library;
mod list;
mod run;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use crate::cli::{Cli, Command, RunArgs};
use crate::config::{self, Config};
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
        Some(Command::Check(args)) => check::check(&args),
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
    let path = match &args.config {
        Some(path) => Some(path.clone()),
        None => std::env::current_dir()
            .ok()
            .and_then(|folder| config::find(&folder)),
    };
    let config = path.map_or_else(|| Ok(Config::default()), |path| config::read(&path))?;
    let matches = parse(config::with_defaults(&config), line)?;
    let matches = matches
        .subcommand_matches("run")
        .ok_or_else(|| Failure::usage("no command"))?;
    let args = RunArgs::from_sources(matches).map_err(|error| refused(&error))?;
    Ok((args, config))
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
