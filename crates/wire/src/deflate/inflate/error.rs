//! Why a payload can not be inflated.

use thiserror::Error;

/// What is wrong with a payload. The sender is to blame in every case but [`InflateError::TooLarge`], which
/// is this side's limit. All are invalid data (RFC 7692 section 7.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum InflateError {
    /// The reserved block type 3 (RFC 1951 section 3.2.3).
    #[error("block type 3 is reserved")]
    BlockType,
    /// A stored block whose length and its complement disagree (RFC 1951 section 3.2.4).
    #[error("the length of a stored block and its complement disagree")]
    StoredLength,
    /// More literal or distance codes than there are symbols (RFC 1951 section 3.2.7).
    #[error("more codes than symbols")]
    SymbolCount,
    /// Code lengths that are no prefix code (RFC 1951 section 3.2.2).
    #[error("the code lengths make no prefix code")]
    CodeLengths,
    /// A repetition of code lengths without one before it, or beyond the last.
    #[error("a repetition of code lengths has nothing to repeat or goes too far")]
    CodeRepeat,
    /// A code without end of block.
    #[error("the code has no end of block")]
    NoEndOfBlock,
    /// A literal or length code that stands for nothing.
    #[error("a literal or length code that is not in use")]
    Symbol,
    /// A distance code that stands for nothing.
    #[error("a distance code that is not in use")]
    Distance,
    /// A reference before the first octet there is.
    #[error("a reference {distance} octets back, where there are {available}")]
    TooFarBack {
        /// How far it reaches.
        distance: u32,
        /// How many octets there are.
        available: u32,
    },
    /// More octets than the message may have.
    #[error("the message inflates to more than {limit} octets")]
    TooLarge {
        /// The limit in octets.
        limit: usize,
    },
    /// The message ends inside a block.
    #[error("the message ends inside a block")]
    Unfinished,
}

impl InflateError {
    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "7692-8-2",
            Self::Unfinished => "7692-7.2.1-1",
            _ => "7692-7.2.2-11",
        }
    }
}
