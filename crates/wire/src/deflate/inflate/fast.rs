//! The loop that does nearly all the work: as long as input and room last for a whole turn, nothing is
//! checked but what the stream itself can get wrong.

use super::bits::Bits;
use super::copy::{PIECE, copy};
use super::tables::{DISTANCE_BITS, END, LITERAL, LITERAL_BITS, SECOND, SPECIAL, Tables, taken, value};
use super::window::{Area, MARGIN, Progress};
use fearless_simd::{Level, dispatch};
use std::sync::LazyLock;

/// What this machine can: not for wide vectors, but for shifts that leave the flags alone.
static LEVEL: LazyLock<Level> = LazyLock::new(Level::new);

/// Octets of input that a turn needs.
pub(super) const INPUT: usize = 8;

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Input or room is short.
    Short,
    /// The block ended.
    End,
    /// So many times the last octet follow.
    Run(usize),
    /// A reference reaches before the first octet there is, so many octets back.
    TooFarBack(usize),
    /// A literal or length code is not in use.
    BadSymbol,
    /// A distance code is not in use.
    BadDistance,
}

/// Decodes symbols until input or room is short or something needs care. Takes what it uses from `input`.
pub(super) fn symbols(
    area: Area<'_>,
    bits: &mut Bits,
    input: &mut &[u8],
    tables: &Tables,
) -> (Exit, Progress) {
    dispatch!(*LEVEL, simd => {
        let _ = simd;
        turns(area, bits, input, tables)
    })
}

/// The loop, compiled for each kind of machine where it is inlined.
#[expect(
    clippy::inline_always,
    reason = "compiled for a kind of machine only where it is inlined"
)]
#[inline(always)]
fn turns(area: Area<'_>, bits: &mut Bits, input: &mut &[u8], tables: &Tables) -> (Exit, Progress) {
    let Area { octets: out, mut at } = area;
    let whole_input = *input;
    let mut rest = whole_input;
    let mut word = bits.word;
    let mut count = bits.count;
    let mut max_distance = 0;
    let mut lowest = at;

    // At least 56 bits are counted afterwards; `word` also holds what follows them, 64 bits in all.
    macro_rules! refill {
        ($turns:lifetime) => {
            let Some(eight) = rest.first_chunk::<8>() else {
                break $turns Exit::Short;
            };
            word |= u64::from_le_bytes(*eight) << count;
            rest = rest.get((!count >> 3 & 7) as usize..).unwrap_or_default();
            count |= 56;
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
            at += 1;
        }};
    }

    // A turn begins with the entry of the next bits looked up and 64 bits of input, of which it takes 48 at most: four
    // literals of 10 bits or a reference. So its last step, the look-up for the next turn, needs no bits of the refill
    // and does not wait for it.
    let exit = 'turns: {
        refill!('turns);
        let mut entry = tables.literal(word);
        loop {
            let Some((past, ahead)) = out.split_at_mut_checked(at) else {
                break Exit::Short;
            };
            let Some(target) = ahead.first_chunk_mut::<MARGIN>() else {
                break Exit::Short;
            };
            if entry & LITERAL != 0 {
                let [first, second, third, fourth, ..] = target;
                put!(entry, first);
                entry = tables.literal(word);
                if entry & LITERAL != 0 {
                    put!(entry, second);
                    entry = tables.literal(word);
                    if entry & LITERAL != 0 {
                        put!(entry, third);
                        entry = tables.literal(word);
                        if entry & LITERAL != 0 {
                            put!(entry, fourth);
                            entry = tables.literal(word);
                        }
                    }
                }
                refill!('turns);
                continue;
            }
            if entry & SPECIAL != 0 {
                if entry & SECOND != 0 {
                    drop_bits!(LITERAL_BITS);
                    entry = tables.literal_second(entry, word);
                    if entry & LITERAL != 0 {
                        let [first, ..] = target;
                        put!(entry, first);
                        entry = tables.literal(word);
                        refill!('turns);
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

            let mut distance_entry = tables.distance(word);
            if distance_entry & SPECIAL != 0 {
                if distance_entry & SECOND != 0 {
                    drop_bits!(DISTANCE_BITS);
                    distance_entry = tables.distance_second(distance_entry, word);
                }
                if distance_entry & SPECIAL != 0 {
                    break Exit::BadDistance;
                }
            }
            let distance = value(distance_entry, word) as usize;
            drop_bits!(taken(distance_entry));

            max_distance = max_distance.max(distance);
            let Some(source) = past.len().checked_sub(distance) else {
                break Exit::TooFarBack(distance);
            };
            lowest = lowest.min(source);
            match past.get(source..).and_then(<[u8]>::first_chunk::<PIECE>) {
                Some(piece) if length <= PIECE => {
                    if let Some(target) = target.first_chunk_mut::<PIECE>() {
                        *target = *piece;
                    }
                }
                // Any call from here would cost registers in every turn.
                _ if distance == 1 && length > PIECE => break Exit::Run(length),
                _ => copy(out, source, at, length),
            }
            at += length;
            entry = tables.literal(word);
            refill!('turns);
        }
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
