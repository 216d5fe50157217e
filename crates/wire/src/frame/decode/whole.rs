//! Frames that lie whole in the input and break no rule: nearly all frames there are, without the steps in between.

use super::{Decoder, Stage, take};
use crate::frame::rules::is_legal;
use crate::frame::{Header, Position};
use crate::mask;

/// A whole frame that breaks no rule where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'b> {
    /// The header as it stands on the wire.
    pub header: Header,
    /// All of the payload, unmasked in place and borrowed from the input.
    pub payload: &'b mut [u8],
}

impl Decoder {
    /// Takes the next frame from the front of `buf` if all of it is there and it breaks no rule.
    ///
    /// `None` takes nothing and says nothing: [`Decoder::next`] tells what comes then. Both can be called in any
    /// order; a `Frame` stands for the `Header`, `Payload` and `End` that `next` would have given.
    #[expect(
        clippy::inline_always,
        reason = "a frame of a few octets costs less than passing it through memory"
    )]
    #[inline(always)]
    pub fn whole_frame<'b>(&mut self, buf: &mut &'b mut [u8]) -> Option<Frame<'b>> {
        if self.stage != Stage::Header || self.partial_len != 0 {
            return None;
        }
        let (header, header_len) = Header::parse(buf)?;
        let payload_len = usize::try_from(header.payload_len).ok()?;
        let len = header_len.checked_add(payload_len)?;
        let at = Position {
            sender: self.sender,
            rsv1: self.rsv1,
            in_message: self.in_message,
        };
        if buf.len() < len || !is_legal(&header, at) {
            return None;
        }
        let payload = take(buf, len).get_mut(header_len..)?;
        if let Some(key) = header.mask {
            mask::apply(key, 0, payload);
        }
        self.offset += len as u64;
        if !header.opcode.is_control() {
            self.in_message = !header.fin;
        }
        Some(Frame { header, payload })
    }
}
