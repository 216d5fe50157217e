//! permessage-deflate (RFC 7692): negotiation, a compressor that can lie, and a strict inflater that
//! measures what the peer's references reach for.

mod compressor;
mod inflate;
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
