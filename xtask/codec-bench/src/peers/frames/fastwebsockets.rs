//! fastwebsockets: a stream of frames, a collector of messages, and frames that format their heads.

use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, WebSocket, unmask};
use wsanvil_wire::Role;

use super::transport::{Record, Transport, ready};
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{self, Keys, Traffic, wire_len};

/// `WebSocket::read_frame`.
pub struct FastDecoder {
    frames: usize,
    socket: WebSocket<Transport>,
}

/// `Frame::fmt_head` and `unmask` over the caller's buffer.
pub struct FastEncoder {
    frames: Vec<(bool, OpCode, &'static [u8])>,
    keys: Option<Keys>,
    output: Vec<u8>,
}

/// `FragmentCollector`.
pub struct FastEcho {
    messages: usize,
    socket: FragmentCollector<Transport>,
    record: Record,
}

impl Decode for FastDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        let (transport, _) = Transport::new(&traffic.octets, 0);
        let mut socket = WebSocket::after_handshake(transport, fastwebsockets::Role::Server);
        socket.set_auto_pong(false);
        socket.set_auto_close(false);
        Self {
            frames: traffic.frames.len(),
            socket,
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        ready(async {
            for _ in 0..self.frames {
                let frame = self.socket.read_frame().await.expect("the frame is legal");
                see(frame.fin, frame.opcode as u8, &frame.payload);
            }
        });
    }
}

impl Encode for FastEncoder {
    fn new(role: Role, frames: &'static [traffic::Frame]) -> Self {
        let opcode = |opcode| OpCode::try_from(opcode).expect("the opcode is defined");
        Self {
            frames: frames
                .iter()
                .map(|frame| (frame.fin, opcode(frame.opcode), frame.payload))
                .collect(),
            keys: role.masks().then(Keys::default),
            output: Vec::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for &(fin, opcode, payload) in &self.frames {
            let key = self.keys.as_mut().map(Keys::next_key);
            let mut head = [0; 14];
            let len = Frame::new(fin, opcode, key, Payload::Borrowed(payload)).fmt_head(&mut head);
            self.output.extend_from_slice(&head[..len]);
            let start = self.output.len();
            self.output.extend_from_slice(payload);
            if let Some(key) = key {
                unmask(&mut self.output[start..], key);
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output
    }
}

impl Echo for FastEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        let socket = WebSocket::after_handshake(transport, fastwebsockets::Role::Server);
        Self {
            messages: traffic.messages(),
            socket: FragmentCollector::new(socket),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            for _ in 0..self.messages {
                let message = self.socket.read_frame().await.expect("the message is legal");
                self.socket
                    .write_frame(message)
                    .await
                    .expect("the transport takes it");
            }
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}
