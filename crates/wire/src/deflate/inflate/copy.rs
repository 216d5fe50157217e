//! Copies of earlier output, in pieces of 16 octets where that is right.

/// Octets behind a copy that it may overwrite with rubbish.
pub(super) const SLACK: usize = 16;

/// Copies `length` octets (3 to 258) from `distance` octets before `at` to `at`; source and target may
/// overlap, which repeats the source. There are `distance` octets before `at`, and [`SLACK`] behind the
/// target; otherwise not all is copied.
#[inline(always)]
pub(super) fn copy(out: &mut [u8], at: usize, distance: usize, length: usize) {
    if distance < 16 {
        repeat(out, at, distance, length);
        return;
    }
    let (mut from, mut to) = (at.wrapping_sub(distance), at);
    loop {
        let Some(&piece) = out.get(from..).and_then(<[u8]>::first_chunk::<16>) else {
            return;
        };
        let Some(target) = out.get_mut(to..).and_then(<[u8]>::first_chunk_mut::<16>) else {
            return;
        };
        *target = piece;
        from += 16;
        to += 16;
        if to >= at + length {
            return;
        }
    }
}

/// The source is shorter than a piece: it is repeated to one first.
#[inline(never)]
fn repeat(out: &mut [u8], at: usize, distance: usize, length: usize) {
    let Some((source, target)) = out
        .get_mut(at.wrapping_sub(distance)..at + length + SLACK)
        .and_then(|area| area.split_at_mut_checked(distance))
    else {
        return;
    };
    if let &[octet] = &*source {
        if let Some(target) = target.get_mut(..length) {
            target.fill(octet);
        }
        return;
    }
    let mut piece = [0; 16];
    for (slot, &octet) in piece.iter_mut().zip(source.iter().cycle()) {
        *slot = octet;
    }
    let step = 16 - 16 % distance.max(1);
    let mut done = 0;
    while done < length {
        let Some(target) = target.get_mut(done..).and_then(<[u8]>::first_chunk_mut::<16>) else {
            return;
        };
        *target = piece;
        done += step;
    }
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
                copy(&mut out, distance, distance, length);
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
    fn a_copy_that_does_not_fit_is_left_out() {
        let mut out = [7; 40];
        copy(&mut out, 10, 11, 3);
        copy(&mut out, 30, 5, 3);
        copy(&mut out, 30, 20, 3);
        assert_eq!(out, [7; 40]);
    }
}
