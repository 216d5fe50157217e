//! `arbitrary::Arbitrary` for the types of the codec: legal values and lies, in a proportion that finds both.

use arbitrary::{Arbitrary, Result, Unstructured, size_hint};

use crate::Role;
use crate::deflate::{self, Agreed, Params, ServerPolicy};
use crate::endpoint::{Config, Keys};
use crate::extension::{Extension, Param};
use crate::frame::{Header, LengthForm, Opcode};
use crate::message::Message;

mod handshake;

impl<'a> Arbitrary<'a> for Role {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(*u.choose(&[Self::Client, Self::Server])?)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1))
    }
}

impl<'a> Arbitrary<'a> for Opcode {
    /// Of every two one is registered.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let registered = [
            Self::TEXT,
            Self::BINARY,
            Self::CONTINUATION,
            Self::PING,
            Self::PONG,
            Self::CLOSE,
        ];
        let octet: u8 = u.arbitrary()?;
        let choice = registered.get(usize::from(octet & 0x7F) % registered.len());
        Ok(match choice {
            Some(opcode) if octet < 0x80 => *opcode,
            _ => Self::new(octet),
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1))
    }
}

impl<'a> Arbitrary<'a> for LengthForm {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(*u.choose(&[Self::Bits7, Self::Bits16, Self::Bits64])?)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1))
    }
}

impl<'a> Arbitrary<'a> for Header {
    /// Every combination of fields; three of four are in the shortest form and without reserved bits.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let flags: u8 = u.arbitrary()?;
        let opcode = Opcode::arbitrary(u)?;
        let payload_len = match u.int_in_range(0..=7_u8)? {
            0..=3 => u8::arbitrary(u)?.into(),
            4 | 5 => u16::arbitrary(u)?.into(),
            6 => *u.choose(&[125, 126, 65_535, 65_536, 1 << 63, u64::MAX >> 1, u64::MAX])?,
            _ => u.arbitrary()?,
        };
        let mut header = Self::new(opcode, payload_len);
        header.fin = flags & 1 == 0;
        if flags & 2 == 0 {
            header.mask = Some(u.arbitrary()?);
        }
        if flags & 0b1100 == 0b1100 {
            header.form = LengthForm::arbitrary(u)?;
        }
        if flags & 0b11_0000 == 0b11_0000 {
            header.rsv = u.int_in_range(0..=7)?;
        }
        Ok(header)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        // Flags, opcode, kind and octets of the length; key, form and reserved bits when there are some.
        (4, Some(3 + 8 + 4 + 1 + 1))
    }
}

impl<'a> Arbitrary<'a> for Message<'a> {
    /// Text or binary, borrowed from the input.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(if u.int_in_range(0..=1_u8)? == 0 {
            Self::Text(u.arbitrary()?)
        } else {
            Self::Binary(u.arbitrary()?)
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, None)
    }
}

impl<'a> Arbitrary<'a> for Agreed {
    /// Any takeover, windows of 8 to 15 bits.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let [takeover, windows]: [u8; 2] = u.arbitrary()?;
        Ok(Self {
            server_takeover: takeover & 1 == 0,
            client_takeover: takeover & 2 == 0,
            // 15 first: the window of nearly all connections.
            server_window: 15 - (windows & 7),
            client_window: 15 - (windows >> 4 & 7),
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (2, Some(2))
    }
}

impl<'a> Arbitrary<'a> for Params {
    /// Parameters that an offer can have, and an answer but for the window without a value.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let [flags, windows]: [u8; 2] = u.arbitrary()?;
        let bits = |shift: u8| 8 + (windows >> shift & 7);
        Ok(Self {
            server_no_context_takeover: flags & 1 != 0,
            client_no_context_takeover: flags & 2 != 0,
            server_max_window_bits: (flags & 4 != 0).then_some(bits(0)),
            client_max_window_bits: match flags & 0b11000 {
                0 | 0b1000 => None,
                0b10000 => Some(None),
                _ => Some(Some(bits(4))),
            },
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (2, Some(2))
    }
}

impl<'a> Arbitrary<'a> for ServerPolicy {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let [flags, windows]: [u8; 2] = u.arbitrary()?;
        Ok(Self {
            server_no_context_takeover: flags & 1 != 0,
            client_no_context_takeover: flags & 2 != 0,
            server_max_window_bits: (15 - (windows & 7)).max(9),
            client_max_window_bits: 15 - (windows >> 4 & 7),
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (2, Some(2))
    }
}

impl<'a> Arbitrary<'a> for deflate::Strategy {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(*u.choose(&[Self::Default, Self::Fixed, Self::Stored])?)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1))
    }
}

impl<'a> Arbitrary<'a> for deflate::Options {
    /// Every legal way to compress; the final 00 00 ff ff is never left in.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let flags: u8 = u.arbitrary()?;
        let strategy = if flags & 0b11 == 0b11 {
            deflate::Strategy::arbitrary(u)?
        } else {
            deflate::Strategy::Default
        };
        let flush_every = if flags & 0b1100 == 0b1100 {
            Some(u.int_in_range(1..=1000)?)
        } else {
            None
        };
        Ok(Self {
            level: u32::from(flags >> 4) % 10,
            strategy,
            bfinal: flags & 0b101 == 0b101,
            flush_every,
            keep_tail: false,
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1 + 1 + 2))
    }
}

impl<'a> Arbitrary<'a> for Config {
    /// Limits from a few octets to 1 MiB, keys from a seed, everything else either way.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let flags: u8 = u.arbitrary()?;
        let limits = [1 << 20, 1 << 16, 1000, 126, 125, 1];
        Ok(Self {
            max_message: *u.choose(&limits)?,
            max_frame: *u.choose(&limits)?,
            deflate: u.arbitrary()?,
            fail_fast_utf8: flags & 1 == 0,
            reject_non_minimal: flags & 2 == 0,
            answer_ping: flags & 4 == 0,
            answer_close: flags & 8 == 0,
            keys: Keys::from_seed(u8::arbitrary(u)?.into()),
        })
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        size_hint::and((4, Some(4)), Option::<Agreed>::size_hint(depth))
    }
}

impl<'a> Arbitrary<'a> for Extension {
    /// Every second one is permessage-deflate, with its own parameters or with others.
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = u.int_in_range(0..=3_u8)?;
        if kind == 0 {
            return Ok(Params::arbitrary(u)?.to_extension());
        }
        let mut extension = Self::new(if kind == 1 {
            deflate::NAME.to_owned()
        } else {
            token(u)?
        });
        for _ in 0..u.int_in_range(0..=3_u8)? {
            extension.params.push(Param::arbitrary(u)?);
        }
        Ok(extension)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (2, Some(2 + TOKEN_MOST + 3 * (1 + 2 * TOKEN_MOST)))
    }
}

impl<'a> Arbitrary<'a> for Param {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        const NAMES: [&str; 4] = [
            "client_max_window_bits",
            "server_max_window_bits",
            "server_no_context_takeover",
            "client_no_context_takeover",
        ];
        let kind: u8 = u.arbitrary()?;
        let name = match NAMES.get(usize::from(kind & 7)) {
            Some(name) => (*name).to_owned(),
            None => token(u)?,
        };
        let value = match kind >> 3 & 3 {
            0 => None,
            1 => Some(u.int_in_range(7..=16_u8)?.to_string()),
            _ => Some(token(u)?),
        };
        Ok(Self {
            name,
            quoted: kind >> 5 == 1 && value.is_some(),
            value,
        })
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (1, Some(1 + 2 * TOKEN_MOST))
    }
}

/// Octets that a token takes at most: how many there are, and they.
const TOKEN_MOST: usize = 1 + 12;

/// A token of 1 to 12 octets (RFC 9110 section 5.6.2).
pub(crate) fn token(u: &mut Unstructured<'_>) -> Result<String> {
    const SYMBOLS: &[u8; 77] =
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    let len = u.int_in_range(1..=12_usize)?;
    let octets = u.bytes(len.min(u.len()))?;
    let mut text: String = octets
        .iter()
        .filter_map(|octet| SYMBOLS.get(usize::from(*octet) % SYMBOLS.len()))
        .map(|octet| char::from(*octet))
        .collect();
    if text.is_empty() {
        text.push('x');
    }
    Ok(text)
}
