//! Messages compressed once: the big deflate families send the same pieces of a corpus again and again, and without
//! context takeover the same piece compresses to the same octets.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use wsanvil_case::corpus::{Corpus, Unit};

/// Octets of one message that are worth keeping: what compresses badly is cheaper made anew than held.
const LARGEST: usize = 24 << 10;

/// Octets of messages too small for a look-up to pay.
const SMALLEST: u64 = 1024;

/// A piece of a corpus, and the window it is compressed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Piece {
    /// Which corpus.
    pub(crate) corpus: Corpus,
    /// What `start` and `len` count.
    pub(crate) unit: Unit,
    /// Where it begins.
    pub(crate) start: u64,
    /// How long it is.
    pub(crate) len: u64,
    /// Window bits of the compressor.
    pub(crate) window: u8,
}

/// Compressed messages, shared by the instances of a run and bounded in size. What is in stays: the families repeat
/// in the same order, and a cache that drops the oldest would never hit.
#[derive(Debug)]
pub struct CompressedMessages {
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    octets: usize,
    messages: HashMap<Piece, Bytes>,
}

impl CompressedMessages {
    /// Keeps so many octets at most.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: Mutex::default(),
        }
    }

    /// The piece compressed: from memory, or by `compress`.
    pub(crate) fn get(&self, piece: Piece, compress: impl FnOnce() -> Bytes) -> Bytes {
        if piece.len < SMALLEST {
            return compress();
        }
        if let Some(known) = self.lock().messages.get(&piece) {
            return known.clone();
        }
        let made = compress();
        let mut kept = self.lock();
        if made.len() <= LARGEST && kept.octets + made.len() <= self.limit {
            kept.octets += made.len();
            // A copy is as large as it looks; what was made may lie in a far larger allocation.
            kept.messages.insert(piece, Bytes::copy_from_slice(&made));
        }
        made
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(start: u64) -> Piece {
        Piece {
            corpus: Corpus::Json,
            unit: Unit::Octet,
            start,
            len: 2000,
            window: 15,
        }
    }

    #[test]
    fn a_piece_is_made_once_as_long_as_there_is_room() {
        let cache = CompressedMessages::new(100);
        let mut made = 0;
        for start in [0, 0, 1, 0, 2, 2] {
            let octets = cache.get(piece(start), || {
                made += 1;
                Bytes::from(vec![start as u8; 40])
            });
            assert_eq!(octets, vec![start as u8; 40]);
        }
        assert_eq!(made, 4, "the third piece finds no room and is made twice");
    }
}
