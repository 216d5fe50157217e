//! Messages compressed once: the big deflate families send the same pieces of a corpus again and again, and without
//! context takeover the same piece compresses to the same octets.
//!
//! Small ones stay for the whole run: the families repeat one behind the other in the same order, and a store that
//! drops the oldest would never hit. Of large ones only the latest are held: instances that run at the same time send
//! them at nearly the same time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use wsanvil_case::corpus::{Corpus, Unit};

/// Compressed octets of a message that stays.
const SMALL: usize = 24 << 10;

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

/// Compressed messages, shared by the instances of a run and bounded in size.
#[derive(Debug)]
pub struct CompressedMessages {
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    messages: HashMap<Piece, Bytes>,
    /// Octets of small messages.
    small: usize,
    /// Large messages, the oldest first, and their octets.
    latest: VecDeque<Piece>,
    large: usize,
}

impl CompressedMessages {
    /// Keeps so many octets of small messages at most, and as many of large ones.
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
        // A copy is as large as it looks; what was made may lie in a far larger allocation.
        self.lock().keep(piece, Bytes::copy_from_slice(&made), self.limit);
        made
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, piece: Piece, message: Bytes, limit: usize) {
        if self.messages.contains_key(&piece) {
            return;
        }
        let octets = message.len();
        if octets > SMALL {
            self.large += octets;
            self.latest.push_back(piece);
            self.messages.insert(piece, message);
            while self.large > limit
                && let Some(oldest) = self.latest.pop_front()
            {
                self.large -= self.messages.remove(&oldest).map_or(0, |message| message.len());
            }
        } else if self.small + octets <= limit {
            self.small += octets;
            self.messages.insert(piece, message);
        }
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
    #[test]
    fn of_large_pieces_the_latest_are_held() {
        let cache = CompressedMessages::new(100 << 10);
        let mut made = Vec::new();
        for start in [0, 1, 1, 0, 2, 1, 0] {
            cache.get(piece(start), || {
                made.push(start);
                Bytes::from(vec![0; 50 << 10])
            });
        }
        assert_eq!(made, [0, 1, 2, 0], "the third piece takes the place of the first");
    }
}
