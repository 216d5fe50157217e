//! Sockets, TLS and target processes for wsanvil.
//!
//! The only crate that opens a socket or speaks TLS. [`Connector`] opens connections to one [`Address`], [`Listener`]
//! takes them, both give a [`Stream`]; [`Launch`] starts the target as a process group of its own and waits until it
//! answers a WebSocket handshake. Every error says who is to blame ([`Blame`]) and what to do about it (`hint`).

mod address;
mod blame;
mod connect;
mod descriptors;
mod launch;
mod listen;
mod stream;
mod tls;

pub use address::{Address, AddressError};
pub use blame::Blame;
pub use connect::{ConnectError, ConnectOptions, Connector, ConnectorOptions, Family, HelloError};
pub use descriptors::raise_descriptor_limit;
pub use launch::{ExitReport, Launch, LaunchError, Launched, Meter, Target};
pub use listen::{Incoming, ListenError, Listener};
pub use stream::Stream;
pub use tls::{
    ClientTls, Hello, HelloFailure, Refusal, ServerTls, TlsConduct, TlsFailure, TlsOptions, TlsSetupError,
    UnknownName,
};
