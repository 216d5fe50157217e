//! soketto: a codec of heads and masks, and a pair of a sender and a receiver of messages.

use soketto::Parsing;
use soketto::base::{Codec, Header, OpCode};
use soketto::connection::{Builder, Mode, Receiver, Sender};
use soketto::data::{Data, Incoming};
use wsanvil_wire::Role;

use super::transport::{Record, Transport, ready};
use super::validated;
use crate::groups::frames::ReadBuffer;
use crate::groups::frames::decode::Decode;
use crate::groups::frames::echo::Echo;
use crate::groups::frames::encode::Encode;
use crate::groups::frames::traffic::{Frame, Keys, Traffic, wire_len};

/// `base::Codec` over a read buffer.
pub struct SokettoDecoder {
    traffic: &'static Traffic,
    buffer: ReadBuffer,
    codec: Codec,
}

/// `base::Codec` over the caller's buffer.
pub struct SokettoEncoder {
    frames: Vec<(bool, OpCode, &'static [u8])>,
    keys: Option<Keys>,
    codec: Codec,
    output: Vec<u8>,
}

/// `Receiver::receive` and `Sender::send_text`, text validated between them.
pub struct SokettoEcho {
    messages: usize,
    sender: Sender<Transport>,
    receiver: Receiver<Transport>,
    message: Vec<u8>,
    record: Record,
}

impl Decode for SokettoDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: ReadBuffer::default(),
            codec: Codec::new(),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        let mut stream = self.traffic.octets.as_slice();
        while !stream.is_empty() {
            self.buffer.read(&mut stream);
            let mut unread = self.buffer.unread();
            let mut missing = 0;
            while let Parsing::Done { value, offset } =
                self.codec.decode_header(unread).expect("the head is legal")
            {
                let end = offset + value.payload_len();
                if end > unread.len() {
                    missing = end;
                    break;
                }
                let (frame, rest) = unread.split_at_mut(end);
                let payload = &mut frame[offset..];
                Codec::apply_mask(&value, payload);
                see(value.is_fin(), value.opcode().into(), payload);
                unread = rest;
            }
            let left = unread.len();
            self.buffer.leave(left);
            self.buffer.release();
            self.buffer.keep(missing);
        }
    }
}

impl Encode for SokettoEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        let opcode = |opcode| OpCode::try_from(opcode).expect("the opcode is defined");
        Self {
            frames: frames
                .iter()
                .map(|frame| (frame.fin, opcode(frame.opcode), frame.payload))
                .collect(),
            keys: role.masks().then(Keys::default),
            codec: Codec::new(),
            output: Vec::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for &(fin, opcode, payload) in &self.frames {
            let mut header = Header::new(opcode);
            header.set_fin(fin).set_payload_len(payload.len());
            if let Some(keys) = &mut self.keys {
                header
                    .set_masked(true)
                    .set_mask(u32::from_be_bytes(keys.next_key()));
            }
            self.output.extend_from_slice(self.codec.encode_header(&header));
            let start = self.output.len();
            self.output.extend_from_slice(payload);
            Codec::apply_mask(&header, &mut self.output[start..]);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output
    }
}

impl Echo for SokettoEcho {
    fn new(traffic: &'static Traffic) -> Self {
        let whole = wire_len(Role::Server, &traffic.echoed());
        let (transport, record) = Transport::new(&traffic.octets, whole);
        let (sender, receiver) = Builder::new(transport, Mode::Server).finish();
        Self {
            messages: traffic.messages(),
            sender,
            receiver,
            message: Vec::new(),
            record,
        }
    }

    fn pass(&mut self) {
        ready(async {
            for _ in 0..self.messages {
                self.message.clear();
                let incoming = self.receiver.receive(&mut self.message).await;
                let Ok(Incoming::Data(Data::Text(_))) = incoming else {
                    panic!("{incoming:?} was not sent");
                };
                let text = validated(&self.message);
                self.sender.send_text(text).await.expect("the transport takes it");
            }
            self.sender.flush().await.expect("the transport takes it");
        });
    }

    fn finish(self) -> Vec<u8> {
        drop((self.sender, self.receiver));
        self.record.take()
    }
}
