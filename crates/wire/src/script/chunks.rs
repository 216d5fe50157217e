//! How octets arrive: cut into reads, and to which end.

/// How a transport cuts octets into reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunks {
    /// Octets per read, in turn and over again; 0 counts as 1. Empty: all in one read.
    pub sizes: Vec<u16>,
}

impl Chunks {
    /// One octet per read.
    pub fn single() -> Self {
        Self { sizes: vec![1] }
    }

    /// `octets` in reads; none when there are no octets.
    pub fn cut(&self, octets: &[u8]) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        let mut rest = octets;
        let mut sizes = self.sizes.iter().cycle();
        while !rest.is_empty() {
            let size = sizes.next().map_or(usize::MAX, |size| usize::from(*size).max(1));
            let (piece, behind) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            pieces.push(piece.to_vec());
            rest = behind;
        }
        pieces
    }
}

/// How the sending ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// It does not: the transport stays open.
    #[default]
    Open,
    /// The transport ends behind the last octet.
    Eof,
    /// The transport ends and so many of the last octets never arrive.
    Cut(u16),
}

impl End {
    /// How many of `sent` octets arrive.
    pub const fn arriving(self, sent: usize) -> usize {
        match self {
            Self::Open | Self::Eof => sent,
            Self::Cut(octets) => sent.saturating_sub(octets as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunks, End};

    #[test]
    fn reads_take_turns() {
        let cut = |sizes: &[u16]| {
            let sizes = sizes.to_vec();
            Chunks { sizes }.cut(b"abcdef")
        };
        assert_eq!(cut(&[]), [b"abcdef".to_vec()]);
        assert_eq!(cut(&[4]), [b"abcd".to_vec(), b"ef".to_vec()]);
        assert_eq!(
            cut(&[0, 3]),
            [b"a".to_vec(), b"bcd".to_vec(), b"e".to_vec(), b"f".to_vec()]
        );
        assert_eq!(Chunks::single().cut(b"ab"), [b"a", b"b"]);
        assert!(Chunks::single().cut(b"").is_empty());
    }

    #[test]
    fn a_cut_takes_from_the_end() {
        assert_eq!(
            [End::Open, End::Eof, End::Cut(3), End::Cut(9)].map(|end| end.arriving(8)),
            [8, 8, 5, 0]
        );
    }
}
