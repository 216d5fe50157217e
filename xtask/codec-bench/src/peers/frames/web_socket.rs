//! web-socket: a stream of frames.

use web_socket::{DataType, Event, Frame, MessageType, Stream, WebSocket};
use wsanvil_wire::Role;

use super::transport::{Record, Transport, ready};
use super::validated;
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{self, Traffic, wire_len};

/// `WebSocket::recv`.
pub struct WebSocketDecoder {
    frames: usize,
    socket: WebSocket<Transport>,
}

/// `WebSocket::send_raw`.
pub struct WebSocketEncoder {
    frames: &'static [traffic::Frame],
    socket: WebSocket<Transport>,
    record: Record,
}

/// `WebSocket::recv` and `WebSocket::send`; messages are put together and validated between them.
pub struct WebSocketEcho {
    messages: usize,
    socket: WebSocket<Transport>,
    message: Vec<u8>,
    record: Record,
}

impl Decode for WebSocketDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        let (transport, _) = Transport::new(&traffic.octets, 0);
        Self {
            frames: traffic.frames.len(),
            socket: WebSocket::server(transport),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        ready(async {
            for _ in 0..self.frames {
                match self.socket.recv().await.expect("the transport gives it") {
                    Event::Data { ty, data } => {
                        let (fin, opcode) = match ty {
                            DataType::Complete(kind) => (true, kind as u8),
                            DataType::Stream(Stream::Start(kind)) => (false, kind as u8),
                            DataType::Stream(Stream::Next(_)) => (false, 0),
                            DataType::Stream(Stream::End(_)) => (true, 0),
                        };
                        see(fin, opcode, &data);
                    }
                    Event::Ping(data) => see(true, 9, &data),
                    other => panic!("{other:?} was not sent"),
                }
            }
        });
    }
}

impl Encode for WebSocketEncoder {
    fn new(role: Role, frames: &'static [traffic::Frame]) -> Self {
        let (transport, record) = Transport::new(&[], wire_len(role, frames));
        let role = match role {
            Role::Server => web_socket::Role::Server,
            Role::Client => web_socket::Role::Client,
        };
        Self {
            frames,
            socket: WebSocket::from((transport, role)),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            for &traffic::Frame { fin, opcode, payload } in self.frames {
                let frame = Frame {
                    fin,
                    opcode,
                    data: payload,
                };
                self.socket.send_raw(frame).await.expect("the transport takes it");
            }
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}

impl Echo for WebSocketEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        Self {
            messages: traffic.messages(),
            socket: WebSocket::server(transport),
            message: Vec::new(),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            let mut left = self.messages;
            while left > 0 {
                let sent = match self.socket.recv().await.expect("the transport gives it") {
                    Event::Data { ty, data } => {
                        if let DataType::Complete(MessageType::Text) = ty {
                            left -= 1;
                            self.socket.send(validated(&data)).await
                        } else {
                            self.message.extend_from_slice(&data);
                            if !matches!(ty, DataType::Stream(Stream::End(MessageType::Text))) {
                                continue;
                            }
                            left -= 1;
                            let sent = self.socket.send(validated(&self.message)).await;
                            self.message.clear();
                            sent
                        }
                    }
                    Event::Ping(data) => self.socket.send_pong(data).await,
                    other => panic!("{other:?} was not sent"),
                };
                sent.expect("the transport takes it");
            }
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}
