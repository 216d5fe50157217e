//! websocket-codec: a codec of messages over buffers, and one of heads.

use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};
use websocket_codec::protocol::{FrameHeader, FrameHeaderCodec};
use websocket_codec::{Message, MessageCodec, Opcode};
use wsanvil_wire::Role;

use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{Frame, READ, Traffic};

/// `MessageCodec::decode`.
pub struct CodecDecoder {
    traffic: &'static Traffic,
    buffer: BytesMut,
    codec: MessageCodec,
}

/// `MessageCodec::encode`, and `FrameHeaderCodec` for fragments.
pub struct CodecEncoder {
    items: Vec<Item>,
    codec: MessageCodec,
    output: BytesMut,
}

enum Item {
    Message(Message),
    Fragment(FrameHeader, &'static [u8]),
}

/// `MessageCodec` both ways.
pub struct CodecEcho {
    traffic: &'static Traffic,
    buffer: BytesMut,
    codec: MessageCodec,
    output: BytesMut,
}

impl Decode for CodecDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: BytesMut::with_capacity(2 * READ),
            codec: MessageCodec::server(),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        for read in self.traffic.octets.chunks(READ) {
            self.buffer.extend_from_slice(read);
            while let Some(message) = self.codec.decode(&mut self.buffer).expect("the message is legal") {
                see(true, message.opcode().into(), message.data());
            }
        }
    }
}

impl Encode for CodecEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        let item = |frame: &Frame| match Opcode::try_from(frame.opcode) {
            Some(opcode) if frame.fin => {
                let message = Message::new(opcode, Bytes::from_static(frame.payload));
                Item::Message(message.expect("it is binary"))
            }
            _ => {
                // Masks are a private matter of the crate.
                assert_eq!(role, Role::Server);
                let len = frame.payload.len().into();
                let header = FrameHeader::new(frame.fin, 0, frame.opcode, None, len);
                Item::Fragment(header, frame.payload)
            }
        };
        Self {
            items: frames.iter().map(item).collect(),
            codec: MessageCodec::with_masked_encode(role.masks()),
            output: BytesMut::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for item in &self.items {
            match item {
                Item::Message(message) => self.codec.encode(message, &mut self.output),
                Item::Fragment(header, payload) => {
                    let done = FrameHeaderCodec.encode(header, &mut self.output);
                    self.output.extend_from_slice(payload);
                    done
                }
            }
            .expect("a buffer takes it");
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output.into()
    }
}

impl Echo for CodecEcho {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: BytesMut::with_capacity(2 * READ),
            codec: MessageCodec::server(),
            output: BytesMut::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for read in self.traffic.octets.chunks(READ) {
            self.buffer.extend_from_slice(read);
            while let Some(mut message) = self.codec.decode(&mut self.buffer).expect("the message is legal") {
                if message.opcode() == Opcode::Ping {
                    message = Message::pong(message.into_data());
                }
                self.codec
                    .encode(&message, &mut self.output)
                    .expect("a buffer takes it");
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output.into()
    }
}
