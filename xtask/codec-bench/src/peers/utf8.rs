//! Validators of UTF-8 that need help to follow a text in chunks.

/// Validates a text in chunks with a validator of whole texts. A character that the edge cuts is carried over.
pub fn carried<'a>(chunks: impl Iterator<Item = &'a [u8]>, validate: impl Fn(&[u8]) -> bool) -> bool {
    let mut held = [0_u8; 4];
    let mut have = 0;
    for mut chunk in chunks {
        if have > 0 {
            let more = (width(held[0]) - have).min(chunk.len());
            let (taken, rest) = chunk.split_at(more);
            held[have..have + more].copy_from_slice(taken);
            have += more;
            chunk = rest;
            if have < width(held[0]) {
                continue;
            }
            if !validate(&held[..have]) {
                return false;
            }
        }
        let (complete, tail) = chunk.split_at(chunk.len() - cut(chunk));
        if !validate(complete) {
            return false;
        }
        held[..tail.len()].copy_from_slice(tail);
        have = tail.len();
    }
    have == 0
}

/// Octets of the character that begins with `first`.
fn width(first: u8) -> usize {
    match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    }
}

/// Octets at the end of the chunk that belong to a character which is not all there.
fn cut(chunk: &[u8]) -> usize {
    let ends = chunk.iter().rev().take(3).zip(1..);
    let begun = ends
        .map(|(&octet, back)| (octet, back))
        .find(|(octet, _)| *octet >= 0xC0);
    match begun {
        Some((first, back)) if width(first) > back => back,
        _ => 0,
    }
}

/// Validates a text in chunks with the incremental decoder of the crate `utf-8`, which is used as
/// tungstenite and fastwebsockets use it: what is incomplete goes on with the next chunk.
pub fn incremental<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut incomplete = utf8::Incomplete::empty();
    for mut chunk in chunks {
        if !incomplete.is_empty() {
            match incomplete.try_complete(chunk) {
                None => continue,
                Some((Err(_), _)) => return false,
                Some((Ok(_), rest)) => chunk = rest,
            }
        }
        match utf8::decode(chunk) {
            Ok(_) => {}
            Err(utf8::DecodeError::Incomplete {
                incomplete_suffix, ..
            }) => incomplete = incomplete_suffix,
            Err(utf8::DecodeError::Invalid { .. }) => return false,
        }
    }
    incomplete.is_empty()
}
