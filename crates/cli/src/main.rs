//! The `wsanvil` command line: the only part of the project that prints.
//!
//! `cli` says what can be typed, `config` where defaults come from, `command` does the work, `terminal` shows it and
//! `exit_code` lists how it can end.

mod bug;
mod cli;
mod command;
mod config;
mod exit_code;
mod failure;
mod secrets;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(bug::guard(command::dispatch))
}
