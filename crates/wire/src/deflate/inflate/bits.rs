//! The bit buffer (RFC 1951 section 3.1.1: octets are filled from their low bit).

/// Bits read ahead. Bits of `word` at and above `count` are zero.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Bits {
    pub(super) word: u64,
    /// 0 to 63.
    pub(super) count: u32,
}

/// The low `bits` (0 to 31) of a word.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "masked to less than 32 bits")]
pub(super) fn low(word: u64, bits: u32) -> u32 {
    (word & ((1 << bits) - 1)) as u32
}

impl Bits {
    /// Takes octets from the front of `input` until more than 56 bits are there or the input ends.
    #[inline]
    pub(super) fn fill(&mut self, input: &mut &[u8]) {
        if let Some((next, _)) = input.split_first_chunk::<8>() {
            let octets = (63 - self.count) >> 3;
            self.word |= u64::from_le_bytes(*next) << self.count;
            self.count += octets * 8;
            self.word &= (1 << self.count) - 1;
            *input = input.get(octets as usize..).unwrap_or_default();
        } else {
            while self.count <= 55
                && let Some((&octet, rest)) = input.split_first()
            {
                self.word |= u64::from(octet) << self.count;
                self.count += 8;
                *input = rest;
            }
        }
    }

    /// The next `bits` bits (0 to 31) without taking them; zeros where there are no more.
    #[inline]
    pub(super) fn peek(&self, bits: u32) -> u32 {
        low(self.word, bits)
    }

    /// Takes bits that are known to be there.
    #[inline]
    pub(super) fn consume(&mut self, bits: u32) {
        self.word >>= bits;
        self.count -= bits;
    }

    /// Takes the next `bits` bits (0 to 31), `None` when there are not as many.
    #[inline]
    pub(super) fn take(&mut self, bits: u32) -> Option<u32> {
        if self.count < bits {
            return None;
        }
        let value = self.peek(bits);
        self.consume(bits);
        Some(value)
    }

    /// Drops the bits up to the next octet boundary of the input and gives them.
    pub(super) fn align(&mut self) -> u32 {
        let padding = self.count % 8;
        let dropped = self.peek(padding);
        self.consume(padding);
        dropped
    }
}
