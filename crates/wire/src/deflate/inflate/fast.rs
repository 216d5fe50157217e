//! The loop that does nearly all the work: as long as input and room last for a whole turn, nothing is
//! checked but what the stream itself can get wrong.

use super::bits::Bits;
use super::copy::copy;
use super::tables::{DISTANCE_BITS, END, LITERAL, LITERAL_BITS, SECOND, SPECIAL, Tables, taken, value};

/// Octets of input that one turn may load.
pub(super) const INPUT: usize = 16;

/// Why the loop ended.
pub(super) enum Exit {
    /// Input or room is short.
    Short,
    /// The block ended.
    End,
    /// A reference reaches before this call's output.
    Before {
        /// In octets.
        distance: u32,
        /// In octets.
        length: u32,
    },
    /// A literal or length code is not in use.
    BadSymbol,
    /// A distance code is not in use.
    BadDistance,
}

/// Where the loop works and how far it came.
pub(super) struct Run<'a> {
    pub(super) out: &'a mut [u8],
    /// Where the next octet goes.
    pub(super) at: usize,
    /// Where this call's output begins.
    pub(super) base: usize,
    /// The last place at which a turn may begin.
    pub(super) end: usize,
    /// The farthest reference so far.
    pub(super) max_distance: u32,
}

/// Decodes symbols until input or room is short or something needs care. Takes what it uses from `input`.
#[inline(never)]
pub(super) fn symbols(run: &mut Run<'_>, bits: &mut Bits, input: &mut &[u8], tables: &Tables) -> Exit {
    let octets = *input;
    let mut next = 0;
    let mut word = bits.word;
    let mut count = bits.count;
    let mut at = run.at;
    let mut max_distance = run.max_distance;
    let (base, end) = (run.base, run.end);
    let out = &mut *run.out;

    // More than 55 bits afterwards. Bits of `word` above `count` are those of the input or zero.
    macro_rules! refill {
        () => {
            if let Some(eight) = octets.get(next..).and_then(<[u8]>::first_chunk::<8>) {
                word |= u64::from_le_bytes(*eight) << count;
                next += ((63 - count) >> 3) as usize;
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
        ($entry:expr) => {{
            drop_bits!(taken($entry));
            if let Some(slot) = out.get_mut(at) {
                let [_, _, octet, _] = $entry.to_le_bytes();
                *slot = octet;
            }
            at += 1;
        }};
    }

    let exit = loop {
        if at > end || octets.len() - next < INPUT {
            break Exit::Short;
        }
        refill!();
        let mut entry = tables.literal(word);
        if entry & LITERAL != 0 {
            put!(entry);
            entry = tables.literal(word);
            if entry & LITERAL != 0 {
                put!(entry);
                entry = tables.literal(word);
                if entry & LITERAL != 0 {
                    put!(entry);
                    continue;
                }
            }
        }
        if entry & SPECIAL != 0 {
            if entry & SECOND != 0 {
                drop_bits!(LITERAL_BITS);
                entry = tables.literal_second(entry, word);
                if entry & LITERAL != 0 {
                    put!(entry);
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
        let length = value(entry, word);
        drop_bits!(taken(entry));

        // At most 42 bits of 56 are used, and a distance takes up to 28.
        refill!();
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
        let distance = value(entry, word);
        drop_bits!(taken(entry));

        if distance as usize > at - base {
            break Exit::Before { distance, length };
        }
        max_distance = max_distance.max(distance);
        if !copy(out, at, distance as usize, length as usize) {
            break Exit::Before { distance, length };
        }
        at += length as usize;
    };

    // Whole octets go back, as far as they came from this input.
    let whole = ((count >> 3) as usize).min(next);
    next -= whole;
    count -= u32::try_from(whole).unwrap_or(0) * 8;
    bits.word = word & ((1 << count) - 1);
    bits.count = count;
    *input = octets.get(next..).unwrap_or_default();
    run.at = at;
    run.max_distance = max_distance;
    exit
}
