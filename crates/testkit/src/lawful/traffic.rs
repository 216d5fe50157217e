//! The frames of a server on their way out.

use wsanvil_wire::frame::{Header, Opcode};

/// A whole frame of a server: not masked.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) opcode: Opcode,
    pub(super) fin: bool,
    /// As in the header: 4 is RSV1.
    pub(super) rsv: u8,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    pub(super) fn new(opcode: Opcode, payload: &[u8]) -> Self {
        Self {
            opcode,
            fin: true,
            rsv: 0,
            payload: payload.to_vec(),
        }
    }

    /// Takes the first whole frame off `octets`.
    fn take(octets: &mut Vec<u8>) -> Option<Self> {
        let (header, start) = Header::parse(octets)?;
        let end = start + usize::try_from(header.payload_len).ok()?;
        let payload = octets.get(start..end)?.to_vec();
        octets.drain(..end);
        Some(Self {
            opcode: header.opcode,
            fin: header.fin,
            rsv: header.rsv,
            payload,
        })
    }

    fn write(&self, octets: &mut Vec<u8>) {
        let mut header = Header::new(self.opcode, self.payload.len() as u64);
        header.fin = self.fin;
        header.rsv = self.rsv;
        header.write(octets);
        octets.extend_from_slice(&self.payload);
    }
}

/// What goes out, and what its manner has to remember.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Octets of the reference that are no whole frame yet.
    pub(super) unfinished: Vec<u8>,
    /// Control frames and Closes, and messages unless they go later.
    pub(super) output: Vec<u8>,
    /// Messages in the order of their frames.
    pub(super) messages: Vec<u8>,
    /// Whether permessage-deflate was agreed on.
    pub(super) deflate: bool,
    /// Frames sent.
    pub(super) sent: u64,
    /// Data messages go out apart from control frames.
    pub(super) apart: bool,
    /// Of several Pongs that are due at once only the last goes out.
    pub(super) last_pong_only: bool,
    /// A Close is out.
    pub(super) closed: bool,
}

impl Traffic {
    /// Takes octets of the reference; each frame goes through the manner.
    pub(super) fn pass(&mut self, octets: &[u8], manner: fn(Frame, &mut Self)) {
        self.unfinished.extend_from_slice(octets);
        let mut pong = None;
        while let Some(frame) = Frame::take(&mut self.unfinished) {
            if self.last_pong_only && frame.opcode == Opcode::PONG {
                pong = Some(frame);
                continue;
            }
            if frame.opcode == Opcode::CLOSE
                && let Some(pong) = pong.take()
            {
                manner(pong, self);
            }
            manner(frame, self);
        }
        if let Some(pong) = pong {
            manner(pong, self);
        }
    }

    /// Sends a frame as it is.
    pub(super) fn send(&mut self, frame: &Frame) {
        self.sent += 1;
        self.closed |= frame.opcode == Opcode::CLOSE;
        if self.apart && !frame.opcode.is_control() {
            frame.write(&mut self.messages);
        } else {
            // Nothing follows a Close.
            if frame.opcode == Opcode::CLOSE {
                self.output.append(&mut self.messages);
            }
            frame.write(&mut self.output);
        }
    }

    /// Sends a frame in fragments of `size` octets; control frames stay whole.
    pub(super) fn send_cut(&mut self, frame: &Frame, size: usize, between: Option<&Frame>) {
        if frame.opcode.is_control() || frame.payload.len() <= size {
            self.send(frame);
            return;
        }
        let count = frame.payload.chunks(size).count();
        for (index, piece) in frame.payload.chunks(size).enumerate() {
            let first = index == 0;
            self.send(&Frame {
                opcode: if first { frame.opcode } else { Opcode::CONTINUATION },
                fin: frame.fin && index + 1 == count,
                rsv: if first { frame.rsv } else { 0 },
                payload: piece.to_vec(),
            });
            if let Some(between) = between
                && index + 1 < count
            {
                self.send(between);
            }
        }
    }
}
