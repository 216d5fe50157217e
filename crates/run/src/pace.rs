//! Deadlines and windows that adapt to the target.

use std::collections::VecDeque;
use std::time::Duration;

/// Timeouts in a row behind which the deadline drops.
const STREAK: u32 = 8;
/// The dropped deadline.
const SHORT: Duration = Duration::from_millis(500);
/// Round trips remembered.
const REMEMBERED: usize = 32;
/// Bounds of the quiet window.
const QUIET: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// What the run has learnt of the target's speed.
#[derive(Debug)]
pub(crate) struct Pace {
    full: Duration,
    streak: u32,
    round_trips: VecDeque<Duration>,
}

impl Pace {
    /// Nothing is known yet; `full` is the user's step deadline.
    pub(crate) fn new(full: Duration) -> Self {
        Self {
            full,
            streak: 0,
            round_trips: VecDeque::new(),
        }
    }

    /// Deadline of a step for the next instance.
    pub(crate) fn step_deadline(&self) -> Duration {
        if self.streak >= STREAK {
            SHORT.min(self.full)
        } else {
            self.full
        }
    }

    /// The user's deadline.
    pub(crate) fn full(&self) -> Duration {
        self.full
    }

    /// An instance ended in silence, or did not. True: the target behaves differently from what a dropped deadline
    /// supposed.
    pub(crate) fn learn(&mut self, timed_out: bool) -> bool {
        if timed_out {
            self.streak += 1;
            return false;
        }
        let changed = self.streak >= STREAK;
        self.streak = 0;
        changed
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

    #[test]
    fn the_deadline_drops_behind_eight_timeouts_and_comes_back() {
        let full = Duration::from_secs(5);
        let mut pace = Pace::new(full);
        for _ in 0..7 {
            assert!(!pace.learn(true));
        }
        assert_eq!(pace.step_deadline(), full);
        pace.learn(true);
        assert_eq!(pace.step_deadline(), SHORT);
        assert!(
            pace.learn(false),
            "the ones judged by the short deadline have to run again"
        );
        assert_eq!(pace.step_deadline(), full);
        assert!(!pace.learn(false));
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
