//! What flows in the groups: frames, the octets that carry them, and keys for them.

use wsanvil_wire::frame::{Decoder, Event, Header, Opcode};
use wsanvil_wire::{Role, mask};

/// The most that one read of a transport gives.
pub const READ: usize = 64 << 10;

/// Octets of a stream of small frames: a little more than one read, so that the last frame is cut.
const STREAM: usize = READ;

/// Octets of a fragment in mixed traffic.
const FRAGMENT: usize = 256;

/// Fragments of a message in mixed traffic.
const FRAGMENTS: usize = 4;

/// One frame, as it is sent and as a contender has to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Whether it is the last frame of its message.
    pub fin: bool,
    /// The opcode.
    pub opcode: u8,
    /// The payload before masking. It lives as long as the program, so that a peer which wants an owned buffer gets
    /// one without a copy.
    pub payload: &'static [u8],
}

/// Frames of one sender and the octets that carry them.
///
/// It is made once per group and never given back: contenders outlive the function that makes them.
#[derive(Debug)]
pub struct Traffic {
    /// The frames in their order.
    pub frames: Vec<Frame>,
    /// The same frames from a client, masked with a new key each.
    pub octets: Vec<u8>,
}

impl Traffic {
    /// Messages of one binary frame each, together about one read; with 1 MiB of payload it is `few` frames.
    pub fn binary(len: usize, few: usize) -> &'static Self {
        Self::whole(Opcode::BINARY, len, few, noise)
    }

    /// Messages of one text frame each, together about one read, but `few` at least.
    pub fn text(len: usize, few: usize) -> &'static Self {
        Self::whole(Opcode::TEXT, len, few, text)
    }

    /// Binary messages of four fragments of 256 octets, in each a Ping of 4 to 16 octets between two fragments.
    pub fn mixed_binary() -> &'static Self {
        Self::mixed(Opcode::BINARY, noise)
    }

    /// The same with text, which the fragments cut wherever they end.
    pub fn mixed_text() -> &'static Self {
        Self::mixed(Opcode::TEXT, text)
    }

    /// Payload octets.
    pub fn payload_len(&self) -> u64 {
        self.frames.iter().map(|frame| frame.payload.len() as u64).sum()
    }

    /// Data messages.
    pub fn messages(&self) -> usize {
        self.frames
            .iter()
            .filter(|frame| frame.fin && frame.opcode < 8)
            .count()
    }

    /// What a server that echoes puts out, in its order: a Pong for each Ping, each message in one frame.
    pub fn echoed(&self) -> Vec<Frame> {
        let mut echoed = Vec::new();
        let mut message = Vec::new();
        let mut kind = 0;
        for frame in &self.frames {
            if frame.opcode == Opcode::PING.get() {
                echoed.push(Frame {
                    opcode: Opcode::PONG.get(),
                    ..*frame
                });
                continue;
            }
            if frame.opcode != 0 {
                kind = frame.opcode;
            }
            message.extend_from_slice(frame.payload);
            if frame.fin {
                echoed.push(Frame {
                    fin: true,
                    opcode: kind,
                    payload: std::mem::take(&mut message).leak(),
                });
            }
        }
        echoed
    }

    fn whole(
        opcode: Opcode,
        len: usize,
        few: usize,
        content: impl Fn(usize, usize) -> Vec<u8>,
    ) -> &'static Self {
        let on_wire = header_len(Role::Client, len) + len;
        let count = STREAM.div_ceil(on_wire).max(few);
        // One block for all payloads, as a program that sends from a buffer has it.
        let block: &'static [u8] = (0..count)
            .flat_map(|index| content(len, index))
            .collect::<Vec<_>>()
            .leak();
        let frames = block.chunks(len).map(|payload| Frame {
            fin: true,
            opcode: opcode.get(),
            payload,
        });
        Self::leaked(frames.collect())
    }

    fn mixed(opcode: Opcode, content: impl Fn(usize, usize) -> Vec<u8>) -> &'static Self {
        let mut frames = Vec::new();
        let mut on_wire = 0;
        let mut message = 0;
        while on_wire < STREAM {
            let payload: &'static [u8] = content(FRAGMENT * FRAGMENTS, message).leak();
            for (index, payload) in payload.chunks(FRAGMENT).enumerate() {
                let frame = Frame {
                    fin: index + 1 == FRAGMENTS,
                    opcode: if index == 0 { opcode.get() } else { 0 },
                    payload,
                };
                frames.push(frame);
                on_wire += header_len(Role::Client, FRAGMENT) + FRAGMENT;
                if index == message % (FRAGMENTS - 1) {
                    let len = 4 + message % 13;
                    frames.push(Frame {
                        fin: true,
                        opcode: Opcode::PING.get(),
                        payload: noise(len, message).leak(),
                    });
                    on_wire += header_len(Role::Client, len) + len;
                }
            }
            message += 1;
        }
        Self::leaked(frames)
    }

    fn leaked(frames: Vec<Frame>) -> &'static Self {
        let mut octets = Vec::new();
        let mut keys = Keys::default();
        for frame in &frames {
            put(frame, Some(keys.next_key()), &mut octets);
        }
        Box::leak(Box::new(Self { frames, octets }))
    }
}

/// Masking keys where a contender lets its caller choose them: cheap, and another one each time.
#[derive(Debug, Clone, Default)]
pub struct Keys(u32);

impl Keys {
    /// The next key.
    #[inline]
    pub fn next_key(&mut self) -> [u8; 4] {
        self.0 = self.0.wrapping_add(0x9E37_79B9);
        self.0.to_be_bytes()
    }
}

/// Octets that `frames` take when `sender` sends them.
pub fn wire_len(sender: Role, frames: &[Frame]) -> usize {
    frames
        .iter()
        .map(|frame| header_len(sender, frame.payload.len()) + frame.payload.len())
        .sum()
}

/// Checks that `octets` are exactly `frames` as `sender` may send them, keys not all the same.
///
/// # Panics
/// When they are not.
pub fn check(name: &str, sender: Role, octets: &[u8], frames: &[Frame]) {
    let mut octets = octets.to_vec();
    let mut rest = octets.as_mut_slice();
    let mut decoder = Decoder::new(sender);
    let mut keys = Vec::new();
    let mut wanted = frames.iter();
    let mut seen = None;
    let mut payload = Vec::new();
    while let Some(event) = decoder.next(&mut rest) {
        match event {
            Event::Header { header, broken, .. } => {
                assert!(broken.is_none(), "{name} sends an illegal frame: {broken:?}");
                keys.extend(header.mask);
                seen = Some(header);
                payload.clear();
            }
            Event::Payload(octets) => payload.extend_from_slice(octets),
            Event::End => {
                let header = seen.take().expect("a header comes before an end");
                let frame = wanted.next().unwrap_or_else(|| panic!("{name} sends too much"));
                assert!(
                    (header.fin, header.opcode.get()) == (frame.fin, frame.opcode)
                        && payload == frame.payload,
                    "{name} sends another frame: {header:?}"
                );
            }
        }
    }
    assert!(
        wanted.next().is_none() && decoder.at_boundary(),
        "{name} sends too little"
    );
    assert!(
        sender == Role::Server || keys.len() < 2 || keys.iter().any(|key| *key != keys[0]),
        "{name} sends the same key again"
    );
}

fn put(frame: &Frame, key: Option<[u8; 4]>, out: &mut Vec<u8>) {
    let header = Header {
        fin: frame.fin,
        mask: key,
        ..Header::new(Opcode::new(frame.opcode), frame.payload.len() as u64)
    };
    header.write(out);
    match key {
        Some(key) => mask::apply_copy(key, 0, frame.payload, out),
        None => out.extend_from_slice(frame.payload),
    }
}

fn header_len(sender: Role, payload: usize) -> usize {
    let header = Header {
        mask: sender.masks().then_some([0; 4]),
        ..Header::new(Opcode::BINARY, payload as u64)
    };
    header.encoded_len()
}

/// Octets without a pattern that a mask could hide in.
fn noise(len: usize, index: usize) -> Vec<u8> {
    let start = index as u32 * 7919;
    (start..start + len as u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// `len` octets of text: ASCII words, from 1 KiB on with a Latin or a CJK letter in about every thirtieth place.
fn text(len: usize, index: usize) -> Vec<u8> {
    const WORDS: &str = "the quick brown fox jumps over a lazy dog and reads frames ";
    const OTHERS: [&str; 4] = ["é", "語", "ß", "線"];
    let mut text = String::with_capacity(len);
    let mut letters = WORDS.chars().cycle().skip(index % WORDS.len());
    let mut others = OTHERS.into_iter().cycle().skip(index);
    for at in 1.. {
        let left = len - text.len();
        if len >= 1 << 10 && (at + 7 * index) % 30 == 29 && left >= 3 {
            text.extend(others.next());
        } else if left > 0 {
            text.extend(letters.next());
        } else {
            break;
        }
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_its_length_and_is_utf_8() {
        for (len, letters) in [(16, 16), (1024, 1024), (65_536, 65_536)] {
            for index in 0..100 {
                let text = String::from_utf8(text(len, index)).unwrap();
                assert_eq!(text.len(), len);
                assert_eq!(text.chars().count() == letters, len == 16);
            }
        }
    }

    #[test]
    fn mixed_text_is_cut_inside_letters() {
        let traffic = Traffic::mixed_text();
        let cut = traffic
            .frames
            .iter()
            .filter(|frame| frame.opcode < 8 && std::str::from_utf8(frame.payload).is_err());
        assert!(cut.count() > 10);
    }

    #[test]
    fn the_octets_carry_the_frames() {
        for traffic in [
            Traffic::binary(16, 1),
            Traffic::mixed_binary(),
            Traffic::text(65_536, 4),
        ] {
            check("traffic", Role::Client, &traffic.octets, &traffic.frames);
            assert_eq!(wire_len(Role::Client, &traffic.frames), traffic.octets.len());
            assert!(traffic.octets.len() > READ);
        }
    }

    #[test]
    #[should_panic(expected = "sends another frame")]
    fn another_payload_is_found() {
        let traffic = Traffic::binary(16, 1);
        let mut octets = traffic.octets.clone();
        octets[30] ^= 1;
        check("traffic", Role::Client, &octets, &traffic.frames);
    }
}
