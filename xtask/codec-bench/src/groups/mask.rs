//! Group `mask`: payload octets masked in place (RFC 6455 section 5.3).

use std::hint::black_box;

use wsanvil_wire::mask;

use crate::{Contender, Group, OURS, Remark, content};

/// What contenders do differently.
pub const NOTES: &[Remark] = &[
    ("mask", "soketto", "one octet at a time"),
    (
        "mask",
        "fastwebsockets",
        "the caller must begin at key octet 0: no mask goes on in the middle of a frame",
    ),
    (
        "mask",
        "yawc",
        "asks for AVX2 at run time from 256 octets on; begins at key octet 0",
    ),
    (
        "mask",
        "sockudo-ws",
        "asks for the kind of vectors at run time; begins at key octet 0",
    ),
];

/// Who is missing, and why.
pub const NOT_COMPARED: &[Remark] = &[
    ("mask", "tungstenite", "its mask is not public"),
    ("mask", "tokio-websockets", "its mask is not public"),
    ("mask", "websocket-codec", "its mask is not public"),
    ("mask", "wtx", "its mask is not public"),
    (
        "mask",
        "web-socket",
        "has no mask of its own: the loops are inside reading and writing",
    ),
];

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

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    SIZES
        .iter()
        .map(|&(label, size, units)| Group {
            id: format!("mask/{label}"),
            unit: "buffer",
            units,
            octets: units * size as u64,
            contenders: contenders(size, units),
            limit: Some(memcpy(size, units)),
        })
        .collect()
}

fn contenders(size: usize, units: u64) -> Vec<Contender> {
    vec![
        contender(OURS, size, units, |key, data| mask::apply(key, 0, data)),
        contender("fastwebsockets", size, units, |key, data| {
            fastwebsockets::unmask(data, key);
        }),
        contender("sockudo-ws", size, units, |key, data| {
            sockudo_ws::mask::apply_mask(data, key);
        }),
        contender("yawc", size, units, |key, data| {
            yawc::mask::apply_mask(data, key);
        }),
        contender("websocket-sans-io", size, units, |key, data| {
            websocket_sans_io::apply_mask(key, data, 0);
        }),
        contender("soketto", size, units, |key, data| {
            let mut header = soketto::base::Header::new(soketto::base::OpCode::Binary);
            header.set_masked(true).set_mask(u32::from_be_bytes(key));
            soketto::base::Codec::apply_mask(&header, data);
        }),
    ]
}

fn contender(
    name: &'static str,
    size: usize,
    units: u64,
    mask: impl Fn([u8; 4], &mut [u8]) + 'static,
) -> Contender {
    check(name, &mask, size);
    let mut buffer = content::octets(size + OFFSETS, 1);
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

/// At every offset the result is what the rule of the section gives octet by octet.
fn check(name: &str, mask: impl Fn([u8; 4], &mut [u8]), size: usize) {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    for start in 0..OFFSETS {
        let mut buffer = content::octets(size + OFFSETS, 2);
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
    let source = content::octets(size + OFFSETS, 1);
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
