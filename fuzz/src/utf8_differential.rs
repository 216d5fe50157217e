//! The validator says what the standard library and simdutf8 say, at any cut, and names the octet that proves it.

use wsanvil_wire::utf8::{self, Utf8Error, Validator};

use crate::chunking::{head, pieces};

/// Octet 0: cuts; then the text.
pub fn check(data: &[u8]) {
    let Some(([how], text)) = head(data) else {
        return;
    };
    let expected = by_std(text);
    simdutf8_agrees(text);
    assert_eq!(utf8::from_utf8(text).map(str::as_bytes), expected.map(|()| text));
    let mut validator = Validator::new();
    for chunks in [vec![text.to_vec()], pieces(text, how), pieces(text, 0)] {
        let pushed = chunks.iter().try_for_each(|chunk| validator.push(chunk));
        let outcome = pushed.and_then(|()| validator.finish());
        assert_eq!(outcome, expected);
        if let Err(error) = expected {
            // It stands until the reset, wherever the cut was.
            assert_eq!(validator.push(b"a"), Err(error));
            assert_eq!(validator.finish(), Err(error));
            assert!(error.valid_up_to <= error.at && error.at <= text.len() as u64);
            validator.reset();
        }
        assert_eq!(validator.offset(), 0);
    }
}

/// Whether simdutf8, which we use as well, says what the standard library says: that, how far, and how long the fault.
fn simdutf8_agrees(text: &[u8]) {
    let expected = std::str::from_utf8(text).map_err(|error| (error.valid_up_to(), error.error_len()));
    let exact = simdutf8::compat::from_utf8(text).map_err(|error| (error.valid_up_to(), error.error_len()));
    assert_eq!(exact, expected);
    assert_eq!(simdutf8::basic::from_utf8(text).ok(), expected.ok());
}

fn by_std(text: &[u8]) -> Result<(), Utf8Error> {
    let Err(error) = std::str::from_utf8(text) else {
        return Ok(());
    };
    let start = error.valid_up_to();
    let proof = match error.error_len() {
        None => text.len(),
        // An octet that begins nothing proves it itself; else the one behind the longest good prefix does.
        Some(_) if matches!(text[start], 0x80..=0xC1 | 0xF5..=0xFF) => start,
        Some(prefix) => start + prefix,
    };
    Err(Utf8Error {
        valid_up_to: start as u64,
        at: proof as u64,
    })
}

/// First and last of each row of Unicode table 3-7, and their neighbours.
pub fn seeds() -> Vec<Vec<u8>> {
    let edges: [&[u8]; 16] = [
        b"\x00\x7f",
        b"\xc2\x80\xdf\xbf",
        b"\xc1\xbf",
        b"\xe0\xa0\x80",
        b"\xe0\x9f\xbf",
        b"\xed\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xee\x80\x80\xef\xbf\xbf",
        b"\xf0\x90\x80\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf0\x9f\x91",
        b"\xfe\xff",
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
    ];
    let mut seeds = Vec::new();
    for edge in edges {
        // Short ones go octet by octet, long ones through the vectors.
        for filler in [0, 61, 130] {
            let mut seed = vec![filler as u8 | 2];
            seed.extend(vec![b'a'; filler]);
            seed.extend_from_slice(edge);
            seeds.push(seed);
        }
    }
    seeds
}
