//! The frame header as it stands on the wire (RFC 6455 section 5.2), legal or not.

use super::Opcode;

/// The octets of the longest header: two fixed, eight of length, four of masking key.
pub const MAX_HEADER_LEN: usize = 14;

/// Which of the three encodings carries the payload length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthForm {
    /// In the seven bits themselves: 0 to 125.
    Bits7,
    /// Marker 126 and two octets.
    Bits16,
    /// Marker 127 and eight octets.
    Bits64,
}

impl LengthForm {
    /// The form a sender has to use for `len` octets: the shortest that holds it.
    pub const fn minimal_for(len: u64) -> Self {
        match len {
            0..=125 => Self::Bits7,
            126..=0xFFFF => Self::Bits16,
            _ => Self::Bits64,
        }
    }

    /// Octets that follow the second header octet: 0, 2 or 8.
    pub const fn extra_len(self) -> usize {
        match self {
            Self::Bits7 => 0,
            Self::Bits16 => 2,
            Self::Bits64 => 8,
        }
    }
}

/// One frame header. Every combination of fields can be written; a strict reader judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits, 0 to 7: 4 is RSV1, 2 is RSV2, 1 is RSV3.
    pub rsv: u8,
    /// What the payload is.
    pub opcode: Opcode,
    /// The masking key when the mask bit is set.
    pub mask: Option<[u8; 4]>,
    /// The encoding of the length, minimal or not.
    pub form: LengthForm,
    /// Payload octets announced. The top bit is never legal (RFC 6455 section 5.2).
    pub payload_len: u64,
}

impl Header {
    /// A final, unmasked frame without reserved bits and with the minimal length form.
    pub const fn new(opcode: Opcode, payload_len: u64) -> Self {
        Self {
            fin: true,
            rsv: 0,
            opcode,
            mask: None,
            form: LengthForm::minimal_for(payload_len),
            payload_len,
        }
    }

    /// Reads a header from the front of `buf`: the header and the octets it takes.
    ///
    /// Total: every bit pattern is a header. `None` means that more octets are needed, and 14 are always enough.
    #[inline]
    pub fn parse(buf: &[u8]) -> Option<(Self, usize)> {
        let (&[first, second], rest) = buf.split_first_chunk::<2>()?;
        let (form, payload_len, rest) = match second & 0x7F {
            0x7E => {
                let (len, rest) = rest.split_first_chunk::<2>()?;
                (LengthForm::Bits16, u64::from(u16::from_be_bytes(*len)), rest)
            }
            0x7F => {
                let (len, rest) = rest.split_first_chunk::<8>()?;
                (LengthForm::Bits64, u64::from_be_bytes(*len), rest)
            }
            len => (LengthForm::Bits7, u64::from(len), rest),
        };
        let mask = if second & 0x80 == 0 {
            None
        } else {
            Some(*rest.first_chunk::<4>()?)
        };
        let header = Self {
            fin: first & 0x80 != 0,
            rsv: (first >> 4) & 0x7,
            opcode: Opcode::new(first),
            mask,
            form,
            payload_len,
        };
        Some((header, header.encoded_len()))
    }

    /// Octets this header takes on the wire, 2 to 14.
    pub const fn encoded_len(&self) -> usize {
        2 + self.form.extra_len() + if self.mask.is_some() { 4 } else { 0 }
    }

    /// Appends the header exactly as its fields say. A form too small for the length carries the low bits of it; the
    /// seven-bit form carries the low seven, so that 126 and 127 there lie about the form as well.
    #[inline]
    pub fn write(&self, out: &mut Vec<u8>) {
        // Arrays, not slices: a copy of constant length is a store or two, not a call.
        let first = self.first_octet();
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        let [l0, l1, l2, l3, l4, l5, l6, l7] = self.payload_len.to_be_bytes();
        let second = mask_bit | 0x7F;
        match self.form {
            LengthForm::Bits7 => match self.mask {
                None => out.extend_from_slice(&[first, l7 & 0x7F]),
                Some([a, b, c, d]) => out.extend_from_slice(&[first, 0x80 | l7 & 0x7F, a, b, c, d]),
            },
            LengthForm::Bits16 => out.extend_from_slice(&[first, mask_bit | 0x7E, l6, l7]),
            LengthForm::Bits64 => out.extend_from_slice(&[first, second, l0, l1, l2, l3, l4, l5, l6, l7]),
        }
        if self.form != LengthForm::Bits7
            && let Some(key) = self.mask
        {
            out.extend_from_slice(&key);
        }
    }

    /// FIN, reserved bits and opcode.
    #[inline]
    pub(super) const fn first_octet(&self) -> u8 {
        (self.fin as u8) << 7 | (self.rsv & 0x7) << 4 | self.opcode.get()
    }

    /// The header as [`Header::write`] puts it: a buffer and how many octets of it count.
    #[inline]
    pub fn encode(&self) -> ([u8; MAX_HEADER_LEN], usize) {
        let [.., l6, l7] = self.payload_len.to_be_bytes();
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        let first = self.first_octet();
        let mut octets = [0; MAX_HEADER_LEN];
        match self.form {
            LengthForm::Bits7 => {
                octets[0] = first;
                octets[1] = mask_bit | (l7 & 0x7F);
                place(&mut octets, 2, &self.mask.unwrap_or_default());
            }
            LengthForm::Bits16 => {
                place(&mut octets, 0, &[first, mask_bit | 0x7E, l6, l7]);
                place(&mut octets, 4, &self.mask.unwrap_or_default());
            }
            LengthForm::Bits64 => {
                place(&mut octets, 0, &[first, mask_bit | 0x7F]);
                place(&mut octets, 2, &self.payload_len.to_be_bytes());
                place(&mut octets, 10, &self.mask.unwrap_or_default());
            }
        }
        (octets, self.encoded_len())
    }
}

/// Copies `part` to position `at`; every call above stays inside the 14 octets.
#[inline]
fn place<const N: usize>(octets: &mut [u8; MAX_HEADER_LEN], at: usize, part: &[u8; N]) {
    if let Some(slot) = octets.get_mut(at..at + N) {
        slot.copy_from_slice(part);
    }
}
