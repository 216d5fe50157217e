//! tungstenite: a blocking stream of messages, and frames that format themselves.

use tungstenite::protocol::Role as TungsteniteRole;
use tungstenite::protocol::frame::coding::OpCode;
use tungstenite::protocol::frame::{Frame, FrameHeader};
use tungstenite::{Bytes, Message, WebSocket};
use wsanvil_wire::Role;

use super::transport::{Record, Transport};
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{self, Traffic, wire_len};

/// `WebSocket::read`.
pub struct TungsteniteDecoder {
    messages: usize,
    socket: WebSocket<Transport>,
}

/// `Frame::format` for a server, which copies the payload once. For a client `WebSocket::write`, which masks in its
/// write buffer; `format` would put the masked payload in a buffer of its own first.
pub struct TungsteniteEncoder {
    frames: Vec<(bool, OpCode, &'static [u8])>,
    way: Way,
}

enum Way {
    Format(Vec<u8>),
    Write(Box<WebSocket<Transport>>, Record),
}

/// `WebSocket::read` and `WebSocket::write`.
pub struct TungsteniteEcho {
    messages: usize,
    socket: WebSocket<Transport>,
    record: Record,
}

impl Decode for TungsteniteDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        let (transport, _) = Transport::new(&traffic.octets, 0);
        Self {
            messages: traffic.messages(),
            socket: WebSocket::from_raw_socket(transport, TungsteniteRole::Server, None),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        for _ in 0..self.messages {
            match self.socket.read().expect("the message is legal") {
                Message::Binary(payload) => see(true, 2, &payload),
                other => panic!("{other} was not sent"),
            }
        }
    }
}

impl Encode for TungsteniteEncoder {
    fn new(role: Role, frames: &'static [traffic::Frame]) -> Self {
        let way = match role {
            Role::Server => Way::Format(Vec::new()),
            Role::Client => {
                let (transport, record) = Transport::new(&[], wire_len(role, frames));
                let socket = WebSocket::from_raw_socket(transport, TungsteniteRole::Client, None);
                Way::Write(Box::new(socket), record)
            }
        };
        Self {
            frames: frames
                .iter()
                .map(|frame| (frame.fin, OpCode::from(frame.opcode), frame.payload))
                .collect(),
            way,
        }
    }

    fn pass(&mut self) {
        let frames = self.frames.iter().map(|&(is_final, opcode, payload)| {
            let header = FrameHeader {
                is_final,
                opcode,
                ..FrameHeader::default()
            };
            Frame::from_payload(header, Bytes::from_static(payload))
        });
        match &mut self.way {
            Way::Format(output) => {
                output.clear();
                for frame in frames {
                    frame.format(output).expect("a vector takes it");
                }
            }
            Way::Write(socket, _) => {
                for frame in frames {
                    let message = Message::Frame(frame);
                    socket.write(message).expect("the transport takes it");
                }
                socket.flush().expect("the transport takes it");
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        match self.way {
            Way::Format(output) => output,
            Way::Write(socket, record) => {
                drop(socket);
                record.take()
            }
        }
    }
}

impl Echo for TungsteniteEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        Self {
            messages: traffic.messages(),
            socket: WebSocket::from_raw_socket(transport, TungsteniteRole::Server, None),
            record,
        }
    }

    fn pass(&mut self) {
        let mut left = self.messages;
        while left > 0 {
            let message = self.socket.read().expect("the message is legal");
            if message.is_text() {
                self.socket.write(message).expect("the transport takes it");
                left -= 1;
            }
        }
        self.socket.flush().expect("the transport takes it");
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}
