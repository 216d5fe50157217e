//! What a command cost: wall time, processor time and memory.
//!
//! The kernel keeps the largest memory of all children ever waited for, so each measurement needs a process that has
//! no other child: this program once more, in this hidden command.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::{Done, process, project};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where the numbers go
    #[arg(long)]
    out: PathBuf,
    /// Where the output of the command goes
    #[arg(long)]
    log: PathBuf,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

/// What a command cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// From start to end, in seconds.
    pub(crate) wall_s: f64,
    /// Processor time in user mode, in seconds, of the command and the children it waited for.
    pub(crate) user_s: f64,
    /// Processor time in the kernel, in seconds.
    pub(crate) system_s: f64,
    /// Largest resident memory of one process, in KiB.
    pub(crate) peak_kib: i64,
    /// Exit code; absent when a signal ended it.
    pub(crate) exit: Option<i32>,
}

/// Runs the command and writes its [`Cost`].
pub(crate) fn run(arguments: &Arguments) -> Done {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)
        .map_err(|error| Error::Environment(format!("prctl: {error}")))?;
    let log = File::create(&arguments.log).map_err(Error::file(&arguments.log))?;
    let err = log.try_clone().map_err(Error::file(&arguments.log))?;
    let mut command = process::leashed(&arguments.command)?;
    command.stdin(Stdio::null()).stdout(log).stderr(err);
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|cause| Error::Environment(format!("{}: {cause}", arguments.command[0])))?;
    let wall_s = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| Error::Environment(format!("getrusage: {error}")))?;
    let cost = Cost {
        wall_s,
        user_s: seconds(usage.user_time()),
        system_s: seconds(usage.system_time()),
        peak_kib: usage.max_rss(),
        exit: status.code(),
    };
    let text = serde_json::to_string(&cost).map_err(|cause| Error::Environment(cause.to_string()))?;
    project::write(&arguments.out, &text)
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}
