//! The proof that the server read the key (RFC 6455 section 4.2.2), against SHA-1 and base64 by the book.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use proptest::prelude::*;
use wsanvil_wire::http::parse_response;
use wsanvil_wire::upgrade::{
    Agreed, GUID, Offered, ResponseSpec, accept_for, check_response, key_from_nonce,
    write_switching_protocols,
};

/// SHA-1 as FIPS 180-4 section 6.1 writes it down.
#[expect(clippy::many_single_char_names, reason = "the names of the standard")]
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    let mut hash: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    for block in padded.chunks(64) {
        let mut words: Vec<u32> = block
            .chunks(4)
            .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
            .collect();
        for t in 16..80 {
            words.push((words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = hash;
        for (t, word) in words.iter().enumerate() {
            let (f, k) = match t {
                0..20 => (b & c | !b & d, 0x5A82_7999),
                20..40 => (b ^ c ^ d, 0x6ED9_EBA1),
                40..60 => (b & c | b & d | c & d, 0x8F1B_BCDC),
                _ => (b ^ c ^ d, 0xCA62_C1D6),
            };
            let sum = [f, e, k, *word]
                .iter()
                .fold(a.rotate_left(5), |sum, part| sum.wrapping_add(*part));
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, sum);
        }
        for (part, more) in hash.iter_mut().zip([a, b, c, d, e]) {
            *part = part.wrapping_add(more);
        }
    }
    let mut digest = [0; 20];
    for (place, part) in digest.chunks_mut(4).zip(hash) {
        place.copy_from_slice(&part.to_be_bytes());
    }
    digest
}

/// Base64 as RFC 4648 section 4 draws it: six bits a symbol, padded to four symbols.
fn base64(octets: &[u8]) -> Vec<u8> {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for group in octets.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(group.get(at).copied().unwrap_or(0))
        });
        for symbol in 0..4 {
            text.push(if symbol <= group.len() {
                SYMBOLS[bits >> (18 - 6 * symbol) & 63]
            } else {
                b'='
            });
        }
    }
    text
}

#[test]
fn the_second_opinion_knows_the_published_digest() {
    // FIPS 180-4, the example of RFC 3174 section 7.3, and RFC 4648 section 10.
    assert_eq!(base64(&sha1(b"abc")), b"qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    assert_eq!(base64(b"fooba"), b"Zm9vYmE=");
}

proptest! {
    #[test]
    fn key_and_accept_are_by_the_book(nonce: [u8; 16]) {
        let key = key_from_nonce(nonce);
        prop_assert_eq!(&key[..], &base64(&nonce)[..]);
        let expected = base64(&sha1(&[&key[..], GUID].concat()));
        prop_assert_eq!(&accept_for(&key)[..], &expected[..]);
    }

    #[test]
    fn a_key_of_any_length_is_proved(key in prop::collection::vec(any::<u8>(), 0..100)) {
        let expected = base64(&sha1(&[&key[..], GUID].concat()));
        prop_assert_eq!(&accept_for(&key)[..], &expected[..]);
    }

    #[test]
    fn the_short_way_to_answer_opens_the_connection(nonce: [u8; 16], protocol in prop::option::of("[a-z.]{1,12}"), deflate: bool) {
        let key = key_from_nonce(nonce);
        let extensions = deflate.then_some("permessage-deflate; server_max_window_bits=10");
        let mut octets = Vec::new();
        write_switching_protocols(&accept_for(&key), protocol.as_deref(), extensions, &mut octets);
        let mut spec = ResponseSpec::switching_protocols(accept_for(&key));
        if let Some(protocol) = &protocol {
            spec.add("Sec-WebSocket-Protocol", protocol);
        }
        if let Some(extensions) = extensions {
            spec.add("Sec-WebSocket-Extensions", extensions);
        }
        prop_assert_eq!(&spec.write(), &octets);
        let offer = wsanvil_wire::extension::parse_list(b"permessage-deflate").unwrap();
        let protocols: Vec<String> = protocol.clone().into_iter().collect();
        let head = parse_response(&octets, 1 << 12).unwrap().unwrap();
        let offered = Offered { key: &key, protocols: &protocols, extensions: &offer };
        let Agreed { protocol: agreed, deflate: parameters, .. } = check_response(&head, &offered).unwrap();
        prop_assert_eq!(agreed, protocol);
        prop_assert_eq!(parameters.map(|parameters| parameters.server_window), deflate.then_some(10));
    }
}
