//! Long messages out of few octets: what a compressor can find, and what it can not.

use arbitrary::{Result, Unstructured};

/// Octets of the longest message: more than the largest window.
pub(crate) const LONGEST: usize = 40 << 10;

/// A message built by small commands: octets as they stand, runs, references back, noise, rows, an earlier message.
///
/// References reach into `earlier`, all that was said before, so that a compressor that may look there can be seen to.
pub(crate) fn message(u: &mut Unstructured<'_>, earlier: &[u8]) -> Result<Vec<u8>> {
    let mut message = Vec::new();
    while message.len() < LONGEST && !u.is_empty() {
        let command: u8 = u.arbitrary()?;
        let small = usize::from(command >> 3) + 1;
        match command & 7 {
            0 | 1 => message.extend_from_slice(u.bytes(small.min(u.len()))?),
            2 => {
                let (octet, times): (u8, u8) = u.arbitrary()?;
                message.resize(message.len() + long(times), octet);
            }
            3 => {
                let (distance, length): (u16, u8) = u.arbitrary()?;
                refer(earlier, usize::from(distance) + 1, long(length), &mut message);
            }
            4 => {
                let (seed, length): (u8, u8) = u.arbitrary()?;
                noise(seed, long(length), &mut message);
            }
            5 => rows(small, &mut message),
            6 => message.extend_from_slice(&earlier[earlier.len().saturating_sub(small * 1024)..]),
            _ => break,
        }
    }
    message.truncate(LONGEST);
    Ok(message)
}

/// 1 to 32768: five bits and a power of two, so that short and long are equally likely.
fn long(octet: u8) -> usize {
    (usize::from(octet & 31) + 1) << [0, 1, 2, 3, 4, 6, 8, 10][usize::from(octet >> 5)]
}

/// Repeats what stands `distance` octets back, as DEFLATE would: the copy may overlap itself.
fn refer(earlier: &[u8], distance: usize, length: usize, message: &mut Vec<u8>) {
    for _ in 0..length {
        let octet = match message.len().checked_sub(distance) {
            Some(at) => message[at],
            None => match (earlier.len() + message.len()).checked_sub(distance) {
                Some(at) => earlier[at],
                None => return,
            },
        };
        message.push(octet);
    }
}

fn noise(seed: u8, length: usize, message: &mut Vec<u8>) {
    let mut state = u64::from(seed) + 1;
    for _ in 0..length {
        // Xorshift: enough that nothing compresses.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        message.push(state as u8);
    }
}

fn rows(count: usize, message: &mut Vec<u8>) {
    for row in 0..count {
        let text = format!(
            "{{\"id\":{row},\"name\":\"row {}\",\"ok\":{}}},",
            row * 7919,
            row % 3 == 0
        );
        message.extend_from_slice(text.as_bytes());
    }
}
