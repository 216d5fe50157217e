//! What an endpoint made of the octets it received, in words that every implementation can be asked for.

use std::fmt::{self, Write};

use wsanvil_wire::Role;
use wsanvil_wire::frame::{Decoder, Event, Opcode};

use super::reading::{Place, Reading};

/// The account of one endpoint. `P` says how far it had read: octets, or a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<P> {
    /// What it told its application, in order.
    pub heard: Vec<Heard<P>>,
    /// How it ended.
    pub end: End<P>,
    /// What it sent without being asked by its application, in order.
    pub sent: Vec<Sent>,
}

/// Something told to the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard<P> {
    /// What was told.
    pub what: What,
    /// How far it had read then.
    pub read: P,
}

/// What an application is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A text message.
    Text(Vec<u8>),
    /// A binary message.
    Binary(Vec<u8>),
    /// A Ping.
    Ping(Vec<u8>),
    /// A Pong.
    Pong(Vec<u8>),
    /// A Close: its code, if it has one, and its reason.
    Close(Option<u16>, Vec<u8>),
}

/// How a connection stands behind the last octet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End<P> {
    /// It goes on, or the transport ended without a Close.
    Open,
    /// A Close came in.
    Closed,
    /// The endpoint failed the connection.
    Failed {
        /// The close code that stands for the reason: 1002, 1007 or 1009.
        code: u16,
        /// How far it had read then.
        read: P,
    },
}

/// A frame sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// A Pong and its payload.
    Pong(Vec<u8>),
    /// A Close and its code.
    Close(Option<u16>),
    /// Any other frame, or one that breaks a rule.
    Other(String),
}

impl Account<usize> {
    /// The account with places in `reading` instead of numbers of octets.
    pub fn placed(self, reading: &Reading) -> Account<Place> {
        self.map(|octets| reading.place(octets))
    }

    /// The account without saying when: what has to be the same however the octets are cut.
    pub fn untimed(self) -> Account<()> {
        self.map(|_| ())
    }
}

impl<P> Account<P> {
    fn map<Q>(self, place: impl Fn(P) -> Q) -> Account<Q> {
        let heard = self.heard.into_iter().map(|heard| Heard {
            what: heard.what,
            read: place(heard.read),
        });
        Account {
            heard: heard.collect(),
            end: match self.end {
                End::Open => End::Open,
                End::Closed => End::Closed,
                End::Failed { code, read } => End::Failed {
                    code,
                    read: place(read),
                },
            },
            sent: self.sent,
        }
    }

    /// Leaves out the Pings heard, for comparison with an implementation that answers them without telling.
    #[must_use]
    pub fn without_pings(mut self) -> Self {
        self.heard.retain(|heard| !matches!(heard.what, What::Ping(_)));
        self
    }
}

/// The frames that `sender` put into `octets`.
pub(super) fn sent(sender: Role, mut octets: Vec<u8>) -> Vec<Sent> {
    let mut decoder = Decoder::new(sender);
    let mut rest = &mut octets[..];
    let mut frames: Vec<(Opcode, Option<String>, Vec<u8>)> = Vec::new();
    while let Some(event) = decoder.next(&mut rest) {
        match (event, frames.last_mut()) {
            (Event::Header { header, broken, .. }, _) => {
                frames.push((header.opcode, broken.map(|rule| rule.to_string()), Vec::new()));
            }
            (Event::Payload(payload), Some((_, _, all))) => all.extend_from_slice(payload),
            (Event::Payload(_), None) | (Event::End, _) => {}
        }
    }
    assert!(decoder.at_boundary(), "half a frame was sent");
    let named = frames.into_iter().map(|frame| match frame {
        (Opcode::PONG, None, payload) => Sent::Pong(payload),
        (Opcode::CLOSE, None, body) => Sent::Close(body.first_chunk().map(|code| u16::from_be_bytes(*code))),
        (opcode, None, _) => Sent::Other(opcode.to_string()),
        (opcode, Some(rule), _) => Sent::Other(format!("{opcode}: {rule}")),
    });
    named.collect()
}

impl<P> fmt::Display for Account<P> {
    /// One line, as the table of disagreements shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.heard.iter().map(|heard| heard.what.to_string()).collect();
        match &self.end {
            End::Open => parts.push("goes on".to_owned()),
            End::Closed => {}
            End::Failed { code, .. } => parts.push(format!("fails, {code}")),
        }
        for sent in &self.sent {
            parts.push(match sent {
                Sent::Pong(payload) => format!("sends Pong {}", shown(payload)),
                Sent::Close(None) => "sends Close".to_owned(),
                Sent::Close(Some(code)) => format!("sends Close {code}"),
                Sent::Other(what) => format!("sends {what}"),
            });
        }
        f.write_str(&parts.join("; "))
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "text {}", shown(text)),
            Self::Binary(octets) => write!(f, "binary {}", shown(octets)),
            Self::Ping(payload) => write!(f, "Ping {}", shown(payload)),
            Self::Pong(payload) => write!(f, "Pong {}", shown(payload)),
            Self::Close(None, _) => f.write_str("Close"),
            Self::Close(Some(code), reason) => write!(f, "Close {code} {}", shown(reason)),
        }
    }
}

/// Octets as a short literal.
fn shown(octets: &[u8]) -> String {
    const MOST: usize = 24;
    let mut text = String::from("\"");
    let _ = write!(text, "{}", octets[..octets.len().min(MOST)].escape_ascii());
    text.push('"');
    if octets.len() > MOST {
        let _ = write!(text, "… ({} octets)", octets.len());
    }
    text
}
