//! Payload octets that are made when they are needed: a 16 MiB fill costs no 16 MiB.

use std::sync::Arc;

use bytes::Bytes;
use sha1::{Digest, Sha1};

/// Octets known by description. Cloning is cheap.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// Octets in memory.
    Octets(Bytes),
    /// `unit` repeated and cut to `len`.
    Fill {
        /// Never empty.
        unit: Bytes,
        /// Octets in all.
        len: u64,
    },
    /// One after another.
    Parts {
        /// The pieces.
        parts: Arc<[Content]>,
        /// Octets in all.
        len: u64,
    },
}

impl Content {
    /// No octets.
    pub(crate) const EMPTY: Self = Self::Octets(Bytes::new());

    /// Pieces one after another.
    pub(crate) fn concat(mut parts: Vec<Self>) -> Self {
        parts.retain(|part| part.len() > 0);
        match parts.len() {
            0 => Self::EMPTY,
            1 => parts.swap_remove(0),
            _ => {
                let len = parts.iter().map(Self::len).sum();
                Self::Parts {
                    parts: parts.into(),
                    len,
                }
            }
        }
    }

    /// Octets in all.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Octets(octets) => octets.len() as u64,
            Self::Fill { len, .. } | Self::Parts { len, .. } => *len,
        }
    }

    /// Appends up to `count` octets from `offset` on.
    pub(crate) fn read_at(&self, offset: u64, count: usize, out: &mut Vec<u8>) {
        self.visit(offset, count as u64, &mut |piece| {
            out.extend_from_slice(piece);
            true
        });
    }

    /// The octets in memory, when they lie in one piece.
    pub(crate) fn as_octets(&self) -> Option<&Bytes> {
        match self {
            Self::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    /// All octets in one piece.
    pub(crate) fn to_octets(&self) -> Bytes {
        if let Self::Octets(octets) = self {
            return octets.clone();
        }
        let mut out = Vec::with_capacity(usize::try_from(self.len()).unwrap_or(0));
        self.read_at(0, usize::MAX, &mut out);
        out.into()
    }

    /// How many octets of `data` are equal to those from `offset` on; `data.len()` when all are.
    pub(crate) fn equal_at(&self, offset: u64, data: &[u8]) -> usize {
        let mut rest = data;
        self.visit(offset, data.len() as u64, &mut |piece| {
            let (front, behind) = rest.split_at(piece.len().min(rest.len()));
            if front == piece {
                rest = behind;
                return true;
            }
            let same = front.iter().zip(piece).take_while(|(a, b)| a == b).count();
            rest = rest.get(same..).unwrap_or_default();
            false
        });
        data.len() - rest.len()
    }

    /// SHA-1 of all octets.
    pub(crate) fn sha1(&self) -> [u8; 20] {
        self.digest(0, u64::MAX).finalize().into()
    }

    /// SHA-1 of the octets from `offset` on, `count` at most, not yet finished.
    pub(crate) fn digest(&self, offset: u64, count: u64) -> Sha1 {
        let mut digest = Sha1::new();
        self.visit(offset, count, &mut |piece| {
            digest.update(piece);
            true
        });
        digest
    }

    /// Hands out the octets from `offset` on, `count` at most, piece by piece, until `piece` says false. Says whether
    /// to go on.
    fn visit(&self, offset: u64, count: u64, piece: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let end = offset.saturating_add(count).min(self.len());
        if offset >= end {
            return true;
        }
        match self {
            Self::Octets(octets) => piece(octets.get(offset as usize..end as usize).unwrap_or_default()),
            Self::Fill { unit, .. } => fill(unit, offset, end, piece),
            Self::Parts { parts, .. } => {
                let mut start = 0;
                for part in parts.iter() {
                    let stop = start + part.len();
                    if stop > offset && start < end {
                        let from = offset.max(start) - start;
                        let many = end.min(stop) - start - from;
                        if !part.visit(from, many, piece) {
                            return false;
                        }
                    }
                    start = stop;
                }
                true
            }
        }
    }
}

/// Octets of a fill handed out at once: short units are repeated to about this size first.
const FILL_PIECE: usize = 4096;

fn fill(unit: &[u8], offset: u64, end: u64, piece: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let period = unit.len() as u64;
    let wanted = end - offset;
    let many = (FILL_PIECE / unit.len())
        .max(1)
        .min(usize::try_from(wanted / period + 2).unwrap_or(1));
    let block = unit.repeat(many);
    let mut at = offset;
    while at < end {
        let phase = (at % period) as usize;
        let available = block.get(phase..).unwrap_or_default();
        let take = available
            .len()
            .min(usize::try_from(end - at).unwrap_or(usize::MAX));
        if !piece(available.get(..take).unwrap_or_default()) {
            return false;
        }
        at += take as u64;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Content> {
        let fill = Content::Fill {
            unit: Bytes::from_static(b"abc"),
            len: 10_000,
        };
        vec![
            Content::EMPTY,
            Content::Octets(Bytes::from_static(b"hello")),
            fill.clone(),
            Content::concat(vec![
                fill.clone(),
                Content::Octets(Bytes::from_static(b"-")),
                Content::EMPTY,
                fill,
            ]),
        ]
    }

    #[test]
    fn reading_in_pieces_is_reading_whole() {
        for content in samples() {
            let whole = content.to_octets();
            assert_eq!(whole.len() as u64, content.len());
            let mut pieces = Vec::new();
            let mut at = 0;
            for size in [1, 3, 7, 4096, 5000, 20_000] {
                content.read_at(at, size, &mut pieces);
                at += size as u64;
            }
            assert_eq!(pieces, whole.get(..pieces.len()).unwrap());
            assert_eq!(content.sha1(), <[u8; 20]>::from(Sha1::digest(&whole)));
        }
    }

    #[test]
    fn the_first_difference_is_found() {
        for content in samples() {
            let mut octets = content.to_octets().to_vec();
            assert_eq!(content.equal_at(0, &octets), octets.len());
            for at in [0, 4, 5000, 10_000] {
                if at < octets.len() {
                    octets[at] ^= 1;
                    assert_eq!(content.equal_at(0, &octets), at);
                    octets[at] ^= 1;
                }
            }
            octets.push(0);
            assert_eq!(
                content.equal_at(0, &octets),
                octets.len() - 1,
                "beyond the end nothing is equal"
            );
        }
    }
}
