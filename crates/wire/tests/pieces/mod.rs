//! Inputs cut in pieces, as a transport may hand them over.

/// `octets` cut at these places, each taken modulo the length; a place named twice gives an empty piece.
pub(crate) fn cut(octets: &[u8], mut places: Vec<usize>) -> Vec<Vec<u8>> {
    for place in &mut places {
        *place %= octets.len() + 1;
    }
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut start = 0;
    for place in places.into_iter().chain([octets.len()]) {
        pieces.push(octets[start..place].to_vec());
        start = place;
    }
    pieces
}

/// Each octet alone.
pub(crate) fn single(octets: &[u8]) -> Vec<Vec<u8>> {
    octets.iter().map(|octet| vec![*octet]).collect()
}
