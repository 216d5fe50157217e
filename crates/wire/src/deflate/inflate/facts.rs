//! What an inflated message was made of.

/// Facts of one message, taken from its DEFLATE tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamFacts {
    /// The farthest reference in octets, 1 to 32768; 0 when there is none.
    pub max_distance: u32,
    /// The farthest reach before the message's first octet, the proof of context takeover; 0 when there is none.
    pub reach_before: u32,
    /// Stored blocks, without the empty one that the stripped tail completes.
    pub blocks_stored: u32,
    /// Blocks with the fixed code.
    pub blocks_fixed: u32,
    /// Blocks with a code of their own.
    pub blocks_dynamic: u32,
    /// Was any block marked final?
    pub bfinal: bool,
    /// Octets of payload.
    pub payload: u64,
    /// Octets inflated.
    pub inflated: u64,
    /// Does the payload end in the 00 00 ff ff that is to be removed (RFC 7692 section 7.2.1)?
    pub tail_kept: bool,
    /// Is the stripped tail the end of an empty stored block, as the sender's algorithm makes it?
    pub ends_flushed: bool,
    /// Is a bit set between a final block and its octet boundary (RFC 7692 section 7.2.1)?
    pub padding_set: bool,
}
