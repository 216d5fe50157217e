//! Whole frames onto the end of a buffer.

use super::{Header, LengthForm};
use crate::mask;

/// Payloads of up to so many octets are written without a call: a copy of unknown length costs more than it moves.
const SMALL: usize = 32;

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
        if payload.len() <= SMALL && self.form == LengthForm::Bits7 {
            self.write_small(payload, out);
        } else {
            self.write_large(payload, out);
        }
    }

    #[inline(never)]
    fn write_large(&self, payload: &[u8], out: &mut Vec<u8>) {
        self.write(out);
        match self.mask {
            Some(key) => mask::apply_copy(key, 0, payload, out),
            None => out.extend_from_slice(payload),
        }
    }

    #[inline]
    fn write_small(&self, payload: &[u8], out: &mut Vec<u8>) {
        let first = u8::from(self.fin) << 7 | (self.rsv & 0x7) << 4 | self.opcode.get();
        let [.., len] = self.payload_len.to_be_bytes();
        match self.mask {
            None => append_small([first, len & 0x7F], 0, payload, out),
            Some(key) => {
                let [a, b, c, d] = key;
                let header = [first, 0x80 | len & 0x7F, a, b, c, d];
                append_small(header, u32::from_le_bytes(key), payload, out);
            }
        }
    }
}

/// Makes room for the largest small frame first, then puts the parts there by copies of constant length, then takes
/// the surplus off again. `key` is the masking key in little-endian order, 0 for none.
#[inline]
fn append_small<const H: usize>(header: [u8; H], key: u32, payload: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let end = start + H + payload.len();
    out.extend_from_slice(&[0; 6 + SMALL]);
    if let Some(slot) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut::<H>) {
        *slot = header;
    }
    if let Some(room) = out.get_mut(start + H..end) {
        match payload.len() {
            16..=SMALL => copy_ends::<16>(key, payload, room),
            8..16 => copy_ends::<8>(key, payload, room),
            4..8 => copy_ends::<4>(key, payload, room),
            _ => {
                for ((to, from), key) in room.iter_mut().zip(payload).zip(key.to_le_bytes()) {
                    *to = from ^ key;
                }
            }
        }
    }
    out.truncate(end);
}

/// Copies and masks `N` to `2 * N` octets: the first `N` and the last `N`, which may overlap.
#[inline]
fn copy_ends<const N: usize>(key: u32, from: &[u8], to: &mut [u8]) {
    let at_end = key.rotate_right(mask::turn(from.len()));
    if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
        if let Some(slot) = to.first_chunk_mut::<N>() {
            *slot = mask::combined(key, *first);
        }
        if let Some(slot) = to.last_chunk_mut::<N>() {
            *slot = mask::combined(at_end, *last);
        }
    }
}
