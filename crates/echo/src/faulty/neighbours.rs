//! What the connections of one server share: nothing, but for defects.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Defect, Defects};

/// Connections that ended without a Close and were not given back, beyond which nobody is served.
const SLOTS: usize = 64;
/// Octets unsent with which a connection holds up the others.
const UNREAD: usize = 32 << 10;

/// What the connections of one server share. Clones of a [`crate::Config`] mean the same server; the clean endpoint
/// never looks at it.
#[derive(Debug, Clone, Default)]
pub struct Neighbours(Arc<Mutex<Shared>>);

#[derive(Debug, Default)]
struct Shared {
    joined: u64,
    /// Connections whose opening handshake is not done.
    opening: BTreeSet<u64>,
    /// The connection that all others wait for.
    busy: Option<u64>,
    /// Slots that were not given back.
    leaked: usize,
    dead: bool,
    fragments: Vec<u8>,
}

impl Neighbours {
    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the fragments of a message in progress where those of all connections are.
    pub(super) fn put(&self, octets: &[u8]) {
        self.shared().fragments.extend_from_slice(octets);
    }

    /// Takes all fragments, whoever sent them.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.shared().fragments)
    }
}

/// Where a connection stands, as far as its neighbours feel it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    /// The opening handshake is not done.
    pub(crate) opening: bool,
    /// A frame is unfinished.
    pub(crate) inside: bool,
    /// A Close went one way or the other.
    pub(crate) closing: bool,
    /// Octets not taken yet.
    pub(crate) pending: usize,
}

/// The place of one connection among its neighbours. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    neighbours: Neighbours,
    defects: Defects,
    number: u64,
    last: Standing,
}

impl Place {
    /// A connection joins.
    pub(crate) fn new(neighbours: &Neighbours, defects: Defects) -> Self {
        let mut shared = neighbours.shared();
        let number = shared.joined;
        shared.joined += 1;
        shared.opening.insert(number);
        drop(shared);
        Self {
            neighbours: neighbours.clone(),
            defects,
            number,
            last: Standing::default(),
        }
    }

    /// Something happened on the connection.
    pub(crate) fn now(&mut self, standing: Standing) {
        let mut shared = self.neighbours.shared();
        if !standing.opening {
            shared.opening.remove(&self.number);
        }
        let holds = (standing.inside && self.defects.has(Defect::FrameBlocksOthers))
            || (standing.pending > UNREAD && self.defects.has(Defect::UnreadBlocksOthers));
        if holds {
            shared.busy.get_or_insert(self.number);
        } else if shared.busy == Some(self.number) {
            shared.busy = None;
        }
        drop(shared);
        self.last = standing;
    }

    /// Whether the server comes round to this connection.
    pub(crate) fn is_served(&self) -> bool {
        let shared = self.neighbours.shared();
        let behind_a_handshake = self.defects.has(Defect::HandshakeBlocksOthers)
            && shared.opening.contains(&self.number)
            && shared.opening.first() != Some(&self.number);
        !shared.dead
            && !behind_a_handshake
            && shared.busy.is_none_or(|busy| busy == self.number)
            && shared.leaked < SLOTS
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut shared = self.neighbours.shared();
        shared.opening.remove(&self.number);
        if shared.busy == Some(self.number) {
            shared.busy = None;
        }
        if !self.last.closing && self.defects.has(Defect::LeaksConnections) {
            shared.leaked += 1;
        }
        shared.dead |= self.last.inside && self.defects.has(Defect::DiesInsideFrame);
    }
}
