//! The reference WebSocket codec: everything of RFC 6455 and RFC 7692 that needs no socket.
//!
//! Octets go in, events and octets come out. Nothing here does I/O, reads a clock or draws entropy, so every
//! behaviour is a function of its arguments and can be tested without a network.
//!
//! The crate has two temperaments:
//!
//! * The *codec* is lenient and exact. [`frame::Decoder`] reads on as long as the stream has a meaning and names the
//!   [`Rule`] that each frame breaks; [`frame::Header`] writes whatever it is told, lies included.
//! * The *endpoint* is strict. [`endpoint::Endpoint`] is a complete peer of either role that fails the connection at
//!   the first rule broken and never sends an illegal frame.
//!
//! ```
//! use wsanvil_wire::{Role, endpoint::{Config, Endpoint, Event}};
//!
//! let mut client = Endpoint::new(Role::Client, Config::default());
//! let mut server = Endpoint::new(Role::Server, Config::default());
//! client.send_text("Hello").unwrap();
//! let mut heard = Vec::new();
//! server.receive(&mut client.take_output(), &mut |event| {
//!     if let Event::Text(text) = event {
//!         heard.push(text.to_owned());
//!     }
//! });
//! assert_eq!(heard, ["Hello"]);
//! ```
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::cast_possible_truncation
    )
)]

pub mod close;
pub mod deflate;
pub mod endpoint;
pub mod extension;
pub mod frame;
pub mod http;
pub mod mask;
pub mod message;
#[cfg(feature = "arbitrary")]
pub mod script;
pub mod subprotocol;
pub mod upgrade;
pub mod utf8;

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod role;
mod rule;

pub use role::Role;
pub use rule::Rule;
