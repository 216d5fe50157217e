//! Code lengths, which say all of a prefix code (RFC 1951 section 3.2.2).

use super::error::InflateError;

/// Most symbols of a code.
const SYMBOLS: usize = 288;

/// The code lengths of one code, as far as they were told.
#[derive(Debug)]
pub(super) struct CodeLengths {
    /// How many codes there are of each length.
    counts: [u16; 16],
    /// The symbols that have a code, by value; the length is in the low four bits.
    used: [u16; SYMBOLS],
    len: usize,
}

/// A code whose lengths were found right, its symbols by length, then by value.
pub(super) struct Sorted {
    pub(super) counts: [u16; 16],
    pub(super) symbols: [u16; SYMBOLS],
    /// The least and the greatest length; `None` when there is no code at all.
    pub(super) bounds: Option<(usize, usize)>,
    /// Codes are missing: there is none, or one of one bit.
    pub(super) incomplete: bool,
}

impl CodeLengths {
    pub(super) fn new() -> Self {
        Self {
            counts: [0; 16],
            used: [0; SYMBOLS],
            len: 0,
        }
    }

    /// Forgets all lengths.
    pub(super) fn clear(&mut self) {
        self.counts = [0; 16];
        self.len = 0;
    }

    /// Tells the length of the code of a symbol, 1 to 15. Symbols have to come by value.
    #[inline]
    pub(super) fn push(&mut self, symbol: u16, length: u8) {
        if let (Some(slot), Some(count)) = (
            self.used.get_mut(self.len),
            self.counts.get_mut(usize::from(length & 0xF)),
        ) {
            *slot = symbol << 4 | u16::from(length & 0xF);
            *count += 1;
            self.len += 1;
        }
    }

    /// Has the symbol a code?
    pub(super) fn contains(&self, symbol: u16) -> bool {
        let used = self.used.get(..self.len).unwrap_or_default();
        used.iter().rev().any(|used| used >> 4 == symbol)
    }

    /// Sorts the symbols. An incomplete code is taken when `incomplete` allows it and it has no code or one of one bit,
    /// as every inflater takes it.
    pub(super) fn sort(&self, incomplete: bool) -> Result<Sorted, InflateError> {
        let mut open = 1_i32;
        let mut bounds = None;
        let mut starts = [0_u16; 16];
        let mut next = 0;
        for ((length, &count), start) in self.counts.iter().enumerate().zip(&mut starts).skip(1) {
            *start = next;
            next += count;
            open = open * 2 - i32::from(count);
            if open < 0 {
                return Err(InflateError::CodeLengths);
            }
            if count > 0 {
                bounds = Some((bounds.map_or(length, |(shortest, _)| shortest), length));
            }
        }
        if open > 0 && (!incomplete || bounds.is_some_and(|(_, longest)| longest > 1)) {
            return Err(InflateError::CodeLengths);
        }
        let mut symbols = [0; SYMBOLS];
        for &used in self.used.get(..self.len).unwrap_or_default() {
            if let Some(start) = starts.get_mut(usize::from(used & 0xF))
                && let Some(slot) = symbols.get_mut(usize::from(*start))
            {
                *slot = used >> 4;
                *start += 1;
            }
        }
        Ok(Sorted {
            counts: self.counts,
            symbols,
            bounds,
            incomplete: open > 0,
        })
    }
}
