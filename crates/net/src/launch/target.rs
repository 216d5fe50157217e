//! The process of a target.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::error::LaunchError;
use super::exit::ExitReport;
use super::meter::Meter;
use super::output::Output;
use super::process_group::ProcessGroup;

/// How long SIGTERM has to work before SIGKILL.
const TERM_WITHIN: Duration = Duration::from_secs(2);
/// How long the rest of the output of a dead process may take to arrive.
const SETTLE_WITHIN: Duration = Duration::from_millis(200);

/// A process that wsanvil started, in a process group of its own, with stdin empty and its output drained. Dropping
/// it kills the group.
#[derive(Debug)]
pub struct Target {
    child: Child,
    group: ProcessGroup,
    output: Output,
    exit: Option<ExitReport>,
}

impl Target {
    /// Starts program and arguments. Must be called inside a tokio runtime with I/O enabled.
    pub fn spawn(command: &[String]) -> Result<Self, LaunchError> {
        let (program, arguments) = command.split_first().ok_or(LaunchError::NoCommand)?;
        let failed = |error: io::Error| LaunchError::Spawn {
            program: program.clone(),
            cause: error.to_string(),
        };
        // One pipe for both streams keeps their lines in order.
        let (reader, writer) = io::pipe().map_err(failed)?;
        let output = Output::drain(reader).map_err(failed)?;
        let mut builder = Command::new(program);
        builder
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().map_err(failed)?)
            .stderr(writer)
            .kill_on_drop(true);
        #[cfg(unix)]
        builder.process_group(0);
        let child = builder.spawn().map_err(failed)?;
        // A child that has not been waited for always has an id.
        let leader = child
            .id()
            .ok_or_else(|| failed(io::Error::other("no process id")))?;
        Ok(Self {
            child,
            group: ProcessGroup::of(leader),
            output,
            exit: None,
        })
    }

    /// How the process ended, when it has ended.
    pub fn try_exit(&mut self) -> Option<ExitReport> {
        if self.exit.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended(status);
        }
        self.exit.clone()
    }

    /// Resolves when the process has ended. May be dropped and called again.
    pub async fn exited(&mut self) -> ExitReport {
        loop {
            if let Some(report) = &self.exit {
                return report.clone();
            }
            if let Ok(status) = self.child.wait().await {
                self.ended(status);
            } else {
                // Somebody else reaped it: an end of which nothing is known.
                let last_lines = self.output.last_lines();
                self.exit = Some(ExitReport {
                    status: None,
                    signal: None,
                    last_lines,
                });
            }
        }
    }

    /// Ends the process group: SIGTERM, SIGKILL after 2 s, and SIGKILL at once for what its leader leaves behind.
    pub async fn stop(&mut self) -> ExitReport {
        if self.try_exit().is_none() {
            self.terminate();
            if timeout(TERM_WITHIN, self.exited()).await.is_err() {
                self.kill();
            }
        }
        self.exited().await
    }

    /// Process id of the leader, which is also the id of the group.
    pub fn pid(&self) -> u32 {
        self.group.leader()
    }

    /// The last lines it wrote, stdout and stderr in the order they came.
    pub fn last_lines(&self) -> Vec<String> {
        self.output.last_lines()
    }

    /// Memory of the group in RAM, KiB. Reads all of `/proc`: some milliseconds on a busy machine. `None` without
    /// `/proc` or when all processes have ended.
    pub fn rss_kib(&self) -> Option<u64> {
        if self.exit.is_some() {
            None
        } else {
            self.group.rss_kib()
        }
    }

    /// Reads what the group uses, for somebody who does not own the process.
    pub fn meter(&self) -> Meter {
        Meter::new(self.group)
    }

    /// Processor time the live processes of the group have used, in ms; resolution 10 ms, cost as
    /// [`Target::rss_kib`].
    pub fn cpu_ms(&self) -> Option<u64> {
        if self.exit.is_some() {
            None
        } else {
            self.group.cpu_ms()
        }
    }

    fn ended(&mut self, status: ExitStatus) {
        // What the leader leaves behind holds its port and its pipe. At once, because the group's id may be given to
        // somebody else when the last of it is gone.
        self.kill();
        self.output.settle(SETTLE_WITHIN);
        self.exit = Some(ExitReport::new(status, self.output.last_lines()));
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.exit.is_none() {
            self.kill();
        }
    }
}

#[cfg(unix)]
impl Target {
    fn terminate(&mut self) {
        self.group.terminate();
    }

    fn kill(&mut self) {
        self.group.kill();
    }
}

/// Other systems than Unix have no process groups: only the process itself is ended, and not asked before.
#[cfg(not(unix))]
impl Target {
    fn terminate(&mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.start_kill();
    }
}
