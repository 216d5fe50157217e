//! The head of a block with a code of its own (RFC 1951 section 3.2.7).

use super::bits::Bits;
use super::error::InflateError;
use super::tables::{LENGTH_BITS, Tables, build_lengths, taken};

/// The order in which the lengths of the code length code come.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// What has been read of the head. Each step needs less bits than the bit buffer holds, so it is either
/// done or not begun.
#[derive(Debug)]
pub(super) struct DynamicHeader {
    literals: usize,
    distances: usize,
    codes: usize,
    /// Lengths read of the code length code, later of the two codes.
    read: usize,
    step: Step,
    lengths: [u8; 320],
    table: [u32; 128],
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Counts,
    CodeLengths,
    Lengths,
}

impl DynamicHeader {
    pub(super) fn new() -> Self {
        Self {
            literals: 0,
            distances: 0,
            codes: 0,
            read: 0,
            step: Step::Counts,
            lengths: [0; 320],
            table: [0; 128],
        }
    }

    /// Makes it ready for the next block.
    pub(super) fn begin(&mut self) {
        self.step = Step::Counts;
        self.read = 0;
    }

    /// Goes on reading; true when the head is complete and `tables` are made.
    pub(super) fn advance(
        &mut self,
        bits: &mut Bits,
        input: &mut &[u8],
        tables: &mut Tables,
    ) -> Result<bool, InflateError> {
        if self.step == Step::Counts {
            bits.fill(input);
            let Some(counts) = bits.take(14) else {
                return Ok(false);
            };
            self.literals = 257 + (counts & 31) as usize;
            self.distances = 1 + (counts >> 5 & 31) as usize;
            self.codes = 4 + (counts >> 10) as usize;
            if self.literals > 286 || self.distances > 30 {
                return Err(InflateError::SymbolCount);
            }
            self.lengths = [0; 320];
            self.step = Step::CodeLengths;
        }
        if self.step == Step::CodeLengths {
            while self.read < self.codes {
                bits.fill(input);
                let Some(length) = bits.take(3) else {
                    return Ok(false);
                };
                let place = ORDER
                    .get(self.read)
                    .and_then(|&symbol| self.lengths.get_mut(symbol));
                if let Some(slot) = place {
                    *slot = u8::try_from(length).unwrap_or(0);
                }
                self.read += 1;
            }
            build_lengths(self.lengths.get(..19).unwrap_or_default(), &mut self.table)?;
            self.lengths = [0; 320];
            self.read = 0;
            self.step = Step::Lengths;
        }
        let total = self.literals + self.distances;
        while self.read < total {
            // A length takes 7 bits of code and 7 more at most.
            if bits.count < 14 {
                bits.fill(input);
            }
            if !self.length(bits, total)? {
                return Ok(false);
            }
        }
        let (literals, rest) = self.lengths.split_at_checked(self.literals).unwrap_or_default();
        if literals.get(256) == Some(&0) {
            return Err(InflateError::NoEndOfBlock);
        }
        tables.set(literals, rest.get(..self.distances).unwrap_or_default())?;
        Ok(true)
    }

    /// Reads one length or one repetition; false when bits are missing.
    fn length(&mut self, bits: &mut Bits, total: usize) -> Result<bool, InflateError> {
        let entry = self
            .table
            .get(bits.peek(LENGTH_BITS) as usize)
            .copied()
            .unwrap_or(0);
        let code = taken(entry);
        let (extra, base) = match entry >> 16 {
            16 => (2, 3),
            17 => (3, 3),
            18 => (7, 11),
            _ => (0, 1),
        };
        if bits.count < code + extra {
            return Ok(false);
        }
        bits.consume(code);
        let times = base + bits.peek(extra) as usize;
        bits.consume(extra);
        let length = match entry >> 16 {
            16 => {
                let before = self.read.checked_sub(1).and_then(|index| self.lengths.get(index));
                *before.ok_or(InflateError::CodeRepeat)?
            }
            17 | 18 => 0,
            length => u8::try_from(length).unwrap_or(0),
        };
        if self.read + times > total {
            return Err(InflateError::CodeRepeat);
        }
        if let Some(slots) = self.lengths.get_mut(self.read..self.read + times) {
            slots.fill(length);
        }
        self.read += times;
        Ok(true)
    }
}
