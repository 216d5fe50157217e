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
    #[inline]
    pub fn write_frame(&self, payload: &[u8], out: &mut Vec<u8>) {
        // What a server sends, but for the largest: apart from the rest so that it stays short in code as well.
        let [.., high, low] = self.payload_len.to_be_bytes();
        match (self.form, self.mask) {
            (LengthForm::Bits7, None) => out.extend_from_slice(&[self.first_octet(), low & 0x7F]),
            (LengthForm::Bits16, None) => out.extend_from_slice(&[self.first_octet(), 0x7E, high, low]),
            _ => return self.write_any_frame(payload, out),
        }
        out.extend_from_slice(payload);
    }

    #[inline(never)]
    fn write_any_frame(&self, payload: &[u8], out: &mut Vec<u8>) {
        self.write(out);
        match self.mask {
            None => out.extend_from_slice(payload),
            Some(key) => mask::apply_copy(key, 0, payload, out),
        }
    }
}
