//! The reference echo endpoint: a strictly conformant server or client that sends every message back, without I/O.
//!
//! It is what wsanvil tests itself against, what `wsanvil echo` serves, and, with a [`Defect`] switched on, the proof
//! that a case can fail. The clean path is [`wsanvil_wire::endpoint::Endpoint`] and nothing else; every defect lives
//! in the separate lenient peer of `faulty`.
//!
//! ```
//! use wsanvil_echo::{Config, Echo};
//!
//! let mut echo = Echo::server(Config::default());
//! echo.receive(b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
//!     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n\
//!     \x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
//! let output = echo.output();
//! assert!(output.starts_with(b"HTTP/1.1 101 "));
//! assert!(output.ends_with(b"\x81\x05Hello"));
//! ```

mod client;
mod config;
mod defect;
mod echo;
mod faulty;
mod heartbeat;
mod server;

pub use client::Opening;
pub use config::Config;
pub use defect::{Defect, Defects, UnknownDefect};
pub use echo::Echo;
pub use faulty::Neighbours;
