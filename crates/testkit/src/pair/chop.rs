//! How octets are cut before the engine reads them. No verdict may depend on it.

/// Size of the reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chop {
    /// As the peer wrote them, up to 64 KiB.
    Whole,
    /// One octet at a time.
    Octet,
    /// Sizes drawn from this seed: mostly a few octets, sometimes thousands.
    Seeded(u64),
}

/// Draws the sizes of one run.
#[derive(Debug)]
pub(super) struct Chopper {
    chop: Chop,
    state: u64,
}

impl Chopper {
    pub(super) fn new(chop: Chop) -> Self {
        let state = match chop {
            Chop::Seeded(seed) => seed,
            Chop::Whole | Chop::Octet => 0,
        };
        Self { chop, state }
    }

    /// Size of the next read of at most `len` octets; at least 1, `len` is not 0.
    pub(super) fn next(&mut self, len: usize) -> usize {
        match self.chop {
            Chop::Whole => len,
            Chop::Octet => 1,
            Chop::Seeded(_) => {
                let drawn = split_mix(&mut self.state);
                let ceiling = if drawn.is_multiple_of(4) { 4096 } else { 12 };
                (1 + (drawn >> 8) as usize % ceiling).min(len)
            }
        }
    }
}

/// `SplitMix64`: small, seedable, good enough to spread sizes and octets.
pub(crate) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
