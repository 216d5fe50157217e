//! TLS of both roles: rustls with ring, roots of the system or of a file.

mod client;
mod failure;
mod server;
mod setup;
mod verify;

pub use client::{ClientTls, TlsOptions};
pub use failure::TlsFailure;
pub use server::ServerTls;
pub use setup::TlsSetupError;
