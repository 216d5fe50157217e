//! permessage-deflate (RFC 7692): negotiation, a compressor that can lie, and a strict inflater that
//! measures what the peer's references reach for.
//!
//! ```
//! use wsanvil_wire::deflate::{Compressor, Inflater, ServerPolicy, accept_offers};
//! use wsanvil_wire::extension::parse_list;
//!
//! let offers = parse_list(b"permessage-deflate; client_max_window_bits; server_max_window_bits=10").unwrap();
//! let (answer, agreed) = accept_offers(&offers, &ServerPolicy::default()).unwrap();
//! assert_eq!(answer.to_string(), "permessage-deflate; server_max_window_bits=10");
//!
//! let mut compressor = Compressor::new(agreed.server_window, agreed.server_takeover);
//! let mut inflater = Inflater::new(agreed.server_window, agreed.server_takeover);
//! for payload in [&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..], b"\xf2\x00\x11\x00\x00"] {
//!     let (mut squeezed, mut message) = (Vec::new(), Vec::new());
//!     compressor.compress(b"Hello", &mut squeezed);
//!     assert_eq!(squeezed, payload);
//!     inflater.push(&squeezed, &mut message, 1000).unwrap();
//!     inflater.finish(&mut message, 1000).unwrap();
//!     assert_eq!(message, b"Hello");
//! }
//! ```

mod compressor;
mod inflate;
mod matcher;
mod negotiate;
mod params;
mod rule;
mod tokens;

pub use compressor::{Compressor, Options, Strategy};
pub use inflate::{InflateError, Inflater, StreamFacts};
pub use negotiate::{Agreed, ServerPolicy, accept_offers, check_answer};
pub use params::Params;
pub use rule::DeflateRule;
pub use tokens::TokenWriter;

/// The extension's registered name.
pub const NAME: &str = "permessage-deflate";
