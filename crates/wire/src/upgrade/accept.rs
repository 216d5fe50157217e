//! The key and the proof that the server read it (RFC 6455 sections 1.3 and 4.2.2).

use base64::engine::{Engine, general_purpose::STANDARD};
use sha1::{Digest, Sha1};

/// What the server appends to the key before the digest (RFC 6455 section 1.3).
pub const GUID: &[u8; 36] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` value for a key: base64 of SHA-1 over the key as it was sent and the GUID.
pub fn accept_for(key: &[u8]) -> [u8; 28] {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let mut accept = [0; 28];
    // 20 octets are always 28 in base64.
    let _ = STANDARD.encode_slice(digest, &mut accept);
    accept
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
