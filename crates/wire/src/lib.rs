#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! * [`endpoint`]: a complete peer of either role behind the opening handshake.
//! * [`upgrade`], [`http`], [`extension`], [`subprotocol`]: the opening handshake, read, checked and written.
//! * [`frame`], [`mask`], [`message`], [`utf8`], [`close`], [`deflate`]: what an endpoint is made of, each usable alone.
#![cfg_attr(
    feature = "arbitrary",
    doc = "* [`script`]: conversations and handshakes made from octets, for fuzzing."
)]
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
