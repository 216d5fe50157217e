//! The body behind an HTTP response: skipped, so that what follows it can be told apart (RFC 9112 6).

use wsanvil_wire::http::{ResponseHead, list_elements, trim_ows};

/// How much of a body is still to come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing.
    #[default]
    Over,
    /// So many octets.
    Length(u64),
    /// Chunks.
    Chunked(Place),
    /// Everything up to the end of the connection.
    ToTheEnd,
}

/// Where a chunked body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the digits of a chunk size.
    Size(u64),
    /// Behind them, in extensions or the line end.
    Extension(u64),
    /// In the data of a chunk and the line end behind it.
    Data(u64),
    /// In the trailer section; whether the line has octets.
    Trailer(bool),
}

impl Body {
    /// The body that a final response announces.
    pub(super) fn of(head: &ResponseHead) -> Self {
        if matches!(head.status, 204 | 304) {
            return Self::Over;
        }
        if head.fields.get("Transfer-Encoding").is_some() {
            let last = head
                .fields
                .get_all("Transfer-Encoding")
                .flat_map(list_elements)
                .last();
            return match last {
                Some(coding) if trim_ows(coding).eq_ignore_ascii_case(b"chunked") => {
                    Self::Chunked(Place::Size(0))
                }
                _ => Self::ToTheEnd,
            };
        }
        let length = head
            .fields
            .get("Content-Length")
            .and_then(|value| std::str::from_utf8(trim_ows(value)).ok())
            .and_then(|value| value.parse().ok());
        match length {
            None => Self::ToTheEnd,
            Some(0) => Self::Over,
            Some(length) => Self::Length(length),
        }
    }

    /// Whether nothing more belongs to it.
    pub(super) fn is_over(self) -> bool {
        self == Self::Over
    }

    /// Takes the octets that belong to it; gives how many those are.
    pub(super) fn skip(&mut self, octets: &[u8]) -> usize {
        match self {
            Self::Over => 0,
            Self::ToTheEnd => octets.len(),
            Self::Length(left) => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(octets.len());
                *left -= taken as u64;
                if *left == 0 {
                    *self = Self::Over;
                }
                taken
            }
            Self::Chunked(_) => self.skip_chunks(octets),
        }
    }

    fn skip_chunks(&mut self, octets: &[u8]) -> usize {
        let mut taken = 0;
        while let (Self::Chunked(place), Some(octet)) = (*self, octets.get(taken)) {
            let mut step = 1;
            *self = match (place, octet) {
                (Place::Size(0) | Place::Extension(0) | Place::Trailer(true), b'\n') => {
                    Self::Chunked(Place::Trailer(false))
                }
                // The line end behind the data is counted with it.
                (Place::Size(size) | Place::Extension(size), b'\n') => {
                    Self::Chunked(Place::Data(size.saturating_add(2)))
                }
                (Place::Size(size), octet) => match char::from(*octet).to_digit(16) {
                    Some(digit) => match size.checked_mul(16) {
                        Some(size) => Self::Chunked(Place::Size(size + u64::from(digit))),
                        None => Self::ToTheEnd,
                    },
                    None => Self::Chunked(Place::Extension(size)),
                },
                (Place::Extension(_), _) | (Place::Trailer(_), b'\r') => *self,
                (Place::Data(left), _) => {
                    let rest = octets.len() - taken;
                    step = usize::try_from(left).unwrap_or(usize::MAX).min(rest);
                    match left - step as u64 {
                        0 => Self::Chunked(Place::Size(0)),
                        left => Self::Chunked(Place::Data(left)),
                    }
                }
                (Place::Trailer(false), b'\n') => Self::Over,
                (Place::Trailer(_), _) => Self::Chunked(Place::Trailer(true)),
            };
            taken += step;
        }
        match self {
            Self::ToTheEnd => octets.len(),
            _ => taken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_ends_at_its_own_end_however_it_is_cut() {
        let body = b"4;x=y\r\nWiki\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
        let mut octets = body.to_vec();
        octets.extend_from_slice(b"HTTP/1.1 400");
        for size in 1..octets.len() {
            let mut state = Body::Chunked(Place::Size(0));
            let mut taken = 0;
            for piece in octets.chunks(size) {
                let skipped = state.skip(piece);
                taken += skipped;
                if state.is_over() {
                    break;
                }
                assert_eq!(skipped, piece.len());
            }
            assert!(state.is_over());
            assert_eq!(taken, body.len());
        }
    }

    #[test]
    fn a_length_is_counted() {
        let mut body = Body::Length(5);
        assert_eq!(body.skip(b"abc"), 3);
        assert_eq!(body.skip(b"defgh"), 2);
        assert!(body.is_over());
        let mut body = Body::ToTheEnd;
        assert_eq!(body.skip(b"abc"), 3);
        assert!(!body.is_over());
    }
}
