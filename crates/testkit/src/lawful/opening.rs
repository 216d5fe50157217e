//! What a lawful server looks at in a request, beside what the reference does.

use super::answer::Head;
use super::manner::{Manner, Request};

/// Octets of a request that has not ended are looked at up to here.
const HEAD_MAX: usize = 64 << 10;

/// The octets of a connection until its request is complete.
#[derive(Debug, Default)]
pub(super) struct Opening {
    octets: Vec<u8>,
    pub(super) complete: bool,
}

impl Opening {
    /// Takes octets. Gives the answer that the manner has for the request, when it has one, and whether octets of
    /// frames came with the request.
    pub(super) fn receive(&mut self, octets: &[u8], manner: &Manner, nth: usize) -> Option<Head> {
        if self.complete {
            return None;
        }
        let room = HEAD_MAX.saturating_sub(self.octets.len());
        self.octets
            .extend_from_slice(octets.get(..room.min(octets.len())).unwrap_or_default());
        let head = Head::read(&self.octets)?;
        self.complete = true;
        let status = (manner.refuses)(&Request { nth, head: &head })?;
        Some(Head::answer(status, manner.refusal_fields))
    }

    /// Whether something follows the head.
    pub(super) fn has_surplus(&self) -> bool {
        Head::read(&self.octets).is_some_and(|head| !head.body.is_empty())
    }

    /// Whether the request has a body: what follows its head is no request then.
    pub(super) fn has_body(&self) -> bool {
        Head::read(&self.octets).is_some_and(|head| {
            head.get("Content-Length").is_some() || head.get("Transfer-Encoding").is_some()
        })
    }

    /// What follows the head, for the next request.
    pub(super) fn surplus(&self) -> Vec<u8> {
        Head::read(&self.octets).map_or_else(Vec::new, |head| head.body)
    }
}
