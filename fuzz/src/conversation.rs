//! What a peer says after the opening handshake: legal conversations and those with one fault, as octets.

use wsanvil_wire::deflate::Compressor;
use wsanvil_wire::frame::{Header, Opcode};
use wsanvil_wire::{Role, mask};

const WHOLE: u8 = 0x80;
const PART: u8 = 0x00;
/// RSV1, the mark of a compressed message.
const PACKED: u8 = 0x40;

/// A frame: its first octet and its payload.
type Frame<'a> = (u8, &'a [u8]);

const BYE: Frame<'_> = (WHOLE | 0x8, b"\x03\xe8bye");

/// Conversations without compression.
pub(crate) fn plain(sender: Role) -> Vec<Vec<u8>> {
    let text = "Grüße, Grüße, Grüße! ".repeat(9);
    let conversations: [&[Frame<'_>]; 12] = [
        &[(WHOLE | 1, text.as_bytes()), (WHOLE | 9, b"ping"), BYE],
        &[
            (PART | 2, &[0; 200]),
            (WHOLE | 9, b""),
            (PART, &[1; 3]),
            (WHOLE, b""),
            BYE,
        ],
        &[(WHOLE | 0xA, b"pong"), (WHOLE | 8, b"")],
        &[(WHOLE | 9, b"1"), (WHOLE | 9, b"2"), (WHOLE | 9, b"3"), BYE],
        &[(WHOLE | 1, b"\xce\xba\xed\xa0\x80")],
        &[
            (PART | 1, b"\xf0\x9f"),
            (WHOLE, b"\x91\x8b"),
            (WHOLE | 8, b"\x03\xec"),
        ],
        &[(PART | 1, b"\xf0\x9f"), (WHOLE, b"\x91")],
        &[(WHOLE, b"orphan")],
        &[(WHOLE | PACKED | 1, b"reserved")],
        &[(WHOLE | 0x3, b"opcode")],
        &[(PART | 2, b"one"), (WHOLE | 9, b"!"), (WHOLE | 1, b"two")],
        &[BYE, (WHOLE | 2, b"behind")],
    ];
    conversations.iter().map(|frames| write(sender, frames)).collect()
}

/// A Close with each code at which something begins or ends (RFC 6455 section 7.4).
pub(crate) fn closes(sender: Role) -> Vec<Vec<u8>> {
    let codes = [0, 999]
        .into_iter()
        .chain(1000..=1016)
        .chain([2999, 3000, 4999, 5000, 65535]);
    codes
        .map(|code: u16| write(sender, &[(WHOLE | 8, &code.to_be_bytes())]))
        .collect()
}

/// Conversations of a sender that may compress with the largest window and refer back.
pub(crate) fn packed(sender: Role) -> Vec<Vec<u8>> {
    let text = "Grüße, Grüße, Grüße! ".repeat(9);
    let mut squeezed = Vec::new();
    Compressor::new(15, true).compress(text.as_bytes(), &mut squeezed);
    let mut bomb = Vec::new();
    Compressor::new(15, true).compress(&vec![0; 1 << 20], &mut bomb);
    let conversations: [&[Frame<'_>]; 3] = [
        &[(WHOLE | PACKED | 1, &squeezed), (WHOLE | 2, b"as it is"), BYE],
        &[
            (PART | PACKED | 1, &squeezed[..9]),
            (WHOLE | 9, b"!"),
            (WHOLE, &squeezed[9..]),
        ],
        &[(WHOLE | PACKED | 2, &bomb)],
    ];
    conversations.iter().map(|frames| write(sender, frames)).collect()
}

/// Octets of any kind, of which scripts are made: more of them for larger seeds.
pub(crate) fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed + 1;
    let next = || {
        // Xorshift, its upper half.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next)
        .skip(8)
        .take(32 + 24 * seed as usize)
        .collect()
}

fn write(sender: Role, frames: &[Frame<'_>]) -> Vec<u8> {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    let mut out = Vec::new();
    for (first, payload) in frames {
        let header = Header {
            fin: first & 0x80 != 0,
            rsv: first >> 4 & 7,
            mask: sender.masks().then_some(key),
            ..Header::new(Opcode::new(first & 0xF), payload.len() as u64)
        };
        header.write(&mut out);
        if sender.masks() {
            mask::apply_copy(key, 0, payload, &mut out);
        } else {
            out.extend_from_slice(payload);
        }
    }
    out
}
