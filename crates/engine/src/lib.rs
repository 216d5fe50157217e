//! Sans-I/O interpreter of cases: a script, octets and the time go in; commands, a transcript and a verdict come out.
//!
//! The engine owns no socket, reads no clock and draws no entropy of its own: whoever drives it (the runner over
//! TCP, the testkit in memory under a virtual clock) hands it [`Input`]s with the time and carries out its
//! [`Command`]s. Role and transport belong to a connection, not to the engine.

mod checks;
mod compressed;
mod connection;
mod content;
mod engine;
mod expect;
mod frames;
mod incoming;
mod io;
pub mod judge;
mod lanes;
mod opening;
mod outbox;
mod outcome;
mod program;
mod recorder;
mod settings;
mod shadow;
mod standing;
mod vars;

pub use compressed::CompressedMessages;
pub use engine::{CLOSING, Came, Engine, Seen, Untaken};
pub use io::{Command, ConnId, EndHow, Input, OpenError, ReadMode, Security, TcpEnd, Time};
pub use outcome::{Outcome, StandingHit};
pub use settings::{App, Settings, TargetFacts};
