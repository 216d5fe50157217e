//! How an input says where it is cut.

/// Cuts `octets` into pieces of two sizes that take turns: 1 to 16 octets and 1 to 241.
pub(crate) fn cuts(octets: &[u8], how: u8) -> impl Iterator<Item = &[u8]> {
    cuts_of_at_least(1, octets, how)
}

/// [`cuts`] with no piece shorter than `least` but the last one, for inputs so long that octets take too long.
pub(crate) fn cuts_of_at_least(least: usize, octets: &[u8], how: u8) -> impl Iterator<Item = &[u8]> {
    let mut sizes = [usize::from(how & 0xF) + 1, usize::from(how >> 4) * 16 + 1]
        .into_iter()
        .cycle();
    let mut rest = octets;
    std::iter::from_fn(move || {
        let size = sizes.next().filter(|_| !rest.is_empty())?;
        let (piece, after) = rest.split_at(size.max(least).min(rest.len()));
        rest = after;
        Some(piece)
    })
}

/// [`cuts`], each piece on its own, for readers that write into what they read.
pub(crate) fn pieces(octets: &[u8], how: u8) -> Vec<Vec<u8>> {
    cuts(octets, how).map(<[u8]>::to_vec).collect()
}

/// The first octets of an input, which say how, and the others.
pub(crate) fn head<const N: usize>(data: &[u8]) -> Option<([u8; N], &[u8])> {
    data.split_first_chunk::<N>().map(|(head, rest)| (*head, rest))
}
