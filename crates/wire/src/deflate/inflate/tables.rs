//! Decoding tables of the prefix codes: a first table over the next bits, and behind it second ones for codes
//! that are longer.
//!
//! Entries are 32 bits: bits 0 to 7 how many bits to take, the extra ones included; 8 to 11 how many of them
//! are the code; 13 to 15 and 31 flags; 16 to 30 a literal, the base of a length or distance, or the index of
//! a second table, whose width then stands in bits 8 to 11.

use super::error::InflateError;
use super::lengths::CodeLengths;
use std::sync::LazyLock;

/// The entry is a literal.
pub(super) const LITERAL: u32 = 1 << 31;
/// The entry is neither literal nor length nor distance. Without a further flag: a code not in use.
pub(super) const SPECIAL: u32 = 1 << 15;
/// The entry points to a second table.
pub(super) const SECOND: u32 = 1 << 14;
/// The entry is the end of the block.
pub(super) const END: u32 = 1 << 13;

/// Bits of the first table of the literal and length code.
pub(super) const LITERAL_BITS: u32 = 10;
/// Bits of the first table of the distance code.
pub(super) const DISTANCE_BITS: u32 = 8;
/// Bits of the table of the code length code, which needs no second ones.
pub(super) const LENGTH_BITS: u32 = 7;

/// Most entries that complete codes can need: 288 symbols over 10 bits, 32 symbols over 8 bits.
const LITERAL_SIZE: usize = 1334;
const DISTANCE_SIZE: usize = 402;

/// The tables of one block.
#[derive(Debug)]
pub(super) struct Tables {
    literals: [u32; LITERAL_SIZE],
    distances: [u32; DISTANCE_SIZE],
}

/// The fixed code (RFC 1951 section 3.2.6).
pub(super) static FIXED: LazyLock<Tables> = LazyLock::new(|| {
    let (mut literals, mut distances) = (CodeLengths::new(), CodeLengths::new());
    for symbol in 0..288 {
        let length = match symbol {
            144..=255 => 9,
            256..=279 => 7,
            _ => 8,
        };
        literals.push(symbol, length);
    }
    for symbol in 0..32 {
        distances.push(symbol, 5);
    }
    let mut tables = Tables::new();
    // The fixed code is a prefix code: it can not fail.
    let _ = tables.set(&literals, &distances);
    tables
});

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            literals: [SPECIAL | 1; LITERAL_SIZE],
            distances: [SPECIAL | 1; DISTANCE_SIZE],
        }
    }

    /// Makes the tables of a block from its code lengths.
    pub(super) fn set(
        &mut self,
        literals: &CodeLengths,
        distances: &CodeLengths,
    ) -> Result<(), InflateError> {
        let Self {
            literals: literal_table,
            distances: distance_table,
        } = self;
        build(literals, literal_table, LITERAL_BITS, true, literal_entry)?;
        build(distances, distance_table, DISTANCE_BITS, true, distance_entry)
    }

    /// The entry for the next bits, from the first table.
    #[inline]
    pub(super) fn literal(&self, word: u64) -> u32 {
        first(&self.literals, super::bits::low(word, LITERAL_BITS))
    }

    /// The entry for the bits behind those of a [`SECOND`] entry.
    #[inline]
    pub(super) fn literal_second(&self, entry: u32, word: u64) -> u32 {
        second(&self.literals, entry, word)
    }

    /// The entry for the next bits, from the first table.
    #[inline]
    pub(super) fn distance(&self, word: u64) -> u32 {
        first(&self.distances, super::bits::low(word, DISTANCE_BITS))
    }

    /// The entry for the bits behind those of a [`SECOND`] entry.
    #[inline]
    pub(super) fn distance_second(&self, entry: u32, word: u64) -> u32 {
        second(&self.distances, entry, word)
    }
}

#[inline]
fn first(table: &[u32], index: u32) -> u32 {
    // Never out of range; the compiler knows it too.
    table.get(index as usize).copied().unwrap_or(SPECIAL)
}

#[inline]
fn second(table: &[u32], entry: u32, word: u64) -> u32 {
    let index = ((entry >> 16) + super::bits::low(word, (entry >> 8) & 0xF)) as usize;
    table.get(index).copied().unwrap_or(SPECIAL)
}

/// How many bits the entry takes in all.
#[inline]
pub(super) fn taken(entry: u32) -> u32 {
    entry & 0xFF
}

/// The length or distance of an entry: its base and the extra bits behind the code.
#[inline]
pub(super) fn value(entry: u32, word: u64) -> u32 {
    ((entry >> 16) & 0x7FFF) + (super::bits::low(word, taken(entry)) >> ((entry >> 8) & 0xF))
}

/// Makes the table of the code length code, which has to be complete.
pub(super) fn build_lengths(lengths: &CodeLengths, table: &mut [u32; 128]) -> Result<(), InflateError> {
    build(lengths, table, LENGTH_BITS, false, length_entry)
}

/// RFC 1951 section 3.2.5: base and extra bits of the length codes 257 to 285.
const LENGTHS: [(u32, u32); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// The entry of a literal or length symbol but for its code.
fn literal_entry(symbol: u32) -> u32 {
    match symbol {
        0..=255 => LITERAL | symbol << 16,
        256 => SPECIAL | END,
        _ => match LENGTHS.get((symbol - 257) as usize) {
            Some((base, extra)) => base << 16 | extra,
            None => SPECIAL,
        },
    }
}

/// The entry of a distance symbol but for its code. RFC 1951 section 3.2.5: from code 4 on, two codes for each number of
/// extra bits.
fn distance_entry(symbol: u32) -> u32 {
    match symbol {
        0..=3 => (symbol + 1) << 16,
        4..=29 => {
            let extra = symbol / 2 - 1;
            (((2 + symbol % 2) << extra) + 1) << 16 | extra
        }
        _ => SPECIAL,
    }
}

/// The entry of a symbol of the code length code but for its code.
fn length_entry(symbol: u32) -> u32 {
    symbol << 16
}

/// Fills a table from code lengths (RFC 1951 section 3.2.2). An incomplete code is taken when `incomplete` allows it
/// and it has no code or one of one bit.
#[inline]
fn build(
    lengths: &CodeLengths,
    table: &mut [u32],
    root: u32,
    incomplete: bool,
    entry_of: impl Fn(u32) -> u32,
) -> Result<(), InflateError> {
    let sorted = lengths.sort(incomplete)?;
    let counts = &sorted.counts;
    if sorted.incomplete {
        table.fill(SPECIAL | 1);
    }
    let Some((shortest, longest)) = sorted.bounds else {
        return Ok(());
    };
    let mut symbols = sorted.symbols.iter();
    let mut code = 0_u32;
    // A code of few bits stands at each index that ends in it. The first table is filled for the shortest
    // codes and doubled from length to length, which puts each code where it belongs.
    for (length, &count) in (1..=root).zip(counts.iter().skip(1)).skip(shortest - 1) {
        let half = 1 << (length - 1);
        if length as usize > shortest {
            table.copy_within(..half, half);
        }
        for &symbol in symbols.by_ref().take(usize::from(count)) {
            let reversed = code.reverse_bits() >> (32 - length);
            if let Some(slot) = table.get_mut(reversed as usize) {
                *slot = entry_of(u32::from(symbol)) + (length << 8 | length);
            }
            code += 1;
        }
        code <<= 1;
    }
    if longest <= root as usize {
        return Ok(());
    }

    let mut free = 1_usize << root;
    // The prefix, the start and the width of the second table being filled.
    let mut current = None::<(u32, usize, u32)>;
    for (length, &count) in (root + 1..16).zip(counts.iter().skip(root as usize + 1)) {
        for (used, &symbol) in (0..count).zip(symbols.by_ref()) {
            let reversed = code.reverse_bits() >> (32 - length);
            code += 1;
            let prefix = reversed & ((1 << root) - 1);
            let (start, width) = match current {
                Some((filled, start, width)) if filled == prefix => (start, width),
                _ => {
                    let width = second_width(counts, length, count - used, root);
                    let index = u32::try_from(free).unwrap_or(0) << 16;
                    if let Some(slot) = table.get_mut(prefix as usize) {
                        *slot = index | SPECIAL | SECOND | width << 8 | root;
                    }
                    current = Some((prefix, free, width));
                    free += 1 << width;
                    (free - (1 << width), width)
                }
            };
            let rest = length - root;
            let entry = entry_of(u32::from(symbol)) + (rest << 8 | rest);
            let area = table.get_mut(start + (reversed >> root) as usize..start + (1 << width));
            for slot in area.into_iter().flatten().step_by(1 << rest) {
                *slot = entry;
            }
        }
        code <<= 1;
    }
    Ok(())
}

/// How many bits the second table needs whose first code has this length, where `left` codes of that length
/// are still to come: as many as fill it.
fn second_width(counts: &[u16; 16], length: u32, left: u16, root: u32) -> u32 {
    let mut width = length - root;
    let mut filled = u32::from(left);
    while filled < 1 << width && root + width < 15 {
        width += 1;
        filled = (filled << 1) + u32::from(counts.get((root + width) as usize).copied().unwrap_or(0));
    }
    width
}

#[cfg(test)]
mod tests {
    use super::{CodeLengths, LITERAL, LITERAL_BITS, SECOND, SPECIAL, Tables, taken};
    use proptest::prelude::*;

    /// Lengths of a complete code: one leaf is split until there are enough.
    fn complete(splits: &[prop::sample::Index]) -> Vec<u8> {
        let mut leaves = vec![1_u8, 1];
        for split in splits {
            let at = split.index(leaves.len());
            if leaves[at] < 15 {
                leaves[at] += 1;
                leaves.push(leaves[at]);
            }
        }
        leaves
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn each_code_finds_its_symbol(
            splits in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
            skew: bool,
        ) {
            let mut lengths = complete(&splits);
            if skew {
                // As long as codes can be: one leaf is split again and again.
                lengths = (1..=15).collect();
                lengths.push(15);
            }
            let mut tables = Tables::new();
            let mut literals = CodeLengths::new();
            (0..).zip(&lengths).for_each(|(symbol, &length)| literals.push(symbol, length));
            let mut distances = CodeLengths::new();
            (0..2).for_each(|symbol| distances.push(symbol, 1));
            prop_assert_eq!(tables.set(&literals, &distances), Ok(()));
            // RFC 1951 section 3.2.2: codes count up by length, then by symbol.
            let mut order: Vec<usize> = (0..lengths.len()).collect();
            order.sort_by_key(|&symbol| (lengths[symbol], symbol));
            let (mut code, mut before) = (0_u64, 0);
            for symbol in order {
                let length = u32::from(lengths[symbol]);
                code <<= length - before;
                before = length;
                let word = code.reverse_bits() >> (64 - length);
                code += 1;
                for behind in [0, u64::MAX << length] {
                    let mut entry = tables.literal(word | behind);
                    let mut used = 0;
                    if entry & SECOND != 0 && entry & (LITERAL | SPECIAL) == SPECIAL {
                        used = LITERAL_BITS;
                        entry = tables.literal_second(entry, (word | behind) >> used);
                    }
                    prop_assert!(entry & LITERAL != 0);
                    prop_assert_eq!((entry >> 16 & 0xFF) as usize, symbol);
                    prop_assert_eq!(used + taken(entry), length);
                }
            }
        }
    }
}
