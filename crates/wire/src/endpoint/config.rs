//! What an endpoint is told at its start.

use std::fmt;

use crate::deflate::Agreed;

/// Settings of an endpoint.
#[derive(Debug)]
pub struct Config {
    /// Longest message taken, in octets after inflation; longer ones fail with 1009.
    pub max_message: u64,
    /// Longest frame payload taken, in octets; longer ones fail with 1009 at their header.
    pub max_frame: u64,
    /// What the opening handshake agreed for permessage-deflate; messages are compressed when it is there.
    pub deflate: Option<Agreed>,
    /// Whether ill-formed text fails at the octet that proves it (RFC 6455 section 8.1 allows both); else at the end
    /// of the message.
    pub fail_fast_utf8: bool,
    /// Whether a length that is not in its shortest form fails the connection. RFC 6455 section 5.2 binds the sender
    /// and names no action of the receiver, so the default is to read on.
    pub reject_non_minimal: bool,
    /// Whether Pings are answered without the application.
    pub answer_ping: bool,
    /// Whether a Close is answered without the application; else it answers with [`super::Outbox::close`].
    pub answer_close: bool,
    /// Where a client takes its masking keys from.
    pub keys: Keys,
}

impl Default for Config {
    /// Messages and frames of up to 64 MiB, no compression, everything answered.
    fn default() -> Self {
        Self {
            max_message: 64 << 20,
            max_frame: 64 << 20,
            deflate: None,
            fail_fast_utf8: true,
            reject_non_minimal: false,
            answer_ping: true,
            answer_close: true,
            keys: Keys::default(),
        }
    }
}

/// A source of masking keys, one for each frame (RFC 6455 section 5.3).
///
/// This crate draws no entropy. A client on a real network passes [`Keys::from_source`] a strong generator; a seed is
/// enough where the run must be reproducible.
pub struct Keys(Source);

enum Source {
    Seed(u64),
    Caller(Box<dyn FnMut() -> [u8; 4] + Send>),
}

impl Keys {
    /// Keys from the caller's generator.
    pub fn from_source(source: impl FnMut() -> [u8; 4] + Send + 'static) -> Self {
        Self(Source::Caller(Box::new(source)))
    }

    /// The same well-spread but predictable keys for the same seed.
    pub const fn from_seed(seed: u64) -> Self {
        Self(Source::Seed(seed))
    }

    /// The next key.
    pub fn next_key(&mut self) -> [u8; 4] {
        match &mut self.0 {
            Source::Caller(source) => source(),
            Source::Seed(state) => {
                // SplitMix64: one addition and a finaliser per key.
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                let [a, b, c, d, ..] = (mixed ^ (mixed >> 31)).to_be_bytes();
                [a, b, c, d]
            }
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::from_seed(0)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Seed(_) => "Keys(seed)",
            Source::Caller(_) => "Keys(caller)",
        })
    }
}
