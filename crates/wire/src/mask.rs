//! Masking of payload octets (RFC 6455 section 5.3): octet `i` is combined with key octet `i mod 4`.
//!
//! ```
//! let mut payload = *b"Hello";
//! wsanvil_wire::mask::apply([0x37, 0xfa, 0x21, 0x3d], 0, &mut payload);
//! assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
//! ```

use std::sync::LazyLock;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

/// The kind of vectors this machine has.
static LEVEL: LazyLock<Level> = LazyLock::new(Level::new);

/// From this size on the widest vectors of the machine pay for asking which they are.
const WIDE_MIN: usize = 512;

/// What a wide store should be aligned to: a misaligned one touches two cache lines every time.
const ALIGN: usize = 64;

/// Octets handled per step with the vectors that every machine has.
const BLOCK: usize = 64;

/// Masks or unmasks `data` in place.
///
/// `phase` is the number of payload octets of this frame that were masked before `data`; only its value modulo 4
/// counts. Applying the same key and phase twice restores the data.
#[inline]
pub fn apply(key: [u8; 4], phase: usize, data: &mut [u8]) {
    // Little-endian on every machine: the lowest octet of the word falls on the first octet of the data.
    let key = u32::from_le_bytes(key).rotate_right(turn(phase));
    if data.len() < WIDE_MIN {
        narrow(key, data);
    } else {
        wide(key, data);
    }
}

/// Appends `src`, masked with `key` from `phase` on, to `out`.
#[expect(
    clippy::inline_always,
    reason = "a few octets are masked in less time than a call takes"
)]
#[inline(always)]
pub fn apply_copy(key: [u8; 4], phase: usize, src: &[u8], out: &mut Vec<u8>) {
    let key = u32::from_le_bytes(key).rotate_right(turn(phase));
    if src.len() <= BLOCK {
        append_short(key, src, out);
    } else {
        append_blocks(key, src, out);
    }
}

#[inline]
fn append_short(key: u32, src: &[u8], out: &mut Vec<u8>) {
    match src.len() {
        0..4 => out.extend(src.iter().zip(key.to_le_bytes()).map(|(octet, key)| octet ^ key)),
        4..8 => append_ends::<4>(key, src, out),
        8..=16 => append_ends::<8>(key, src, out),
        17..=32 => append_ends::<16>(key, src, out),
        _ => append_ends::<32>(key, src, out),
    }
}

/// Appends `N` to `2 * N` octets by two copies of constant length that overlap: a call to copy a few octets, and
/// masking what has only just been stored, would cost more than the work.
#[inline]
fn append_ends<const N: usize>(key: u32, src: &[u8], out: &mut Vec<u8>) {
    if let (Some(first), Some(last)) = (src.first_chunk::<N>(), src.last_chunk::<N>()) {
        let end = out.len() + src.len();
        out.extend_from_slice(&combined(key, *first));
        out.truncate(end - N);
        out.extend_from_slice(&combined(key.rotate_right(turn(src.len())), *last));
    }
}

/// One pass: the iterator knows its length, so that room is asked for once, and its arrays become vectors.
#[inline(never)]
pub(crate) fn append_blocks(key: u32, src: &[u8], out: &mut Vec<u8>) {
    let (blocks, rest) = src.as_chunks::<BLOCK>();
    out.extend(blocks.iter().flat_map(|block| combined(key, *block)));
    if !rest.is_empty() {
        append_short(key, rest, out);
    }
}

/// Steps of 64 octets and one of each smaller power of two that is left over.
#[inline]
fn narrow(key: u32, data: &mut [u8]) {
    let (blocks, rest) = data.as_chunks_mut::<BLOCK>();
    for block in blocks {
        combine(key, block);
    }
    let rest = step::<32>(key, rest);
    let rest = step::<16>(key, rest);
    let rest = step::<8>(key, rest);
    let rest = step::<4>(key, rest);
    for (octet, key_octet) in rest.iter_mut().zip(key.to_le_bytes()) {
        *octet ^= key_octet;
    }
}

/// Combines the first `N` octets if there are as many; gives the others.
#[inline]
fn step<const N: usize>(key: u32, data: &mut [u8]) -> &mut [u8] {
    if data.len() < N {
        return data;
    }
    let (chunk, rest) = data.split_at_mut(N);
    combine(key, chunk);
    rest
}

/// The octets combined with the key, little-endian, as it falls on the first of them.
#[inline]
fn combined<const N: usize>(key: u32, mut octets: [u8; N]) -> [u8; N] {
    combine(key, &mut octets);
    octets
}

#[inline]
fn combine(key: u32, data: &mut [u8]) {
    for word in data.as_chunks_mut::<4>().0 {
        *word = (u32::from_le_bytes(*word) ^ key).to_le_bytes();
    }
}

#[inline(never)]
fn wide(key: u32, data: &mut [u8]) {
    let until_aligned = data.as_ptr().align_offset(ALIGN).min(data.len());
    let (head, body) = data.split_at_mut(until_aligned);
    narrow(key, head);
    let key = key.rotate_right(turn(until_aligned));
    dispatch!(*LEVEL, simd => aligned(simd, key, body));
}

/// The loop that is compiled once for each kind of vector and chosen at run time.
#[expect(
    clippy::inline_always,
    reason = "compiled for a kind of vector only where it is inlined"
)]
#[inline(always)]
fn aligned<S: Simd>(simd: S, key: u32, data: &mut [u8]) {
    let keys = S::u32s::splat(simd, key.to_le()).bitcast::<S::u8s>();
    let mut vectors = data.chunks_exact_mut(S::u8s::LEN);
    for vector in &mut vectors {
        (S::u8s::from_slice(simd, vector) ^ keys).store_slice(vector);
    }
    narrow(key, vectors.into_remainder());
}

/// Bits by which the key turns over `octets` octets.
#[inline]
fn turn(octets: usize) -> u32 {
    u32::try_from(octets % 4).unwrap_or(0) * 8
}
