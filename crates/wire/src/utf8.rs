//! Incremental UTF-8 validation of text messages (RFC 6455 section 8.1, RFC 3629, Unicode table 3-7).
//!
//! The bulk of a chunk goes through a vectorised validator; only a character cut by a chunk edge is followed octet by
//! octet, and the state of it carried over.

/// Below this size the set-up of the vectorised validator costs more than it saves.
const VECTOR_MIN: usize = 64;

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
}

impl Validator {
    /// A validator at the start of a message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next octets of the message. After an error every further call gives the same error.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Utf8Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut rest = chunk;
        while self.pending.need > 0
            && let Some((&octet, tail)) = rest.split_first()
        {
            self.step(octet)?;
            rest = tail;
        }
        let valid = valid_prefix(rest);
        self.offset += valid as u64;
        // At most three octets of a cut character, or the ill-formed sequence, which `step` locates exactly.
        for &octet in rest.get(valid..).unwrap_or_default() {
            self.step(octet)?;
        }
        Ok(())
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

    /// One octet through the ranges of table 3-7.
    fn step(&mut self, octet: u8) -> Result<(), Utf8Error> {
        let pending = self.pending;
        let next = if pending.need == 0 {
            first_octet(octet)
        } else if (pending.low..=pending.high).contains(&octet) {
            let need = pending.need - 1;
            let have = if need == 0 { 0 } else { pending.have + 1 };
            Some(Pending {
                have,
                need,
                low: 0x80,
                high: 0xBF,
            })
        } else {
            None
        };
        match next {
            Some(next) => {
                self.pending = next;
                self.offset += 1;
                Ok(())
            }
            None => Err(self.fail()),
        }
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

/// What a first octet announces; `None` for octets that begin nothing.
fn first_octet(octet: u8) -> Option<Pending> {
    let (need, low, high) = match octet {
        0x00..=0x7F => return Some(Pending::default()),
        0xC2..=0xDF => (1, 0x80, 0xBF),
        0xE0 => (2, 0xA0, 0xBF),
        0xE1..=0xEC | 0xEE..=0xEF => (2, 0x80, 0xBF),
        0xED => (2, 0x80, 0x9F),
        0xF0 => (3, 0x90, 0xBF),
        0xF1..=0xF3 => (3, 0x80, 0xBF),
        0xF4 => (3, 0x80, 0x8F),
        _ => return None,
    };
    Some(Pending {
        have: 1,
        need,
        low,
        high,
    })
}

/// Octets of `text` up to the first that is ill-formed or cut.
fn valid_prefix(text: &[u8]) -> usize {
    if text.len() < VECTOR_MIN {
        std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len)
    } else {
        simdutf8::compat::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len)
    }
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
