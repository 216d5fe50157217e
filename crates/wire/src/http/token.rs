//! Tokens, optional whitespace and comma lists (RFC 9110 section 5.6).

/// One flag per octet: is it a `tchar`?
const TCHAR: [bool; 256] = tchar_table();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, where a panic is a build error"
)]
const fn tchar_table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut octet = 0_u8;
    while octet < 0x7F {
        let symbol = matches!(
            octet,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        );
        table[octet as usize] = octet.is_ascii_alphanumeric() || symbol;
        octet += 1;
    }
    table
}

/// Is the octet a `tchar` (RFC 9110 section 5.6.2)?
#[inline]
pub(crate) fn is_tchar(octet: u8) -> bool {
    TCHAR.get(usize::from(octet)).copied().unwrap_or(false)
}

/// Is the whole slice a token: one or more `tchar` (RFC 9110 section 5.6.2)?
pub fn is_token(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().all(|&octet| is_tchar(octet))
}

/// The slice without leading and trailing spaces and tabs (RFC 9110 section 5.6.3).
#[inline]
pub fn trim_ows(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = octets {
        octets = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// The elements of a comma list, trimmed, empty ones left out as a recipient has to
/// (RFC 9110 section 5.6.1.2). For lists whose elements hold no quoted strings.
pub fn list_elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|&octet| octet == b',')
        .map(trim_ows)
        .filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{is_token, list_elements, trim_ows};

    #[test]
    fn tokens_are_tchar_only() {
        assert!(is_token(b"abc.DEF-0123!#$%&'*+^_`|~"));
        for bad in [
            &b""[..],
            b"a b",
            b"a,b",
            b"a;b",
            b"\"a\"",
            b"a/b",
            b"a\x7F",
            b"\xE4",
            b"a=b",
            b"(a)",
        ] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }

    #[test]
    fn lists_skip_empty_elements_and_whitespace() {
        let elements: Vec<_> = list_elements(b" ,a ,\t, b,").collect();
        assert_eq!(elements, [b"a", b"b"]);
        assert_eq!(trim_ows(b" \t "), b"");
        assert_eq!(trim_ows(b"\t a b "), b"a b");
    }
}
