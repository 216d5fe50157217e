//! Copies of earlier output, in pieces of 16 octets.

/// Octets that are copied at once.
pub(super) const PIECE: usize = 16;

/// Octets behind a copy that it may overwrite with rubbish.
pub(super) const SLACK: usize = PIECE;

/// Copies `length` octets (3 to 258) from `from` to `to`, which lies behind it; source and target may overlap, which
/// repeats the source. There have to be [`SLACK`] octets behind the target; otherwise not all is copied.
#[expect(
    clippy::inline_always,
    reason = "a call would cost the fast loop registers in every turn"
)]
#[inline(always)]
pub(super) fn copy(out: &mut [u8], from: usize, to: usize, length: usize) {
    let end = to + length;
    let (mut from, mut to) = (from, to);
    while to < end {
        let Some(&piece) = out.get(from..).and_then(<[u8]>::first_chunk::<PIECE>) else {
            return;
        };
        let Some(target) = out.get_mut(to..).and_then(<[u8]>::first_chunk_mut::<PIECE>) else {
            return;
        };
        *target = piece;
        let distance = to - from;
        if distance < PIECE {
            // So many octets of the piece are right, and with them the source is there twice.
            to += distance;
        } else {
            from += PIECE;
            to += PIECE;
        }
    }
}

/// The same for the octet just before `to`, which is faster where it is repeated often: bombs are made so.
pub(super) fn repeat(out: &mut [u8], to: usize, length: usize) {
    if let Some([octet, target @ ..]) = out.get_mut(to.wrapping_sub(1)..to + length) {
        target.fill(*octet);
    }
}

#[cfg(test)]
mod tests {
    use super::{SLACK, copy, repeat};

    #[test]
    fn every_distance_and_length_repeats_its_source() {
        for distance in 1..=70 {
            for length in 3..=258 {
                let source: Vec<u8> = (0..distance).map(|octet| u8::try_from(octet).unwrap()).collect();
                let mut out = source.clone();
                out.resize(distance + length + SLACK, 0xAA);
                copy(&mut out, 0, distance, length);
                let expected: Vec<u8> = source.iter().cycle().take(distance + length).copied().collect();
                assert_eq!(
                    out[..distance + length],
                    expected,
                    "distance {distance} length {length}"
                );
            }
        }
    }

    #[test]
    fn one_octet_is_repeated() {
        let mut out = vec![1, 2, 3, 4, 5, 6];
        repeat(&mut out, 2, 3);
        assert_eq!(out, [1, 2, 2, 2, 2, 6]);
    }

    #[test]
    fn a_copy_that_does_not_fit_is_left_out() {
        let mut out: Vec<u8> = (0..40).collect();
        let before = out.clone();
        copy(&mut out, 25, 30, 3);
        copy(&mut out, 10, 30, 3);
        assert_eq!(out, before);
    }
}
