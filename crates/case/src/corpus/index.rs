//! Where the n-th code point of a UTF-8 text begins.

/// Code points between two entries of the index: a lookup walks over at most this many less one.
const STRIDE: usize = 256;

/// Octet offsets of every [`STRIDE`]-th code point; nothing at all where each octet is a code point.
#[derive(Debug)]
pub(super) struct CodePointIndex {
    marks: Vec<u32>,
    code_points: usize,
}

impl CodePointIndex {
    /// Indexes `text`, which is UTF-8.
    pub(super) fn of_text(text: &[u8]) -> Self {
        let mut marks = Vec::new();
        let mut code_points = 0;
        for (offset, octet) in text.iter().enumerate() {
            if starts_code_point(*octet) {
                if code_points % STRIDE == 0 {
                    marks.push(offset as u32);
                }
                code_points += 1;
            }
        }
        if code_points == text.len() {
            marks = Vec::new();
        }
        Self { marks, code_points }
    }

    /// Every octet of `data` counts as one code point.
    pub(super) fn of_octets(data: &[u8]) -> Self {
        Self {
            marks: Vec::new(),
            code_points: data.len(),
        }
    }

    pub(super) fn code_points(&self) -> usize {
        self.code_points
    }

    /// Octet offset at which code point `place` of `text` begins; the length of `text` from the last one on.
    pub(super) fn offset(&self, text: &[u8], place: usize) -> usize {
        if place >= self.code_points {
            return text.len();
        }
        let Some(mark) = self.marks.get(place / STRIDE) else {
            return place;
        };
        let from = *mark as usize;
        let walk = text[from..]
            .iter()
            .enumerate()
            .filter(|(_, octet)| starts_code_point(**octet));
        walk.map(|(step, _)| from + step)
            .nth(place % STRIDE)
            .unwrap_or(text.len())
    }
}

/// False for 80..BF, the continuation octets (RFC 3629 section 3).
fn starts_code_point(octet: u8) -> bool {
    octet & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_char_indices() {
        let text = "aß€😀".repeat(300);
        let index = CodePointIndex::of_text(text.as_bytes());
        assert_eq!(index.code_points(), 1200);
        for (place, (offset, _)) in text.char_indices().enumerate() {
            assert_eq!(index.offset(text.as_bytes(), place), offset);
        }
        assert_eq!(index.offset(text.as_bytes(), 1200), text.len());
    }

    #[test]
    fn ascii_needs_no_marks() {
        let index = CodePointIndex::of_text(&[b'a'; 1000]);
        assert!(index.marks.is_empty());
        assert_eq!(index.offset(&[b'a'; 1000], 777), 777);
    }
}
