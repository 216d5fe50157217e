//! What a peer can do behind the opening handshake.

use super::Frame;
use crate::frame::Opcode;

/// One thing that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A data message.
    Message(Message),
    /// A control frame between messages.
    Control(Control),
    /// A Close: code and reason, or an empty body.
    Close(Option<(u16, String)>),
    /// Any frame, legal here or not.
    Frame(Frame),
    /// Octets as they are.
    Raw(Vec<u8>),
}

/// A data message and how it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub payload: Payload,
    /// Whether it is compressed, where permessage-deflate is agreed.
    pub compressed: bool,
    /// Octets of each fragment but the last, after compression; the last one takes what is left. A fragment for which
    /// nothing is left is empty.
    pub fragments: Vec<u16>,
    /// Control frames between the fragments, one behind each; those for which there is no gap are not sent.
    pub between: Vec<Control>,
}

impl Message {
    /// A message in one frame, as it is.
    pub const fn new(payload: Payload) -> Self {
        Self {
            payload,
            compressed: false,
            fragments: Vec::new(),
            between: Vec::new(),
        }
    }
}

/// The payload of a data message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Opcode 1.
    Text(String),
    /// Opcode 2.
    Binary(Vec<u8>),
}

impl Payload {
    /// The opcode of the first frame.
    pub const fn opcode(&self) -> Opcode {
        match self {
            Self::Text(_) => Opcode::TEXT,
            Self::Binary(_) => Opcode::BINARY,
        }
    }

    /// The octets of either kind.
    pub const fn octets(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(octets) => octets.as_slice(),
        }
    }
}

/// A Ping or Pong. More than 125 octets of payload are not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// A Ping.
    Ping(Vec<u8>),
    /// A Pong, asked for or not.
    Pong(Vec<u8>),
}

impl Control {
    /// Opcode and payload of its frame.
    pub fn parts(&self) -> (Opcode, &[u8]) {
        let (opcode, payload) = match self {
            Self::Ping(payload) => (Opcode::PING, payload),
            Self::Pong(payload) => (Opcode::PONG, payload),
        };
        (opcode, payload.get(..125).unwrap_or(payload))
    }
}
