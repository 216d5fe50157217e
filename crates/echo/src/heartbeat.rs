//! Pings of its own accord, and the end of connections on which nothing comes: policy that needs a clock. The caller
//! tells the time.

use std::time::Duration;

use crate::{Config, Defect, Defects};

/// How long the answer to the Close of an idle connection may take.
const GRACE: Duration = Duration::from_secs(1);

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// A Ping.
    Ping,
    /// The closing handshake, since nothing came for too long.
    CloseIdle,
    /// The end of TCP: the peer is dead.
    Drop,
}

/// Watches one open connection.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    idle: Option<Duration>,
    interval: Option<Duration>,
    defects: Defects,
    /// When something came last; none before the first look at the clock.
    heard_at: Option<Duration>,
    /// Something came since the last look at the clock.
    heard: bool,
    ping_at: Duration,
    /// A Ping went out and nothing came since.
    unanswered: bool,
    /// When TCP ends though our Close was not answered.
    drop_at: Option<Duration>,
}

impl Heartbeat {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            idle: config.idle,
            interval: config.ping_interval,
            defects: config.defects,
            heard_at: None,
            heard: false,
            ping_at: Duration::ZERO,
            unanswered: false,
            drop_at: None,
        }
    }

    /// Octets came.
    pub(crate) const fn hear(&mut self) {
        self.heard = true;
    }

    /// When to look again.
    pub(crate) fn wake(&self) -> Option<Duration> {
        if self.drop_at.is_some() {
            return self.drop_at;
        }
        let heard_at = self.heard_at?;
        let idle = self
            .idle
            .filter(|_| !self.defects.has(Defect::IdleForEver))
            .map(|idle| heard_at + idle);
        let ping = self
            .interval
            .filter(|_| !self.defects.has(Defect::PingsMissing))
            .map(|_| self.ping_at);
        [idle, ping].into_iter().flatten().min()
    }

    /// Looks at the clock.
    pub(crate) fn tick(&mut self, now: Duration) -> Option<Due> {
        let begins = self.heard_at.is_none();
        if begins {
            self.ping_at = now + self.interval.unwrap_or_default();
        }
        if begins || (self.heard && !self.defects.has(Defect::IdleDespiteTraffic)) {
            self.heard_at = Some(now);
        }
        if self.heard && !self.defects.has(Defect::DropsAnsweringPeer) {
            self.unanswered = false;
        }
        self.heard = false;
        if self.wake().is_none_or(|at| at > now) {
            return None;
        }
        if self.drop_at.is_some() {
            return Some(Due::Drop);
        }
        if let (Some(idle), Some(heard_at)) = (self.idle, self.heard_at)
            && heard_at + idle <= now
            && !self.defects.has(Defect::IdleForEver)
        {
            self.drop_at = Some(now + GRACE);
            return Some(Due::CloseIdle);
        }
        if self.unanswered && !self.defects.has(Defect::KeepsDeadPeer) {
            return Some(Due::Drop);
        }
        self.unanswered = true;
        self.ping_at = now + self.interval.unwrap_or_default();
        Some(Due::Ping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn an_idle_connection_is_closed_and_dropped_when_nobody_answers() {
        let mut heart = Heartbeat::new(&Config {
            idle: Some(ms(100)),
            ..Config::default()
        });
        assert_eq!((heart.tick(ms(5)), heart.wake()), (None, Some(ms(105))));
        heart.hear();
        assert_eq!((heart.tick(ms(60)), heart.wake()), (None, Some(ms(160))));
        assert_eq!(heart.tick(ms(160)), Some(Due::CloseIdle));
        assert_eq!(heart.tick(ms(1159)), None);
        assert_eq!(heart.tick(ms(1160)), Some(Due::Drop));
    }

    #[test]
    fn a_peer_that_answers_stays_and_a_dead_one_goes() {
        let mut heart = Heartbeat::new(&Config {
            ping_interval: Some(ms(100)),
            ..Config::default()
        });
        assert_eq!(heart.tick(ms(0)), None);
        assert_eq!(heart.tick(ms(100)), Some(Due::Ping));
        heart.hear();
        assert_eq!(heart.tick(ms(101)), None);
        assert_eq!(heart.tick(ms(200)), Some(Due::Ping));
        assert_eq!(heart.tick(ms(300)), Some(Due::Drop));
    }

    #[test]
    fn without_policy_there_is_nothing_to_wake_for() {
        let mut heart = Heartbeat::new(&Config::default());
        assert_eq!((heart.tick(ms(5)), heart.wake()), (None, None));
    }
}
