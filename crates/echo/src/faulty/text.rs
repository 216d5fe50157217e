//! UTF-8 validation with holes.

use crate::{Defect, Defects};

/// Follows one text message by the ranges of Unicode table 3-7, as far as the defects leave them.
#[derive(Debug, Clone)]
pub(super) struct Text {
    defects: Defects,
    /// Continuation octets still to come, and bounds of the next one.
    need: u8,
    low: u8,
    high: u8,
    offset: u64,
}

impl Text {
    pub(super) const fn new(defects: Defects) -> Self {
        Self {
            defects,
            need: 0,
            low: 0x80,
            high: 0xBF,
            offset: 0,
        }
    }

    pub(super) const fn reset(&mut self) {
        self.need = 0;
        self.offset = 0;
    }

    /// Takes octets; `false` at the first that cannot stand there.
    pub(super) fn push(&mut self, octets: &[u8]) -> bool {
        self.defects.has(Defect::NoUtf8) || octets.iter().all(|octet| self.step(*octet))
    }

    /// Whether no character is unfinished.
    pub(super) const fn is_complete(&self) -> bool {
        self.need == 0 || self.defects.has(Defect::NoUtf8)
    }

    /// Octets taken, up to the wrong one when there is one.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    fn step(&mut self, octet: u8) -> bool {
        if self.need > 0 {
            if !(self.low..=self.high).contains(&octet) {
                return false;
            }
            self.need -= 1;
            (self.low, self.high) = (0x80, 0xBF);
        } else {
            let Some(begun) = self.first(octet) else {
                return false;
            };
            (self.need, self.low, self.high) = begun;
        }
        self.offset += 1;
        true
    }

    fn first(&self, octet: u8) -> Option<(u8, u8, u8)> {
        let overlong = self.defects.has(Defect::Utf8AcceptsOverlong);
        let beyond = self.defects.has(Defect::Utf8AcceptsBeyond);
        let surrogates = self.defects.has(Defect::Utf8AcceptsSurrogates);
        Some(match octet {
            0x00..=0x7F => (0, 0x80, 0xBF),
            0xC0..=0xC1 if overlong => (1, 0x80, 0xBF),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, if overlong { 0x80 } else { 0xA0 }, 0xBF),
            0xED => (2, 0x80, if surrogates { 0xBF } else { 0x9F }),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, if overlong { 0x80 } else { 0x90 }, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, if beyond { 0xBF } else { 0x8F }),
            0xF5..=0xF7 if beyond => (3, 0x80, 0xBF),
            0xF8..=0xFB if beyond => (4, 0x80, 0xBF),
            0xFC..=0xFD if beyond => (5, 0x80, 0xBF),
            _ => return None,
        })
    }
}

/// Whether `text` holds a non-character (U+FDD0 to U+FDEF and the last two of each plane).
pub(super) fn has_noncharacter(text: &[u8]) -> bool {
    let is_one = |c: char| matches!(c as u32, 0xFDD0..=0xFDEF) || c as u32 & 0xFFFE == 0xFFFE;
    std::str::from_utf8(text).is_ok_and(|text| text.chars().any(is_one))
}
