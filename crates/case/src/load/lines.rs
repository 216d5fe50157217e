//! From octet offsets to lines and columns.

use std::ops::Range;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, octet)| *octet == b'\n');
        Self {
            starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect(),
        }
    }

    /// Line of an offset, 1-based.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// The octets of a line, 1-based, without its end.
    pub(crate) fn span(&self, line: u32) -> Range<usize> {
        let index = (line as usize).clamp(1, self.starts.len()) - 1;
        let start = self.starts[index];
        let end = self.starts.get(index + 1).map_or(start, |next| next - 1);
        start..end.max(start)
    }

    /// Line and column (in characters) of an offset, both 1-based.
    pub(crate) fn place(&self, text: &str, offset: usize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let before = text.get(start..offset).unwrap_or_default();
        let column = before.chars().count() + 1;
        (line, u32::try_from(column).unwrap_or(u32::MAX))
    }
}
