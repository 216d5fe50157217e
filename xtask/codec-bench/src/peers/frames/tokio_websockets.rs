//! tokio-websockets: a stream and a sink of messages.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use futures::{SinkExt, Stream};
use tokio_websockets::{ClientBuilder, Message, ServerBuilder, WebSocketStream};
use wsanvil_wire::Role;

use super::transport::{Record, Transport, ready};
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{Frame, Traffic, wire_len};

/// `WebSocketStream` as a stream.
pub struct TokioDecoder {
    messages: usize,
    socket: WebSocketStream<Transport>,
}

/// `WebSocketStream` as a sink.
pub struct TokioEncoder {
    payloads: Vec<Bytes>,
    socket: WebSocketStream<Transport>,
    record: Record,
}

/// `WebSocketStream` as both.
pub struct TokioEcho {
    messages: usize,
    socket: WebSocketStream<Transport>,
    record: Record,
}

impl Decode for TokioDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        let (transport, _) = Transport::new(&traffic.octets, 0);
        Self {
            messages: traffic.messages(),
            socket: ServerBuilder::new().serve(transport),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        ready(async {
            for _ in 0..self.messages {
                let message = next(&mut self.socket).await;
                assert!(message.is_binary());
                see(true, 2, message.as_payload());
            }
        });
    }
}

impl Encode for TokioEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        let (transport, record) = Transport::new(&[], wire_len(role, frames));
        Self {
            payloads: frames
                .iter()
                .map(|frame| Bytes::from_static(frame.payload))
                .collect(),
            socket: match role {
                Role::Server => ServerBuilder::new().serve(transport),
                Role::Client => ClientBuilder::new().take_over(transport),
            },
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            for payload in &self.payloads {
                let message = Message::binary(payload.clone());
                self.socket.feed(message).await.expect("the transport takes it");
            }
            self.socket.flush().await.expect("the transport takes it");
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}

impl Echo for TokioEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        Self {
            messages: traffic.messages(),
            socket: ServerBuilder::new().serve(transport),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            let mut left = self.messages;
            while left > 0 {
                let message = next(&mut self.socket).await;
                if message.is_text() {
                    self.socket.feed(message).await.expect("the transport takes it");
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

#[inline]
async fn next(socket: &mut WebSocketStream<Transport>) -> Message {
    poll_fn(|context| Pin::new(&mut *socket).poll_next(context))
        .await
        .expect("the transport has no end")
        .expect("the message is legal")
}
