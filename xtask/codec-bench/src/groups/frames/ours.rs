//! Our codec in the groups.

use wsanvil_wire::Role;
use wsanvil_wire::endpoint::{Config, Endpoint, Event, Keys};
use wsanvil_wire::frame::{self, Decoder, Header, Opcode};

use super::ReadBuffer;
use super::decode::Decode;
use super::echo::Echo;
use super::encode::Encode;
use super::traffic::{self, Frame, READ, Traffic};

/// `frame::Decoder` over a read buffer.
pub(super) struct OurDecoder {
    traffic: &'static Traffic,
    buffer: ReadBuffer,
    decoder: Decoder,
    head: (bool, u8),
}

/// `frame::Header::write_frame`.
pub(super) struct OurEncoder {
    role: Role,
    frames: &'static [Frame],
    keys: traffic::Keys,
    output: Vec<u8>,
}

/// The output of an endpoint, which refuses what the protocol forbids.
pub(super) struct OurOutbox {
    frames: &'static [Frame],
    endpoint: Endpoint,
}

/// A whole endpoint, fed from a read buffer.
pub(super) struct OurEcho {
    traffic: &'static Traffic,
    buffer: Vec<u8>,
    endpoint: Endpoint,
}

impl Decode for OurDecoder {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: ReadBuffer::default(),
            decoder: Decoder::new(Role::Client),
            head: (false, 0),
        }
    }

    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
        let mut stream = self.traffic.octets.as_slice();
        while !stream.is_empty() {
            self.buffer.read(&mut stream);
            loop {
                let mut rest = self.buffer.unread();
                while let Some(frame) = self.decoder.whole_frame(&mut rest) {
                    see(frame.header.fin, frame.header.opcode.get(), frame.payload);
                }
                // At most one frame is cut by the end of the read.
                let event = self.decoder.next(&mut rest);
                let left = rest.len();
                match event {
                    None => {
                        self.buffer.leave(0);
                        if self.decoder.owed() == 0 {
                            self.buffer.release();
                        }
                        break;
                    }
                    Some(frame::Event::Header { header, broken, .. }) => {
                        assert!(broken.is_none(), "the frame is legal");
                        self.head = (header.fin, header.opcode.get());
                        self.buffer.leave(left);
                        self.buffer.keep(header.payload_len as usize);
                    }
                    Some(frame::Event::Payload(_)) => self.buffer.leave(left),
                    Some(frame::Event::End) => {
                        see(self.head.0, self.head.1, self.buffer.kept());
                        self.buffer.release();
                    }
                }
            }
        }
    }
}

impl Encode for OurEncoder {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        Self {
            role,
            frames,
            keys: traffic::Keys::default(),
            output: Vec::new(),
        }
    }

    fn pass(&mut self) {
        self.output.clear();
        for &Frame { fin, opcode, payload } in self.frames {
            let header = Header {
                fin,
                mask: self.role.masks().then(|| self.keys.next_key()),
                ..Header::new(Opcode::new(opcode), payload.len() as u64)
            };
            header.write_frame(payload, &mut self.output);
        }
    }

    fn finish(self) -> Vec<u8> {
        self.output
    }
}

impl Encode for OurOutbox {
    fn new(role: Role, frames: &'static [Frame]) -> Self {
        let mut keys = traffic::Keys::default();
        let config = Config {
            keys: Keys::from_source(move || keys.next_key()),
            ..Config::default()
        };
        Self {
            frames,
            endpoint: Endpoint::new(role, config),
        }
    }

    fn pass(&mut self) {
        self.endpoint.output().clear();
        for &Frame { fin, opcode, payload } in self.frames {
            let sent = match Opcode::new(opcode) {
                Opcode::BINARY if fin => self.endpoint.send_binary(payload),
                Opcode::PING => self.endpoint.send_ping(payload),
                _ => self.endpoint.outbox().send_binary_fragment(payload, fin),
            };
            sent.expect("the endpoint is open");
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.endpoint.take_output()
    }
}

impl Echo for OurEcho {
    fn new(traffic: &'static Traffic) -> Self {
        Self {
            traffic,
            buffer: vec![0; READ],
            endpoint: Endpoint::new(Role::Server, Config::default()),
        }
    }

    fn pass(&mut self) {
        self.endpoint.output().clear();
        for read in self.traffic.octets.chunks(READ) {
            let buffer = &mut self.buffer[..read.len()];
            buffer.copy_from_slice(read);
            self.endpoint.receive_with(buffer, &mut |event, outbox| {
                if let Event::Text(text) = event {
                    let _ = outbox.send_text(text);
                }
            });
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.endpoint.take_output()
    }
}
