//! What hostile peers do behind a correct 101.

use super::upgraded::{Act, Line};
use crate::PeerEnd;
use crate::pair::split_mix;

/// Octets of endless peers given at a time.
const PIECE: usize = 16 << 10;

/// Nothing.
pub(super) struct Mute;

impl Act for Mute {}

/// Ends the transport.
pub(super) struct Dies {
    end: PeerEnd,
    at_once: bool,
}

impl Dies {
    pub(super) fn after_upgrade(end: PeerEnd) -> Self {
        Self { end, at_once: true }
    }

    pub(super) fn on_first_frame(end: PeerEnd) -> Self {
        Self { end, at_once: false }
    }
}

impl Act for Dies {
    fn upgraded(&mut self, line: &mut Line) {
        line.end = self.at_once.then_some(self.end);
    }

    fn receive(&mut self, _octets: &[u8], line: &mut Line) {
        line.end = Some(self.end);
    }
}

/// Sends every octet back, masks and all.
pub(super) struct EchoAll;

impl Act for EchoAll {
    fn receive(&mut self, octets: &[u8], line: &mut Line) {
        line.output.extend_from_slice(octets);
    }

    fn fin(&mut self, line: &mut Line) {
        line.end = Some(PeerEnd::Fin);
    }
}

/// Sends the same octets again and again.
pub(super) struct Repeats {
    first: &'static [u8],
    block: Vec<u8>,
}

impl Repeats {
    pub(super) fn new(unit: &[u8]) -> Self {
        Self::behind(b"", unit)
    }

    pub(super) fn behind(first: &'static [u8], unit: &[u8]) -> Self {
        Self {
            first,
            block: unit.repeat(PIECE.div_ceil(unit.len())),
        }
    }
}

impl Act for Repeats {
    fn upgraded(&mut self, line: &mut Line) {
        line.output.extend_from_slice(self.first);
    }

    fn more(&mut self, line: &mut Line) {
        line.output.extend_from_slice(&self.block);
    }
}

/// Announces a frame of 2^62 octets, sends one of them and stops.
pub(super) struct Unfinished;

impl Act for Unfinished {
    fn upgraded(&mut self, line: &mut Line) {
        line.output.extend_from_slice(b"\x82\x7f\x40\0\0\0\0\0\0\0B");
    }
}

/// Sends random octets without end; the same ones in every run.
#[derive(Default)]
pub(super) struct Garbage {
    state: u64,
}

impl Act for Garbage {
    fn more(&mut self, line: &mut Line) {
        line.output
            .extend((0..PIECE / 8).flat_map(|_| split_mix(&mut self.state).to_le_bytes()));
    }
}

/// Closes with a reason that must be inert in every report.
pub(super) struct CloseBomb;

impl Act for CloseBomb {
    fn receive(&mut self, _octets: &[u8], line: &mut Line) {
        const REASON: &str =
            "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}\u{1b}[31m\"'&\0\u{feff}";
        line.output.extend([0x88, 2 + REASON.len() as u8, 0x0f, 0xa0]);
        line.output.extend_from_slice(REASON.as_bytes());
        line.end = Some(PeerEnd::Fin);
    }
}
