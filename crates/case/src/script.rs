//! The script of an instance: what the tester does and what it expects, with every matrix value filled in.
//!
//! TOML is the front end (`load`); the engine runs this type and nothing else. Templates over rows and axes are
//! resolved when the library is loaded; what can only be known while running (loop counters, captured values,
//! the host) stays in [`Text`] as a [`Piece::Var`].

mod expect;
mod http;
mod payload;
mod send;
mod tls;

pub use expect::{
    Alternative, CodeSpec, Condition, EndKind, Expect, FieldTest, HeadTest, Kind, MessageType, Probe,
    StatusSpec, Then, Times,
};
pub use http::{AcceptForm, HeadEdit, RequestSend, ResponseSend};
pub use payload::{At, Length, Payload, Piece, RandomKind, RunVar, Source, Text};
pub use send::{
    Blocked, Chunk, Compress, EmptyFinal, Fragmentation, FrameSend, Keys, Send, SendWhat, Strategy, Until,
    Write,
};
pub use tls::{OpenTls, ServerName, TlsVersion};

use std::collections::BTreeMap;
use std::fmt;

/// The steps of one instance, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Script {
    /// Steps, run one after another.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Names of the connections it acts on; `["main"]` when the file says nothing. A name may hold loop variables.
    pub on: Vec<Text>,
    /// Remark of the author, shown beside the step and used as the text of a graded note.
    pub note: Option<String>,
    /// Line of the case file, 1-based; 0 when the script was generated.
    pub line: u32,
    /// What to do.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Opens (role server) or takes (role client) a connection.
    Open(Box<Open>),
    /// Sends frames, raw octets or an HTTP head.
    Send(Box<Send>),
    /// Something must happen.
    Expect(Box<Expect>),
    /// Something may happen; either outcome has a grade.
    Probe(Box<Probe>),
    /// A pause of the script itself.
    Wait(Span),
    /// The closing handshake begun by the tester: Close, Close back, end of TCP.
    Close(CloseStep),
    /// Ends the transport.
    Drop(DropHow),
    /// Stops, slows or restarts reading.
    Read(Read),
    /// A loop.
    Repeat(Box<Repeat>),
}

/// A length of time: fixed, or a part of what the `[target]` table declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Milliseconds.
    Ms(u64),
    /// So many percent of the milliseconds declared under this name, and some more.
    Declared {
        /// Name in the `[target]` table.
        name: String,
        /// Percent of it.
        percent: u32,
        /// Milliseconds more.
        plus: u64,
    },
}

impl Span {
    /// In milliseconds, by what is declared; what is not declared counts as nothing.
    pub fn ms(&self, declared: &BTreeMap<String, String>) -> u64 {
        match self {
            Self::Ms(ms) => *ms,
            Self::Declared { name, percent, plus } => {
                let whole: u64 = declared
                    .get(name)
                    .and_then(|value| value.parse().ok())
                    .unwrap_or_default();
                (whole.saturating_mul(u64::from(*percent)) / 100).saturating_add(*plus)
            }
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ms(ms) => write!(f, "{ms}"),
            Self::Declared { name, percent, plus } => write!(f, "{percent}%({name})+{plus}"),
        }
    }
}

/// How far `open` goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenHow {
    /// Transport and the opening handshake, judged by the standing rules.
    Ws,
    /// Transport (and TLS) only.
    Tcp,
}

/// What follows when a connection does not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMissed {
    /// The instance ends with verdict error (role server) or fail (role client).
    Fail,
    /// The script ends here, with what it has.
    End,
    /// The script goes on without this connection.
    Continue,
}

/// `open`.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Transport only, or WebSocket.
    pub how: OpenHow,
    /// Request target in place of the configured one.
    pub path: Option<Text>,
    /// Changes to the opening head.
    pub edit: HeadEdit,
    /// `None`: one connection; `Some(n)`: a group `name.0` … `name.n-1`.
    pub count: Option<u32>,
    /// TLS in another way than towards the target in general; `None`: as its scheme says.
    pub tls: Option<OpenTls>,
    /// Size of the receive buffer in octets (`SO_RCVBUF`).
    pub recv_buffer: Option<u32>,
    /// Size of the send buffer in octets (`SO_SNDBUF`).
    pub send_buffer: Option<u32>,
    /// Answer Pings of the peer by themselves.
    pub auto_pong: bool,
    /// Answer a Close of the peer by itself.
    pub auto_close: bool,
    /// How long the connection may take, in milliseconds; `None`: the step deadline.
    pub within_ms: Option<u64>,
    /// Skip unless the agreement on permessage-deflate lets the tester refer into earlier messages.
    pub takeover: bool,
    /// Skip unless it lets the tester use a window of so many bits.
    pub window_bits: Option<u8>,
    /// What follows when it does not come about.
    pub missed: OpenMissed,
}

/// `close = CODE`.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseStep {
    /// Status code; `None` sends an empty body.
    pub code: Option<u16>,
    /// Reason text.
    pub reason: Option<Text>,
}

/// How a transport is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropHow {
    /// Orderly: FIN, with `close_notify` under TLS.
    Fin,
    /// FIN of the write side only.
    Half,
    /// RST.
    Rst,
    /// FIN without TLS `close_notify`.
    Cut,
}

/// Control of the reading side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Nothing is read from now on.
    Stop,
    /// Reading goes on.
    Start,
    /// `octets` every `every_ms`, for `for_ms`; then the script goes on and reading stays as it was before.
    Slow {
        /// Octets per turn.
        octets: u32,
        /// Milliseconds between turns.
        every_ms: u64,
        /// Milliseconds in all.
        for_ms: u64,
    },
}

/// A loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// Rounds at most.
    pub count: u32,
    /// Name of the counter, starting at 0.
    pub var: Option<String>,
    /// What leaves the loop early.
    pub until: Option<Until>,
    /// The body.
    pub steps: Vec<Step>,
}

/// Values of an instance by name, as shown in reports.
pub type Values = BTreeMap<String, serde_json::Value>;
