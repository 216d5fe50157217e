//! How an input says where it is cut.

/// Cuts `octets` into pieces of two sizes that take turns: 1 to 16 octets and 1 to 241.
pub(crate) fn pieces(octets: &[u8], how: u8) -> Vec<Vec<u8>> {
    let sizes = [usize::from(how & 0xF) + 1, usize::from(how >> 4) * 16 + 1];
    let mut rest = octets;
    let mut pieces = Vec::new();
    for size in sizes.into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(size.min(rest.len()));
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces
}

/// The first octets of an input, which say how, and the others.
pub(crate) fn head<const N: usize>(data: &[u8]) -> Option<([u8; N], &[u8])> {
    data.split_first_chunk::<N>().map(|(head, rest)| (*head, rest))
}
