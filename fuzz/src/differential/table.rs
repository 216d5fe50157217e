//! Where others are known to part from us: the octets, both accounts, the section, who is right.

mod fastwebsockets;
mod shared;
mod tungstenite;

use std::fmt;

use wsanvil_wire::Role;

use super::dispute::{Dispute, Next};
use super::peers::Peer;

/// One way in which an implementation parts from ours.
#[derive(Debug, Clone, Copy)]
pub struct Disagreement {
    /// Its name, unique for the peer.
    pub id: &'static str,
    /// The other implementation.
    pub peer: Peer,
    /// What both are in the example.
    pub role: Role,
    /// What both receive in the example. Keys are zero where that shows the same.
    pub example: &'static [u8],
    /// What the other one does, in a sentence.
    pub what: &'static str,
    /// Where the behaviour is ruled.
    pub section: &'static str,
    /// Who is right.
    pub right: Right,
    /// Why.
    pub why: &'static str,
    /// Recognises exactly this.
    pub(super) explains: fn(Dispute<'_>) -> Option<Next>,
}

/// Who is right in a disagreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// We are.
    Ours,
    /// The text allows both.
    Both,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "we",
            Self::Both => "both",
        })
    }
}

/// Every known disagreement.
pub const TABLE: &[Disagreement] = &[
    tungstenite::LATE,
    tungstenite::LIMIT_FIRST,
    tungstenite::TOP_BIT,
    tungstenite::REASON_FIRST,
    tungstenite::CODE_1014,
    tungstenite::CODE_ANSWERED,
    tungstenite::BEHIND_CLOSE,
    tungstenite::SILENT,
    fastwebsockets::UNMASKED,
    fastwebsockets::MASKED,
    fastwebsockets::EARLY,
    fastwebsockets::REPLACED,
    fastwebsockets::CUT_CHARACTER,
    fastwebsockets::UNLIMITED,
    fastwebsockets::LONG_PONG,
    fastwebsockets::LONG_CLOSE,
    fastwebsockets::TEXT_FIRST,
    fastwebsockets::LATE,
    fastwebsockets::LIMIT_FIRST,
    fastwebsockets::LIMIT_ITSELF,
    fastwebsockets::TOP_BIT,
    fastwebsockets::REASON_FIRST,
    fastwebsockets::CODE_1014,
    fastwebsockets::SILENT,
];
