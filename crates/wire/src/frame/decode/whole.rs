//! Frames that lie whole in the input and break no rule: nearly all frames there are, without the steps in between.

use super::{Decoder, Stage, take};
use crate::frame::{Header, LengthForm, Opcode};
use crate::mask;

/// A whole frame that breaks no rule where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'b> {
    /// The header as it stands on the wire.
    pub header: Header,
    /// All of the payload, unmasked in place and borrowed from the input.
    pub payload: &'b mut [u8],
}

/// What may stand in the first octet without reserved bits: a bit for each FIN and opcode, FIN in the fifth place.
const CONTROL: u32 = 1 << 0x18 | 1 << 0x19 | 1 << 0x1A;
const BETWEEN_MESSAGES: u32 = CONTROL | 1 << 0x01 | 1 << 0x02 | 1 << 0x11 | 1 << 0x12;
const INSIDE_A_MESSAGE: u32 = CONTROL | 1 << 0x00 | 1 << 0x10;

impl Decoder {
    /// Takes the next frame from the front of `buf` if all of it is there and it breaks no rule.
    ///
    /// `None` takes nothing and says nothing: [`Decoder::next`] tells what comes then. Both can be called in any
    /// order; a `Frame` stands for the `Header`, `Payload` and `End` that `next` would have given.
    ///
    /// ```
    /// use wsanvil_wire::{Role, frame::{Decoder, Opcode}};
    ///
    /// let mut octets = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x89";
    /// let mut rest = &mut octets[..];
    /// let mut decoder = Decoder::new(Role::Client);
    /// let frame = decoder.whole_frame(&mut rest).unwrap();
    /// assert_eq!((frame.header.opcode, &*frame.payload), (Opcode::TEXT, &b"Hello"[..]));
    /// assert!(decoder.whole_frame(&mut rest).is_none(), "half a header");
    /// assert_eq!(rest.len(), 1);
    /// ```
    #[expect(
        clippy::inline_always,
        reason = "a frame of a few octets costs less than passing it through memory"
    )]
    #[inline(always)]
    pub fn whole_frame<'b>(&mut self, buf: &mut &'b mut [u8]) -> Option<Frame<'b>> {
        if self.stage != Stage::Header || self.partial_len != 0 {
            return None;
        }
        let (&[first, second], _) = buf.split_first_chunk::<2>()?;
        let masked = self.sender.masks();
        if !self.may_begin(first) || masked != (second & 0x80 != 0) {
            return None;
        }
        let (form, payload_len, len_end) = match second & 0x7F {
            len @ 0..=125 => (LengthForm::Bits7, usize::from(len), 2),
            marker => long_len(first, marker, buf)?,
        };
        let header_len = if masked { len_end + 4 } else { len_end };
        let len = header_len.checked_add(payload_len)?;
        if buf.len() < len {
            return None;
        }
        let (head, payload) = take(buf, len).split_at_mut_checked(header_len)?;
        let mut mask = None;
        if masked {
            let key = *head.last_chunk::<4>()?;
            mask::apply(key, 0, payload);
            mask = Some(key);
        }
        self.offset += len as u64;
        let fin = first & 0x80 != 0;
        if first & 0x08 == 0 {
            self.in_message = !fin;
        }
        let header = Header {
            fin,
            rsv: first >> 4 & 0x7,
            opcode: Opcode::new(first),
            mask,
            form,
            payload_len: payload_len as u64,
        };
        Some(Frame { header, payload })
    }

    /// Whether FIN, reserved bits and opcode may stand here together.
    #[inline]
    fn may_begin(&self, first: u8) -> bool {
        let legal = if self.in_message {
            INSIDE_A_MESSAGE
        } else {
            BETWEEN_MESSAGES
        };
        let combination = u32::from(first >> 3 & 0x10 | first & 0x0F);
        legal >> combination & 1 != 0 && (first & 0x70 == 0 || self.is_compressed(first))
    }

    /// Whether RSV1 alone is set, where it has a meaning.
    #[inline(never)]
    fn is_compressed(&self, first: u8) -> bool {
        self.rsv1 && first & 0x70 == 0x40 && matches!(first & 0x0F, 1 | 2)
    }
}

/// Form, length and end of a length that does not fit seven bits; `None` when it is not all there, not minimal, not
/// legal for a control frame or more than any buffer holds.
fn long_len(first: u8, marker: u8, buf: &[u8]) -> Option<(LengthForm, usize, usize)> {
    let (_, rest) = buf.split_first_chunk::<2>()?;
    let (form, len, end) = if marker == 126 {
        let len = u16::from_be_bytes(*rest.first_chunk::<2>()?);
        (LengthForm::Bits16, usize::from(len), 4)
    } else {
        let len = u64::from_be_bytes(*rest.first_chunk::<8>()?);
        (LengthForm::Bits64, usize::try_from(len).ok()?, 10)
    };
    let legal = first & 0x08 == 0 && form == LengthForm::minimal_for(len as u64) && len as u64 >> 63 == 0;
    legal.then_some((form, len, end))
}
