//! Writes DEFLATE token by token, right or wrong: for streams that no compressor makes.

/// A writer of stored blocks and blocks with the fixed code (RFC 1951 sections 3.2.4 and 3.2.6).
///
/// It writes what it is told: distances that reach nowhere, blocks that do not end, final blocks in the middle.
#[derive(Debug, Clone, Default)]
pub struct TokenWriter {
    out: Vec<u8>,
    word: u64,
    count: u32,
}

impl TokenWriter {
    /// A writer at the beginning of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends the low `count` (0 to 32) bits of `value`, lowest first.
    pub fn bits(&mut self, value: u32, count: u32) -> &mut Self {
        self.word |= (u64::from(value) & ((1 << count) - 1)) << self.count;
        self.count += count;
        while self.count >= 8 {
            let [octet, ..] = self.word.to_le_bytes();
            self.out.push(octet);
            self.word >>= 8;
            self.count -= 8;
        }
        self
    }

    /// Fills up with zero bits to the next octet.
    pub fn align(&mut self) -> &mut Self {
        self.bits(0, (8 - self.count % 8) % 8)
    }

    /// Appends stored blocks of at most 65535 octets each, at least one; `last` marks the last one final.
    pub fn stored(&mut self, octets: &[u8], last: bool) -> &mut Self {
        let mut rest = octets;
        loop {
            let (block, after) = rest.split_at_checked(0xFFFF).unwrap_or((rest, &[]));
            let length = u32::try_from(block.len()).unwrap_or(0xFFFF);
            self.bits(u32::from(last && after.is_empty()), 3).align();
            self.bits(length, 16).bits(!length, 16);
            self.out.extend_from_slice(block);
            rest = after;
            if rest.is_empty() {
                return self;
            }
        }
    }

    /// Begins a block with the fixed code; `last` marks it final.
    pub fn begin_fixed(&mut self, last: bool) -> &mut Self {
        self.bits(u32::from(last) | 0b010, 3)
    }

    /// One octet, inside a block with the fixed code.
    pub fn literal(&mut self, octet: u8) -> &mut Self {
        self.symbol(u32::from(octet))
    }

    /// A reference of `length` (3 to 258) octets, `distance` (1 to 32768) back, inside a block with the fixed
    /// code. Values outside are brought to the nearest inside.
    pub fn reference(&mut self, length: u16, distance: u16) -> &mut Self {
        let length = u32::from(length.clamp(3, 258)) - 3;
        // RFC 1951 section 3.2.5: four codes share each number of extra bits, two do for distances.
        match length {
            255 => {
                self.symbol(285);
            }
            0..=7 => {
                self.symbol(257 + length);
            }
            _ => {
                let extra = 29 - length.leading_zeros();
                self.symbol(257 + (extra << 2) + (length >> extra))
                    .bits(length, extra);
            }
        }
        let distance = u32::from(distance.clamp(1, 32768)) - 1;
        if distance < 4 {
            return self.code(distance, 5);
        }
        let extra = 30 - distance.leading_zeros();
        self.code((extra << 1) + (distance >> extra), 5)
            .bits(distance, extra)
    }

    /// Ends a block with the fixed code.
    pub fn end_block(&mut self) -> &mut Self {
        self.symbol(256)
    }

    /// Any literal or length symbol (0 to 287) of the fixed code, also those not in use.
    pub fn symbol(&mut self, symbol: u32) -> &mut Self {
        match symbol {
            0..=143 => self.code(0x30 + symbol, 8),
            144..=255 => self.code(0x190 + symbol - 144, 9),
            256..=279 => self.code(symbol - 256, 7),
            _ => self.code(0xC0 + (symbol - 280) % 8, 8),
        }
    }

    /// A distance code (0 to 31) of the fixed code without its extra bits, also those not in use.
    pub fn distance_code(&mut self, code: u32) -> &mut Self {
        self.code(code, 5)
    }

    /// The octets so far, an unfinished one left out. They are gone from the writer.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends a message as RFC 7692 section 7.2.1 says: the head of an empty stored block is appended, and the
    /// rest of that block only when `keep_tail`.
    pub fn end_message(&mut self, keep_tail: bool) -> Vec<u8> {
        self.bits(0, 3).align();
        if keep_tail {
            self.bits(0xFFFF_0000, 32);
        }
        self.take()
    }

    /// Codes are written from their high bit (RFC 1951 section 3.1.1).
    fn code(&mut self, code: u32, length: u32) -> &mut Self {
        self.bits(code.reverse_bits() >> (32 - length), length)
    }
}

#[cfg(test)]
mod tests {
    use super::TokenWriter;

    #[test]
    fn published_payloads() {
        let mut writer = TokenWriter::new();
        writer.begin_fixed(false);
        b"Hello".iter().for_each(|&octet| {
            writer.literal(octet);
        });
        writer.end_block();
        // RFC 7692 sections 7.2.3.1 and 7.2.3.3.
        assert_eq!(
            writer.end_message(false),
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        );
        writer.stored(b"Hello", false);
        assert_eq!(writer.end_message(false), *b"\x00\x05\x00\xFA\xFFHello\x00");
        // RFC 7692 section 7.2.3.2: an H, then five octets from five back, of which four are needed.
        writer
            .begin_fixed(false)
            .literal(b'H')
            .reference(4, 5)
            .end_block();
        assert_eq!(writer.end_message(true).len(), 9);
    }
}
