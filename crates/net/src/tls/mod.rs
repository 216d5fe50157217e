//! TLS of both roles: rustls with ring, roots of the system or of a file.

mod alert;
mod client;
mod failure;
mod hello;
mod server;
mod setup;
mod verify;

pub use client::{ClientTls, Hello, TlsOptions};
pub use failure::TlsFailure;
pub use hello::{HelloFailure, Refusal};
pub use server::{ServerTls, TlsConduct, UnknownName};
pub use setup::TlsSetupError;
