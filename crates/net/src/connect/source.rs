//! Source addresses on loopback.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};

/// Connections made from one source address before the next one is taken. A source address has some 28,000 ephemeral
/// ports, and a port stays in TIME-WAIT for a minute when the peer did not end first.
const PER_SOURCE: u32 = 20_000;

/// 127.0.0.2 to 127.0.0.254.
const SPARE: u32 = 253;

/// Counts connections and hands out source addresses, so that a long run against 127.0.0.1 does not run out of ports.
#[derive(Debug, Default)]
pub(super) struct Sources {
    made: AtomicU32,
}

impl Sources {
    /// The source address for the next connection to `to`; `None` leaves it to the system.
    pub(super) fn next(&self, to: IpAddr) -> Option<IpAddr> {
        // Elsewhere only 127.0.0.1 itself is an address of the loopback interface.
        if !cfg!(target_os = "linux") || to != IpAddr::V4(Ipv4Addr::LOCALHOST) {
            return None;
        }
        source(self.made.fetch_add(1, Ordering::Relaxed))
    }
}

fn source(made: u32) -> Option<IpAddr> {
    let block = (made / PER_SOURCE) % (SPARE + 1);
    (block > 0).then(|| IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1 + block as u8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation() {
        assert_eq!(source(0), None);
        assert_eq!(source(PER_SOURCE - 1), None);
        assert_eq!(source(PER_SOURCE), Some("127.0.0.2".parse().unwrap()));
        assert_eq!(source(PER_SOURCE * SPARE), Some("127.0.0.254".parse().unwrap()));
        assert_eq!(source(PER_SOURCE * (SPARE + 1)), None);
    }

    #[test]
    fn only_for_127_0_0_1() {
        let sources = Sources {
            made: AtomicU32::new(PER_SOURCE),
        };
        assert_eq!(sources.next("::1".parse().unwrap()), None);
        assert_eq!(sources.next("127.0.0.5".parse().unwrap()), None);
    }
}
