//! Whole frames onto the end of a buffer.

use super::{Header, LengthForm};
use crate::mask;

impl Header {
    /// Appends the frame: this header as [`Header::write`] puts it, and `payload`, masked when the header has a key.
    ///
    /// Nothing is checked: a payload of another length than the header announces is written as it is.
    ///
    /// ```
    /// use wsanvil_wire::frame::{Header, Opcode};
    ///
    /// let mut out = Vec::new();
    /// let header = Header { mask: Some([0x37, 0xfa, 0x21, 0x3d]), ..Header::new(Opcode::TEXT, 5) };
    /// header.write_frame(b"Hello", &mut out);
    /// assert_eq!(out, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    /// ```
    #[expect(
        clippy::inline_always,
        reason = "a frame of a few octets costs less than passing its header through memory"
    )]
    #[inline(always)]
    pub fn write_frame(&self, payload: &[u8], out: &mut Vec<u8>) {
        let first = self.first_octet();
        let [.., high, low] = self.payload_len.to_be_bytes();
        match (self.form, self.mask) {
            (LengthForm::Bits7, None) => {
                out.extend_from_slice(&[first, low & 0x7F]);
                out.extend_from_slice(payload);
            }
            (LengthForm::Bits16, None) => {
                out.extend_from_slice(&[first, 0x7E, high, low]);
                out.extend_from_slice(payload);
            }
            (LengthForm::Bits7, Some(key)) => {
                let [a, b, c, d] = key;
                out.extend_from_slice(&[first, 0x80 | low & 0x7F, a, b, c, d]);
                mask::apply_copy(key, 0, payload, out);
            }
            (LengthForm::Bits16, Some(key)) => {
                let [a, b, c, d] = key;
                out.extend_from_slice(&[first, 0xFE, high, low, a, b, c, d]);
                mask::append_blocks(u32::from_le_bytes(key), payload, out);
            }
            (LengthForm::Bits64, _) => write_long(*self, payload, out),
        }
    }
}

/// By value: a header whose address is taken would lie in memory for the other forms too.
#[inline(never)]
fn write_long(header: Header, payload: &[u8], out: &mut Vec<u8>) {
    header.write(out);
    match header.mask {
        None => out.extend_from_slice(payload),
        Some(key) => mask::apply_copy(key, 0, payload, out),
    }
}
