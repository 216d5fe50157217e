//! Group `mask`: payload octets masked in place (RFC 6455 section 5.3).

use std::hint::black_box;

use wsanvil_wire::mask;

use crate::{Contender, Group, OURS, Remark};

/// What contenders do differently.
pub const NOTES: &[Remark] = &[];

/// Who is missing, and why.
pub const NOT_COMPARED: &[Remark] = &[];

/// Sizes with the buffers masked per call; a call takes some microseconds.
const SIZES: [(&str, usize, u64); 5] = [
    ("16B", 16, 1024),
    ("125B", 125, 512),
    ("1KiB", 1 << 10, 128),
    ("16KiB", 16 << 10, 16),
    ("1MiB", 1 << 20, 1),
];

/// Offsets into the buffer that are tried in turn, so that no number rests on one lucky alignment.
const OFFSETS: usize = 8;

/// A function that masks in place.
type Mask = fn([u8; 4], &mut [u8]);

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    let contenders: [(&str, Mask); 2] = [
        (OURS, |key, data| mask::apply(key, 0, data)),
        ("fastwebsockets", |key, data| fastwebsockets::unmask(data, key)),
    ];
    SIZES
        .iter()
        .map(|&(label, size, units)| Group {
            id: format!("mask/{label}"),
            unit: "buffer",
            units,
            octets: units * size as u64,
            contenders: contenders
                .iter()
                .map(|&(name, mask)| contender(name, mask, size, units))
                .collect(),
            limit: Some(memcpy(size, units)),
        })
        .collect()
}

fn contender(name: &'static str, mask: Mask, size: usize, units: u64) -> Contender {
    check(name, mask, size);
    let mut buffer = content(size + OFFSETS);
    let mut turn = 0_usize;
    Contender {
        name,
        work: Box::new(move || {
            for _ in 0..units {
                turn = turn.wrapping_add(1);
                let start = turn % OFFSETS;
                let key = (turn as u32 | 0x8040_2010).to_le_bytes();
                mask(black_box(key), black_box(&mut buffer[start..start + size]));
            }
            black_box(&buffer);
        }),
    }
}

/// Every offset gives what the rule of the section gives octet by octet.
fn check(name: &str, mask: Mask, size: usize) {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    for start in 0..OFFSETS {
        let mut buffer = content(size + OFFSETS);
        let mut expected = buffer.clone();
        for (index, octet) in expected[start..start + size].iter_mut().enumerate() {
            *octet ^= key[index % 4];
        }
        mask(key, &mut buffer[start..start + size]);
        assert!(
            buffer == expected,
            "{name} masks {size} octets at offset {start} differently"
        );
    }
}

fn memcpy(size: usize, units: u64) -> Contender {
    let source = content(size + OFFSETS);
    let mut target = vec![0; size + OFFSETS];
    let mut turn = 0_usize;
    Contender {
        name: "memcpy",
        work: Box::new(move || {
            for _ in 0..units {
                turn = turn.wrapping_add(1);
                let start = turn % OFFSETS;
                black_box(&mut target[start..start + size])
                    .copy_from_slice(black_box(&source[start..start + size]));
            }
            black_box(&target);
        }),
    }
}

/// Octets without a pattern that a mask could hide in.
fn content(size: usize) -> Vec<u8> {
    (0..size as u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}
