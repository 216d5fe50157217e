//! Flag before environment before file.

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use wsanvil_case::ProfileName;

use super::file::{Config, Setting};
use crate::cli::{Cli, RunArgs};

/// The command line with the defaults of `config` for `run`, those of `profile` among them.
pub(crate) fn with_defaults(config: &Config, profile: Option<&str>) -> Command {
    Cli::command().mut_subcommand("run", |mut run| {
        for setting in config.settings(profile) {
            let values = setting.values.clone();
            run = run.mut_arg(&setting.argument, |argument| argument.default_values(values));
        }
        run
    })
}

impl Config {
    /// What holds when `profile` is chosen, the weaker ones first. The key `profile` of a table of its own name says what
    /// it selects and chooses nothing.
    pub(crate) fn settings(&self, profile: Option<&str>) -> impl Iterator<Item = &Setting> {
        let own = profile
            .and_then(|name| self.profiles.get(name))
            .into_iter()
            .flatten();
        self.run
            .iter()
            .chain(own.filter(|setting| setting.argument != "profile"))
    }

    /// What the profile called `name` selects: a built-in one, or what its table says; `None` when there is no such
    /// profile.
    pub(crate) fn selects(&self, name: &str) -> Option<ProfileName> {
        let built_in = name.parse().ok();
        let Some(own) = self.profiles.get(name) else {
            return built_in;
        };
        let said = own.iter().find(|setting| setting.argument == "profile");
        match said.and_then(|said| said.values.first()) {
            Some(said) => said.parse().ok(),
            None => Some(built_in.unwrap_or_default()),
        }
    }
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
        let matches = with_defaults(&config, None).try_get_matches_from(line).unwrap();
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
    fn a_profile_is_stronger_than_run_and_selects_what_it_says() {
        let file =
            "[run]\njobs = 3\ntimeout = 100\n[profile.ci]\nprofile = \"full\"\njobs = 4\n[profile.mine]\n";
        let (config, problems) = crate::config::parse("wsanvil.toml", file, Path::new(""));
        assert_eq!(problems, []);
        let jobs = |profile| {
            let line = ["wsanvil", "run"];
            let matches = with_defaults(&config, profile)
                .try_get_matches_from(line)
                .unwrap();
            RunArgs::from_sources(matches.subcommand_matches("run").unwrap())
                .unwrap()
                .jobs
        };
        assert_eq!(
            (jobs(None), jobs(Some("ci")), jobs(Some("mine"))),
            (Some(3), Some(4), Some(3))
        );
        assert_eq!(config.selects("ci"), Some(ProfileName::Full));
        assert_eq!(config.selects("mine"), Some(ProfileName::Default));
        assert_eq!(config.selects("quick"), Some(ProfileName::Quick));
        assert_eq!(config.selects("none-such"), None);
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
