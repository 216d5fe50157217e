//! wtx: a stream of messages.

use wsanvil_wire::Role;
use wtx::collection::Vector;
use wtx::rng::Rng;
use wtx::stream::{StreamReader, StreamWriter};
use wtx::web_socket::{Frame, OpCode, WebSocket, WebSocketBuffer, WebSocketPayloadOrigin};

use super::transport::{Record, Transport, ready};
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{self, Keys, READ, Traffic, wire_len};

type Socket<const IS_CLIENT: bool> = WebSocket<(), Counter, Transport, WebSocketBuffer, IS_CLIENT>;

/// `WebSocket::read_frame`.
pub struct WtxDecoder {
    messages: usize,
    socket: Socket<false>,
    message: Vector<u8>,
}

/// `WebSocket::write_frame`, which takes payloads that it may mask in place.
pub struct WtxEncoder {
    frames: Vec<(bool, OpCode, &'static [u8])>,
    payload: Vec<u8>,
    socket: End,
    record: Record,
}

enum End {
    /// With payloads of its own; nothing is masked there.
    Server(Box<Socket<false>>, Vec<Vec<u8>>),
    Client(Box<Socket<true>>),
}

/// `read_frame` and `write_frame` of a split socket.
pub struct WtxEcho {
    messages: usize,
    socket: Socket<false>,
    message: Vector<u8>,
    record: Record,
}

/// The keys of the bench as a generator.
struct Counter(Keys);

impl Decode for WtxDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        let (transport, _) = Transport::new(&traffic.octets, 0);
        Self {
            messages: traffic.messages(),
            socket: socket(transport),
            message: Vector::new(),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        ready(async {
            for _ in 0..self.messages {
                let origin = WebSocketPayloadOrigin::Adaptive;
                let frame = self.socket.read_frame(&mut self.message, origin).await;
                let frame = frame.expect("the message is legal");
                see(frame.fin(), frame.op_code().into(), frame.payload());
            }
        });
    }
}

impl Encode for WtxEncoder {
    fn new(role: Role, frames: &'static [traffic::Frame]) -> Self {
        let opcode = |opcode| OpCode::try_from(opcode).expect("the opcode is defined");
        let (transport, record) = Transport::new(&[], wire_len(role, frames));
        Self {
            frames: frames
                .iter()
                .map(|frame| (frame.fin, opcode(frame.opcode), frame.payload))
                .collect(),
            payload: Vec::new(),
            socket: match role {
                Role::Server => {
                    let payloads = frames.iter().map(|frame| frame.payload.to_vec());
                    End::Server(Box::new(socket(transport)), payloads.collect())
                }
                Role::Client => End::Client(Box::new(socket(transport))),
            },
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            match &mut self.socket {
                End::Server(socket, payloads) => {
                    for (&(fin, opcode, _), payload) in self.frames.iter().zip(payloads) {
                        write(socket, fin, opcode, payload).await;
                    }
                }
                End::Client(socket) => {
                    for &(fin, opcode, payload) in &self.frames {
                        self.payload.clear();
                        self.payload.extend_from_slice(payload);
                        write(socket, fin, opcode, &mut self.payload).await;
                    }
                }
            }
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}

impl Echo for WtxEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        Self {
            messages: traffic.messages(),
            socket: socket(transport),
            message: Vector::new(),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            let (mut common, mut reader, mut writer) = self.socket.split_mut();
            let mut left = self.messages;
            while left > 0 {
                let origin = WebSocketPayloadOrigin::Adaptive;
                let frame = reader.read_frame(&mut self.message, &mut common, origin).await;
                let mut frame = frame.expect("the message is legal");
                if frame.op_code() == OpCode::Text {
                    let sent = writer.write_frame(&mut common, &mut frame).await;
                    sent.expect("the transport takes it");
                    left -= 1;
                }
            }
        });
    }

    fn finish(self) -> Vec<u8> {
        drop(self.socket);
        self.record.take()
    }
}

fn socket<const IS_CLIENT: bool>(transport: Transport) -> Socket<IS_CLIENT> {
    let buffer = WebSocketBuffer::with_capacity(2 * READ, 0, 0).expect("there is memory");
    WebSocket::new((), false, Counter(Keys::default()), transport, buffer)
}

async fn write<const IS_CLIENT: bool>(
    socket: &mut Socket<IS_CLIENT>,
    fin: bool,
    opcode: OpCode,
    payload: &mut [u8],
) {
    let mut frame = if fin {
        Frame::new_fin(opcode, payload)
    } else {
        Frame::new_unfin(opcode, payload)
    };
    socket
        .write_frame(&mut frame)
        .await
        .expect("the transport takes it");
}

impl StreamReader for Transport {
    async fn read(&mut self, buffer: &mut [u8]) -> wtx::Result<usize> {
        Ok(self.read_into(buffer))
    }
}

impl StreamWriter for Transport {
    async fn write_all(&mut self, octets: &[u8]) -> wtx::Result<()> {
        self.collect(octets);
        Ok(())
    }

    async fn write_all_vectored(&mut self, slices: &[&[u8]]) -> wtx::Result<()> {
        for slice in slices {
            self.collect(slice);
        }
        Ok(())
    }
}

impl Rng for Counter {
    fn u8_4(&mut self) -> [u8; 4] {
        self.0.next_key()
    }

    fn u8_8(&mut self) -> [u8; 8] {
        octets(&mut self.0)
    }

    fn u8_16(&mut self) -> [u8; 16] {
        octets(&mut self.0)
    }

    fn u8_32(&mut self) -> [u8; 32] {
        octets(&mut self.0)
    }
}

fn octets<const N: usize>(keys: &mut Keys) -> [u8; N] {
    let mut octets = [0; N];
    for four in octets.as_chunks_mut::<4>().0 {
        *four = keys.next_key();
    }
    octets
}
