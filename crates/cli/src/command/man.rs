//! What is made from the definition of the command line: completions and manual pages.

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// Prints completions for a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "wsanvil", &mut script);
    told(&script)
}

/// Prints a manual page.
pub(super) fn man(args: &ManArgs) -> Result<u8, Failure> {
    let mut program = Cli::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => {
            let known: Vec<String> = program
                .get_subcommands()
                .map(|command| command.get_name().to_owned())
                .collect();
            let found = program.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| {
                Failure::usage(format!("no command is called {name:?}"))
                    .hint(format!("known are: {}", known.join(", ")))
            })?;
            // A page is called as `man wsanvil-run` finds it.
            found
                .name(format!("wsanvil-{name}"))
                .disable_help_subcommand(true)
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| Failure::new(exit_code::OUTPUT, format!("cannot make the manual page: {error}")))?;
    told(&roff)
}

fn told(text: &[u8]) -> Result<u8, Failure> {
    terminal::say(&String::from_utf8_lossy(text))?;
    Ok(exit_code::OK)
}
