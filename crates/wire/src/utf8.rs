//! Incremental UTF-8 validation of text messages (RFC 6455 section 8.1, RFC 3629, Unicode table 3-7).
//!
//! The bulk of a chunk goes through a vectorised validator; only a character cut by a chunk edge is followed octet by
//! octet, and the state of it carried over.
//!
//! ```
//! use wsanvil_wire::utf8::{Utf8Error, Validator};
//!
//! let mut text = Validator::new();
//! assert!(text.push(b"\xce").is_ok(), "half a character, so far");
//! assert!(text.push(b"\xba\xed").is_ok());
//! // The second octet proves that this is a surrogate: no need to see the third.
//! assert_eq!(text.push(b"\xa0"), Err(Utf8Error { valid_up_to: 2, at: 3 }));
//! ```

use ascii::AsciiStr;

/// Up to this size it is faster to ask first whether all is ASCII: `std` goes octet by octet to an aligned address.
const SHORT_MAX: usize = 64;

/// Below this size the set-up of the vectorised validator costs more than it saves.
const VECTOR_MIN: usize = 128;

/// Follows one text message through any chunking.
#[derive(Debug, Clone, Default)]
pub struct Validator {
    /// Octets seen of this message.
    offset: u64,
    /// The unfinished character at the end of what was seen.
    pending: Pending,
    /// The first error; it stands until the reset.
    failed: Option<Utf8Error>,
}

/// Where a text stops being UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not UTF-8: well-formed up to octet {valid_up_to}, certain at octet {at}")]
pub struct Utf8Error {
    /// Octets of the message before the first octet of the ill-formed sequence.
    pub valid_up_to: u64,
    /// Index of the octet that proved it wrong, the earliest point to fail; the length of the message when its end cut
    /// a character.
    pub at: u64,
}

/// A character of which `have` octets have been seen and `need` are still to come.
#[derive(Debug, Clone, Copy, Default)]
struct Pending {
    have: u8,
    need: u8,
    /// Bounds of the next octet; narrower than 80..=BF only for the second one.
    low: u8,
    high: u8,
    /// The bits of the code point seen so far.
    code: u32,
}

impl Validator {
    /// A validator at the start of a message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next octets of the message. After an error every further call gives the same error.
    #[inline]
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Utf8Error> {
        self.take(chunk).map(drop)
    }

    /// As [`Validator::push`]; gives the characters that `chunk` completes: the one that was cut at its front, if it
    /// ends here, and all behind it but one that is cut at the end.
    #[inline]
    pub(crate) fn take<'c>(&mut self, chunk: &'c [u8]) -> Result<(Option<char>, &'c str), Utf8Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut rest = chunk;
        let mut joined = None;
        while self.pending.need > 0
            && let Some((&octet, tail)) = rest.split_first()
        {
            joined = self.step(octet)?;
            rest = tail;
        }
        let (body, cut) = rest.split_at(rest.len() - cut_len(rest));
        let Some(text) = as_str(body) else {
            return Err(self.locate(body));
        };
        self.offset += body.len() as u64;
        for &octet in cut {
            self.step(octet)?;
        }
        Ok((joined, text))
    }

    /// Ends the message: an unfinished character is an error. Without error the next message can begin.
    pub fn finish(&mut self) -> Result<(), Utf8Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.pending.need > 0 {
            return Err(self.fail());
        }
        self.reset();
        Ok(())
    }

    /// Forgets the message, error included.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Octets of the message taken so far, up to the error when there is one.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// One octet through the ranges of table 3-7; the character, when it ends here.
    fn step(&mut self, octet: u8) -> Result<Option<char>, Utf8Error> {
        let pending = self.pending;
        let next = if pending.need == 0 {
            first_octet(octet)
        } else if (pending.low..=pending.high).contains(&octet) {
            Some(Pending {
                have: pending.have + 1,
                need: pending.need - 1,
                low: 0x80,
                high: 0xBF,
                code: pending.code << 6 | u32::from(octet & 0x3F),
            })
        } else {
            None
        };
        let Some(next) = next else {
            return Err(self.fail());
        };
        self.offset += 1;
        if next.need > 0 {
            self.pending = next;
            return Ok(None);
        }
        self.pending = Pending::default();
        Ok(char::from_u32(next.code))
    }

    /// The error in a text that has one, found octet by octet from the last sound character on.
    #[cold]
    fn locate(&mut self, body: &[u8]) -> Utf8Error {
        let sound = match std::str::from_utf8(body) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        self.offset += sound as u64;
        for &octet in body.get(sound..).unwrap_or_default() {
            if let Err(error) = self.step(octet) {
                return error;
            }
        }
        self.fail()
    }

    fn fail(&mut self) -> Utf8Error {
        let error = Utf8Error {
            valid_up_to: self.offset - u64::from(self.pending.have),
            at: self.offset,
        };
        self.failed = Some(error);
        error
    }
}

/// A text message put together from chunks, each octet validated once.
#[derive(Debug, Default)]
pub(crate) struct TextBuffer {
    text: String,
    validator: Validator,
}

impl TextBuffer {
    /// Appends the characters that end in `chunk`; a cut one waits for the next.
    #[inline]
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Utf8Error> {
        let (joined, text) = self.validator.take(chunk)?;
        if let Some(joined) = joined {
            self.text.push(joined);
        }
        self.text.push_str(text);
        Ok(())
    }

    /// The whole message, if its end cuts no character.
    pub(crate) fn finish(&mut self) -> Result<&str, Utf8Error> {
        self.validator.finish()?;
        Ok(&self.text)
    }

    /// Octets of the message taken so far.
    pub(crate) fn len(&self) -> u64 {
        self.validator.offset()
    }

    /// Forgets the message and all capacity beyond `keep` octets.
    #[inline]
    pub(crate) fn clear(&mut self, keep: usize) {
        self.validator.reset();
        self.text.clear();
        if self.text.capacity() > keep {
            self.text.shrink_to(keep);
        }
    }

    /// Makes room for `octets` more.
    pub(crate) fn reserve(&mut self, octets: usize) {
        self.text.reserve(octets);
    }
}

/// The octets as text: a whole message, or whatever else is all there.
#[inline]
pub fn from_utf8(octets: &[u8]) -> Result<&str, Utf8Error> {
    as_str(octets).ok_or_else(|| first_error(octets))
}

/// The octets as text, by the validator that is fastest for their number; `None` when they are not UTF-8.
#[inline]
fn as_str(octets: &[u8]) -> Option<&str> {
    if octets.len() <= SHORT_MAX {
        short(octets)
    } else if octets.len() < VECTOR_MIN {
        std::str::from_utf8(octets).ok()
    } else {
        simdutf8::basic::from_utf8(octets).ok()
    }
}

/// A call of its own, so that longer text does not pay for its registers.
#[inline(never)]
fn short(octets: &[u8]) -> Option<&str> {
    match AsciiStr::from_ascii(octets) {
        Ok(text) => Some(text.as_str()),
        Err(_) => std::str::from_utf8(octets).ok(),
    }
}

/// The error in a text that has one.
#[cold]
fn first_error(octets: &[u8]) -> Utf8Error {
    let mut validator = Validator::new();
    match validator.push(octets).and_then(|()| validator.finish()) {
        Err(error) => error,
        Ok(()) => validator.fail(),
    }
}

/// Octets at the end of `text` that begin a character and do not finish it: 0 to 3. Whether they can begin one at all
/// is not looked at beyond the first.
#[inline]
fn cut_len(text: &[u8]) -> usize {
    for (behind, &octet) in (1..=3).zip(text.iter().rev()) {
        match octet {
            0x80..=0xBF => {}
            _ => return if announced(octet) > behind { behind } else { 0 },
        }
    }
    0
}

/// Octets of the character that begins with `octet`; 1 for those that begin none.
const fn announced(octet: u8) -> usize {
    match octet {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    }
}

/// What a first octet announces; `None` for octets that begin nothing.
fn first_octet(octet: u8) -> Option<Pending> {
    let (low, high) = match octet {
        0x00..=0x7F | 0xC2..=0xDF | 0xE1..=0xEC | 0xEE..=0xEF | 0xF1..=0xF3 => (0x80, 0xBF),
        0xE0 => (0xA0, 0xBF),
        0xED => (0x80, 0x9F),
        0xF0 => (0x90, 0xBF),
        0xF4 => (0x80, 0x8F),
        _ => return None,
    };
    let (need, bits) = match announced(octet) {
        1 => (0, 0x7F),
        2 => (1, 0x1F),
        3 => (2, 0x0F),
        _ => (3, 0x07),
    };
    Some(Pending {
        have: 1,
        need,
        low,
        high,
        code: u32::from(octet & bits),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fail-fast points: text, octets before the ill-formed sequence, octet that proves it.
    const ILL_FORMED: &[(&[u8], u64, u64)] = &[
        (b"\x80", 0, 0),
        (b"\xc0\x80", 0, 0),
        (b"\xc1\xbf", 0, 0),
        (b"\xf5\x80\x80\x80", 0, 0),
        (b"\xfe", 0, 0),
        (b"\xff", 0, 0),
        (b"\xe0\x9f\xbf", 0, 1),
        (b"\xed\xa0\x80", 0, 1),
        (b"\xf0\x8f\xbf\xbf", 0, 1),
        (b"\xf4\x90\x80\x80", 0, 1),
        (b"\xe1\x80A", 0, 2),
        (b"ab\xf1\x80\x80A", 2, 5),
    ];

    #[test]
    fn the_first_provable_octet_is_named() {
        for &(text, valid_up_to, at) in ILL_FORMED {
            let mut validator = Validator::new();
            let expected = Err(Utf8Error { valid_up_to, at });
            assert_eq!(validator.push(text), expected, "{text:02x?}");
            assert_eq!(validator.finish(), expected, "{text:02x?}: the error stands");
        }
    }

    #[test]
    fn a_cut_character_is_an_error_at_the_end_only() {
        let mut validator = Validator::new();
        assert_eq!(validator.push(b"a\xe2\x82"), Ok(()));
        assert_eq!(
            validator.finish(),
            Err(Utf8Error {
                valid_up_to: 1,
                at: 3
            })
        );
        validator.reset();
        assert_eq!(validator.push(b"a\xe2\x82"), Ok(()));
        assert_eq!(validator.push(b"\xac"), Ok(()));
        assert_eq!(validator.offset(), 4);
        assert_eq!(validator.finish(), Ok(()));
        assert_eq!(validator.offset(), 0);
    }
}
