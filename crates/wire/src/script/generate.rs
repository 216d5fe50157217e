//! Scripts from octets.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{Action, Chunks, Control, End, Frame, Lie, Message, Payload, Placed, Script};
use crate::deflate::{Agreed, Options};
use crate::frame::{Header, Opcode};

/// Octets that repetition may add to the payloads of one script.
const BUDGET: usize = 1 << 17;

/// Most actions of a script: an octet each is enough for one.
const MOST_ACTIONS: usize = 64;

/// Lengths at which something changes: the most of a control frame, the forms of the length, and one to each side.
const EDGES: [usize; 10] = [124, 125, 126, 127, 128, 4096, 65_534, 65_535, 65_536, 65_537];

/// Close codes of every kind that may be sent.
const CODES: [u16; 12] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1014, 3000, 4999,
];

impl<'a> Arbitrary<'a> for Script {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let temper: u8 = u.arbitrary()?;
        let mut script = Self {
            deflate: Option::arbitrary(u)?,
            chunks: Chunks::arbitrary(u)?,
            end: End::arbitrary(u)?,
            seed: u8::arbitrary(u)?.into(),
            ..Self::default()
        };
        if script.deflate.is_some() {
            script.compression = Options::arbitrary(u)?;
        }
        if (128..224).contains(&temper) {
            let placed = Placed::arbitrary(u)?;
            if matches!(placed.lie, Lie::Deflate(_)) && script.deflate.is_none() {
                script.deflate = Some(Agreed::default());
            }
            script.lie = Some(placed);
            if matches!(script.end, End::Cut(_)) {
                // What is cut off could be the lie.
                script.end = End::Eof;
            }
        }
        let mut generator = Generator { budget: BUDGET };
        while !u.is_empty() && script.actions.len() < MOST_ACTIONS {
            let action = match u.int_in_range(0..=15_u8)? {
                0 => break,
                1..=8 => Action::Message(generator.message(u)?),
                9..=12 => Action::Control(control(u)?),
                13 => Action::Close(close(u)?),
                14 if temper >= 224 => Action::Frame(generator.frame(u)?),
                15 if temper >= 224 => Action::Raw(generator.octets(u)?),
                _ => Action::Message(Message::new(generator.payload(u)?)),
            };
            let is_close = matches!(action, Action::Close(_));
            script.actions.push(action);
            // Octets behind a Close are for those who break rules.
            if is_close && temper < 224 {
                break;
            }
        }
        Ok(script)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        // One octet each: temper, agreement, reads, end, seed.
        (5, None)
    }
}

impl<'a> Arbitrary<'a> for Action {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut generator = Generator { budget: BUDGET };
        Ok(match u.int_in_range(0..=7_u8)? {
            0..=3 => Self::Message(generator.message(u)?),
            4 => Self::Control(control(u)?),
            5 => Self::Close(close(u)?),
            6 => Self::Frame(generator.frame(u)?),
            _ => Self::Raw(generator.octets(u)?),
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (2, None)
    }
}

impl<'a> Arbitrary<'a> for Message {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Generator { budget: BUDGET }.message(u)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        // Payload, and how it is sent.
        (4, None)
    }
}

impl<'a> Arbitrary<'a> for Payload {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Generator { budget: BUDGET }.payload(u)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        // Text or binary, kind of length, length.
        (3, None)
    }
}

impl<'a> Arbitrary<'a> for Control {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        control(u)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (3, Some(3 + 125))
    }
}

impl<'a> Arbitrary<'a> for Frame {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Generator { budget: BUDGET }.frame(u)
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        (Header::size_hint(depth).0 + 3, None)
    }
}

impl<'a> Arbitrary<'a> for Chunks {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let sizes = match u.int_in_range(0..=7_u8)? {
            0..=2 => Vec::new(),
            3 | 4 => vec![1],
            5 => vec![u.int_in_range(1..=16)?],
            6 => vec![u.int_in_range(1..=16)?, u.int_in_range(1..=256)?],
            _ => vec![u.int_in_range(1..=4096)?, 1, u.int_in_range(1..=4096)?],
        };
        Ok(Self { sizes })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1 + 4))
    }
}

impl<'a> Arbitrary<'a> for End {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=7_u8)? {
            0..=3 => Self::Open,
            4..=6 => Self::Eof,
            _ => Self::Cut(u.int_in_range(0..=300)?),
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(3))
    }
}

/// Makes what has a payload.
struct Generator {
    /// Octets that repetition may still add.
    budget: usize,
}

impl Generator {
    fn message(&mut self, u: &mut Unstructured<'_>) -> Result<Message> {
        let mut message = Message::new(self.payload(u)?);
        let how: u8 = u.arbitrary()?;
        message.compressed = how & 1 == 0;
        // Half of the messages are fragmented, those with 0 frames and empty ones among them.
        if how & 2 != 0 {
            for _ in 0..=how >> 2 & 3 {
                let whole = u16::try_from(message.payload.octets().len()).unwrap_or(u16::MAX);
                let size = match u.int_in_range(0..=3_u8)? {
                    0 => u.int_in_range(0..=4)?,
                    1 => u.int_in_range(0..=255)?,
                    2 => whole / 2,
                    _ => whole,
                };
                message.fragments.push(size);
            }
            for _ in 0..how >> 4 & 3 {
                message.between.push(control(u)?);
            }
        }
        Ok(message)
    }

    fn payload(&mut self, u: &mut Unstructured<'_>) -> Result<Payload> {
        let is_text: bool = u.int_in_range(0..=1_u8)? == 0;
        let (unit, len) = self.unit(u)?;
        Ok(if is_text {
            let unit: String = unit.into_iter().map(character).collect();
            Payload::Text(repeated_text(unit, len))
        } else {
            Payload::Binary(repeated(&unit, len))
        })
    }

    fn frame(&mut self, u: &mut Unstructured<'_>) -> Result<Frame> {
        let mut header = Header::arbitrary(u)?;
        let lies: bool = u.int_in_range(0..=3_u8)? == 0;
        let payload = self.octets(u)?;
        if lies {
            // The length that is announced is not the one there is.
            return Ok(Frame { header, payload });
        }
        let minimal = Header::new(Opcode::BINARY, payload.len() as u64).form;
        header.payload_len = payload.len() as u64;
        if header.form.extra_len() < minimal.extra_len() {
            header.form = minimal;
        }
        Ok(Frame { header, payload })
    }

    fn octets(&mut self, u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let (unit, len) = self.unit(u)?;
        Ok(repeated(&unit, len))
    }

    /// Few octets or as many as there are; and the length to which they are repeated, often none.
    fn unit(&mut self, u: &mut Unstructured<'_>) -> Result<(Vec<u8>, usize)> {
        let how = u.int_in_range(0..=15_u8)?;
        let unit = match how {
            0..=9 => some_octets(u, 32)?,
            10 | 11 => some_octets(u, 1024)?,
            _ => some_octets(u, 8)?,
        };
        let mut len = 0;
        if how >= 12 {
            let edges = if how == 15 {
                &EDGES[..]
            } else {
                EDGES.get(..5).unwrap_or_default()
            };
            len = *u.choose(edges)?;
            if len > self.budget {
                len = 0;
            }
            self.budget -= len;
        }
        Ok((unit, len))
    }
}

fn control(u: &mut Unstructured<'_>) -> Result<Control> {
    let is_ping: bool = u.int_in_range(0..=1_u8)? == 0;
    let most = if u.int_in_range(0..=3_u8)? < 3 { 16 } else { 125 };
    let mut payload = some_octets(u, most)?;
    if payload.len() > 100 {
        payload.resize(125, b'+');
    }
    Ok(if is_ping {
        Control::Ping(payload)
    } else {
        Control::Pong(payload)
    })
}

fn close(u: &mut Unstructured<'_>) -> Result<Option<(u16, String)>> {
    if u.int_in_range(0..=3_u8)? == 0 {
        return Ok(None);
    }
    let code = *u.choose(&CODES)?;
    let reason = some_octets(u, 40)?.into_iter().map(character).collect();
    Ok(Some((code, reason)))
}

/// The octets repeated to `len`, or as they are when they have as many.
fn repeated(unit: &[u8], len: usize) -> Vec<u8> {
    let mut octets = unit.to_vec();
    while octets.len() < len {
        let rest = len - octets.len();
        octets.extend_from_slice(unit.get(..rest).unwrap_or(unit));
        if unit.is_empty() {
            octets.resize(len, b'=');
        }
    }
    octets
}

/// The same for text; what is left behind the last whole repetition are equal signs.
fn repeated_text(mut text: String, len: usize) -> String {
    let rest = len.saturating_sub(text.len());
    if let Some(times) = rest.checked_div(text.len()) {
        text.push_str(&text.repeat(times));
    }
    let rest = len.saturating_sub(text.len());
    text.push_str(&"=".repeat(rest));
    text
}

/// At most so many of the octets that are left.
fn some_octets(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let len = u.int_in_range(0..=most)?;
    Ok(u.bytes(len.min(u.len()))?.to_vec())
}

/// A character for each octet, of all lengths, with the first and the last of each length and those beside the
/// surrogates.
fn character(octet: u8) -> char {
    let wide = u32::from(octet & 0x3F);
    let code = match octet {
        0x00..=0x7F => octet.into(),
        0x80..=0xBF => 0x80 + wide * (0x7FF - 0x80) / 0x3F,
        0xC0 => 0x800,
        0xC1 => 0xD7FF,
        0xC2 => 0xE000,
        0xC3 => 0xFFFF,
        0xC4..=0xDF => 0x4E00 + wide * 0x80,
        0xE0..=0xFF => 0x1_0000 + (wide & 0x1F) * (0x10_FFFF - 0x1_0000) / 0x1F,
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::{character, repeated, repeated_text};

    #[test]
    fn repetition_stops_at_the_length() {
        assert_eq!(repeated(b"abc", 8), b"abcabcab");
        assert_eq!(repeated(b"abc", 2), b"abc");
        assert_eq!(repeated(b"", 2), b"==");
        assert_eq!(repeated_text("aé".to_owned(), 8), "aéaé==");
        assert_eq!(repeated_text("aé".to_owned(), 9), "aéaéaé");
        assert_eq!(repeated_text("aé".to_owned(), 1), "aé");
        assert_eq!(repeated_text(String::new(), 2), "==");
    }

    #[test]
    fn octets_name_characters_of_all_lengths() {
        let edges = [0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3, 0xE0, 0xFF];
        let expected = "\0\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}";
        assert_eq!(edges.map(character).iter().collect::<String>(), expected);
        let mut all: Vec<char> = (0..=255).map(character).collect();
        assert!(!all.contains(&char::REPLACEMENT_CHARACTER));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 256);
    }
}
