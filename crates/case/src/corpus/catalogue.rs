//! Which corpora there are, and how a payload is cut out of one.

use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};

use super::index::CodePointIndex;
use super::{document, image, json, page, verse};

/// A payload text or octet string of fixed content, named in a case by `corpus = "…"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Corpus {
    /// Pretty-printed JSON, ASCII, 194 056 octets; repeats within a few hundred octets.
    Json,
    /// An 8-bit greyscale bitmap, 263 222 octets; noise-like, hardly compressible. Not text.
    Image,
    /// Rhymed verse, UTF-8 with a byte order mark, 222 218 octets, 219 371 code points.
    Verse,
    /// An HTML table, 263 647 octets, 263 620 code points; repeats farther apart than 512 octets.
    Page,
    /// A PDF-like mix of compressed streams and plain objects, 1 042 328 octets. Not text.
    Document,
}

/// What `at` and `len` of a slice count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Unit {
    /// Octets; a text may be cut inside a character.
    #[default]
    Octet,
    /// Unicode code points, so that every slice of a text is valid UTF-8 (RFC 3629). In a corpus that is not
    /// text each octet counts as one.
    Char,
}

/// A corpus that has been made.
struct Edition {
    data: Bytes,
    index: CodePointIndex,
}

impl Corpus {
    /// All of them, in the order of their names in Autobahn's sections 12.1 to 12.5.
    pub const ALL: [Self; 5] = [Self::Json, Self::Image, Self::Verse, Self::Page, Self::Document];

    /// The corpus of that name, or nothing.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|corpus| corpus.name() == name)
    }

    /// The name in case files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Image => "image",
            Self::Verse => "verse",
            Self::Page => "page",
            Self::Document => "document",
        }
    }

    /// True when the whole corpus is valid UTF-8 and may be sent as Text (RFC 6455 section 5.6).
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Json | Self::Verse | Self::Page)
    }

    /// The whole corpus; made at the first call, some ten milliseconds, and kept.
    pub fn bytes(self) -> &'static Bytes {
        &self.edition().data
    }

    /// Length in code points; in octets for a corpus that is not text.
    pub fn code_points(self) -> u64 {
        self.edition().index.code_points() as u64
    }

    /// `len` units from unit `at` on. Both wrap around the end of the corpus as often as needed; a slice that
    /// stays inside shares the memory of the corpus.
    pub fn slice(self, unit: Unit, at: u64, len: u64) -> Bytes {
        let Edition { data, index } = self.edition();
        let (total, octet_at): (u64, &dyn Fn(u64) -> usize) = match unit {
            Unit::Octet => (data.len() as u64, &|place| place as usize),
            Unit::Char => (index.code_points() as u64, &|place| {
                index.offset(data, place as usize)
            }),
        };
        let begin = at % total;
        if let Some(end) = begin.checked_add(len).filter(|end| *end <= total) {
            return data.slice(octet_at(begin)..octet_at(end));
        }
        let rest = len - (total - begin);
        let last = octet_at(rest % total);
        let mut joined = BytesMut::with_capacity(data.len() - octet_at(begin) + last);
        joined.extend_from_slice(&data[octet_at(begin)..]);
        for _ in 0..rest / total {
            joined.extend_from_slice(data);
        }
        joined.extend_from_slice(&data[..last]);
        joined.freeze()
    }

    fn edition(self) -> &'static Edition {
        static JSON: OnceLock<Edition> = OnceLock::new();
        static IMAGE: OnceLock<Edition> = OnceLock::new();
        static VERSE: OnceLock<Edition> = OnceLock::new();
        static PAGE: OnceLock<Edition> = OnceLock::new();
        static DOCUMENT: OnceLock<Edition> = OnceLock::new();
        let (slot, make): (_, fn() -> Vec<u8>) = match self {
            Self::Json => (&JSON, json::make),
            Self::Image => (&IMAGE, image::make),
            Self::Verse => (&VERSE, verse::make),
            Self::Page => (&PAGE, page::make),
            Self::Document => (&DOCUMENT, document::make),
        };
        slot.get_or_init(|| {
            let data = make();
            let index = if self.is_text() {
                CodePointIndex::of_text(&data)
            } else {
                CodePointIndex::of_octets(&data)
            };
            Edition {
                data: Bytes::from(data),
                index,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_inside_shares_memory_and_one_over_the_end_wraps() {
        let whole = Corpus::Json.bytes();
        let inside = Corpus::Json.slice(Unit::Octet, 100, 50);
        assert_eq!(inside, whole[100..150]);
        assert_eq!(inside.as_ptr(), whole[100..].as_ptr());

        let total = whole.len() as u64;
        let wrapped = Corpus::Json.slice(Unit::Octet, total - 3, 10);
        assert_eq!(wrapped, [&whole[whole.len() - 3..], &whole[..7]].concat());
        assert_eq!(Corpus::Json.slice(Unit::Octet, 5 * total + 2, 4), whole[2..6]);
        assert_eq!(
            Corpus::Json.slice(Unit::Octet, 1, 2 * total).len(),
            2 * whole.len()
        );
    }

    #[test]
    fn slices_in_code_points_are_those_of_chars() {
        for corpus in [Corpus::Verse, Corpus::Page] {
            let chars: Vec<char> = std::str::from_utf8(corpus.bytes()).unwrap().chars().collect();
            let total = chars.len();
            for (at, len) in [
                (0, 0),
                (0, 1),
                (0, 300),
                (255, 2),
                (100_000, 4096),
                (total - 5, 11),
                (3, total),
            ] {
                let expected: String = chars.iter().cycle().skip(at).take(len).collect();
                assert_eq!(
                    corpus.slice(Unit::Char, at as u64, len as u64),
                    expected,
                    "{corpus:?} {at} {len}"
                );
            }
        }
    }

    #[test]
    fn names_lead_back_to_the_corpus() {
        for corpus in Corpus::ALL {
            assert_eq!(Corpus::from_name(corpus.name()), Some(corpus));
        }
        assert_eq!(Corpus::from_name("JSON"), None);
    }
}
