//! `wsanvil probe` and `wsanvil replay`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::reach::Reach;
use super::{OUTPUT, RUNNING, duration};
use crate::exit_code;

pub(crate) const STEPS: &str = "\
Steps:
  text hi there              a text message            binary 00ff       a binary message
  ping x                     a Ping                    pong x            a Pong
  close 3000 bye             a Close; without code 1000, `close empty` has no body
  frame op=3 fin=0 rsv=4 hex=00
                             any frame: opcode, fin, rsv, mask, key, length, declare, fragment, compress, data, hex …
  raw 8100                   octets as they are        wait 200          a pause in milliseconds, such as before a close
  fin                        end TCP in order          reset             end it with RST
  '{ send = \"text\", data = \"hi\", chunk = 1 }'
                             any step of a case file, as an inline table of TOML

";

#[derive(Debug, Clone, Args)]
#[command(after_help = STEPS.to_owned() + &exit_code::help())]
pub(crate) struct ProbeArgs {
    /// Address of the target: ws://HOST:PORT/PATH or wss://…
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: String,

    /// What to do, one step in each argument; without steps there is a prompt
    #[arg(value_name = "STEP")]
    pub(crate) steps: Vec<String>,

    /// Write a case file with these steps, and with what came as expectations
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, requires = "steps", value_hint = ValueHint::FilePath)]
    pub(crate) save: Option<PathBuf>,

    /// Let --save write over a file
    #[arg(long, help_heading = OUTPUT, requires = "save")]
    pub(crate) force: bool,

    /// Write the transcript as JSON when all is over
    #[arg(long, help_heading = OUTPUT, requires = "steps")]
    pub(crate) json: bool,

    /// Close when the target has been quiet so long behind the last step, after --timeout at the latest (default: 500ms)
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = RUNNING)]
    pub(crate) quiet_for: Option<Duration>,

    #[command(flatten)]
    pub(crate) reach: Reach,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = exit_code::help())]
pub(crate) struct ReplayArgs {
    /// REPORT.json#NAME: a finding of a report, by instance, id or alias; REPORT.json: all its findings; CASE.toml: a
    /// case file
    #[arg(value_name = "WHAT", value_hint = ValueHint::FilePath)]
    pub(crate) what: String,

    /// Address of the target, instead of the one in the report
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,

    #[command(flatten)]
    pub(crate) reach: Reach,
}
