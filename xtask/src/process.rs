//! Processes that never outlive the command that started them.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::Done;
use crate::error::Error;

/// How often a state is looked at.
const TICK: Duration = Duration::from_millis(10);
/// How long a process may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);
/// Lines of a log that an error shows.
const TAIL: usize = 15;

/// A command that dies with its parent.
#[derive(Debug, clap::Args)]
pub(crate) struct LeashArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// Becomes the command; comes back only when that fails.
///
/// The signal at the parent's death survives `exec`, so that Ctrl-C leaves no server behind. It is SIGTERM, on which
/// wsanvil ends the target that it started.
pub(crate) fn leash(arguments: &LeashArguments) -> Error {
    #[cfg(target_os = "linux")]
    if let Err(error) = nix::sys::prctl::set_pdeathsig(Signal::SIGTERM) {
        return Error::Environment(format!("prctl: {error}"));
    }
    let Some((program, rest)) = arguments.command.split_first() else {
        return Error::Usage("no command".to_owned());
    };
    let cause = Command::new(program).args(rest).exec();
    Error::Environment(format!("{}: {cause}", program.to_string_lossy()))
}

/// The command line that runs `command` on the leash.
pub(crate) fn leashed(command: &[String]) -> Done<Command> {
    let own = own()?;
    let mut leashed = Command::new(own);
    leashed.args(["leash", "--"]).args(command);
    Ok(leashed)
}

/// This program.
pub(crate) fn own() -> Done<PathBuf> {
    env::current_exe().map_err(|cause| Error::Environment(format!("the path of xtask: {cause}")))
}

/// A process group; it ends with this value.
pub(crate) struct Group {
    child: Child,
    reaped: bool,
    name: String,
    log: PathBuf,
}

impl Group {
    /// Starts `command` in a group of its own; what it prints goes to `log`.
    pub(crate) fn start(name: &str, mut command: Command, log: &Path) -> Done<Self> {
        let out = File::create(log).map_err(Error::file(log))?;
        let err = out.try_clone().map_err(Error::file(log))?;
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(|cause| Error::Environment(format!("{name}: {cause}")))?;
        Ok(Self {
            child,
            reaped: false,
            name: name.to_owned(),
            log: log.to_owned(),
        })
    }

    /// Its id, which is that of its first process.
    pub(crate) fn id(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Whether the first process has ended. It is not reaped, so that its id stays taken.
    fn ended(&self) -> bool {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        !matches!(waitid(Id::Pid(self.id()), flags), Ok(WaitStatus::StillAlive))
    }

    /// Waits until the first process ends; an error when that takes longer than `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Done {
        let until = Instant::now() + limit;
        while !self.ended() {
            if Instant::now() > until {
                return Err(self.error(&format!("not done within {} s", limit.as_secs())));
            }
            thread::sleep(TICK);
        }
        Ok(())
    }

    /// Waits until something listens on the loopback port.
    pub(crate) fn wait_listening(&self, port: u16, limit: Duration) -> Done {
        let until = Instant::now() + limit;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        while TcpStream::connect_timeout(&address, GRACE).is_err() {
            if self.ended() {
                return Err(self.error("ended before it served"));
            }
            if Instant::now() > until {
                return Err(self.error(&format!("does not listen on port {port}")));
            }
            thread::sleep(TICK);
        }
        Ok(())
    }

    /// What went wrong, with the end of the log.
    pub(crate) fn error(&self, what: &str) -> Error {
        Error::Environment(format!("{}: {what}{}", self.name, tail(&self.log)))
    }

    fn stop(&mut self) -> io::Result<()> {
        if self.reaped {
            return Ok(());
        }
        // The group exists as long as its first process is not reaped.
        let _ = killpg(self.id(), Signal::SIGTERM);
        let until = Instant::now() + GRACE;
        while !self.ended() && Instant::now() < until {
            thread::sleep(TICK);
        }
        let _ = killpg(self.id(), Signal::SIGKILL);
        self.reaped = true;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// The last lines of a log, indented, with a newline before each.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().skip(lines.len().saturating_sub(TAIL));
    let shown: Vec<String> = last
        .map(|line| format!("\n    {}", line.escape_debug()))
        .collect();
    shown.concat()
}

/// A loopback port that is free at this moment.
pub(crate) fn free_port() -> Done<u16> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|cause| Error::Environment(format!("no free port: {cause}")))
}

/// Runs an installation step to its end; its output is shown only when it fails.
pub(crate) fn step(name: &str, command: Command, log: &Path, limit: Duration) -> Done {
    let mut group = Group::start(name, command, log)?;
    group.wait(limit)?;
    group.reaped = true;
    let status = group.child.wait();
    if status.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(group.error("failed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_cut_and_made_harmless() {
        let log = env::temp_dir().join(format!("xtask-tail-{}", std::process::id()));
        let lines: Vec<String> = (0..40).map(|n| format!("line {n} \u{1b}[31m")).collect();
        fs::write(&log, lines.join("\n")).unwrap();
        let shown = tail(&log);
        fs::remove_file(&log).unwrap();
        assert_eq!(shown.lines().filter(|line| !line.is_empty()).count(), TAIL);
        assert!(shown.ends_with("line 39 \\u{1b}[31m"));
    }

    #[test]
    fn a_missing_log_is_no_error() {
        assert_eq!(tail(Path::new("/nonexistent/log")), "");
    }
}
