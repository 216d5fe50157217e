//! What an endpoint tells its application.

use crate::Rule;
use crate::message::Message;

/// Something that happened on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A complete text message.
    Text(&'a str),
    /// A complete binary message.
    Binary(&'a [u8]),
    /// A Ping; it has been answered unless [`super::Config::answer_ping`] is off.
    Ping(&'a [u8]),
    /// A Pong, asked for or not.
    Pong(&'a [u8]),
    /// The peer's Close arrived, or the transport ended without one. Nothing follows.
    Closed {
        /// The code received; 1005 for a Close without a body, 1006 for none at all (RFC 6455 section 7.1.5).
        code: u16,
        /// The reason received.
        reason: &'a str,
        /// Whether there was a Close.
        clean: bool,
    },
    /// The peer broke a rule and the connection has been failed. Nothing follows.
    Failed(Rule),
}

impl<'a> From<Message<'a>> for Event<'a> {
    fn from(message: Message<'a>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text),
            Message::Binary(octets) => Self::Binary(octets),
        }
    }
}

/// Where the connection stands after its opening (RFC 6455 sections 7.1.3 and 7.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Messages flow both ways.
    Open,
    /// Our Close is out, the peer's is awaited; its messages are still read.
    CloseSent,
    /// The peer's Close is in and not answered yet.
    CloseReceived,
    /// Both Closes crossed, or the transport ended.
    Closed,
    /// We failed the connection; nothing more is read.
    Failed,
}
