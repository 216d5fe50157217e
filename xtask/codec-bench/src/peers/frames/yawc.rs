//! yawc: a codec of frames over buffers, and a stream of messages.

use bytes::{Bytes, BytesMut};
use futures::SinkExt;
use tokio_util::codec::{Decoder, Encoder};
use wsanvil_wire::Role;
use yawc::{OpCode, Options, WebSocket, codec};

use super::transport::{Record, Transport, ready};
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{Frame, Keys, READ, Traffic, wire_len};

/// The longest frame taken.
const MAX: usize = 64 << 20;

/// `codec::Decoder`.
pub struct YawcDecoder {
    traffic: &'static Traffic,
    buffer: BytesMut,
    decoder: codec::Decoder,
}

/// `codec::Encoder`.
pub struct YawcEncoder {
    frames: Vec<(bool, OpCode, &'static [u8])>,
    keys: Option<Keys>,
    encoder: codec::Encoder,
    output: BytesMut,
}

/// `WebSocket` as a stream and a sink.
pub struct YawcEcho {
    messages: usize,
    socket: WebSocket<Transport>,
    record: Record,
}

impl Decode for YawcDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: BytesMut::with_capacity(2 * READ),
            decoder: codec::Decoder::new(yawc::Role::Server, MAX),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        for read in self.traffic.octets.chunks(READ) {
            self.buffer.extend_from_slice(read);
            while let Some(frame) = self.decoder.decode(&mut self.buffer).expect("the frame is legal") {
                see(frame.is_fin(), frame.opcode().into(), frame.payload());
            }
        }
    }
}

impl Encode for YawcEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        let opcode = |opcode| OpCode::try_from(opcode).expect("the opcode is defined");
        Self {
            frames: frames
                .iter()
                .map(|frame| (frame.fin, opcode(frame.opcode), frame.payload))
                .collect(),
            keys: role.masks().then(Keys::default),
            encoder: codec::Encoder::new(match role {
                Role::Server => yawc::Role::Server,
                Role::Client => yawc::Role::Client,
            }),
            output: BytesMut::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for &(fin, opcode, payload) in &self.frames {
            let mut frame = yawc::Frame::from((opcode, Bytes::from_static(payload))).with_fin(fin);
            frame.set_mask(self.keys.as_mut().map(Keys::next_key));
            self.encoder
                .encode(frame, &mut self.output)
                .expect("a buffer takes it");
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output.into()
    }
}

impl Echo for YawcEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        let options = Options::default()
            .with_utf8()
            .with_read_buffer_capacity(READ)
            .with_write_buffer_capacity(READ);
        Self {
            messages: traffic.messages(),
            socket: WebSocket::from_stream(transport, yawc::Role::Server, options)
                .expect("there are no extensions"),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            let mut left = self.messages;
            while left > 0 {
                let frame = self.socket.next_frame().await.expect("the message is legal");
                if frame.opcode() == OpCode::Text {
                    self.socket.feed(frame).await.expect("the transport takes it");
                    left -= 1;
                }
            }
            self.socket.flush().await.expect("the transport takes it");
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}
