//! The head of a block with a code of its own (RFC 1951 section 3.2.7).

use super::bits::Bits;
use super::error::InflateError;
use super::lengths::CodeLengths;
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
    /// Those of the code length code.
    code_lengths: [u8; 19],
    table: [u32; 128],
    /// The last length, to be repeated; `None` before the first one.
    previous: Option<u8>,
    literal_code: CodeLengths,
    distance_code: CodeLengths,
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
            code_lengths: [0; 19],
            table: [0; 128],
            previous: None,
            literal_code: CodeLengths::new(),
            distance_code: CodeLengths::new(),
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
            self.code_lengths = [0; 19];
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
                    .and_then(|&symbol| self.code_lengths.get_mut(symbol));
                if let Some(slot) = place {
                    *slot = u8::try_from(length).unwrap_or(0);
                }
                self.read += 1;
            }
            let mut code = CodeLengths::new();
            for (symbol, &length) in (0..).zip(&self.code_lengths) {
                if length > 0 {
                    code.push(symbol, length);
                }
            }
            build_lengths(&code, &mut self.table)?;
            self.literal_code.clear();
            self.distance_code.clear();
            self.previous = None;
            self.read = 0;
            self.step = Step::Lengths;
        }
        if !self.lengths(bits, input)? {
            return Ok(false);
        }
        if !self.literal_code.contains(256) {
            return Err(InflateError::NoEndOfBlock);
        }
        tables.set(&self.literal_code, &self.distance_code)?;
        Ok(true)
    }

    /// Reads the lengths of both codes; false when bits are missing.
    fn lengths(&mut self, bits: &mut Bits, input: &mut &[u8]) -> Result<bool, InflateError> {
        let total = self.literals + self.distances;
        let mut local = *bits;
        let mut read = self.read;
        while read < total {
            // A length takes 7 bits of code and 7 more at most.
            if local.count < 14 {
                local.fill(input);
            }
            let index = local.peek(LENGTH_BITS) as usize;
            let entry = self.table.get(index).copied().unwrap_or(0);
            let code = taken(entry);
            let symbol = entry >> 16;
            let (extra, base) = match symbol {
                16 => (2, 3),
                17 => (3, 3),
                18 => (7, 11),
                _ => (0, 1),
            };
            if local.count < code + extra {
                (*bits, self.read) = (local, read);
                return Ok(false);
            }
            local.consume(code);
            let end = read + base + local.peek(extra) as usize;
            local.consume(extra);
            let length = match symbol {
                16 => self.previous.ok_or(InflateError::CodeRepeat)?,
                17 | 18 => 0,
                length => u8::try_from(length).unwrap_or(0),
            };
            if end > total {
                return Err(InflateError::CodeRepeat);
            }
            self.previous = Some(length);
            if length > 0 {
                for symbol in read..end {
                    self.tell(symbol, length);
                }
            }
            read = end;
        }
        (*bits, self.read) = (local, read);
        Ok(true)
    }

    /// Tells the length of a symbol; those of the distance code follow those of the literal and length code.
    #[inline]
    fn tell(&mut self, symbol: usize, length: u8) {
        let (code, symbol) = match symbol.checked_sub(self.literals) {
            None => (&mut self.literal_code, symbol),
            Some(symbol) => (&mut self.distance_code, symbol),
        };
        code.push(u16::try_from(symbol).unwrap_or(0), length);
    }
}
