//! Where inflated octets go: the caller's buffer, its limit, and what lies before it.

use super::copy::{SLACK, copy};
use super::error::InflateError;
use super::facts::StreamFacts;

/// Most octets that one turn of the fast loop writes: three literals and a match, and the copy's slack.
pub(super) const MARGIN: usize = 3 + 258 + SLACK;

/// The caller's buffer during one call. It is kept longer than what was written, so that writing needs no
/// growing; [`Output::close`] cuts it.
pub(super) struct Output<'a> {
    pub(super) buf: &'a mut Vec<u8>,
    /// Where the next octet goes.
    pub(super) at: usize,
    /// Where this call's output begins.
    pub(super) base: usize,
    /// Where the message reaches its limit.
    end: usize,
    limit: usize,
    history: &'a [u8],
    pub(super) facts: &'a mut StreamFacts,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        buf: &'a mut Vec<u8>,
        history: &'a [u8],
        facts: &'a mut StreamFacts,
        limit: usize,
    ) -> Self {
        let base = buf.len();
        let before = usize::try_from(facts.inflated).unwrap_or(usize::MAX);
        let end = base.saturating_add(limit.saturating_sub(before));
        Self {
            buf,
            at: base,
            base,
            end,
            limit,
            history,
            facts,
        }
    }

    /// Makes room for one turn of the fast loop at least; `input` octets are still to come.
    #[inline]
    pub(super) fn make_room(&mut self, input: usize) {
        if self.buf.len() - self.at < MARGIN {
            self.grow(input);
        }
    }

    #[cold]
    fn grow(&mut self, input: usize) {
        // Text inflates to about four times its size. More is asked for again.
        let step = input.saturating_mul(4).clamp(256, 65536);
        let most = self.end.saturating_sub(self.at);
        self.buf.resize(self.at + step.min(most) + MARGIN, 0);
    }

    /// How far the fast loop may write before it begins a further turn.
    #[inline]
    pub(super) fn fast_end(&self) -> usize {
        // The limit counts what is written, the buffer also what a copy may smear.
        (self.buf.len().saturating_sub(MARGIN)).min(self.end.saturating_sub(MARGIN - SLACK))
    }

    /// Is there room for a turn of the fast loop?
    #[inline]
    pub(super) fn fast_possible(&self) -> bool {
        self.buf.len() >= MARGIN && self.end >= MARGIN && self.at <= self.fast_end()
    }

    /// Appends one octet.
    #[inline]
    pub(super) fn literal(&mut self, octet: u8) -> Result<(), InflateError> {
        self.reserve(1)?;
        if let Some(slot) = self.buf.get_mut(self.at) {
            *slot = octet;
        }
        self.at += 1;
        Ok(())
    }

    /// Appends octets as they are.
    pub(super) fn stored(&mut self, octets: &[u8]) -> Result<(), InflateError> {
        let room = self.end - self.at;
        let fitting = octets.get(..room).unwrap_or(octets);
        self.buf.truncate(self.at);
        self.buf.extend_from_slice(fitting);
        self.at += fitting.len();
        if fitting.len() < octets.len() {
            Err(self.too_large())
        } else {
            Ok(())
        }
    }

    /// Appends a copy of earlier output, which may lie before this call or before this message.
    pub(super) fn reference(&mut self, distance: u32, length: u32) -> Result<(), InflateError> {
        self.facts.max_distance = self.facts.max_distance.max(distance);
        let (distance_octets, mut length) = (distance as usize, length as usize);
        let produced = self.at - self.base;
        if let Some(before) = distance_octets.checked_sub(produced).filter(|&before| before > 0) {
            let Some(start) = self.history.len().checked_sub(before) else {
                let available = u32::try_from(produced + self.history.len()).unwrap_or(u32::MAX);
                return Err(InflateError::TooFarBack { distance, available });
            };
            let of_message = self.facts.inflated + produced as u64;
            let reach = u32::try_from(u64::from(distance).saturating_sub(of_message)).unwrap_or(0);
            self.facts.reach_before = self.facts.reach_before.max(reach);
            self.reserve(length)?;
            let source = self.history.get(start..).unwrap_or_default();
            let source = source.get(..length).unwrap_or(source);
            if let Some(target) = self.buf.get_mut(self.at..self.at + source.len()) {
                target.copy_from_slice(source);
            }
            self.at += source.len();
            length -= source.len();
            if length == 0 {
                return Ok(());
            }
        }
        self.reserve(length)?;
        copy(self.buf, self.at, distance_octets, length);
        self.at += length;
        Ok(())
    }

    /// Cuts the buffer behind what was written and counts it.
    pub(super) fn close(self) {
        self.buf.truncate(self.at);
        self.facts.inflated += (self.at - self.base) as u64;
    }

    #[inline]
    fn reserve(&mut self, length: usize) -> Result<(), InflateError> {
        if self.end - self.at < length {
            return Err(self.too_large());
        }
        self.make_room(0);
        Ok(())
    }

    fn too_large(&self) -> InflateError {
        InflateError::TooLarge { limit: self.limit }
    }
}
