//! The loop that does nearly all the work: as long as input and room last for a whole turn, nothing is
//! checked but what the stream itself can get wrong.

use super::bits::Bits;
use super::copy::copy;
use super::tables::{DISTANCE_BITS, END, LITERAL, LITERAL_BITS, SECOND, SPECIAL, Tables, taken, value};
use super::window::{Area, MARGIN, Progress};

/// Octets of input that one turn may load.
pub(super) const INPUT: usize = 16;

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Input or room is short.
    Short,
    /// The block ended.
    End,
    /// A reference reaches before the first octet there is, so many octets back.
    TooFarBack(usize),
    /// A literal or length code is not in use.
    BadSymbol,
    /// A distance code is not in use.
    BadDistance,
}

/// Decodes symbols until input or room is short or something needs care. Takes what it uses from `input`.
#[inline(never)]
pub(super) fn symbols(
    area: Area<'_>,
    bits: &mut Bits,
    input: &mut &[u8],
    tables: &Tables,
) -> (Exit, Progress) {
    let Area { octets: out, mut at } = area;
    let whole_input = *input;
    let mut rest = whole_input;
    let mut word = bits.word;
    let mut count = bits.count;
    let mut max_distance = 0;
    let mut lowest = at;

    // More than 55 bits afterwards. Bits of `word` above `count` are those of the input or zero.
    macro_rules! refill {
        () => {
            if let Some(eight) = rest.first_chunk::<8>() {
                word |= u64::from_le_bytes(*eight) << count;
                rest = rest
                    .get(((63 - count) >> 3 & 7) as usize..)
                    .unwrap_or_default();
                count |= 56;
            }
        };
    }
    macro_rules! drop_bits {
        ($bits:expr) => {{
            let bits = $bits;
            word >>= bits;
            count -= bits;
        }};
    }
    macro_rules! put {
        ($entry:expr, $slot:expr) => {{
            drop_bits!(taken($entry));
            let [_, _, octet, _] = $entry.to_le_bytes();
            *$slot = octet;
        }};
    }

    let exit = loop {
        let target = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<MARGIN>);
        let Some([first, second, third, ..]) = target else {
            break Exit::Short;
        };
        if rest.len() < INPUT {
            break Exit::Short;
        }
        refill!();
        let mut entry = tables.literal(word);
        if entry & LITERAL != 0 {
            put!(entry, first);
            at += 1;
            entry = tables.literal(word);
            if entry & LITERAL != 0 {
                put!(entry, second);
                at += 1;
                entry = tables.literal(word);
                if entry & LITERAL != 0 {
                    put!(entry, third);
                    at += 1;
                    continue;
                }
            }
            // A reference takes up to 48 bits.
            refill!();
        }
        if entry & SPECIAL != 0 {
            if entry & SECOND != 0 {
                drop_bits!(LITERAL_BITS);
                entry = tables.literal_second(entry, word);
                if entry & LITERAL != 0 {
                    drop_bits!(taken(entry));
                    if let Some(slot) = out.get_mut(at) {
                        let [_, _, octet, _] = entry.to_le_bytes();
                        *slot = octet;
                    }
                    at += 1;
                    continue;
                }
            }
            if entry & SPECIAL != 0 {
                drop_bits!(taken(entry));
                break if entry & END != 0 {
                    Exit::End
                } else {
                    Exit::BadSymbol
                };
            }
        }
        let length = value(entry, word) as usize;
        drop_bits!(taken(entry));

        let mut entry = tables.distance(word);
        if entry & SPECIAL != 0 {
            if entry & SECOND != 0 {
                drop_bits!(DISTANCE_BITS);
                entry = tables.distance_second(entry, word);
            }
            if entry & SPECIAL != 0 {
                break Exit::BadDistance;
            }
        }
        let distance = value(entry, word) as usize;
        drop_bits!(taken(entry));

        max_distance = max_distance.max(distance);
        let Some(source) = at.checked_sub(distance) else {
            break Exit::TooFarBack(distance);
        };
        lowest = lowest.min(source);
        copy(out, at, distance, length);
        at += length;
    };

    // Whole octets go back, as far as they came from this input.
    let loaded = whole_input.len() - rest.len();
    let whole = ((count >> 3) as usize).min(loaded);
    count -= u32::try_from(whole).unwrap_or(0) * 8;
    bits.word = word & ((1 << count) - 1);
    bits.count = count;
    *input = whole_input.get(loaded - whole..).unwrap_or_default();
    let progress = Progress {
        at,
        max_distance,
        lowest,
    };
    (exit, progress)
}
