//! The key and the proof that the server read it (RFC 6455 sections 1.3 and 4.2.2).

use base64::engine::{Engine, general_purpose::STANDARD};
use sha1::{Digest, Sha1};

/// What the server appends to the key before the digest (RFC 6455 section 1.3).
pub const GUID: &[u8; 36] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` value for a key: base64 of SHA-1 over the key as it was sent and the GUID.
pub fn accept_for(key: &[u8]) -> [u8; 28] {
    let digest = match <&[u8; 24]>::try_from(key) {
        Ok(key) => digest_of_legal_key(key),
        Err(_) => Sha1::new().chain_update(key).chain_update(GUID).finalize().into(),
    };
    let mut accept = [0; 28];
    // 20 octets are always 28 in base64.
    let _ = STANDARD.encode_slice(digest, &mut accept);
    accept
}

/// SHA-1 of key and GUID laid out as the two blocks they are, padding and length included (FIPS 180-4 section 5.1.1):
/// nothing is buffered.
fn digest_of_legal_key(key: &[u8; 24]) -> [u8; 20] {
    const LEN: usize = 24 + GUID.len();
    /// FIPS 180-4 section 5.3.1.
    const INITIAL: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    let mut blocks = [[0; 64]; 2];
    let octets = blocks.as_flattened_mut();
    if let Some(length) = octets.last_chunk_mut::<8>() {
        *length = (LEN as u64 * 8).to_be_bytes();
    }
    if let Some((slot, rest)) = octets.split_first_chunk_mut::<24>() {
        *slot = *key;
        if let Some((slot, rest)) = rest.split_first_chunk_mut::<{ GUID.len() }>() {
            *slot = *GUID;
            if let Some(padding) = rest.first_mut() {
                *padding = 0x80;
            }
        }
    }
    let mut state = INITIAL;
    sha1::block_api::compress(&mut state, &blocks);
    let mut digest = [0; 20];
    for (slot, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *slot = word.to_be_bytes();
    }
    digest
}

/// The `Sec-WebSocket-Key` value of a nonce (RFC 6455 section 4.1, item 7).
pub fn key_from_nonce(nonce: [u8; 16]) -> [u8; 24] {
    let mut key = [0; 24];
    // 16 octets are always 24 in base64.
    let _ = STANDARD.encode_slice(nonce, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::{accept_for, key_from_nonce};

    #[test]
    fn published_values() {
        assert_eq!(&key_from_nonce(*b"the sample nonce"), b"dGhlIHNhbXBsZSBub25jZQ==");
        let counted = std::array::from_fn(|index| u8::try_from(index).unwrap() + 1);
        // Errata 3150 corrects the key that RFC 6455 section 4.1 prints for these octets.
        assert_eq!(&key_from_nonce(counted), b"AQIDBAUGBwgJCgsMDQ4PEA==");
        for (key, accept) in [
            (b"dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            (b"AQIDBAUGBwgJCgsMDQ4PEA==", b"C/0nmHhBztSRGR1CwL6Tf4ZjwpY="),
            (b"AQIDBAUGBwgJCgsMDQ4PEC==", b"OfS0wDaT5NoxF2gqm7Zj2YtetzM="),
        ] {
            assert_eq!(&accept_for(key), accept);
        }
    }
}
