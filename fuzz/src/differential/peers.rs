//! The implementations that are asked, ours among them, all with the same limits and otherwise as they come.

mod fastwebsockets;
mod ours;
mod tungstenite;

pub(super) use ours::ours;

use std::fmt;

use wsanvil_wire::Role;

use super::account::Account;
use super::stream::Cuts;

/// Octets of the longest frame and of the longest message that everybody is told to take: more than control frames may
/// have, few enough that inputs go beyond.
pub const LIMIT: usize = 300;

/// Another implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The crate tungstenite, which tokio-tungstenite wraps.
    Tungstenite,
    /// The crate fastwebsockets with its collector of fragments.
    Fastwebsockets,
}

impl Peer {
    /// Every peer.
    pub const ALL: [Self; 2] = [Self::Tungstenite, Self::Fastwebsockets];

    /// The version that the table of disagreements is about, which the manifest asks for.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Tungstenite => "0.30.0",
            Self::Fastwebsockets => "0.10.0",
        }
    }

    /// What an endpoint of `role` makes of the octets.
    pub(super) fn account(self, role: Role, octets: &[u8], cuts: Cuts) -> Account<usize> {
        match self {
            Self::Tungstenite => tungstenite::account(role, octets, cuts),
            Self::Fastwebsockets => fastwebsockets::account(role, octets, cuts),
        }
    }

    /// Whether its application hears of Pings. They are compared by their Pongs in any case.
    pub(super) const fn tells_pings(self) -> bool {
        matches!(self, Self::Tungstenite)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tungstenite => "tungstenite",
            Self::Fastwebsockets => "fastwebsockets",
        })
    }
}
