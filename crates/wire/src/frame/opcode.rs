//! The four opcode bits of a frame (RFC 6455 sections 5.2 and 11.8).

use std::fmt;

/// An opcode, always 0 to 15, registered or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(u8);

impl Opcode {
    /// A further fragment of the message in progress.
    pub const CONTINUATION: Self = Self(0x0);
    /// The first frame of a text message.
    pub const TEXT: Self = Self(0x1);
    /// The first frame of a binary message.
    pub const BINARY: Self = Self(0x2);
    /// The closing handshake (RFC 6455 section 5.5.1).
    pub const CLOSE: Self = Self(0x8);
    /// A request for a Pong (RFC 6455 section 5.5.2).
    pub const PING: Self = Self(0x9);
    /// The answer to a Ping, or a heartbeat (RFC 6455 section 5.5.3).
    pub const PONG: Self = Self(0xA);

    /// Takes the low four bits of `value`.
    pub const fn new(value: u8) -> Self {
        Self(value & 0x0F)
    }

    /// The value, 0 to 15.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Whether this is a control opcode, reserved ones included (8 to 15).
    pub const fn is_control(self) -> bool {
        self.0 >= 0x8
    }

    /// Whether no document gives the opcode a meaning (3 to 7 and 11 to 15).
    pub const fn is_reserved(self) -> bool {
        matches!(self.0, 0x3..=0x7 | 0xB..=0xF)
    }

    /// A stable name: `text`, `ping`, `reserved-3`, ...
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x0 => "continuation",
            0x1 => "text",
            0x2 => "binary",
            0x3 => "reserved-3",
            0x4 => "reserved-4",
            0x5 => "reserved-5",
            0x6 => "reserved-6",
            0x7 => "reserved-7",
            0x8 => "close",
            0x9 => "ping",
            0xA => "pong",
            0xB => "reserved-11",
            0xC => "reserved-12",
            0xD => "reserved-13",
            0xE => "reserved-14",
            _ => "reserved-15",
        }
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
