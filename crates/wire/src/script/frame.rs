//! A frame with its payload.

use crate::frame::{Header, LengthForm, Opcode};
use crate::{Role, mask};

/// A frame: a header that can lie, and the payload before it is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The header. Its length is written as it is, whatever the payload has.
    pub header: Header,
    /// The payload, masked on writing when the header has a key.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A final frame without mask, with the length of its payload.
    pub fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> Self {
        let payload = payload.into();
        Self {
            header: Header::new(opcode, payload.len() as u64),
            payload,
        }
    }

    /// The same as `sender` has to send it: masked with `key` by a client.
    pub const fn sent_by(mut self, sender: Role, key: [u8; 4]) -> Self {
        self.header.mask = if sender.masks() { Some(key) } else { None };
        self
    }

    /// Replaces the payload and announces its length in the shortest form.
    pub fn set_payload(&mut self, payload: Vec<u8>) {
        self.header.payload_len = payload.len() as u64;
        self.header.form = LengthForm::minimal_for(self.header.payload_len);
        self.payload = payload;
    }

    /// Appends the octets of the frame.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.header.write(out);
        match self.header.mask {
            Some(key) => mask::apply_copy(key, 0, &self.payload, out),
            None => out.extend_from_slice(&self.payload),
        }
    }
}
