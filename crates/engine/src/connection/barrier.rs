//! Barriers: a Ping whose Pong shows that the peer has read everything before it and goes on.

use bytes::Bytes;

use crate::io::Time;

use super::{Connection, Shared};

/// Barriers remembered whose Pongs may come late.
const KEPT_BARRIERS: usize = 64;

/// A Ping sent to learn whether the peer goes on.
#[derive(Debug)]
pub(crate) struct Barrier {
    /// Its payload, by which the Pong is known.
    pub(crate) nonce: Bytes,
    /// When it was sent.
    pub(crate) sent: Time,
    /// When its Pong came.
    pub(crate) answered: Option<Time>,
    /// Whether it is the script's own Ping, whose Pong is an event like any other.
    pub(crate) of_script: bool,
}

impl Connection {
    /// Whether a barrier can go out now: the connection is open, no Close was sent and no frame is unfinished.
    pub(crate) fn takes_barrier(&self) -> bool {
        self.is_open() && !self.sender.is_inside_frame() && !self.sender.stream_spoiled()
    }

    /// Makes sure that a barrier stands behind everything sent, where one can go. Says whether one does.
    pub(crate) fn ensure_barrier(
        &mut self,
        shared: &mut Shared<'_>,
        nonce: impl FnOnce() -> [u8; 8],
    ) -> bool {
        if self.barrier.is_some() && !self.sender.sent_since_barrier() {
            return true;
        }
        if !self.takes_barrier() {
            return false;
        }
        self.pass_barrier();
        if let Some(ping) = self.sender.last_ping() {
            // Its Pong may have come before anybody asked.
            let answered = self.sender.last_ping_answered();
            self.barrier = Some(Barrier {
                nonce: ping,
                sent: shared.now,
                answered,
                of_script: true,
            });
            self.sender.barrier_sent();
            return true;
        }
        // Letters: a peer that takes Ping payloads for text has its fault shown by the cases about it, not by all.
        let nonce: Bytes = nonce().iter().map(|octet| b'a' + octet % 26).collect();
        self.send_ping(nonce.clone(), shared, "barrier");
        self.barrier = Some(Barrier {
            nonce,
            sent: shared.now,
            answered: None,
            of_script: false,
        });
        self.sender.barrier_sent();
        true
    }

    /// What an earlier barrier showed is out of date.
    pub(crate) fn barrier_is_stale(&mut self) {
        self.sender.forget_barrier();
    }

    /// Another barrier is about to take the place of this one; its Pong is remembered, to be known when it comes late.
    fn pass_barrier(&mut self) {
        let Some(barrier) = self.barrier.take() else {
            return;
        };
        if !barrier.of_script {
            self.barriers_passed.push_back(barrier.nonce);
            let surplus = self.barriers_passed.len().saturating_sub(KEPT_BARRIERS);
            self.barriers_passed.drain(..surplus);
        }
    }

    /// Whether a Pong of this payload answers a barrier of the tester's own, this one or an earlier one.
    pub(super) fn is_barrier_nonce(&self, payload: &Bytes) -> bool {
        let current = self
            .barrier
            .as_ref()
            .is_some_and(|barrier| !barrier.of_script && barrier.nonce == *payload);
        current || self.barriers_passed.contains(payload)
    }

    /// Whether the barrier that stands behind everything sent was answered.
    pub(crate) fn barrier_answered(&self) -> bool {
        !self.sender.sent_since_barrier()
            && self
                .barrier
                .as_ref()
                .is_some_and(|barrier| barrier.answered.is_some())
    }
}
