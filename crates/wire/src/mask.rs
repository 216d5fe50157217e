//! Masking of payload octets (RFC 6455 section 5.3): octet `i` is combined with key octet `i mod 4`.

/// Octets handled per step; two or more vector registers on every common machine.
const BLOCK: usize = 32;

/// Octets copied before they are masked, so that the second pass finds them in the first-level cache.
const COPY_BLOCK: usize = 4096;

/// Masks or unmasks `data` in place.
///
/// `phase` is the number of payload octets of this frame that were masked before `data`; only its value modulo 4
/// counts. Applying the same key and phase twice restores the data.
pub fn apply(key: [u8; 4], phase: usize, data: &mut [u8]) {
    let key = turned(key, phase);
    let [a, b, c, d] = key;
    let pattern: [u8; BLOCK] = std::array::from_fn(|i| match i % 4 {
        0 => a,
        1 => b,
        2 => c,
        _ => d,
    });
    let (blocks, rest) = data.as_chunks_mut::<BLOCK>();
    for block in blocks {
        for (octet, key_octet) in block.iter_mut().zip(pattern) {
            *octet ^= key_octet;
        }
    }
    for (octet, key_octet) in rest.iter_mut().zip(pattern) {
        *octet ^= key_octet;
    }
}

/// Appends `src`, masked with `key` from `phase` on, to `out`.
pub fn apply_copy(key: [u8; 4], phase: usize, src: &[u8], out: &mut Vec<u8>) {
    out.reserve(src.len());
    // The block size is a multiple of 4, so the phase is the same for every block.
    for block in src.chunks(COPY_BLOCK) {
        let start = out.len();
        out.extend_from_slice(block);
        if let Some(copied) = out.get_mut(start..) {
            apply(key, phase, copied);
        }
    }
}

/// The key as it falls on a payload whose first `phase` octets are done.
#[inline]
fn turned(mut key: [u8; 4], phase: usize) -> [u8; 4] {
    key.rotate_left(phase % 4);
    key
}
