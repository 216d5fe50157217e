//! What came from the peer, in the two orders that expectations look at.

use std::collections::VecDeque;

use bytes::Bytes;
use wsanvil_case::script::EndKind;
use wsanvil_wire::Rule;
use wsanvil_wire::frame::Header;
use wsanvil_wire::http::ResponseHead;

use crate::io::Time;

/// Events of one connection. The data lane is in strict order; control frames may pass it.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    /// Messages, Close, end of TCP, HTTP heads.
    pub(crate) data: VecDeque<DataEvent>,
    /// Pings and Pongs.
    pub(crate) control: VecDeque<ControlEvent>,
    /// Raw frames, kept while the script asks for some.
    pub(crate) frames: VecDeque<Header>,
}

/// An event of the data lane.
#[derive(Debug)]
pub(crate) enum DataEvent {
    /// A whole message.
    Message(Received),
    /// A Close.
    Close(CloseSeen),
    /// The end of the transport.
    End(EndSeen),
    /// A fatal alert in the handshake of TLS.
    Alert {
        /// Its code, RFC 8446 section 6.
        code: u8,
        /// Its name.
        name: String,
    },
    /// An HTTP response head.
    Response(Box<ResponseHead>),
    /// Octets that are no HTTP head, where one should be.
    NoHead {
        /// The rule broken.
        why: String,
        /// Octet of the head that breaks it.
        offset: u64,
        /// Whether they show a peer that speaks WebSocket: they begin as a 101 does, or answer a Ping.
        upgraded: bool,
    },
}

/// A message of the peer.
#[derive(Debug)]
pub(crate) struct Received {
    /// Binary, else text.
    pub(crate) binary: bool,
    /// Octets after inflation.
    pub(crate) len: u64,
    /// RSV1 was set.
    pub(crate) compressed: bool,
    /// Offset of the first header in the octets received.
    pub(crate) offset: u64,
    /// How it compares with the message owed at its place.
    pub(crate) content: Compared,
}

/// Content of a received message.
#[derive(Debug)]
pub(crate) enum Compared {
    /// Octet for octet the message owed.
    Owed,
    /// Something else.
    Other {
        /// First octet that differs from the message owed; `None`: nothing was owed.
        differs_at: Option<u64>,
        /// The octets.
        octets: Bytes,
    },
}

/// A Close of the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloseSeen {
    /// Its body.
    pub(crate) body: Bytes,
    /// Its code; `None`: empty body.
    pub(crate) code: Option<u16>,
    /// Whether the body is legal.
    pub(crate) legal: bool,
    /// The rule that its header breaks.
    pub(crate) broken_header: Option<Rule>,
    /// When it came.
    pub(crate) at: Time,
    /// Offset of its header in the octets received.
    pub(crate) offset: u64,
}

/// The end of a transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EndSeen {
    /// How.
    pub(crate) how: EndKind,
    /// Why, for a reset.
    pub(crate) why: String,
    /// When.
    pub(crate) at: Time,
    /// Whether it fell inside a frame or a head.
    pub(crate) inside: bool,
}

/// An event of the control lane.
#[derive(Debug)]
pub(crate) enum ControlEvent {
    /// A Ping.
    Ping(Bytes),
    /// A Pong that is not the barrier's.
    Pong(Bytes),
}

impl DataEvent {
    /// What it is, in words for reports.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Message(message) => {
                let kind = if message.binary { "binary" } else { "text" };
                let shown = match &message.content {
                    Compared::Owed => ", equal to what was sent".to_owned(),
                    Compared::Other { octets, .. } => format!(": {}", shown(octets)),
                };
                format!("a {kind} message of {} octets{shown}", message.len)
            }
            Self::Close(close) => close.describe(),
            Self::End(end) => end.describe(),
            Self::Alert { code, name } => format!("the TLS alert {code} ({name})"),
            Self::Response(head) => {
                format!(
                    "an HTTP response {} {}",
                    head.status,
                    String::from_utf8_lossy(head.reason())
                )
            }
            Self::NoHead { why, offset, .. } => {
                format!("octets that are no HTTP head: {why} (octet {offset})")
            }
        }
    }
}

impl CloseSeen {
    /// In words.
    pub(crate) fn describe(&self) -> String {
        match self.code {
            None if self.body.is_empty() => "a Close without a code".to_owned(),
            None => "a Close with a body of one octet".to_owned(),
            Some(code) => {
                let reason = self.body.get(2..).unwrap_or_default();
                if reason.is_empty() {
                    format!("Close {code}")
                } else {
                    format!("Close {code} {}", shown(reason))
                }
            }
        }
    }
}

impl EndSeen {
    /// In words.
    pub(crate) fn describe(&self) -> String {
        let place = if self.inside {
            " inside an unfinished frame or head"
        } else {
            ""
        };
        match self.how {
            EndKind::Fin => format!("the end of TCP (FIN){place}"),
            EndKind::Cut => format!("the end of TCP without TLS close_notify{place}"),
            EndKind::Rst => format!("a broken TCP connection ({}){place}", self.why),
        }
    }
}

/// Up to 40 octets for a sentence: text in quotes when it is text, else hexadecimal.
pub(crate) fn shown(octets: &[u8]) -> String {
    const SHOWN: usize = 40;
    if octets.is_empty() {
        return "no octets".to_owned();
    }
    let head = octets.get(..SHOWN).unwrap_or(octets);
    let more = if octets.len() > head.len() { "…" } else { "" };
    match std::str::from_utf8(head) {
        Ok(text) if !text.chars().any(char::is_control) => format!("\"{text}\"{more}"),
        _ => format!("{}{more}", hex(head)),
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(octets.len() * 2);
    for octet in octets {
        for nibble in [octet >> 4, octet & 15] {
            out.push(char::from(DIGITS[usize::from(nibble)]));
        }
    }
    out
}
