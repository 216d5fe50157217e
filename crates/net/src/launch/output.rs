//! What a target writes, kept within bounds.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Octets kept.
const KEPT: usize = 64 * 1024;
/// Lines shown.
const LINES: usize = 20;
/// A longer line is cut.
const LINE_CHARS: usize = 400;

/// The last 64 KiB of the output of a process, drained by a thread of its own: a target whose pipe runs full stands
/// still, and that must not depend on how busy the tester's event loop is.
#[derive(Debug, Clone)]
pub(super) struct Output {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    kept: VecDeque<u8>,
    ended: bool,
}

impl Output {
    /// Drains `pipe` until its last writer is gone.
    pub(super) fn drain(mut pipe: PipeReader) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let sink = Arc::clone(&shared);
        thread::Builder::new()
            .name("target-output".to_owned())
            .spawn(move || {
                let mut chunk = vec![0; 16 * 1024];
                loop {
                    match pipe.read(&mut chunk) {
                        Ok(0) => break,
                        Ok(n) => sink.state().keep(&chunk[..n]),
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(_) => break,
                    }
                }
                sink.state().ended = true;
                sink.ended.notify_all();
            })?;
        Ok(Self { shared })
    }

    /// Waits until all is drained, for `at_most`: a descendant that left the process group can hold the pipe open.
    pub(super) fn settle(&self, at_most: Duration) {
        let state = self.shared.state();
        // Poisoning cannot hurt: the state is a ring of octets.
        let _ = self
            .shared
            .ended
            .wait_timeout_while(state, at_most, |state| !state.ended);
    }

    /// The last 20 lines, invalid UTF-8 replaced, long lines cut.
    pub(super) fn last_lines(&self) -> Vec<String> {
        last_lines(self.shared.state().kept.make_contiguous())
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, chunk: &[u8]) {
        let excess = (self.kept.len() + chunk.len()).saturating_sub(KEPT);
        self.kept.drain(..excess.min(self.kept.len()));
        self.kept.extend(chunk);
    }
}

fn last_lines(octets: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(octets);
    let all: Vec<&str> = text.lines().map(str::trim_end).collect();
    let used = all
        .iter()
        .rposition(|line| !line.is_empty())
        .map_or(0, |last| last + 1);
    all[used.saturating_sub(LINES)..used]
        .iter()
        .map(|line| line.chars().take(LINE_CHARS).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn keeps_the_last_octets_and_lines() {
        let (reader, mut writer) = io::pipe().unwrap();
        let output = Output::drain(reader).unwrap();
        for number in 0..20_000 {
            writeln!(writer, "line {number}").unwrap();
        }
        drop(writer);
        output.settle(Duration::from_secs(10));
        assert!(output.shared.state().kept.len() <= KEPT);
        let lines = output.last_lines();
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines.last().unwrap(), "line 19999");
    }

    #[test]
    fn lines() {
        assert_eq!(last_lines(b""), Vec::<String>::new());
        assert_eq!(last_lines(b"\n\n"), Vec::<String>::new());
        assert_eq!(last_lines(b"a\r\n\nb\xff\n\n"), ["a", "", "b\u{fffd}"]);
        assert_eq!(last_lines(&[b'x'; 1000])[0].len(), LINE_CHARS);
    }
}
