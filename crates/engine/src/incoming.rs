//! A message of the peer while it comes in: compared with what is owed octet by octet, kept only where it differs.

use bytes::Bytes;

use crate::lanes::{Compared, Received};
use crate::shadow::Owed;

/// Octets kept of a message that is not the one owed.
pub(crate) const KEPT: usize = 1 << 20;

/// A message that is not complete yet.
#[derive(Debug)]
pub(crate) struct Incoming {
    binary: bool,
    compressed: bool,
    offset: u64,
    owed: Option<Owed>,
    len: u64,
    differs_at: Option<u64>,
    octets: Vec<u8>,
}

impl Incoming {
    /// A message that begins; `owed` is the one expected at its place.
    pub(crate) fn new(binary: bool, compressed: bool, offset: u64, owed: Option<Owed>) -> Self {
        let differs_at = owed.is_none().then_some(0);
        Self {
            binary,
            compressed,
            offset,
            owed,
            len: 0,
            differs_at,
            octets: Vec::new(),
        }
    }

    /// RSV1 was set on its first frame.
    pub(crate) fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// Whether a message was expected at its place.
    pub(crate) fn is_owed(&self) -> bool {
        self.owed.is_some()
    }

    /// Octets it may have without being a flood.
    pub(crate) fn limit(&self) -> usize {
        let owed = self.owed.as_ref().map_or(0, |owed| owed.content.len());
        usize::try_from(owed).unwrap_or(usize::MAX).saturating_add(KEPT)
    }

    /// Compares what came, when nothing was owed yet, with what is owed now. Gives the octets that were counted as
    /// beyond what is owed and are not.
    pub(crate) fn compare(&mut self, owed: Owed) -> u64 {
        if self.octets.len() as u64 != self.len {
            // Too long to be kept whole.
            return 0;
        }
        let octets = std::mem::take(&mut self.octets);
        let counted = std::mem::take(&mut self.len);
        self.differs_at = None;
        self.owed = Some(owed);
        counted.saturating_sub(self.push(&octets))
    }

    /// Takes octets; gives how many of them are beyond what is owed.
    pub(crate) fn push(&mut self, octets: &[u8]) -> u64 {
        let before = self.len;
        self.len += octets.len() as u64;
        if self.differs_at.is_none()
            && let Some(owed) = &self.owed
        {
            let equal = owed.content.equal_at(before, octets);
            if equal == octets.len() {
                return 0;
            }
            self.differs_at = Some(before + equal as u64);
            owed.content.read_at(
                0,
                usize::try_from(before).unwrap_or(KEPT).min(KEPT),
                &mut self.octets,
            );
        }
        let room = KEPT.saturating_sub(self.octets.len());
        self.octets
            .extend_from_slice(octets.get(..room).unwrap_or(octets));
        self.len
            .saturating_sub(before.max(self.owed.as_ref().map_or(0, |owed| owed.content.len())))
    }

    /// The message is complete.
    pub(crate) fn finish(mut self) -> Received {
        let whole = self
            .owed
            .as_ref()
            .is_some_and(|owed| owed.content.len() == self.len);
        let content = match self.differs_at {
            None if whole => Compared::Owed,
            differs_at => {
                if let (None, Some(owed)) = (differs_at, &self.owed) {
                    let many = usize::try_from(self.len).unwrap_or(KEPT).min(KEPT);
                    owed.content.read_at(0, many, &mut self.octets);
                }
                Compared::Other {
                    differs_at: self.owed.is_some().then(|| differs_at.unwrap_or(self.len)),
                    octets: Bytes::from(self.octets),
                }
            }
        };
        Received {
            binary: self.binary,
            len: self.len,
            compressed: self.compressed,
            offset: self.offset,
            content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;

    fn come(owed: Option<&'static [u8]>, octets: &[u8], chunk: usize) -> Received {
        let owed = owed.map(|octets| Owed {
            binary: true,
            content: Content::Octets(Bytes::from_static(octets)),
            fragments: 1,
        });
        let mut incoming = Incoming::new(true, false, 0, owed);
        for piece in octets.chunks(chunk) {
            incoming.push(piece);
        }
        incoming.finish()
    }

    #[test]
    fn every_difference_is_found_at_its_octet() {
        for chunk in 1..7 {
            assert!(matches!(
                come(Some(b"hello"), b"hello", chunk).content,
                Compared::Owed
            ));
            for (came, at) in [(&b"hellO"[..], 4), (b"hell", 4), (b"hello!", 5), (b"", 0)] {
                let Compared::Other { differs_at, octets } = come(Some(b"hello"), came, chunk).content else {
                    panic!("{came:?} is not owed");
                };
                assert_eq!(differs_at, Some(at));
                assert_eq!(octets, came);
            }
            let Compared::Other {
                differs_at: None,
                octets,
            } = come(None, b"hi", chunk).content
            else {
                panic!("nothing is owed");
            };
            assert_eq!(octets, "hi");
        }
    }
}
