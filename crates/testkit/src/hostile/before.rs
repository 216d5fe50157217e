//! What hostile peers do in place of a correct 101.

use std::time::Duration;

use wsanvil_engine::Time;

use super::opening::Opening;
use crate::pair::split_mix;
use crate::{Peer, PeerEnd};

/// Octets of endless peers given at a time.
const PIECE: usize = 16 << 10;
/// Octets of a huge head.
const HUGE: usize = 10_000_000;

/// A peer that says nothing at all.
pub(super) struct Dead {
    listens: bool,
    end: Option<PeerEnd>,
}

impl Dead {
    pub(super) fn refuses() -> Self {
        Self {
            listens: false,
            end: None,
        }
    }

    pub(super) fn silent() -> Self {
        Self {
            listens: true,
            end: None,
        }
    }

    pub(super) fn ends(end: PeerEnd) -> Self {
        Self {
            listens: true,
            end: Some(end),
        }
    }
}

impl Peer for Dead {
    fn receive(&mut self, _now: Time, _octets: &[u8]) {}

    fn fin(&mut self) {}

    fn reset(&mut self) {}

    fn take_output(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn ended(&self) -> Option<PeerEnd> {
        self.end
    }

    fn listens(&self) -> bool {
        self.listens
    }
}

/// Gives a fixed answer to the first octet.
pub(super) struct Answer {
    octets: &'static [u8],
    then: Option<PeerEnd>,
    output: Vec<u8>,
    asked: bool,
}

impl Answer {
    /// Answers and waits.
    pub(super) fn stalls(octets: &'static [u8]) -> Self {
        Self {
            octets,
            then: None,
            output: Vec::new(),
            asked: false,
        }
    }

    /// Answers and ends the transport.
    pub(super) fn ends(octets: &'static [u8], end: PeerEnd) -> Self {
        Self {
            then: Some(end),
            ..Self::stalls(octets)
        }
    }
}

impl Peer for Answer {
    fn receive(&mut self, _now: Time, _octets: &[u8]) {
        if !self.asked {
            self.asked = true;
            self.output = self.octets.to_vec();
        }
    }

    fn fin(&mut self) {}

    fn reset(&mut self) {}

    fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn ended(&self) -> Option<PeerEnd> {
        self.then.filter(|_| self.asked)
    }
}

/// Answers with a head longer than anybody should hold.
pub(super) struct EndlessHead {
    opening: Option<Opening>,
    /// Sent first; empty when it is out.
    start: Vec<u8>,
    unit: &'static [u8],
    /// Units left, for a head that ends after all.
    left: Option<usize>,
    /// What ends it: the fields of a correct 101.
    last: Vec<u8>,
}

impl EndlessHead {
    const FIELD: &'static [u8] = b"X-Padding: 0123456789012345678901234567890123456789\r\n";

    pub(super) fn endless() -> Self {
        let start = b"HTTP/1.1 101 Switching Protocols\r\n".to_vec();
        Self {
            opening: Some(Opening::default()),
            start,
            unit: Self::FIELD,
            left: None,
            last: Vec::new(),
        }
    }

    pub(super) fn huge() -> Self {
        Self {
            left: Some(HUGE.div_ceil(Self::FIELD.len())),
            ..Self::endless()
        }
    }

    pub(super) fn line() -> Self {
        Self {
            start: b"HTTP/1.1 101 ".to_vec(),
            unit: b"Switching ",
            ..Self::endless()
        }
    }
}

impl Peer for EndlessHead {
    fn receive(&mut self, _now: Time, octets: &[u8]) {
        let Some(opening) = &mut self.opening else { return };
        if let Some((head, _)) = opening.receive(octets, true) {
            self.opening = None;
            self.last = behind_status_line(head);
        }
    }

    fn fin(&mut self) {}

    fn reset(&mut self) {}

    fn take_output(&mut self) -> Vec<u8> {
        if self.opening.is_some() {
            return Vec::new();
        }
        if !self.start.is_empty() {
            return std::mem::take(&mut self.start);
        }
        let units = PIECE / self.unit.len();
        match &mut self.left {
            None => self.unit.repeat(units),
            Some(0) => std::mem::take(&mut self.last),
            Some(left) => {
                let now = units.min(*left);
                *left -= now;
                self.unit.repeat(now)
            }
        }
    }

    fn ended(&self) -> Option<PeerEnd> {
        None
    }
}

fn behind_status_line(mut head: Vec<u8>) -> Vec<u8> {
    let end = head
        .iter()
        .position(|octet| *octet == b'\n')
        .map_or(0, |at| at + 1);
    head.split_off(end)
}

/// Answers with random octets without end; the same ones in every run.
pub(super) struct Noise {
    asked: bool,
    state: u64,
}

impl Noise {
    pub(super) fn answer() -> Self {
        Self {
            asked: false,
            state: 1,
        }
    }
}

impl Peer for Noise {
    fn receive(&mut self, _now: Time, _octets: &[u8]) {
        self.asked = true;
    }

    fn fin(&mut self) {}

    fn reset(&mut self) {}

    fn take_output(&mut self) -> Vec<u8> {
        let pieces = if self.asked { PIECE / 8 } else { 0 };
        (0..pieces)
            .flat_map(|_| split_mix(&mut self.state).to_le_bytes())
            .collect()
    }

    fn ended(&self) -> Option<PeerEnd> {
        None
    }
}

/// Upgrades correctly, one octet each second.
#[derive(Default)]
pub(super) struct SlowDrip {
    opening: Opening,
    answer: std::collections::VecDeque<u8>,
    output: Vec<u8>,
    wake: Option<Time>,
}

impl Peer for SlowDrip {
    fn receive(&mut self, now: Time, octets: &[u8]) {
        if self.wake.is_none()
            && let Some((head, _)) = self.opening.receive(octets, true)
        {
            self.answer = head.into();
            self.wake = Some(now.after(Duration::from_secs(1)));
        }
    }

    fn fin(&mut self) {}

    fn reset(&mut self) {
        self.wake = None;
    }

    fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn ended(&self) -> Option<PeerEnd> {
        None
    }

    fn wake(&self) -> Option<Time> {
        self.wake
    }

    fn tick(&mut self, now: Time) {
        if self.wake.is_some_and(|at| at <= now) {
            self.output.extend(self.answer.pop_front());
            self.wake = (!self.answer.is_empty()).then(|| now.after(Duration::from_secs(1)));
        }
    }
}
