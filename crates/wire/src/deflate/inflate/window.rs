//! Where inflated octets go: into a window that later references read, and from there to the caller.

use super::WINDOW;
use super::copy::{SLACK, copy, repeat};
use super::error::InflateError;
use super::facts::StreamFacts;

/// Most octets that one turn of the fast loop writes: a match, and the copy's slack.
pub(super) const MARGIN: usize = 258 + SLACK;

/// Most octets of the window. The larger it is, the seldomer its end is moved to its beginning.
const FULL: usize = 3 * WINDOW;

/// The last output, contiguous: at least [`WINDOW`] octets of it, or all that there is.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Grows with what is inflated, up to [`FULL`]. What lies at and behind `at` has no meaning.
    octets: Vec<u8>,
    /// Where the next octet goes.
    at: usize,
    /// Where the message begins; 0 also when that is no longer there, as no reference reaches it then.
    start: usize,
}

impl Window {
    /// Begins a message, which can refer to those before it only with `takeover`.
    pub(super) fn begin_message(&mut self, takeover: bool) {
        if !takeover {
            self.at = 0;
        }
        self.start = self.at;
    }
}

/// The window and the caller's buffer during one call. [`Output::close`] has to end it.
pub(super) struct Output<'a> {
    window: &'a mut Window,
    out: &'a mut Vec<u8>,
    pub(super) facts: &'a mut StreamFacts,
    /// What lies before it in the window is in the caller's buffer.
    given: usize,
    /// Where in the window the message reaches its limit.
    end: usize,
    limit: usize,
}

/// Where the fast loop works.
pub(super) struct Area<'a> {
    /// The window, as far as the loop may write.
    pub(super) octets: &'a mut [u8],
    /// Where the next octet goes.
    pub(super) at: usize,
}

/// How far the fast loop came.
pub(super) struct Progress {
    /// Where the next octet goes.
    pub(super) at: usize,
    /// The farthest distance of a reference; 0 when there was none.
    pub(super) max_distance: usize,
    /// The first octet in the window that a reference read.
    pub(super) lowest: usize,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        window: &'a mut Window,
        out: &'a mut Vec<u8>,
        facts: &'a mut StreamFacts,
        limit: usize,
    ) -> Self {
        let before = usize::try_from(facts.inflated).unwrap_or(usize::MAX);
        let given = window.at;
        let end = given.saturating_add(limit.saturating_sub(before));
        Self {
            window,
            out,
            facts,
            given,
            end,
            limit,
        }
    }

    /// Room for turns of the fast loop, `None` when it ends too near to the limit.
    #[inline]
    pub(super) fn area(&mut self) -> Option<Area<'_>> {
        self.make_room(MARGIN);
        let at = self.window.at;
        // The limit counts what is written, the window also what a copy may smear.
        let writable = self.end.saturating_add(SLACK).min(self.window.octets.len());
        if writable - at < MARGIN {
            return None;
        }
        let octets = self.window.octets.get_mut(..writable)?;
        Some(Area { octets, at })
    }

    /// Takes over what the fast loop did.
    #[inline]
    pub(super) fn advance(&mut self, progress: &Progress) {
        self.window.at = progress.at;
        self.note_distance(progress.max_distance);
        self.note_source(progress.lowest);
    }

    /// Appends one octet.
    #[inline]
    pub(super) fn literal(&mut self, octet: u8) -> Result<(), InflateError> {
        self.reserve(1)?;
        if let Some(slot) = self.window.octets.get_mut(self.window.at) {
            *slot = octet;
        }
        self.window.at += 1;
        Ok(())
    }

    /// Appends octets as they are.
    pub(super) fn stored(&mut self, octets: &[u8]) -> Result<(), InflateError> {
        let fitting = octets.get(..self.end - self.window.at).unwrap_or(octets);
        for piece in fitting.chunks(WINDOW) {
            self.make_room(piece.len());
            let at = self.window.at;
            if let Some(target) = self.window.octets.get_mut(at..at + piece.len()) {
                target.copy_from_slice(piece);
            }
            self.window.at += piece.len();
        }
        if fitting.len() < octets.len() {
            Err(self.too_large())
        } else {
            Ok(())
        }
    }

    /// Appends a copy of earlier output, which may lie before this message.
    pub(super) fn reference(&mut self, distance: usize, length: usize) -> Result<(), InflateError> {
        self.note_distance(distance);
        let Some(source) = self.window.at.checked_sub(distance) else {
            return Err(self.too_far_back(distance));
        };
        self.note_source(source);
        self.reserve(length)?;
        // Making room may have moved both.
        let at = self.window.at;
        match distance {
            1 => repeat(&mut self.window.octets, at, length),
            _ => copy(&mut self.window.octets, at - distance, at, length),
        }
        self.window.at += length;
        Ok(())
    }

    /// The error of a reference before the first octet there is.
    pub(super) fn too_far_back(&self, distance: usize) -> InflateError {
        InflateError::TooFarBack {
            distance: octets(distance),
            available: octets(self.window.at),
        }
    }

    /// Gives the caller what is not yet in its buffer.
    pub(super) fn close(mut self) {
        self.give();
    }

    fn give(&mut self) {
        let new = self.window.octets.get(self.given..self.window.at);
        let new = new.unwrap_or_default();
        self.out.extend_from_slice(new);
        self.facts.inflated += new.len() as u64;
        self.given = self.window.at;
    }

    fn note_distance(&mut self, distance: usize) {
        self.facts.max_distance = self.facts.max_distance.max(octets(distance));
    }

    fn note_source(&mut self, source: usize) {
        let reach = octets(self.window.start.saturating_sub(source));
        self.facts.reach_before = self.facts.reach_before.max(reach);
    }

    #[inline]
    fn reserve(&mut self, length: usize) -> Result<(), InflateError> {
        if self.end - self.window.at < length {
            return Err(self.too_large());
        }
        self.make_room(length + SLACK);
        Ok(())
    }

    /// Makes room for `needed` octets, at most [`WINDOW`].
    #[inline]
    fn make_room(&mut self, needed: usize) {
        if self.window.octets.len() - self.window.at < needed {
            self.grow(needed);
        }
    }

    #[cold]
    fn grow(&mut self, needed: usize) {
        if self.window.at + needed > FULL {
            self.give();
            let moved = self.window.at.saturating_sub(WINDOW);
            self.window.octets.copy_within(moved..self.window.at, 0);
            self.window.at -= moved;
            self.window.start = self.window.start.saturating_sub(moved);
            self.given = self.window.at;
            // Without a limit in sight it stays out of sight.
            self.end = self.end.saturating_sub(moved);
        }
        let wanted = self.window.at + needed;
        if self.window.octets.len() < wanted {
            let twice = wanted.max(2 * self.window.octets.len()).max(4096);
            self.window.octets.resize(twice.min(FULL), 0);
        }
    }

    fn too_large(&self) -> InflateError {
        InflateError::TooLarge { limit: self.limit }
    }
}

/// A count of octets in the window, which are far less than 4 GiB.
fn octets(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{FULL, Output, WINDOW, Window};
    use crate::deflate::inflate::{InflateError, StreamFacts};

    /// Numbers without a pattern, each below `end`.
    fn random() -> impl FnMut(usize) -> usize {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        move |end| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap() % end
        }
    }

    /// Messages of stored octets, literals and references, several windows long, against all that was ever inflated.
    #[test]
    fn moving_the_window_loses_nothing_that_references_reach() {
        let mut random = random();
        let (mut window, mut model) = (Window::default(), Vec::new());
        while model.len() < 8 * FULL {
            window.begin_message(true);
            let begin = model.len();
            let (mut out, mut facts) = (Vec::new(), StreamFacts::default());
            let (mut farthest, mut reach) = (0, 0);
            for _ in 0..=random(3) {
                let mut output = Output::new(&mut window, &mut out, &mut facts, usize::MAX);
                for _ in 0..random(60) {
                    let distance = 1 + random(WINDOW);
                    match random(8) {
                        0 => {
                            let octets = vec![u8::try_from(random(256)).unwrap(); random(4000)];
                            assert_eq!(output.stored(&octets), Ok(()));
                            model.extend_from_slice(&octets);
                        }
                        1..=3 if distance <= model.len() => {
                            let length = 3 + random(256);
                            assert_eq!(output.reference(distance, length), Ok(()));
                            farthest = farthest.max(distance);
                            reach = reach.max(distance.saturating_sub(model.len() - begin));
                            for _ in 0..length {
                                model.push(model[model.len() - distance]);
                            }
                        }
                        _ => {
                            let octet = u8::try_from(random(256)).unwrap();
                            assert_eq!(output.literal(octet), Ok(()));
                            model.push(octet);
                        }
                    }
                }
                output.close();
            }
            assert!(out == model[begin..]);
            assert_eq!(facts.inflated, out.len() as u64);
            assert_eq!(facts.max_distance as usize, farthest);
            assert_eq!(facts.reach_before as usize, reach);
        }
    }

    #[test]
    fn without_takeover_nothing_before_the_message_is_reached() {
        let mut window = Window::default();
        for length in [5, 40_000, 200_000, 7] {
            window.begin_message(false);
            let (mut out, mut facts) = (Vec::new(), StreamFacts::default());
            let mut output = Output::new(&mut window, &mut out, &mut facts, length + 2);
            assert_eq!(output.stored(&vec![7; length]), Ok(()));
            let distance = WINDOW.min(length + 1);
            let expected = if length < WINDOW {
                InflateError::TooFarBack {
                    distance: u32::try_from(distance).unwrap(),
                    available: u32::try_from(length).unwrap(),
                }
            } else {
                // DEFLATE can name no distance beyond the window; the limit is what is met.
                InflateError::TooLarge { limit: length + 2 }
            };
            assert_eq!(output.reference(distance, 3), Err(expected));
            output.close();
            assert_eq!((out.len(), facts.inflated), (length, length as u64));
            assert_eq!(facts.reach_before, 0);
        }
    }
}
