//! Conversations about frames: masking, lengths, order, control frames and text.

use super::{Frames, Stimulus, keyed};
use wsanvil_wire::frame::{Header, LengthForm, Opcode};
use wsanvil_wire::mask;

const KEY: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

macro_rules! stimulus {
    ($name:literal, $writes:expr) => {
        Stimulus {
            name: $name,
            opening: &[],
            writes: $writes,
        }
    };
}

/// What must be failed, and a Ping behind it.
fn illegal(f: &Frames, frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut writes = frames.to_vec();
    writes.push(f.frame(0x89, b"probe"));
    writes
}

/// A binary frame of `payload` that announces `len` in the form given.
fn lying(form: LengthForm, len: u64, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header {
        mask: Some(KEY),
        form,
        ..Header::new(Opcode::BINARY, len)
    };
    header.write(&mut out);
    mask::apply_copy(KEY, 0, payload, &mut out);
    out
}

/// A text that must be failed.
fn bad_text(f: &Frames, text: &[u8]) -> Vec<Vec<u8>> {
    illegal(f, &[f.frame(0x81, text)])
}

/// Ten letters, an octet that never occurs, more letters.
fn spoilt(before: usize, wrong: &[u8], after: usize) -> Vec<u8> {
    [&vec![b'a'; before], wrong, &vec![b'b'; after]].concat()
}

pub(crate) const FRAME_STIMULI: &[Stimulus] = &[
    // Masking.
    stimulus!("unmasked ping", |f| illegal(f, &[f.wrongly_masked(0x89, b"x")])),
    stimulus!("unmasked behind a masked frame", |f| illegal(
        f,
        &[f.frame(0x81, b"x"), f.wrongly_masked(0x82, b"y")]
    )),
    stimulus!("unmasked empty text", |f| illegal(
        f,
        &[f.wrongly_masked(0x81, b"")]
    )),
    stimulus!("unmasked continuation", |f| illegal(
        f,
        &[f.frame(0x01, b"x"), f.wrongly_masked(0x80, b"y")]
    )),
    stimulus!("keys of fragments", |_| vec![
        keyed(0x02, b"abc", Some([1, 2, 3, 4])),
        keyed(0x80, b"defgh", Some([0x80, 6, 7, 8])),
        keyed(0x82, b"", Some([0x82, 0x81, 0, 0])),
        keyed(0x82, b"x", Some([9, 9, 9, 9])),
    ]),
    stimulus!("a frame in three writes", |f| {
        let frame = f.frame(0x82, b"abcdefghij");
        vec![frame[..9].to_vec(), frame[9..11].to_vec(), frame[11..].to_vec()]
    }),
    // Headers.
    stimulus!("rsv1", |f| illegal(f, &[f.frame(0xC1, b"x")])),
    stimulus!("rsv3 on an empty text", |f| illegal(f, &[f.frame(0x91, b"")])),
    stimulus!("rsv3 on a ping", |f| illegal(f, &[f.frame(0x99, b"x")])),
    stimulus!("rsv3 on a continuation", |f| illegal(
        f,
        &[f.frame(0x01, b"x"), f.frame(0x90, b"y")]
    )),
    stimulus!("rsv3 behind a message", |f| illegal(
        f,
        &[f.frame(0x81, b"x"), f.frame(0x91, b"y")]
    )),
    stimulus!("opcode 4 without payload", |f| illegal(f, &[f.frame(0x84, b"")])),
    stimulus!("opcode 4 in a message", |f| illegal(
        f,
        &[f.frame(0x01, b"x"), f.frame(0x84, b"y"), f.frame(0x80, b"z")]
    )),
    stimulus!("opcode 4 behind a message", |f| illegal(
        f,
        &[f.frame(0x81, b"x"), f.frame(0x84, b"y")]
    )),
    stimulus!("300 octets", |f| vec![
        f.frame(0x82, [7; 300]),
        f.frame(0x89, b"p")
    ]),
    stimulus!("40000 octets", |f| vec![f.frame(0x82, vec![7; 40_000])]),
    stimulus!("65536 and 5 octets", |_| vec![lying(
        LengthForm::Bits64,
        (1 << 16) + 5,
        b"hello"
    )]),
    stimulus!("4 GiB and 5 octets", |_| vec![lying(
        LengthForm::Bits64,
        (1 << 32) + 5,
        b"hello"
    )]),
    stimulus!("5 octets with the top bit", |_| vec![lying(
        LengthForm::Bits64,
        (1 << 63) + 5,
        b"hello"
    )]),
    stimulus!("three frames in one write", |f| vec![
        [f.frame(0x89, b"p"), f.frame(0x81, b"a"), f.frame(0x81, b"b")].concat()
    ]),
    stimulus!("125 and 65535 octets", |f| vec![
        f.frame(0x82, [1; 125]),
        f.frame(0x82, vec![1; 65_535])
    ]),
    // Control frames.
    stimulus!("a ping of 200", |f| illegal(f, &[f.frame(0x89, [b'x'; 200])])),
    stimulus!("a pong of 200", |f| illegal(f, &[f.frame(0x8A, [b'x'; 200])])),
    stimulus!("a ping of 200 in a message", |f| illegal(
        f,
        &[f.frame(0x01, b"x"), f.frame(0x89, [b'x'; 200])]
    )),
    stimulus!("a pong without FIN", |f| illegal(f, &[f.frame(0x0A, b"x")])),
    stimulus!("an empty ping without FIN", |f| illegal(f, &[f.frame(0x09, b"")])),
    stimulus!("a ping without FIN in a message", |f| illegal(
        f,
        &[f.frame(0x01, b"x"), f.frame(0x09, b"y")]
    )),
    stimulus!("pings of all kinds", |f| vec![
        f.frame(0x89, [b'x'; 125]),
        f.frame(0x89, b"a\0b"),
        f.frame(0x89, b""),
        f.frame(0x8A, b"pong"),
        f.frame(0x89, b"ping"),
        f.frame(0x89, [0xFF, 0xFE]),
    ]),
    stimulus!("sixty pings", |f| (0..60).map(|i| f.frame(0x89, [i])).collect()),
    // Fragments.
    stimulus!("an orphan behind a message", |f| illegal(
        f,
        &[f.frame(0x81, b"x"), f.frame(0x80, b"y")]
    )),
    stimulus!("an empty orphan", |f| illegal(f, &[f.frame(0x80, b"")])),
    stimulus!("text in an empty message", |f| illegal(
        f,
        &[f.frame(0x01, b""), f.frame(0x81, b"x")]
    )),
    stimulus!("binary in a text", |f| illegal(
        f,
        &[f.frame(0x01, b"x"), f.frame(0x82, b"y")]
    )),
    stimulus!("text in the second fragmented message", |f| illegal(
        f,
        &[
            f.frame(0x01, b"a"),
            f.frame(0x80, b"b"),
            f.frame(0x01, b"c"),
            f.frame(0x81, b"d")
        ]
    )),
    stimulus!("an empty last fragment", |f| vec![
        f.frame(0x01, b"a"),
        f.frame(0x80, b""),
        f.frame(0x82, b"b"),
    ]),
    stimulus!("300 fragments", |f| {
        let mut writes = vec![f.frame(0x02, b"a")];
        writes.extend((0..300).map(|_| f.frame(0x00, b"b")));
        writes.push(f.frame(0x80, b"c"));
        writes
    }),
    // Text.
    stimulus!("text of every kind", |f| vec![
        f.frame(0x81, "\r\n a\0b"),
        f.frame(0x81, "a\u{FEFF}\u{7}"),
        f.frame(0x81, "\u{D7FF}"),
        f.frame(0x81, "\u{10FFFF}"),
        f.frame(0x81, "\u{10000}"),
    ]),
    stimulus!("NUL alone", |f| vec![f.frame(0x81, "\0")]),
    stimulus!("a character of D000", |f| vec![f.frame(0x81, "\u{D000}")]),
    stimulus!("a character of four octets", |f| vec![f.frame(0x81, "\u{10000}")]),
    stimulus!("a character of plane 16", |f| vec![f.frame(0x81, "\u{100000}")]),
    stimulus!("a character cut by the read", |f| {
        let frame = f.frame(0x81, "€");
        vec![frame[..7].to_vec(), frame[7..].to_vec()]
    }),
    stimulus!("text behind half a character of binary", |f| vec![
        f.frame(0x82, [0xE2, 0x82]),
        f.frame(0x81, b"a")
    ]),
    stimulus!("bad text behind binary", |f| illegal(
        f,
        &[f.frame(0x82, b"x"), f.frame(0x81, [0xFF])]
    )),
    stimulus!("a bad second fragment", |f| illegal(
        f,
        &[f.frame(0x01, b"a"), f.frame(0x80, [0xFF])]
    )),
    stimulus!("a cut last fragment", |f| illegal(
        f,
        &[f.frame(0x01, b"a"), f.frame(0x80, [0xC3])]
    )),
    stimulus!("a cut text with an empty last fragment", |f| illegal(
        f,
        &[f.frame(0x01, [0xC3]), f.frame(0x80, b"")]
    )),
    stimulus!("bad text behind 2000 letters", |f| bad_text(
        f,
        &spoilt(2000, b"\xFF", 0)
    )),
    stimulus!("bad text at the end of a block", |f| bad_text(
        f,
        &spoilt(14, b"\xE2\x82", 16)
    )),
    stimulus!("bad text in a word", |f| bad_text(f, &spoilt(3, b"\xFF", 12))),
    stimulus!("a stray continuation", |f| bad_text(f, b"a\x80")),
    stimulus!("a second continuation that is none", |f| bad_text(
        f,
        b"\xE1\x80A"
    )),
    stimulus!("a continuation of C0", |f| bad_text(f, b"\xC3\xC0")),
    stimulus!("a continuation of 7F", |f| bad_text(f, b"\xC3\x7F")),
    stimulus!("overlong in three", |f| bad_text(f, b"\xE0\x80\x80")),
    stimulus!("overlong in four", |f| bad_text(f, b"\xF0\x80\x80\x80")),
    stimulus!("F5", |f| bad_text(f, b"\xF5\x80\x80\x80")),
    stimulus!("five octets", |f| bad_text(f, b"\xF8\x88\x80\x80\x80")),
    stimulus!("two bad texts", |f| vec![
        f.frame(0x81, [0xE2]),
        f.frame(0x81, [0x82, 0xAC])
    ]),
];
