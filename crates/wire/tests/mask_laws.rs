//! Laws of masking (RFC 6455 section 5.3), for every alignment, phase and split.

use proptest::prelude::*;
use wsanvil_wire::mask::{apply, apply_copy};

/// The definition: octet `i` of the payload is combined with key octet `i mod 4`.
fn defined(key: [u8; 4], phase: usize, data: &[u8]) -> Vec<u8> {
    data.iter()
        .enumerate()
        .map(|(index, octet)| octet ^ key[(phase % 4 + index) % 4])
        .collect()
}

/// Octets that are all different from their neighbours.
fn counted(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + at / 256).to_le_bytes()[0]).collect()
}

#[test]
fn every_short_length_at_every_alignment_and_phase() {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    // Wider than any vector register on both sides, so that each start falls on each alignment.
    let pattern = counted(400);
    for start in 0..65 {
        for len in (0..=140).chain([255, 256, 257, 300]) {
            let phase = start + len;
            let mut buffer = pattern.clone();
            apply(key, phase, &mut buffer[start..start + len]);
            assert_eq!(buffer[..start], pattern[..start], "before {start} + {len}");
            assert_eq!(
                buffer[start + len..],
                pattern[start + len..],
                "behind {start} + {len}"
            );
            assert_eq!(
                buffer[start..start + len],
                defined(key, phase, &pattern[start..start + len]),
                "{start} + {len}"
            );
        }
    }
}

#[test]
fn a_copy_is_masked_at_every_alignment_of_both_sides() {
    let key = [1, 2, 4, 128];
    let source = counted(9000);
    for from in 0..9 {
        for before in 0..9 {
            for len in [0, 1, 3, 4, 5, 31, 32, 33, 125, 126, 1000, 4095, 4096, 4097, 8200] {
                let mut out = vec![0xEE; before];
                apply_copy(key, from, &source[from..from + len], &mut out);
                assert_eq!(out[..before], vec![0xEE; before]);
                assert_eq!(
                    out[before..],
                    defined(key, from, &source[from..from + len]),
                    "{from} {before} {len}"
                );
            }
        }
    }
}

#[test]
fn long_payloads_are_masked_to_their_last_octet() {
    for len in [1 << 16, (1 << 16) + 1, (1 << 17) + 13, (1 << 20) + 7] {
        let data = counted(len);
        let mut masked = data.clone();
        apply([9, 0, 255, 77], 3, &mut masked);
        assert!(masked == defined([9, 0, 255, 77], 3, &data), "{len}");
        let mut copied = Vec::new();
        apply_copy([9, 0, 255, 77], 3, &data, &mut copied);
        assert!(copied == masked, "{len}");
    }
}

proptest! {
    #[test]
    fn masking_twice_is_nothing_and_once_is_the_definition(
        key: [u8; 4],
        phase: usize,
        data in prop::collection::vec(any::<u8>(), 0..600),
        start in 0..64_usize,
    ) {
        let start = start.min(data.len());
        let expected = defined(key, phase, &data[start..]);
        let mut masked = data.clone();
        apply(key, phase, &mut masked[start..]);
        prop_assert_eq!(&masked[start..], &expected[..]);
        let mut copied = b"before".to_vec();
        apply_copy(key, phase, &data[start..], &mut copied);
        prop_assert_eq!(&copied[6..], &expected[..]);
        apply(key, phase, &mut masked[start..]);
        prop_assert_eq!(masked, data);
    }

    #[test]
    fn masking_in_pieces_is_masking_at_once(
        key: [u8; 4],
        phase in 0..9_usize,
        data in prop::collection::vec(any::<u8>(), 0..600),
        sizes in prop::collection::vec(0..90_usize, 1..6),
    ) {
        prop_assume!(sizes.iter().any(|size| *size > 0));
        let whole = defined(key, phase, &data);
        let (mut in_place, mut copied) = (data.clone(), Vec::new());
        let (mut done, mut sizes) = (0, sizes.iter().cycle());
        while done < data.len() {
            let end = data.len().min(done + sizes.next().unwrap_or(&1));
            apply(key, phase + done, &mut in_place[done..end]);
            apply_copy(key, phase + done, &data[done..end], &mut copied);
            done = end;
        }
        prop_assert_eq!(in_place, whole.clone());
        prop_assert_eq!(copied, whole);
    }

    #[test]
    fn only_the_phase_modulo_four_counts(key: [u8; 4], phase: usize, data in prop::collection::vec(any::<u8>(), 0..80)) {
        let (mut one, mut other) = (data.clone(), data);
        apply(key, phase, &mut one);
        apply(key, phase % 4, &mut other);
        prop_assert_eq!(one, other);
    }
}
