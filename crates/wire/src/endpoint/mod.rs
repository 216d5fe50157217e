//! The strict endpoint: a whole WebSocket peer of either role after the opening handshake, without I/O.
//!
//! It fails the connection at the first broken rule (RFC 6455 section 7.1.7), answers Pings and Closes itself, sends
//! at most one Close and nothing behind it, and never sends an illegal frame.

mod config;
mod event;
mod machine;
mod outbox;

pub use config::{Config, Keys};
pub use event::{Event, State};
pub use machine::Endpoint;
pub use outbox::{Outbox, SendError};
