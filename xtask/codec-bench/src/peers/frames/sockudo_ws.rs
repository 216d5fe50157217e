//! sockudo-ws: a parser and an encoder of frames, and a protocol of messages, all over buffers.

use bytes::BytesMut;
use sockudo_ws::frame::{FrameParser, OpCode, encode_frame};
use sockudo_ws::protocol::{Message, Protocol};
use wsanvil_wire::Role;

use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{Frame, Keys, READ, Traffic};

/// The longest frame and message taken.
const MAX: usize = 64 << 20;

/// `FrameParser::parse`.
pub struct SockudoDecoder {
    traffic: &'static Traffic,
    buffer: BytesMut,
    parser: FrameParser,
}

/// `encode_frame`.
pub struct SockudoEncoder {
    frames: Vec<(bool, OpCode, &'static [u8])>,
    keys: Option<Keys>,
    output: BytesMut,
}

/// `Protocol::process_into` and `Protocol::encode_message`.
pub struct SockudoEcho {
    traffic: &'static Traffic,
    buffer: BytesMut,
    protocol: Protocol,
    messages: Vec<Message>,
    output: BytesMut,
}

impl Decode for SockudoDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: BytesMut::with_capacity(2 * READ),
            parser: FrameParser::new(MAX, true),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        for read in self.traffic.octets.chunks(READ) {
            self.buffer.extend_from_slice(read);
            while let Some(frame) = self.parser.parse(&mut self.buffer).expect("the frame is legal") {
                see(frame.header.fin, frame.header.opcode as u8, &frame.payload);
            }
        }
    }
}

impl Encode for SockudoEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        let opcode = |opcode| OpCode::from_u8(opcode).expect("the opcode is defined");
        Self {
            frames: frames
                .iter()
                .map(|frame| (frame.fin, opcode(frame.opcode), frame.payload))
                .collect(),
            keys: role.masks().then(Keys::default),
            output: BytesMut::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for &(fin, opcode, payload) in &self.frames {
            let key = self.keys.as_mut().map(Keys::next_key);
            encode_frame(&mut self.output, opcode, payload, fin, key);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output.into()
    }
}

impl Echo for SockudoEcho {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: BytesMut::with_capacity(2 * READ),
            protocol: Protocol::new(sockudo_ws::Role::Server, MAX, MAX),
            messages: Vec::new(),
            output: BytesMut::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for read in self.traffic.octets.chunks(READ) {
            self.buffer.extend_from_slice(read);
            self.protocol
                .process_into(&mut self.buffer, &mut self.messages)
                .expect("the messages are legal");
            for message in self.messages.drain(..) {
                if let Message::Ping(payload) = &message {
                    self.protocol.encode_pong(payload, &mut self.output);
                } else {
                    self.protocol
                        .encode_message(&message, &mut self.output)
                        .expect("the message is legal");
                }
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output.into()
    }
}
