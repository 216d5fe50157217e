//! The strict endpoint: a whole WebSocket peer of either role after the opening handshake, without I/O.
//!
//! It fails the connection at the first broken rule (RFC 6455 section 7.1.7), answers Pings and Closes itself, sends
//! at most one Close and nothing behind it, and never sends an illegal frame.
//!
//! ```
//! use wsanvil_wire::{Role, endpoint::{Config, Endpoint, Event, State}};
//!
//! let mut client = Endpoint::new(Role::Client, Config::default());
//! let mut server = Endpoint::new(Role::Server, Config::default());
//! client.send_text("Hello").unwrap();
//! client.close(1000, "").unwrap();
//! let mut heard = Vec::new();
//! server.receive(&mut client.take_output(), &mut |event| heard.push(format!("{event:?}")));
//! assert_eq!(heard[0], format!("{:?}", Event::Text("Hello")));
//! // The server has answered the Close; the client hears it and waits for the end of TCP.
//! client.receive(server.output(), &mut |_| {});
//! assert_eq!((client.state(), server.state()), (State::Closed, State::Closed));
//! ```

mod config;
mod event;
mod machine;
mod outbox;

pub use config::{Config, Keys};
pub use event::{Event, State};
pub use machine::Endpoint;
pub use outbox::{Outbox, SendError};
