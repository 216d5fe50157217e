//! The receiving half and the transitions between the states.

use super::{Config, Event, Outbox, SendError, State};
use crate::close::{self, CloseBody};
use crate::deflate::{Compressor, Inflater};
use crate::frame::{self, Decoder, Header, Opcode};
use crate::message::Assembler;
use crate::{Role, Rule};

/// A WebSocket peer from the first octet after the opening handshake to the end of TCP.
#[derive(Debug)]
pub struct Endpoint {
    role: Role,
    max_frame: u64,
    answer_ping: bool,
    answer_close: bool,
    decoder: Decoder,
    assembler: Assembler,
    /// Opcode of the frame in progress.
    opcode: Opcode,
    /// Payload of the control frame in progress.
    control: [u8; 125],
    control_len: usize,
    ended: bool,
    outbox: Outbox,
}

impl Endpoint {
    /// An endpoint of `role` on a connection that has just opened.
    pub fn new(role: Role, config: Config) -> Self {
        let (compressor, inflater) = match config.deflate {
            None => (None, None),
            Some(agreed) => {
                let client = (agreed.client_window, agreed.client_takeover);
                let server = (agreed.server_window, agreed.server_takeover);
                let (ours, theirs) = match role {
                    Role::Client => (client, server),
                    Role::Server => (server, client),
                };
                (
                    Some(Compressor::new(ours.0, ours.1)),
                    Some(Inflater::new(theirs.0, theirs.1)),
                )
            }
        };
        let mut decoder = Decoder::new(role.peer());
        decoder.set_rsv1(config.deflate.is_some());
        decoder.set_allow_non_minimal(!config.reject_non_minimal);
        let mut assembler = Assembler::new(config.max_message, inflater);
        assembler.set_fail_fast(config.fail_fast_utf8);
        Self {
            role,
            max_frame: config.max_frame,
            answer_ping: config.answer_ping,
            answer_close: config.answer_close,
            decoder,
            assembler,
            opcode: Opcode::CONTINUATION,
            control: [0; 125],
            control_len: 0,
            ended: false,
            outbox: Outbox::new(role, config.keys, compressor),
        }
    }

    /// Takes octets from the peer, in any chunking, and reports what they mean. The octets are unmasked in place.
    ///
    /// After a Close, a failure or the end of the transport everything is ignored.
    #[inline]
    pub fn receive(&mut self, input: &mut [u8], sink: &mut impl FnMut(Event<'_>)) {
        self.receive_with(input, &mut |event, _| sink(event));
    }

    /// As [`Endpoint::receive`] for applications that answer at once: the handler gets the sending half as well.
    #[inline]
    pub fn receive_with(&mut self, input: &mut [u8], handler: &mut impl FnMut(Event<'_>, &mut Outbox)) {
        let mut rest = input;
        while matches!(self.outbox.state(), State::Open | State::CloseSent) {
            let done = if let Some(frame) = self.decoder.whole_frame(&mut rest) {
                self.frame(&frame.header, frame.payload, handler)
            } else if let Some(event) = self.decoder.next(&mut rest) {
                self.step(event, handler)
            } else {
                return;
            };
            if let Err(rule) = done {
                self.fail(&rule);
                handler(Event::Failed(rule), &mut self.outbox);
            }
        }
    }

    /// The peer ended the transport. Gives the last event when there was none yet.
    pub fn eof(&mut self) -> Option<Event<'static>> {
        self.ended = true;
        let state = self.outbox.state();
        if state != State::Failed {
            self.outbox.set_state(State::Closed);
        }
        matches!(state, State::Open | State::CloseSent).then_some(Event::Closed {
            code: close::ABNORMAL,
            reason: "",
            clean: false,
        })
    }

    /// Sends a text message, compressed when permessage-deflate is agreed.
    #[inline]
    pub fn send_text(&mut self, text: &str) -> Result<(), SendError> {
        self.outbox.send_text(text)
    }

    /// Sends a binary message, compressed when permessage-deflate is agreed.
    #[inline]
    pub fn send_binary(&mut self, octets: &[u8]) -> Result<(), SendError> {
        self.outbox.send_binary(octets)
    }

    /// Sends a Ping of at most 125 octets.
    pub fn send_ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.outbox.send_ping(payload)
    }

    /// Sends a Pong of at most 125 octets.
    pub fn send_pong(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.outbox.send_pong(payload)
    }

    /// Starts the closing handshake, or answers the peer's Close.
    pub fn close(&mut self, code: u16, reason: &str) -> Result<(), SendError> {
        self.outbox.close(code, reason)
    }

    /// The sending half.
    pub const fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// The octets to write; the caller removes what it has written.
    pub const fn output(&mut self) -> &mut Vec<u8> {
        self.outbox.output()
    }

    /// Takes all octets to write.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(self.outbox.output())
    }

    /// Where the connection stands.
    pub const fn state(&self) -> State {
        self.outbox.state()
    }

    /// Which end this is.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether the peer has ended the transport.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Whether this end has to close TCP now: nothing is left to write and it is a server behind the closing
    /// handshake (RFC 6455 section 7.1.1), or an endpoint of either role that failed the connection (section 7.1.7) or
    /// whose peer is gone.
    pub const fn must_drop_tcp(&self) -> bool {
        self.outbox.pending() == 0
            && match self.outbox.state() {
                State::Failed => true,
                State::Closed => self.ended || matches!(self.role, Role::Server),
                _ => false,
            }
    }

    /// A whole legal frame.
    #[expect(
        clippy::inline_always,
        reason = "a frame of a few octets costs less than passing it through memory"
    )]
    #[inline(always)]
    fn frame(
        &mut self,
        header: &Header,
        payload: &[u8],
        handler: &mut impl FnMut(Event<'_>, &mut Outbox),
    ) -> Result<(), Rule> {
        if header.opcode.is_control() {
            return self.control_frame(header.opcode, payload, handler);
        }
        self.check_frame_len(header)?;
        if let Some(message) = self.assembler.frame(header, payload)? {
            handler(message.into(), &mut self.outbox);
        }
        Ok(())
    }

    /// A piece of a frame that is cut by the input, or a frame that breaks a rule.
    fn step(
        &mut self,
        event: frame::Event<'_>,
        handler: &mut impl FnMut(Event<'_>, &mut Outbox),
    ) -> Result<(), Rule> {
        match event {
            frame::Event::Header {
                broken: Some(rule), ..
            } => Err(rule),
            frame::Event::Header { header, .. } => self.begin(&header),
            frame::Event::Payload(octets) if self.opcode.is_control() => {
                for (slot, octet) in self.control.iter_mut().skip(self.control_len).zip(octets.iter()) {
                    *slot = *octet;
                }
                self.control_len += octets.len();
                Ok(())
            }
            frame::Event::Payload(octets) => {
                if let Some(message) = self.assembler.push(octets)? {
                    handler(message.into(), &mut self.outbox);
                }
                Ok(())
            }
            frame::Event::End if self.opcode.is_control() => {
                let octets = self.control;
                let payload = octets.get(..self.control_len).unwrap_or_default();
                self.control_frame(self.opcode, payload, handler)
            }
            frame::Event::End => {
                if let Some(message) = self.assembler.end()? {
                    handler(message.into(), &mut self.outbox);
                }
                Ok(())
            }
        }
    }

    fn begin(&mut self, header: &Header) -> Result<(), Rule> {
        self.opcode = header.opcode;
        if header.opcode.is_control() {
            self.control_len = 0;
            return Ok(());
        }
        self.check_frame_len(header)?;
        self.assembler.begin(header)
    }

    #[inline]
    fn check_frame_len(&self, header: &Header) -> Result<(), Rule> {
        if header.payload_len > self.max_frame {
            return Err(Rule::FrameTooBig {
                limit: self.max_frame,
            });
        }
        Ok(())
    }

    fn control_frame(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        handler: &mut impl FnMut(Event<'_>, &mut Outbox),
    ) -> Result<(), Rule> {
        match opcode {
            Opcode::PING => {
                if self.answer_ping {
                    // Refused only behind our own Close, where no Pong may go any more.
                    let _ = self.outbox.send_pong(payload);
                }
                handler(Event::Ping(payload), &mut self.outbox);
            }
            Opcode::PONG => handler(Event::Pong(payload), &mut self.outbox),
            _ => {
                let CloseBody { code, reason } = close::parse_body(payload)?;
                let ours_is_out = self.outbox.state() == State::CloseSent;
                self.outbox.set_state(if ours_is_out {
                    State::Closed
                } else {
                    State::CloseReceived
                });
                if self.answer_close && !ours_is_out {
                    let _ = match code {
                        Some(code) => self.outbox.close(code, ""),
                        None => self.outbox.close_empty(),
                    };
                }
                let code = code.unwrap_or(close::NO_STATUS);
                handler(
                    Event::Closed {
                        code,
                        reason,
                        clean: true,
                    },
                    &mut self.outbox,
                );
            }
        }
        Ok(())
    }

    /// Fails the connection: one Close unless it is out already, and the end of reading.
    fn fail(&mut self, rule: &Rule) {
        let _ = self.outbox.close(rule.close_code(), &rule.to_string());
        self.outbox.set_state(State::Failed);
    }
}
