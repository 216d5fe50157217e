//! websocket-sans-io: a decoder that tells of frames and unmasks them in place, and an encoder of heads and masks.

use websocket_sans_io::{
    FrameInfo, Opcode, WebsocketFrameDecoder, WebsocketFrameEncoder, WebsocketFrameEvent,
};
use wsanvil_wire::Role;

use super::validated;
use crate::groups::frames::ReadBuffer;
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{Frame, Keys, Traffic};

/// `WebsocketFrameDecoder` over a read buffer.
pub struct SansIoDecoder {
    traffic: &'static Traffic,
    buffer: ReadBuffer,
    decoder: WebsocketFrameDecoder,
    /// Whether the last read ended inside a frame.
    cut: bool,
}

/// `WebsocketFrameEncoder` over the caller's buffer.
pub struct SansIoEncoder {
    frames: Vec<FrameInfo>,
    payloads: &'static [Frame],
    keys: Option<Keys>,
    encoder: WebsocketFrameEncoder,
    output: Vec<u8>,
}

/// Decoder and encoder; messages are put together and validated between them.
pub struct SansIoEcho {
    decoder: SansIoDecoder,
    encoder: WebsocketFrameEncoder,
    message: Vec<u8>,
    output: Vec<u8>,
}

impl Decode for SansIoDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: ReadBuffer::default(),
            decoder: WebsocketFrameDecoder::new(),
            cut: false,
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        let mut stream = self.traffic.octets.as_slice();
        while !stream.is_empty() {
            self.buffer.read(&mut stream);
            if self.cut {
                self.end_of_frame(see);
            }
            if !self.cut {
                self.frames(see);
            }
        }
    }
}

impl SansIoDecoder {
    /// The frames that begin in this read.
    fn frames(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        let mut rest = self.buffer.unread();
        let mut payload: &[u8] = &[];
        let mut begun = None;
        loop {
            let Ok(done) = self.decoder.add_data(rest);
            let (taken, tail) = rest.split_at_mut(done.consumed_bytes);
            rest = tail;
            match done.event {
                Some(WebsocketFrameEvent::Start { frame_info, .. }) => {
                    assert!(frame_info.is_reasonable(), "the frame is legal");
                    begun = Some(frame_info.payload_length as usize);
                    payload = &[];
                }
                Some(WebsocketFrameEvent::PayloadChunk { .. }) => payload = taken,
                Some(WebsocketFrameEvent::End { frame_info, .. }) => {
                    see(frame_info.fin, frame_info.opcode as u8, payload);
                    begun = None;
                }
                None if taken.is_empty() => break,
                None => {}
            }
        }
        if let Some(len) = begun {
            let part = payload.len();
            self.buffer.leave(part);
            self.buffer.keep(len);
            self.buffer.leave(0);
            self.cut = true;
        } else {
            self.buffer.leave(0);
            self.buffer.release();
        }
    }

    /// The rest of a frame that an earlier read began.
    fn end_of_frame(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        loop {
            let unread = self.buffer.unread();
            let len = unread.len();
            let Ok(done) = self.decoder.add_data(unread);
            self.buffer.leave(len - done.consumed_bytes);
            match done.event {
                Some(WebsocketFrameEvent::End { frame_info, .. }) => {
                    see(frame_info.fin, frame_info.opcode as u8, self.buffer.kept());
                    self.buffer.release();
                    self.cut = false;
                    return;
                }
                None => return,
                Some(_) => {}
            }
        }
    }
}

impl Encode for SansIoEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        Self {
            frames: frames
                .iter()
                .map(|frame| FrameInfo {
                    opcode: opcode(frame.opcode),
                    payload_length: frame.payload.len() as u64,
                    mask: None,
                    fin: frame.fin,
                    reserved: 0,
                })
                .collect(),
            payloads: frames,
            keys: role.masks().then(Keys::default),
            encoder: WebsocketFrameEncoder::new(),
            output: Vec::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for (&info, frame) in self.frames.iter().zip(self.payloads) {
            let mask = self.keys.as_mut().map(Keys::next_key);
            let info = FrameInfo { mask, ..info };
            put(&mut self.encoder, &info, frame.payload, &mut self.output);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output
    }
}

impl Echo for SansIoEcho {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            decoder: SansIoDecoder::new(traffic),
            encoder: WebsocketFrameEncoder::new(),
            message: Vec::new(),
            output: Vec::new(),
        }
    }

    fn pass(&mut self) {
        let Self {
            decoder,
            encoder,
            message,
            output,
        } = self;
        output.clear();
        decoder.pass(&mut |fin, opcode, payload| {
            let mut answer = |opcode, payload: &[u8]| {
                let info = FrameInfo {
                    opcode,
                    payload_length: payload.len() as u64,
                    mask: None,
                    fin: true,
                    reserved: 0,
                };
                put(encoder, &info, payload, output);
            };
            match (opcode, fin) {
                (9, _) => answer(Opcode::Pong, payload),
                (1, true) => answer(Opcode::Text, validated(payload).as_bytes()),
                _ => {
                    message.extend_from_slice(payload);
                    if fin {
                        answer(Opcode::Text, validated(message).as_bytes());
                        message.clear();
                    }
                }
            }
        });
    }

    fn finish(self) -> Vec<u8> {
        self.output
    }
}

#[inline]
fn put(encoder: &mut WebsocketFrameEncoder, info: &FrameInfo, payload: &[u8], output: &mut Vec<u8>) {
    output.extend_from_slice(&encoder.start_frame(info));
    let start = output.len();
    output.extend_from_slice(payload);
    encoder.transform_frame_payload(&mut output[start..]);
}

fn opcode(opcode: u8) -> Opcode {
    match opcode {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::ConnectionClose,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        _ => panic!("opcode {opcode} is not defined"),
    }
}
