//! Peers that upgrade first and misbehave afterwards.

use wsanvil_engine::Time;

use super::opening::Opening;
use crate::{Peer, PeerEnd};

/// What a peer does behind its 101.
pub(super) trait Act {
    /// The 101 is out.
    fn upgraded(&mut self, line: &mut Line) {
        let _ = line;
    }

    /// Octets behind the request.
    fn receive(&mut self, octets: &[u8], line: &mut Line) {
        let _ = (octets, line);
    }

    /// The tester ended its direction.
    fn fin(&mut self, line: &mut Line) {
        let _ = line;
    }

    /// The transport has room and the output is empty.
    fn more(&mut self, line: &mut Line) {
        let _ = line;
    }
}

/// The sending side of a peer.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) output: Vec<u8>,
    pub(super) end: Option<PeerEnd>,
}

/// A peer that upgrades whatever is asked and then acts.
pub(super) struct Upgraded<A> {
    /// Until the request is complete.
    opening: Option<Opening>,
    right_key: bool,
    line: Line,
    act: A,
}

impl<A: Act> Upgraded<A> {
    pub(super) fn new(act: A) -> Self {
        Self {
            opening: Some(Opening::default()),
            right_key: true,
            line: Line::default(),
            act,
        }
    }

    pub(super) fn with_wrong_accept(act: A) -> Self {
        Self {
            right_key: false,
            ..Self::new(act)
        }
    }
}

impl<A: Act> Peer for Upgraded<A> {
    fn receive(&mut self, _now: Time, octets: &[u8]) {
        let Some(opening) = &mut self.opening else {
            self.act.receive(octets, &mut self.line);
            return;
        };
        if let Some((head, surplus)) = opening.receive(octets, self.right_key) {
            self.opening = None;
            self.line.output = head;
            self.act.upgraded(&mut self.line);
            if !surplus.is_empty() {
                self.act.receive(&surplus, &mut self.line);
            }
        }
    }

    fn fin(&mut self) {
        self.act.fin(&mut self.line);
    }

    fn reset(&mut self) {
        self.line.end = Some(PeerEnd::Rst);
    }

    fn take_output(&mut self) -> Vec<u8> {
        if self.line.output.is_empty() && self.opening.is_none() && self.line.end.is_none() {
            self.act.more(&mut self.line);
        }
        std::mem::take(&mut self.line.output)
    }

    fn ended(&self) -> Option<PeerEnd> {
        self.line.end
    }
}
