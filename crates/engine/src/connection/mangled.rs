//! Pongs that were made from a Ping and are not its data.

use std::collections::BTreeSet;

/// Octets of a Ping from which on a likeness is no accident.
const LEAST: usize = 6;

/// Whether `answer` is the application data of `ping`, spoilt: cut, with something behind it, or with a few octets changed.
/// A Pong that nobody asked for may hold anything, so the two must have most of their octets in common, and an empty Pong
/// shows nothing.
pub(super) fn is_mangled(ping: &[u8], answer: &[u8]) -> bool {
    if ping.len() < LEAST || ping == answer {
        return false;
    }
    // A run of one octet or two is common, and a counter begins with zeros.
    let plain = ping.iter().collect::<BTreeSet<_>>().len() < 3;
    if plain && answer.len() * 4 < ping.len() * 3 {
        return false;
    }
    let pairs = || ping.iter().zip(answer);
    let same = pairs().filter(|(one, other)| one == other).count();
    let begun = pairs().take_while(|(one, other)| one == other).count();
    let cut = answer.len() < ping.len() && answer.len() >= LEAST && begun == answer.len();
    let padded = answer.len() > ping.len() && begun == ping.len();
    let changed = !plain && answer.len() == ping.len() && same * 4 >= ping.len() * 3;
    cut || padded || changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_of_the_ping_is_known() {
        let ping = b"ping number 12";
        assert!(is_mangled(ping, b"ping number 1"), "cut");
        assert!(is_mangled(ping, b"ping number 12\0"), "padded");
        assert!(is_mangled(ping, b"qing number 12"), "one octet changed");
        assert!(is_mangled(&[b'a'; 125], &[b'a'; 124]), "one octet short");
    }

    #[test]
    fn what_may_be_a_heartbeat_is_not() {
        let ping = b"abcdefgh";
        for answer in [
            &b""[..],
            b"abcdefgh",
            b"heartbeat",
            b"abcd",
            b"ababcdef",
            b"1700000000",
        ] {
            assert!(!is_mangled(ping, answer), "{answer:?}");
        }
        assert!(!is_mangled(b"short", b"shor"), "too short to tell");
        assert!(!is_mangled(&[0; 125], &[0; 8]), "a counter at its start");
        assert!(!is_mangled(&[0; 8], &[0, 0, 0, 0, 0, 0, 1, 2]), "a counter");
    }
}
