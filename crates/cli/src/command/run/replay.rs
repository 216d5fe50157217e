//! The command that runs one instance again.

use std::fmt::Write as _;

use super::target::Wanted;
use crate::cli::{AppArg, RunArgs};
use crate::secrets::{is_credential, shown_field};
use crate::terminal::shell_quote;

/// A command line without secrets: they are replaced by `***`, to be filled in by who runs it.
#[derive(Debug, Clone)]
pub(super) struct CommandLine {
    head: String,
    tail: String,
}

impl CommandLine {
    pub(super) fn of(args: &RunArgs, wanted: &Wanted, seed: u64) -> Self {
        let mut head = "wsanvil run".to_owned();
        if let Some(url) = &wanted.url {
            let _ = write!(head, " {}", shell_quote(&wsanvil_report::redact_url(url)));
        }
        let mut option = |name: &str, value: &str| {
            let _ = write!(head, " --{name} {}", shell_quote(value));
        };
        option("seed", &seed.to_string());
        for folder in &args.cases {
            option("cases", &folder.display().to_string());
        }
        if let Some(app) = args.app {
            option("app", if app == AppArg::Echo { "echo" } else { "none" });
        }
        for field in &args.header {
            match field.split_once(':') {
                Some((name, value)) if is_credential(name.trim()) => {
                    option("header", &shown_field(name.trim(), value));
                }
                _ => option("header", field),
            }
        }
        if let Some(origin) = &args.origin {
            option("origin", origin);
        }
        for name in &args.subprotocol {
            option("subprotocol", name);
        }
        if let Some(timeout) = args.timeout {
            option("timeout", &timeout.as_millis().to_string());
        }
        if let Some(path) = &args.config {
            option("config", &path.display().to_string());
        }
        if let Some(path) = &args.cacert {
            option("cacert", &path.display().to_string());
        }
        if let Some(to) = &args.connect_to {
            option("connect-to", to);
        }
        let flags = [
            ("--insecure", args.insecure),
            ("-4", args.ipv4),
            ("-6", args.ipv6),
            ("--disruptive", args.disruptive),
        ];
        for (flag, _) in flags.into_iter().filter(|(_, set)| *set == Some(true)) {
            let _ = write!(head, " {flag}");
        }
        let tail = if args.command.is_empty() {
            String::new()
        } else {
            format!(" -- {}", quoted(&args.command))
        };
        Self { head, tail }
    }

    /// What stands before `--case`.
    pub(super) fn head(&self) -> String {
        self.head.clone()
    }

    /// Adds what has to stand behind it.
    pub(super) fn complete(&self, replay: &mut String) {
        if replay.starts_with(&self.head) {
            replay.push_str(&self.tail);
        }
    }
}

/// Words of a command as a shell reads them back.
pub(super) fn quoted(words: &[String]) -> String {
    words
        .iter()
        .map(|word| shell_quote(word))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::secrets::Secrets;

    fn replay(line: &[&str]) -> String {
        let line = ["wsanvil", "run"].iter().chain(line);
        let Some(Command::Run(args)) = Cli::parse_from(line).command else {
            panic!("not run")
        };
        let wanted = Wanted::of(&args, &mut Secrets::default()).unwrap();
        let line = CommandLine::of(&args, &wanted, 7);
        let mut replay = format!("{} --case 'a/b'", line.head());
        line.complete(&mut replay);
        replay
    }

    #[test]
    fn replays_without_secrets_and_with_the_command_last() {
        assert_eq!(replay(&[]), "wsanvil run --seed 7 --case 'a/b'");
        assert_eq!(
            replay(&["ws://u:secret@h/", "-H", "Cookie: sid=1", "-H", "X: y", "-k"]),
            "wsanvil run 'ws://***@h/' --seed 7 --header 'Cookie: ***' --header 'X: y' --insecure --case 'a/b'"
        );
        assert_eq!(
            replay(&["ws://h:{port}/", "--", "./server", "a b"]),
            "wsanvil run 'ws://h:{port}/' --seed 7 --case 'a/b' -- ./server 'a b'"
        );
    }
}
