//! UTF-8 validation with holes.

use crate::{Defect, Defects};

/// Octets that are validated when only the beginning is.
const BEGINNING: u64 = 1024;

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
        if self.defects.has(Defect::NoUtf8) {
            return true;
        }
        if !self.defects.has(Defect::Utf8OnlyBeginning) {
            return octets.iter().all(|octet| self.step(*octet));
        }
        let room = usize::try_from(BEGINNING.saturating_sub(self.offset)).unwrap_or(0);
        let seen = octets.get(..room).unwrap_or(octets);
        seen.iter().all(|octet| self.step(*octet))
    }

    /// Whether no character is unfinished.
    pub(super) const fn is_complete(&self) -> bool {
        self.need == 0
            || self.defects.has(Defect::NoUtf8)
            || (self.defects.has(Defect::Utf8OnlyBeginning) && self.offset >= BEGINNING)
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
            (self.low, self.high) = self.continuation();
        } else {
            let Some(begun) = self.first(octet) else {
                return false;
            };
            (self.need, self.low, self.high) = begun;
            self.low -= u8::from(self.defects.has(Defect::Utf8Continuation7f));
            if self.defects.has(Defect::Utf8ContinuationTopBit) {
                self.high = 0xFF;
            }
        }
        self.offset += 1;
        true
    }

    /// Bounds of the continuation octets behind the first.
    const fn continuation(&self) -> (u8, u8) {
        if self.defects.has(Defect::Utf8FirstContinuationOnly) {
            (0x00, 0xFF)
        } else if self.defects.has(Defect::Utf8ContinuationTopBit) {
            (0x80, 0xFF)
        } else if self.defects.has(Defect::Utf8Continuation7f) {
            (0x7F, 0xBF)
        } else {
            (0x80, 0xBF)
        }
    }

    fn first(&self, octet: u8) -> Option<(u8, u8, u8)> {
        let any = |list: &[Defect]| list.iter().any(|defect| self.defects.has(*defect));
        let overlong = |form| any(&[Defect::Utf8AcceptsOverlong, form]);
        let beyond = |form| any(&[Defect::Utf8AcceptsBeyond, form]);
        let after_ed = if any(&[Defect::Utf8AcceptsSurrogates]) {
            0xBF
        } else if any(&[Defect::Utf8AcceptsHighSurrogates]) {
            0xAF
        } else {
            0x9F
        };
        Some(match octet {
            0x00 if any(&[Defect::Utf8RejectsNul]) => return None,
            0x00..=0x1F if !matches!(octet, b'\t' | b'\n' | b'\r') && any(&[Defect::Utf8RejectsControls]) => {
                return None;
            }
            0xED if any(&[Defect::Utf8RejectsEd]) => return None,
            0xF0..=0xF4 if any(&[Defect::Utf8BmpOnly]) => return None,
            0xF4 if any(&[Defect::Utf8RejectsF4]) => return None,
            0x00..=0x7F => (0, 0x80, 0xBF),
            0x80..=0xBF if any(&[Defect::Utf8StrayContinuation]) => (0, 0x80, 0xBF),
            0xC0..=0xC1 if overlong(Defect::Utf8AcceptsC0) => (1, 0x80, 0xBF),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 if overlong(Defect::Utf8AcceptsOverlong3) => (2, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, after_ed),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 if overlong(Defect::Utf8AcceptsOverlong4) => (3, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 if beyond(Defect::Utf8AcceptsF4Beyond) => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            0xF5..=0xF7 if beyond(Defect::Utf8AcceptsF5) => (3, 0x80, 0xBF),
            0xF8..=0xFB if beyond(Defect::Utf8AcceptsLongForms) => (4, 0x80, 0xBF),
            0xFC..=0xFD if beyond(Defect::Utf8AcceptsLongForms) => (5, 0x80, 0xBF),
            _ => return None,
        })
    }
}

/// Octets in a block of the validators that work by blocks.
const BLOCK: usize = 16;

/// What a validator of whole messages that works by blocks leaves to be looked at; `None`: the defects have none.
pub(super) fn by_blocks(defects: Defects, text: &[u8]) -> Option<bool> {
    if defects.has(Defect::Utf8SkipsTail) {
        let whole = text.len() / BLOCK * BLOCK;
        let blocks = text.get(..whole).unwrap_or_default();
        // A character may be cut by the end of what is looked at.
        Some(!matches!(std::str::from_utf8(blocks), Err(error) if error.error_len().is_some()))
    } else if defects.has(Defect::Utf8BlocksApart) {
        Some(text.chunks(BLOCK).all(is_part))
    } else if defects.has(Defect::Utf8SkipsWords) {
        let words = text.chunks(8).filter(|word| !word[0].is_ascii());
        Some(std::str::from_utf8(&words.collect::<Vec<_>>().concat()).is_ok())
    } else {
        None
    }
}

/// Whether a block is well-formed but for the ends.
fn is_part(block: &[u8]) -> bool {
    let start = block
        .iter()
        .take(3)
        .take_while(|octet| matches!(octet, 0x80..=0xBF))
        .count();
    let inside = block.get(start..).unwrap_or_default();
    !matches!(std::str::from_utf8(inside), Err(error) if error.error_len().is_some())
}

/// Whether `text` holds a non-character (U+FDD0 to U+FDEF and the last two of each plane).
pub(super) fn has_noncharacter(text: &[u8]) -> bool {
    let is_one = |c: char| matches!(c as u32, 0xFDD0..=0xFDEF) || c as u32 & 0xFFFE == 0xFFFE;
    std::str::from_utf8(text).is_ok_and(|text| text.chars().any(is_one))
}
