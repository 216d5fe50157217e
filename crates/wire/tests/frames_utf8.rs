//! UTF-8: the classic categories of Kuhn's decoder stress test and of RFC 3629, at every split.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use wsanvil_wire::utf8::Validator;

/// Hex of one text per item.
const WELL_FORMED: &[&str] = &[
    "",
    // RFC 3629 section 7.
    "41 e2 89 a2 ce 91 2e",
    "ed 95 9c ea b5 ad ec 96 b4",
    "e6 97 a5 e6 9c ac e8 aa 9e",
    "ef bb bf f0 a3 8e b4",
    // 1: a Greek word.
    "ce ba e1 bd b9 cf 83 ce bc ce b5",
    // 2.1 and 2.2: first and last of each length.
    "00",
    "c2 80",
    "e0 a0 80",
    "f0 90 80 80",
    "7f",
    "df bf",
    "ef bf bf",
    // 2.3: other boundaries.
    "ed 9f bf",
    "ee 80 80",
    "ef bf bd",
    "f4 8f bf bf",
    // 5.3: non-characters are well-formed.
    "ef bf be",
    "f0 9f bf be",
    "f0 9f bf bf",
    "f0 af bf be",
    "f3 bf bf bf",
    "f4 8f bf be",
    // Specials, and the byte order mark first and inside.
    "ef bf b9 ef bf ba ef bf bb ef bf bc ef bf bd",
    "ef bb bf 41",
    "41 ef bb bf 41",
];

const ILL_FORMED: &[&str] = &[
    // RFC 3629 sections 3 and 10.
    "c0 80",
    "ed a1 8c ed be b4",
    "2f c0 ae 2e 2f",
    // 2.1 to 2.3: five and six octets, beyond U+10FFFF.
    "f8 88 80 80 80",
    "fc 84 80 80 80 80",
    "f7 bf bf bf",
    "fb bf bf bf bf",
    "fd bf bf bf bf bf",
    "f4 90 80 80",
    // 3.1: lone continuation octets.
    "80",
    "bf",
    "80 bf",
    "80 bf 80",
    "80 bf 80 bf",
    "80 bf 80 bf 80",
    "80 bf 80 bf 80 bf",
    "80 bf 80 bf 80 bf 80",
    // 3.2: lone start octets, each before a space.
    "c2 20",
    "df 20",
    "e0 20",
    "ef 20",
    "f0 20",
    "f4 20",
    "f8 20",
    "fc 20",
    // 3.3: last continuation octet missing.
    "c0",
    "e0 80",
    "f0 80 80",
    "f8 80 80 80",
    "fc 80 80 80 80",
    "df",
    "ef bf",
    "f7 bf bf",
    "fb bf bf bf",
    "fd bf bf bf bf",
    // 3.5: impossible octets.
    "fe",
    "ff",
    "fe fe ff ff",
    // 4.1 to 4.3: overlong forms.
    "c0 af",
    "e0 80 af",
    "f0 80 80 af",
    "f8 80 80 80 af",
    "fc 80 80 80 80 af",
    "c1 bf",
    "e0 9f bf",
    "f0 8f bf bf",
    "f8 87 bf bf bf",
    "fc 83 bf bf bf bf",
    "e0 80 80",
    "f0 80 80 80",
    // 5.1 and 5.2: surrogates, single and in pairs.
    "ed a0 80",
    "ed ad bf",
    "ed ae 80",
    "ed af bf",
    "ed b0 80",
    "ed be 80",
    "ed bf bf",
    "ed a0 80 ed b0 80",
    "ed ad bf ed bf bf",
];

fn octets(hex: &str) -> Vec<u8> {
    hex.split_whitespace()
        .map(|octet| u8::from_str_radix(octet, 16).unwrap())
        .collect()
}

fn accepts(chunks: &[&[u8]]) -> bool {
    let mut validator = Validator::new();
    chunks.iter().all(|chunk| validator.push(chunk).is_ok()) && validator.finish().is_ok()
}

#[test]
fn categories_hold_at_every_split() {
    for (list, expected) in [(WELL_FORMED, true), (ILL_FORMED, false)] {
        for hex in list {
            let text = octets(hex);
            for padding in [0, 61, 64, 200] {
                let padded = [vec![b'x'; padding], text.clone()].concat();
                for at in 0..=padded.len() {
                    let (a, b) = padded.split_at(at);
                    assert_eq!(accepts(&[a, b]), expected, "{hex} after {padding}, split at {at}");
                }
            }
        }
    }
}

#[test]
fn truncation_is_an_error_at_the_end() {
    for character in ["é", "€", "𝄞"] {
        let octets = character.as_bytes();
        for len in 1..octets.len() {
            assert!(!accepts(&[&octets[..len]]), "{character} cut to {len}");
            assert!(
                !accepts(&[&octets[..len], b""]),
                "{character} cut to {len}, empty last piece"
            );
        }
    }
}

#[test]
fn fail_fast_points_by_exhaustion_of_two_octets() {
    for first in 0..=0xFFu8 {
        let alone = Validator::new().push(&[first]);
        let begins_nothing = matches!(first, 0x80..=0xC1 | 0xF5..=0xFF);
        assert_eq!(alone.is_err(), begins_nothing, "{first:02x}");
        for second in 0..=0xFFu8 {
            let both = Validator::new().push(&[first, second]);
            let text = [first, second];
            let std = std::str::from_utf8(&text);
            let cut = matches!(std, Err(error) if error.error_len().is_none());
            assert_eq!(both.is_ok(), std.is_ok() || cut, "{first:02x} {second:02x}");
        }
    }
}
