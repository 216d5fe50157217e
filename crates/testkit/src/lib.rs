//! In-memory pair, virtual clock, hostile and foreign peers for the tests of wsanvil.
//!
//! A [`Peer`] is the other end of a connection without I/O. The same peer meets an engine in memory under a virtual
//! clock ([`pair`]) or any WebSocket client over a loopback socket ([`tcp`]). [`hostile`] holds the peers that stall,
//! die, flood and lie; the strict reference endpoint and its defects join in as [`EchoPeer`]. [`proof`] runs the library against them.

pub mod hostile;
pub mod lawful;
pub mod pair;
pub mod proof;
pub mod tcp;

mod declared;
mod kind;
mod peer;
mod target;

pub use declared::declared_config;
pub use kind::Kind;
pub use peer::{EchoPeer, Peer, PeerEnd};
pub use target::{declared_settings, settings};
