//! Ways in which octets are no UTF-8 (RFC 3629).

/// A way to spoil text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, arbitrary::Arbitrary)]
pub enum IllFormed {
    /// A continuation octet with nothing to continue.
    Stray,
    /// A slash in two octets.
    Overlong,
    /// U+D800.
    Surrogate,
    /// U+110000.
    TooHigh,
    /// An octet that is in no text.
    Never,
    /// A character without its last octet, at the end.
    Cut,
}

impl IllFormed {
    /// The octets, and which of them proves that they are no text: the number of them when only the end does.
    pub const fn octets(self) -> (&'static [u8], usize) {
        match self {
            Self::Stray => (b"\x80", 0),
            Self::Overlong => (b"\xC0\xAF", 0),
            Self::Surrogate => (b"\xED\xA0\x80", 1),
            Self::TooHigh => (b"\xF4\x90\x80\x80", 1),
            Self::Never => (b"\xFF", 0),
            Self::Cut => (b"\xE2\x82", 2),
        }
    }

    /// `text` spoiled near the octet `at`, between two characters; and the octet that proves it.
    pub fn spoil(self, text: &str, at: usize) -> (Vec<u8>, usize) {
        let mut place = match self {
            Self::Cut => text.len(),
            _ => at.min(text.len()),
        };
        while !text.is_char_boundary(place) {
            place -= 1;
        }
        let (octets, proof) = self.octets();
        let (front, back) = text.as_bytes().split_at(place);
        ([front, octets, back].concat(), place + proof)
    }
}

#[cfg(test)]
mod tests {
    use super::IllFormed;
    use crate::utf8::Validator;

    #[test]
    fn each_way_is_proved_where_it_says() {
        use IllFormed::{Cut, Never, Overlong, Stray, Surrogate, TooHigh};
        for way in [Stray, Overlong, Surrogate, TooHigh, Never, Cut] {
            for at in 0..9 {
                let (octets, proof) = way.spoil("aé€𝄞", at);
                let mut validator = Validator::new();
                let error = validator
                    .push(&octets)
                    .and_then(|()| validator.finish())
                    .unwrap_err();
                assert_eq!(error.at, proof as u64, "{way:?} at {at}");
            }
        }
    }
}
