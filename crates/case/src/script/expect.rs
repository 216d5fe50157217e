//! `expect` and `probe`: what the peer must or may do, and what that is worth.

use wsanvil_model::Grade;

use super::{Payload, Span, Text};

/// Something must happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// What, where and until when.
    pub want: Condition,
    /// Alternatives: the first that holds is taken.
    pub or: Vec<Alternative>,
}

/// Another event that ends an expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Connections it is looked for on; empty: those of the step.
    pub on: Vec<Text>,
    /// What.
    pub want: Condition,
    /// What it is worth.
    pub grade: Grade,
    /// What follows.
    pub then: Then,
    /// Text of the remark.
    pub note: Option<String>,
}

/// Something may happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// What.
    pub want: Condition,
    /// What its coming is worth.
    pub seen: Grade,
    /// What its absence is worth.
    pub missed: Grade,
    /// What follows when it came.
    pub then: Then,
    /// Name of the pause for the Autobahn judge.
    pub window: Option<String>,
}

/// What follows an alternative or a probe that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The script ends here.
    End,
    /// The script goes on.
    Continue,
}

/// What to look for and how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What.
    pub kind: Kind,
    /// Milliseconds to the deadline, counted from the last octet that moved, or, when it is a declared time, from the
    /// beginning of the step; `None`: the step deadline.
    pub within_ms: Option<Span>,
    /// Between `within_ms` and this it is a note.
    pub late_ms: Option<u64>,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So often.
    Count(u32),
    /// As often as owed.
    All,
}

/// Type of a data message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageType {
    /// Opcode 1.
    Text,
    /// Opcode 2.
    Binary,
}

/// What an expectation looks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The oldest messages owed: type and octets.
    Echo {
        /// How many.
        times: Times,
        /// Whether they must come compressed (or not); `None`: either.
        compressed: Option<bool>,
    },
    /// A whole data message.
    Message {
        /// Its type; `None`: either.
        kind: Option<MessageType>,
        /// Its octets; `None`: any.
        payload: Option<Payload>,
        /// Name under which its octets are kept.
        save: Option<String>,
    },
    /// A Ping.
    Ping {
        /// Its octets; `None`: any.
        payload: Option<Payload>,
        /// Name under which its octets are kept.
        save: Option<String>,
    },
    /// A Pong.
    Pong {
        /// Its octets; `None`: any.
        payload: Option<Payload>,
        /// Name under which its octets are kept.
        save: Option<String>,
    },
    /// One raw frame.
    Frame {
        /// Opcode 0–15.
        opcode: Option<u8>,
        /// FIN.
        fin: Option<bool>,
        /// RSV bits, 0–7.
        rsv: Option<u8>,
        /// MASK.
        masked: Option<bool>,
        /// Payload length in octets.
        length: Option<u64>,
    },
    /// A Close.
    Close {
        /// Codes allowed; empty: any legal one, or none.
        codes: Vec<CodeSpec>,
        /// Its reason; `None`: any.
        reason: Option<Payload>,
    },
    /// The peer fails the connection.
    Fail {
        /// Codes that pass without a note; empty: any legal one.
        codes: Vec<CodeSpec>,
        /// Whether another code or a bare end of TCP is nonstrict in place of a note.
        strict: bool,
    },
    /// TCP ends with no octet before it.
    Eof {
        /// How; others are a note.
        how: Option<EndKind>,
    },
    /// TLS was agreed, though perhaps not with the certificate wanted.
    Secured,
    /// The target refuses TLS with a fatal alert.
    Alert {
        /// Codes that pass, RFC 8446 section 6; empty: any.
        codes: Vec<u8>,
    },
    /// The barrier Pong comes.
    Alive,
    /// No event up to the barrier Pong, or for one quiet window.
    Nothing,
    /// An HTTP response head.
    Response(HeadTest),
    /// An HTTP request head.
    Request(HeadTest),
    /// 101, the standing response rules, then alive.
    Accepted,
    /// A final 4xx or 5xx.
    Refused {
        /// Codes that pass without a note; empty: any 4xx or 5xx.
        status: Vec<StatusSpec>,
    },
}

/// A Close code, or its absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSpec {
    /// This code.
    Code(u16),
    /// An empty Close body.
    None,
}

/// How TCP ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndKind {
    /// FIN.
    Fin,
    /// RST.
    Rst,
    /// FIN without TLS `close_notify`.
    Cut,
}

/// A status code or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusSpec {
    /// This code.
    Code(u16),
    /// All codes of this hundred, 1–5.
    Class(u8),
}

/// What an HTTP head must look like.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeadTest {
    /// Status codes (response); empty: any.
    pub status: Vec<StatusSpec>,
    /// Method (request).
    pub method: Option<Text>,
    /// Request target (request).
    pub target: Option<Text>,
    /// Fields that must be there.
    pub has: Vec<(String, FieldTest)>,
    /// Fields that must not be there.
    pub lacks: Vec<String>,
    /// Variables set from fields: (variable, field).
    pub save: Vec<(String, String)>,
}

/// What a field must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldTest {
    /// Exactly this value.
    Value(Text),
    /// It is there.
    Present,
    /// Its comma list holds this token, letters of either case.
    Token(Text),
    /// One of these values.
    Any(Vec<Text>),
}
