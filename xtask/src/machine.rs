//! The machine that numbers were taken on, and processor time of running processes. Linux only: it reads /proc.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::unistd::Pid;

/// Ticks per second in `/proc/PID/stat`, fixed in the kernel's interface to programs.
const TICKS: f64 = 100.0;

/// One line that describes this machine.
pub(crate) fn description() -> String {
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'))
        .map_or("unknown processor", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{model}, {cores} cores, Linux {}", kernel.trim())
}

/// Load averages over 1, 5 and 15 minutes.
pub(crate) fn load() -> String {
    let load = read("/proc/loadavg");
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// First line that a program prints; `unknown` when it cannot be run.
pub(crate) fn says(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let Ok(output) = output.as_ref().map_err(|_| ()) else {
        return "unknown".to_owned();
    };
    // Python 2 prints its version to stderr.
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}

/// Processor seconds used so far by all processes of a group and the children they waited for.
pub(crate) fn group_cpu(group: Pid) -> f64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0.0;
    };
    let is_process = |name: &str| name.bytes().all(|octet| octet.is_ascii_digit());
    entries
        .flatten()
        .filter(|entry| is_process(&entry.file_name().to_string_lossy()))
        .filter_map(|entry| {
            let folder = entry.path();
            let stat = fs::read_to_string(folder.join("stat")).ok()?;
            let ticked = ticks(&stat, group.as_raw())? as f64 / TICKS;
            // Ticks are whole, and threads that have ended are only in them.
            Some(ticked.max(threads(&folder)))
        })
        .sum()
}

/// Processor seconds of the threads that a process has now, to the nanosecond; 0 where the kernel does not count them.
fn threads(process: &Path) -> f64 {
    let Ok(tasks) = fs::read_dir(process.join("task")) else {
        return 0.0;
    };
    let nanoseconds: u64 = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 / 1e9
}

/// User and system ticks of a process and its waited-for children, when it belongs to the group.
fn ticks(stat: &str, group: i32) -> Option<u64> {
    // The name in brackets may hold anything; the fields behind it are numbers.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    if fields.get(2)?.parse() != Ok(group) {
        return None;
    }
    fields
        .get(11..15)?
        .iter()
        .map(|field| field.parse::<u64>().ok())
        .sum()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_group_member() {
        let stat = "42 (a) b) S 1 77 77 0 -1 4194304 100 0 0 0 5 6 7 8 20 0 1 0";
        assert_eq!(ticks(stat, 77), Some(26));
        assert_eq!(ticks(stat, 1), None);
        assert_eq!(ticks("", 1), None);
    }
}
