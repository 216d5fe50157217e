//! Deadlines and windows that adapt to the target.

use std::collections::VecDeque;
use std::time::Duration;

use wsanvil_engine::{CLOSING, Outcome};
use wsanvil_model::{Direction, What};

/// Timeouts in a row behind which the deadline drops.
const STREAK: u32 = 8;
/// The dropped deadline.
const SHORT: Duration = Duration::from_millis(500);
/// The dropped wait for the end of a connection.
const SHORT_CLOSING: Duration = Duration::from_millis(100);
/// Round trips remembered.
const REMEMBERED: usize = 32;
/// Bounds of the quiet window.
const QUIET: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// What the run has learnt of the target's speed.
#[derive(Debug)]
pub(crate) struct Pace {
    full: Duration,
    streak: u32,
    /// Whether the streak is one of opening handshakes.
    at_handshake: bool,
    /// Late ends of connections in a row.
    late_ends: u32,
    round_trips: VecDeque<Duration>,
}

/// What an instance says about the target's speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A deadline passed, in the opening handshake or behind it.
    Silence { at_handshake: bool },
    /// The opening handshake was answered; whether anything else would have been was not asked.
    Handshake,
    /// Frames came.
    Frames,
    /// Nothing either way.
    Nothing,
}

impl Heard {
    /// Reads it from an outcome.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let came = |what| {
            let mut entries = outcome.transcript.iter();
            entries.any(|entry| entry.dir == Direction::In && entry.what == what)
        };
        if outcome.timed_out {
            Self::Silence {
                at_handshake: outcome.unreachable,
            }
        } else if outcome.echoed || came(What::Frame) {
            Self::Frames
        } else if came(What::Head) {
            Self::Handshake
        } else {
            Self::Nothing
        }
    }
}

impl Pace {
    /// Nothing is known yet; `full` is the user's step deadline.
    pub(crate) fn new(full: Duration) -> Self {
        Self {
            full,
            streak: 0,
            at_handshake: false,
            late_ends: 0,
            round_trips: VecDeque::new(),
        }
    }

    /// Deadline of a step for the next instance.
    pub(crate) fn step_deadline(&self) -> Duration {
        if self.is_dropped() {
            SHORT.min(self.full)
        } else {
            self.full
        }
    }

    /// Whether the target has answered nothing for so long that its deadline is dropped.
    pub(crate) fn is_dropped(&self) -> bool {
        self.streak >= STREAK
    }

    /// The user's deadline.
    pub(crate) fn full(&self) -> Duration {
        self.full
    }

    /// An instance ended in silence, or did not. True: the target behaves differently from what a dropped deadline
    /// supposed.
    pub(crate) fn learn(&mut self, heard: Heard) -> bool {
        match heard {
            Heard::Silence { at_handshake } => {
                self.streak += 1;
                self.at_handshake = at_handshake;
                return false;
            }
            Heard::Nothing => return false,
            Heard::Handshake if !self.at_handshake => return false,
            Heard::Handshake | Heard::Frames => {}
        }
        let changed = self.is_dropped();
        self.streak = 0;
        changed
    }

    /// A connection was ended in order, late or in time. That a target always ends TCP late has been noted often enough
    /// behind a streak; from there on it is not waited for where nothing depends on it.
    pub(crate) fn ended(&mut self, late: bool) {
        if late {
            self.late_ends += 1;
        } else if !self.ends_late() {
            self.late_ends = 0;
        }
    }

    /// Whether the target leaves connections open as a habit.
    pub(crate) fn ends_late(&self) -> bool {
        self.late_ends >= STREAK
    }

    /// How long the end of a connection is waited for when nothing depends on it.
    pub(crate) fn closing(&self) -> Duration {
        if self.ends_late() { SHORT_CLOSING } else { CLOSING }
    }

    /// A barrier took so long.
    pub(crate) fn round_trip(&mut self, time: Duration) {
        self.round_trips.push_back(time);
        if self.round_trips.len() > REMEMBERED {
            self.round_trips.pop_front();
        }
    }

    /// How long to wait where a barrier cannot go.
    pub(crate) fn quiet_window(&self) -> Duration {
        let slowest = self.round_trips.iter().max().copied().unwrap_or(QUIET.0);
        (slowest * 10).clamp(QUIET.0, QUIET.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Heard = Heard::Silence { at_handshake: false };

    #[test]
    fn the_deadline_drops_behind_eight_timeouts_and_comes_back() {
        let full = Duration::from_secs(5);
        let mut pace = Pace::new(full);
        for _ in 0..7 {
            assert!(!pace.learn(SILENCE));
        }
        assert_eq!(pace.step_deadline(), full);
        pace.learn(SILENCE);
        assert_eq!(pace.step_deadline(), SHORT);
        assert!(
            pace.learn(Heard::Frames),
            "the ones judged by the short deadline have to run again"
        );
        assert_eq!(pace.step_deadline(), full);
        assert!(!pace.learn(Heard::Frames));
    }

    #[test]
    fn an_answered_handshake_is_no_answer_behind_it() {
        let mut pace = Pace::new(Duration::from_secs(5));
        for _ in 0..STREAK {
            pace.learn(SILENCE);
        }
        assert!(!pace.learn(Heard::Handshake) && !pace.learn(Heard::Nothing));
        assert_eq!(pace.step_deadline(), SHORT);
        pace.learn(Heard::Silence { at_handshake: true });
        assert!(!pace.learn(Heard::Nothing));
        assert!(pace.learn(Heard::Handshake));
        assert_eq!(pace.step_deadline(), Duration::from_secs(5));
    }

    #[test]
    fn a_target_that_always_ends_late_is_not_waited_for() {
        let mut pace = Pace::new(Duration::from_secs(5));
        for _ in 0..STREAK - 1 {
            pace.ended(true);
        }
        pace.ended(false);
        pace.ended(true);
        assert_eq!(pace.closing(), CLOSING);
        for _ in 0..STREAK {
            pace.ended(true);
        }
        assert_eq!(pace.closing(), SHORT_CLOSING);
        // It has not become prompt: nobody waited.
        pace.ended(false);
        assert_eq!(pace.closing(), SHORT_CLOSING);
    }

    #[test]
    fn the_quiet_window_is_ten_round_trips_within_bounds() {
        let mut pace = Pace::new(Duration::from_secs(5));
        pace.round_trip(Duration::from_micros(50));
        assert_eq!(pace.quiet_window(), QUIET.0);
        pace.round_trip(Duration::from_millis(10));
        assert_eq!(pace.quiet_window(), Duration::from_millis(100));
        pace.round_trip(Duration::from_secs(1));
        assert_eq!(pace.quiet_window(), QUIET.1);
    }
}
