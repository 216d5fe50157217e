//! Processes of one group: signals, memory and processor time.

use std::fs;

/// Clock ticks per second in `/proc`: `USER_HZ`, which is 100 on every architecture wsanvil is built for.
const TICKS_PER_SECOND: u64 = 100;

/// A process group.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProcessGroup {
    leader: u32,
}

impl ProcessGroup {
    /// The group of a leader with this process id.
    pub(super) fn of(leader: u32) -> Self {
        Self { leader }
    }

    /// Process id of the leader.
    pub(super) fn leader(self) -> u32 {
        self.leader
    }

    /// Asks all of the group to end.
    #[cfg(unix)]
    pub(super) fn terminate(self) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
    }

    /// Ends all of the group.
    #[cfg(unix)]
    pub(super) fn kill(self) {
        self.signal(nix::sys::signal::Signal::SIGKILL);
    }

    #[cfg(unix)]
    fn signal(self, signal: nix::sys::signal::Signal) {
        if let Ok(leader) = i32::try_from(self.leader) {
            // ESRCH means that nobody is left, which is as good.
            let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(leader), signal);
        }
    }

    /// Memory in RAM, KiB; shared pages count once per process.
    pub(super) fn rss_kib(self) -> Option<u64> {
        self.sum(|pid, _| status_kib(pid, "VmRSS:"))
    }

    /// The most memory in RAM so far, KiB, each process at its own time.
    pub(super) fn peak_kib(self) -> Option<u64> {
        self.sum(|pid, _| status_kib(pid, "VmHWM:"))
    }

    /// Sets the peaks back (proc(5), `clear_refs`); whether all of them could be.
    pub(super) fn forget_peak(self) -> bool {
        let failed = self.sum(|pid, _| {
            Some(u64::from(
                fs::write(format!("/proc/{pid}/clear_refs"), "5").is_err(),
            ))
        });
        failed == Some(0)
    }

    /// Processor time used, user and system, in ms.
    pub(super) fn cpu_ms(self) -> Option<u64> {
        // utime and stime are fields 14 and 15 of the line, 11 and 12 behind the name.
        self.sum(|_, fields| {
            let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
            Some((ticks(11)? + ticks(12)?) * 1000 / TICKS_PER_SECOND)
        })
    }

    /// Sums over the live processes of the group; `None` when there are none or the system has no `/proc`.
    fn sum(self, measure: impl Fn(u32, &[&str]) -> Option<u64>) -> Option<u64> {
        let leader = self.leader.to_string();
        let mut total = None;
        for entry in fs::read_dir("/proc").ok()?.flatten() {
            let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok())
            else {
                continue;
            };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
                continue;
            };
            // The name stands in parentheses and may hold anything, parentheses too.
            let Some((_, behind)) = stat.rsplit_once(')') else {
                continue;
            };
            let fields: Vec<&str> = behind.split_whitespace().collect();
            if fields.get(2) != Some(&leader.as_str()) {
                continue;
            }
            if let Some(value) = measure(pid, &fields) {
                *total.get_or_insert(0) += value;
            }
        }
        total
    }
}

/// A line of the status of a process that holds KiB.
fn status_kib(pid: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
