//! What an endpoint hears, kept.

use crate::Rule;
use crate::endpoint::Event;

/// An [`Event`] that owns what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A complete text message.
    Text(String),
    /// A complete binary message.
    Binary(Vec<u8>),
    /// A Ping.
    Ping(Vec<u8>),
    /// A Pong.
    Pong(Vec<u8>),
    /// The peer's Close, or the end of the transport without one.
    Closed {
        /// The code received; 1005 for a Close without a body, 1006 for none at all.
        code: u16,
        /// The reason received.
        reason: String,
        /// Whether there was a Close.
        clean: bool,
    },
    /// The peer broke a rule.
    Failed(Rule),
}

impl Heard {
    /// Whether nothing follows.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::Failed(_))
    }
}

impl From<Event<'_>> for Heard {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Text(text) => Self::Text(text.to_owned()),
            Event::Binary(octets) => Self::Binary(octets.to_vec()),
            Event::Ping(payload) => Self::Ping(payload.to_vec()),
            Event::Pong(payload) => Self::Pong(payload.to_vec()),
            Event::Closed { code, reason, clean } => Self::Closed {
                code,
                reason: reason.to_owned(),
                clean,
            },
            Event::Failed(rule) => Self::Failed(rule),
        }
    }
}
