//! Copies of earlier output, in pieces of 16 octets where that is right.

/// Octets behind a copy that it may overwrite with rubbish.
pub(super) const SLACK: usize = 16;

/// Copies `length` octets (3 to 258) from `distance` octets before `at` to `at`; source and target may
/// overlap, which repeats the source. There are `distance` octets before `at`, and [`SLACK`] behind the
/// target; otherwise nothing is copied and the answer is false.
#[inline]
pub(super) fn copy(out: &mut [u8], at: usize, distance: usize, length: usize) -> bool {
    let Some(area) = out.get_mut(at.wrapping_sub(distance)..at + length + SLACK) else {
        return false;
    };
    if distance >= 16 {
        let mut done = 0;
        while done < length {
            let Some(&piece) = area.get(done..).and_then(<[u8]>::first_chunk::<16>) else {
                return false;
            };
            let Some(target) = area
                .get_mut(done + distance..)
                .and_then(<[u8]>::first_chunk_mut::<16>)
            else {
                return false;
            };
            *target = piece;
            done += 16;
        }
        return true;
    }
    repeat(area, distance, length)
}

/// The source is shorter than a piece: it is repeated to one first.
fn repeat(area: &mut [u8], distance: usize, length: usize) -> bool {
    let Some((source, target)) = area.split_at_mut_checked(distance) else {
        return false;
    };
    if let &[octet] = &*source {
        let Some(target) = target.get_mut(..length) else {
            return false;
        };
        target.fill(octet);
        return true;
    }
    let mut piece = [0; 16];
    for (slot, &octet) in piece.iter_mut().zip(source.iter().cycle()) {
        *slot = octet;
    }
    let step = 16 - 16 % distance.max(1);
    let mut done = 0;
    while done < length {
        let Some(target) = target.get_mut(done..).and_then(<[u8]>::first_chunk_mut::<16>) else {
            return false;
        };
        *target = piece;
        done += step;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{SLACK, copy};

    #[test]
    fn every_distance_and_length_repeats_its_source() {
        for distance in 1..=70 {
            for length in 3..=258 {
                let source: Vec<u8> = (0..distance).map(|octet| u8::try_from(octet).unwrap()).collect();
                let mut out = source.clone();
                out.resize(distance + length + SLACK, 0xAA);
                assert!(copy(&mut out, distance, distance, length));
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
    fn a_copy_that_does_not_fit_is_refused() {
        let mut out = [0; 40];
        assert!(!copy(&mut out, 10, 11, 3));
        assert!(!copy(&mut out, 30, 5, 3));
    }
}
