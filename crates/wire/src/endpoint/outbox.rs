//! The sending half: legal frames only, nothing behind the Close.

use super::{Keys, State};
use crate::deflate::Compressor;
use crate::frame::{Header, Opcode};
use crate::message::Message;
use crate::{Role, close};

/// Why nothing was sent. The caller asked for something the protocol forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// A Close has been sent or received, or the connection failed.
    #[error("the connection is closing")]
    Closing,
    /// Control frames carry at most 125 octets (RFC 6455 section 5.5).
    #[error("{len} octets do not fit a control frame")]
    ControlTooLong {
        /// Octets of the payload refused.
        len: usize,
    },
    /// A fragmented message is in progress, of the other kind or to be finished first (RFC 6455 section 5.4).
    #[error("a fragmented message has to be finished first")]
    Unfinished,
    /// The code is not one to send (RFC 6455 section 7.4).
    #[error("close code {0} must not be sent")]
    CloseCode(u16),
}

/// Builds the octets to send.
#[derive(Debug)]
pub struct Outbox {
    role: Role,
    keys: Keys,
    compressor: Option<Compressor>,
    scratch: Vec<u8>,
    output: Vec<u8>,
    state: State,
    /// Kind of the fragmented message in progress.
    fragmented: Option<Opcode>,
}

impl Outbox {
    pub(super) const fn new(role: Role, keys: Keys, compressor: Option<Compressor>) -> Self {
        Self {
            role,
            keys,
            compressor,
            scratch: Vec::new(),
            output: Vec::new(),
            state: State::Open,
            fragmented: None,
        }
    }

    /// Sends a text message.
    #[inline]
    pub fn send_text(&mut self, text: &str) -> Result<(), SendError> {
        self.data(Opcode::TEXT, text.as_bytes())
    }

    /// Sends a binary message.
    #[inline]
    pub fn send_binary(&mut self, octets: &[u8]) -> Result<(), SendError> {
        self.data(Opcode::BINARY, octets)
    }

    /// Sends a message with its own type.
    pub fn send(&mut self, message: Message<'_>) -> Result<(), SendError> {
        match message {
            Message::Text(text) => self.send_text(text),
            Message::Binary(octets) => self.send_binary(octets),
        }
    }

    /// Sends the next fragment of a text message, cut between characters; `fin` ends the message. Control frames may
    /// go out between fragments, other messages may not.
    pub fn send_text_fragment(&mut self, text: &str, fin: bool) -> Result<(), SendError> {
        self.fragment(Opcode::TEXT, text.as_bytes(), fin)
    }

    /// Sends the next fragment of a binary message; as [`Outbox::send_text_fragment`].
    pub fn send_binary_fragment(&mut self, octets: &[u8], fin: bool) -> Result<(), SendError> {
        self.fragment(Opcode::BINARY, octets, fin)
    }

    /// Sends a Ping of at most 125 octets.
    pub fn send_ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.control(Opcode::PING, payload)
    }

    /// Sends a Pong of at most 125 octets.
    pub fn send_pong(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.control(Opcode::PONG, payload)
    }

    /// Starts the closing handshake, or answers the peer's Close. The reason is cut to the 123 octets that fit,
    /// between characters.
    pub fn close(&mut self, code: u16, reason: &str) -> Result<(), SendError> {
        if !close::may_be_sent(code) {
            return Err(SendError::CloseCode(code));
        }
        let mut body = Vec::with_capacity(2 + reason.len().min(close::MAX_REASON_LEN));
        close::write_body(code, reason, &mut body);
        self.close_with(&body)
    }

    /// As [`Outbox::close`], without a body.
    pub fn close_empty(&mut self) -> Result<(), SendError> {
        self.close_with(&[])
    }

    /// Where the connection stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// The octets not yet taken.
    pub const fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    pub(super) const fn pending(&self) -> usize {
        self.output.len()
    }

    pub(super) const fn set_state(&mut self, state: State) {
        self.state = state;
    }

    #[inline]
    fn data(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError> {
        self.may_send(None)?;
        if self.compressor.is_some() {
            self.compressed(opcode, 0b100, payload, true);
        } else {
            self.frame(opcode, 0, payload, true);
        }
        Ok(())
    }

    #[inline]
    fn fragment(&mut self, kind: Opcode, payload: &[u8], fin: bool) -> Result<(), SendError> {
        let first = self.fragmented.is_none();
        self.may_send(if first { None } else { Some(kind) })?;
        let opcode = if first { kind } else { Opcode::CONTINUATION };
        self.fragmented = (!fin).then_some(kind);
        if self.compressor.is_some() {
            self.compressed(opcode, if first { 0b100 } else { 0 }, payload, fin);
        } else {
            self.frame(opcode, 0, payload, fin);
        }
        Ok(())
    }

    /// Whether data may be sent while `fragmented` is the message in progress.
    #[inline]
    fn may_send(&self, fragmented: Option<Opcode>) -> Result<(), SendError> {
        if self.state != State::Open {
            return Err(SendError::Closing);
        }
        if self.fragmented != fragmented {
            return Err(SendError::Unfinished);
        }
        Ok(())
    }

    #[inline(never)]
    fn compressed(&mut self, opcode: Opcode, rsv: u8, payload: &[u8], fin: bool) {
        let Some(compressor) = &mut self.compressor else {
            return;
        };
        let mut compressed = std::mem::take(&mut self.scratch);
        compressed.clear();
        compressor.push(payload, &mut compressed);
        if fin {
            compressor.finish(&mut compressed);
        }
        self.frame(opcode, rsv, &compressed, fin);
        self.scratch = compressed;
    }

    fn control(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError> {
        if self.state != State::Open {
            return Err(SendError::Closing);
        }
        if payload.len() > 125 {
            return Err(SendError::ControlTooLong { len: payload.len() });
        }
        self.frame(opcode, 0, payload, true);
        Ok(())
    }

    fn close_with(&mut self, body: &[u8]) -> Result<(), SendError> {
        self.state = match self.state {
            State::Open => State::CloseSent,
            State::CloseReceived => State::Closed,
            State::CloseSent | State::Closed | State::Failed => return Err(SendError::Closing),
        };
        self.frame(Opcode::CLOSE, 0, body, true);
        Ok(())
    }

    #[inline]
    fn frame(&mut self, opcode: Opcode, rsv: u8, payload: &[u8], fin: bool) {
        let header = Header {
            fin,
            rsv,
            mask: self.role.masks().then(|| self.keys.next_key()),
            ..Header::new(opcode, payload.len() as u64)
        };
        header.write_frame(payload, &mut self.output);
    }
}
