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
    ("mask", "sockudo-ws", "asks for the kind of vectors at run time"),
    (
        "mask",
        "memcpy",
        "from one buffer to another, so it touches twice the memory that masking in place does",
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

/// Offsets that are checked: every alignment to eight octets.
const OFFSETS: usize = 8;

/// Where payloads lie: one behind the other with a header of seven octets between, so that every alignment occurs, in
/// as much of the buffer as a read brings. Over and over at one place, masking would wait for its own last store.
const WINDOW: usize = 64 << 10;
const BETWEEN: usize = 7;

/// Places of payloads in the order of masking.
struct Places {
    size: usize,
    at: usize,
}

impl Places {
    const fn new(size: usize) -> Self {
        Self { size, at: 0 }
    }

    /// Octets of a buffer that holds all of them.
    fn buffer_len(&self) -> usize {
        WINDOW.max(self.size) + OFFSETS
    }

    fn next(&mut self) -> std::ops::Range<usize> {
        let next = self.at + self.size + BETWEEN;
        if next + self.size > self.buffer_len() {
            // From the front again, one octet further than the last time.
            self.at = (self.at + 1) % OFFSETS;
        } else {
            self.at = next;
        }
        self.at..self.at + self.size
    }
}

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
    let mut places = Places::new(size);
    let mut buffer = content::octets(places.buffer_len(), 1);
    let mut turn = 0_u32;
    Contender {
        name,
        work: Box::new(move || {
            for _ in 0..units {
                turn = turn.wrapping_add(1);
                let key = (turn | 0x8040_2010).to_le_bytes();
                mask(black_box(key), black_box(&mut buffer[places.next()]));
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
    let mut places = Places::new(size);
    let source = content::octets(places.buffer_len(), 1);
    let mut target = vec![0; places.buffer_len()];
    Contender {
        name: "memcpy",
        work: Box::new(move || {
            for _ in 0..units {
                let place = places.next();
                black_box(&mut target[place.clone()]).copy_from_slice(black_box(&source[place]));
            }
            black_box(&target);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "x masks 16 octets at offset 0 differently")]
    fn another_mask_is_found() {
        check("x", |key, data| mask::apply(key, 1, data), 16);
    }

    #[test]
    fn payloads_lie_at_every_alignment() {
        for (label, size, _) in SIZES {
            let mut places = Places::new(size);
            let mut seen = [false; OFFSETS];
            for _ in 0..100_000 {
                let place = places.next();
                assert!(place.end <= places.buffer_len() && place.len() == size, "{label}");
                seen[place.start % OFFSETS] = true;
            }
            assert_eq!(seen, [true; OFFSETS], "{label}");
        }
    }
}
