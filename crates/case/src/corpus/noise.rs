//! A deterministic stream of integers for the generators.

/// `SplitMix64`: one addition and three mixes per number, no state to warm up, the same on every platform.
#[derive(Debug, Clone)]
pub(super) struct Noise(u64);

impl Noise {
    /// A stream of its own per `seed`.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(bound) * (self.next() >> 32)) >> 32) as u32
    }

    /// One of `items`, the early ones much more often, as words are distributed in prose: the smaller of
    /// `draws` equal choices.
    pub(super) fn favour<T: Copy>(&mut self, items: &[T], draws: u32) -> T {
        let bound = items.len() as u32;
        let place = (0..draws.max(1)).map(|_| self.below(bound)).min().unwrap_or(0);
        items[place as usize]
    }

    /// Appends `len` octets that no compressor can shorten.
    pub(super) fn fill(&mut self, out: &mut Vec<u8>, len: usize) {
        let end = out.len() + len;
        while out.len() < end {
            let octets = self.next().to_le_bytes();
            let take = octets.len().min(end - out.len());
            out.extend_from_slice(&octets[..take]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_below_their_bound_and_reach_it() {
        let mut noise = Noise::new(1);
        let seen: std::collections::BTreeSet<u32> = (0..200).map(|_| noise.below(5)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(noise.below(0), 0);
    }

    #[test]
    fn fill_gives_exactly_the_length_asked_for() {
        for len in [0, 1, 7, 8, 9, 1000] {
            let mut out = vec![1];
            Noise::new(2).fill(&mut out, len);
            assert_eq!(out.len(), len + 1);
        }
    }
}
