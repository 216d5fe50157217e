//! Flag before environment before file.

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use super::file::Config;
use crate::cli::{Cli, RunArgs};

/// The command line with the defaults of `config` for `run`.
pub(crate) fn with_defaults(config: &Config) -> Command {
    Cli::command().mut_subcommand("run", |mut run| {
        for (argument, values) in &config.defaults {
            let values = values.clone();
            run = run.mut_arg(argument, |argument| argument.default_values(values));
        }
        run
    })
}

impl RunArgs {
    /// The options as given, where choices that exclude each other yield to the stronger source.
    pub(crate) fn from_sources(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::from_arg_matches(matches)?;
        let rank = |id: &str| match matches.value_source(id) {
            Some(ValueSource::CommandLine) => 2,
            Some(ValueSource::EnvVariable) => 1,
            _ => 0,
        };
        // The command of the file starts the target of the file.
        if rank("url") > rank("command") {
            args.command.clear();
        }
        if args.ipv4 == Some(true) && args.ipv6 == Some(true) {
            match rank("ipv4").cmp(&rank("ipv6")) {
                std::cmp::Ordering::Less => args.ipv4 = None,
                std::cmp::Ordering::Greater => args.ipv6 = None,
                std::cmp::Ordering::Equal => {}
            }
        }
        Ok(args)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn merged(file: &str, line: &[&str]) -> RunArgs {
        let (config, problems) = crate::config::parse("wsanvil.toml", file, Path::new(""));
        assert_eq!(problems, []);
        let line = ["wsanvil", "run"].iter().chain(line);
        let matches = with_defaults(&config).try_get_matches_from(line).unwrap();
        RunArgs::from_sources(matches.subcommand_matches("run").unwrap()).unwrap()
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = "[run]\njobs = 3\nheader = [\"A: b\"]\ninsecure = true\n";
        let args = merged(file, &[]);
        assert_eq!(
            (args.jobs, args.insecure, args.header.len()),
            (Some(3), Some(true), 1)
        );
        let args = merged(file, &["-j", "5", "--insecure=false", "-H", "C: d"]);
        assert_eq!((args.jobs, args.insecure), (Some(5), Some(false)));
        assert_eq!(args.header, ["C: d"]);
    }

    #[test]
    fn the_command_of_the_file_belongs_to_the_url_of_the_file() {
        let file = "[run]\nurl = \"ws://127.0.0.1:{port}/\"\ncommand = [\"./server\", \"{port}\"]\n";
        assert_eq!(merged(file, &[]).command, ["./server", "{port}"]);
        assert!(merged(file, &["ws://h/"]).command.is_empty());
        assert_eq!(merged(file, &["ws://h/", "--", "x"]).command, ["x"]);
    }

    #[test]
    fn the_family_of_the_command_line_wins() {
        let args = merged("[run]\nipv4 = true\n", &["-6"]);
        assert_eq!((args.ipv4, args.ipv6), (None, Some(true)));
    }
}
