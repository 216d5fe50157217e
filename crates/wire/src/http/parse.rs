//! The one-pass parser behind both kinds of head. It works line by line, so that it can go on where the
//! octets ended, and in order, so that the fault it names does not depend on how they were cut.

use super::error::HeadError;
use super::fields::{FieldSpan, Span};
use super::token::is_tchar;

/// Which start line the head begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request line.
    Request,
    /// A status line.
    Response,
}

/// What the start line says. A request has method and target, a response a reason in `second`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StartLine {
    pub(crate) first: Span,
    pub(crate) second: Span,
    pub(crate) version: (u8, u8),
    pub(crate) status: u16,
    /// Where the field lines begin.
    end: usize,
}

/// The parser's state between calls: everything up to `position` is done.
#[derive(Debug)]
pub struct Parser<F = Vec<FieldSpan>> {
    kind: Kind,
    position: usize,
    start: Option<StartLine>,
    fields: F,
}

/// Takes the field lines in the order they were sent.
pub trait FieldSink: Default {
    /// One field line of the head that begins `buf`.
    fn take(&mut self, buf: &[u8], field: FieldSpan);
}

impl FieldSink for Vec<FieldSpan> {
    fn take(&mut self, _: &[u8], field: FieldSpan) {
        if self.capacity() == 0 {
            // An upgrade request of a browser has about this many fields.
            self.reserve(16);
        }
        self.push(field);
    }
}

/// The octets end before the line does.
struct Incomplete;

/// Why a line could not be taken: not all there, or against a rule.
enum Stop {
    Incomplete,
    Fault(HeadError),
}

impl From<Incomplete> for Stop {
    fn from(_: Incomplete) -> Self {
        Self::Incomplete
    }
}

impl From<HeadError> for Stop {
    fn from(error: HeadError) -> Self {
        Self::Fault(error)
    }
}

impl<F: FieldSink> Parser<F> {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            position: 0,
            start: None,
            fields: F::default(),
        }
    }

    /// Octets of complete lines taken so far.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn into_parts(self) -> (StartLine, F, usize) {
        (self.start.unwrap_or_default(), self.fields, self.position)
    }

    /// Goes on with `buf`, which begins with the same octets as at the last call. True when the blank line
    /// was reached; [`Self::position`] is then the length of the head.
    pub(crate) fn advance(&mut self, buf: &[u8]) -> Result<bool, HeadError> {
        match self.lines(buf) {
            Ok(()) => Ok(true),
            Err(Stop::Incomplete) => Ok(false),
            Err(Stop::Fault(error)) => Err(error),
        }
    }

    fn lines(&mut self, buf: &[u8]) -> Result<(), Stop> {
        while self.start.is_none() {
            self.start_line(buf)?;
        }
        let fields_begin = self.start.map_or(0, |start| start.end);
        loop {
            let first = octet(buf, self.position)?;
            if is_tchar(first) {
                self.field_line(buf)?;
                continue;
            }
            let offset = self.position;
            match first {
                b'\r' => {
                    self.position = line_end(buf, offset)?;
                    return Ok(());
                }
                b'\n' => return Err(HeadError::BareLf { offset }.into()),
                b' ' | b'\t' if offset == fields_begin => {
                    return Err(HeadError::SpaceAfterStartLine { offset }.into());
                }
                b' ' | b'\t' => return Err(HeadError::ObsFold { offset }.into()),
                b':' => return Err(HeadError::EmptyName { offset }.into()),
                octet => return Err(HeadError::InvalidNameOctet { offset, octet }.into()),
            }
        }
    }

    fn start_line(&mut self, buf: &[u8]) -> Result<(), Stop> {
        match self.kind {
            Kind::Request => {
                let first = octet(buf, self.position)?;
                if first == b'\r' {
                    // RFC 9112 section 2.2: a server skips empty lines before the request line.
                    self.position = line_end(buf, self.position)?;
                } else if first == b'\n' {
                    return Err(HeadError::BareLf {
                        offset: self.position,
                    }
                    .into());
                } else {
                    self.request_line(buf)?;
                }
            }
            Kind::Response => self.status_line(buf)?,
        }
        Ok(())
    }

    fn request_line(&mut self, buf: &[u8]) -> Result<(), Stop> {
        let bad = |offset| HeadError::BadRequestLine { offset };
        let method = scan(buf, self.position, is_tchar)?;
        if method.is_empty() || octet(buf, method.end)? != b' ' {
            return Err(bad(method.end).into());
        }
        let target = scan(buf, method.end + 1, |octet| octet.is_ascii_graphic())?;
        if target.is_empty() || octet(buf, target.end)? != b' ' {
            return Err(bad(target.end).into());
        }
        let (version, after) = version(buf, target.end + 1, bad)?;
        match octet(buf, after)? {
            b'\r' | b'\n' => {}
            b'0'..=b'9' | b'.' => return Err(HeadError::BadVersion { offset: after }.into()),
            _ => return Err(bad(after).into()),
        }
        self.position = line_end(buf, after)?;
        self.start = Some(StartLine {
            first: span(&method),
            second: span(&target),
            version,
            status: 0,
            end: self.position,
        });
        Ok(())
    }

    fn status_line(&mut self, buf: &[u8]) -> Result<(), Stop> {
        let bad = |offset| HeadError::BadStatusLine { offset };
        let (version, after) = version(buf, self.position, bad)?;
        match octet(buf, after)? {
            b' ' => {}
            b'0'..=b'9' | b'.' => return Err(HeadError::BadVersion { offset: after }.into()),
            _ => return Err(bad(after).into()),
        }
        let mut status = 0_u16;
        for offset in after + 1..after + 4 {
            let digit = octet(buf, offset)?;
            if !digit.is_ascii_digit() {
                return Err(bad(offset).into());
            }
            status = status * 10 + u16::from(digit - b'0');
        }
        let space = after + 4;
        match octet(buf, space)? {
            b' ' => {}
            b'\r' | b'\n' => return Err(HeadError::MissingSpaceAfterStatus { offset: space }.into()),
            _ => return Err(bad(space).into()),
        }
        let reason = scan(buf, space + 1, |octet| {
            octet == b'\t' || (octet >= b' ' && octet != 0x7F)
        })?;
        if !matches!(octet(buf, reason.end)?, b'\r' | b'\n') {
            return Err(bad(reason.end).into());
        }
        self.position = line_end(buf, reason.end)?;
        self.start = Some(StartLine {
            first: Span::default(),
            second: span(&reason),
            version,
            status,
            end: self.position,
        });
        Ok(())
    }

    fn field_line(&mut self, buf: &[u8]) -> Result<(), Stop> {
        let name = scan(buf, self.position, is_tchar)?;
        match octet(buf, name.end)? {
            b':' => {}
            b' ' | b'\t' => {
                let gap = scan(buf, name.end, |octet| matches!(octet, b' ' | b'\t'))?;
                let (offset, octet) = (name.end, octet(buf, name.end)?);
                return Err(match self::octet(buf, gap.end)? {
                    b':' => HeadError::SpaceBeforeColon { offset },
                    _ => HeadError::InvalidNameOctet { offset, octet },
                }
                .into());
            }
            b'\r' | b'\n' => return Err(HeadError::MissingColon { offset: name.end }.into()),
            octet => {
                return Err(HeadError::InvalidNameOctet {
                    offset: name.end,
                    octet,
                }
                .into());
            }
        }
        let begin = scan(buf, name.end + 1, |octet| matches!(octet, b' ' | b'\t'))?.end;
        let mut end = begin;
        loop {
            end = skip_text(buf, end);
            match octet(buf, end)? {
                b'\r' | b'\n' => break,
                b'\t' => end += 1,
                octet => return Err(HeadError::InvalidValueOctet { offset: end, octet }.into()),
            }
        }
        self.position = line_end(buf, end)?;
        let mut last = end;
        while last > begin && matches!(buf.get(last - 1), Some(b' ' | b'\t')) {
            last -= 1;
        }
        let field = FieldSpan {
            name: span(&name),
            value: span(&(begin..last)),
        };
        self.fields.take(buf, field);
        Ok(())
    }
}

fn octet(buf: &[u8], at: usize) -> Result<u8, Incomplete> {
    buf.get(at).copied().ok_or(Incomplete)
}

/// The run of octets that satisfy `class`; incomplete when the octets end inside it.
#[inline]
fn scan(buf: &[u8], from: usize, class: impl Fn(u8) -> bool) -> Result<std::ops::Range<usize>, Incomplete> {
    let rest = buf.get(from..).ok_or(Incomplete)?;
    let length = rest.iter().position(|&octet| !class(octet)).ok_or(Incomplete)?;
    Ok(from..from + length)
}

/// The index behind the CR LF that begins at `at`, where a CR or LF is known to stand.
fn line_end(buf: &[u8], at: usize) -> Result<usize, Stop> {
    if octet(buf, at)? == b'\n' {
        return Err(HeadError::BareLf { offset: at }.into());
    }
    if octet(buf, at + 1)? != b'\n' {
        return Err(HeadError::BareCr { offset: at }.into());
    }
    Ok(at + 2)
}

/// `HTTP/` digit `.` digit. A line that does not even begin with an H is malformed as a whole.
fn version(buf: &[u8], at: usize, malformed: impl Fn(usize) -> HeadError) -> Result<((u8, u8), usize), Stop> {
    for (index, &expected) in b"HTTP/".iter().enumerate() {
        let found = octet(buf, at + index)?;
        if found != expected {
            let whole = index == 0 && found != b'h';
            return Err(if whole {
                malformed(at)
            } else {
                HeadError::BadVersion { offset: at + index }
            }
            .into());
        }
    }
    let digit = |offset| match octet(buf, offset)? {
        octet @ b'0'..=b'9' => Ok(octet - b'0'),
        _ => Err(Stop::Fault(HeadError::BadVersion { offset })),
    };
    let major = digit(at + 5)?;
    if octet(buf, at + 6)? != b'.' {
        return Err(HeadError::BadVersion { offset: at + 6 }.into());
    }
    let minor = digit(at + 7)?;
    Ok(((major, minor), at + 8))
}

/// The index of the first control character at or after `from`, eight octets at a time.
#[inline]
fn skip_text(buf: &[u8], mut from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    while let Some(word) = buf.get(from..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*word);
        let delete = word ^ (ONES * 0x7F);
        // The lowest flag of each term is exact; only flags above it can be false.
        let below_space = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let is_delete = delete.wrapping_sub(ONES) & !delete & HIGH;
        let flags = below_space | is_delete;
        if flags != 0 {
            return from + (flags.trailing_zeros() / 8) as usize;
        }
        from += 8;
    }
    while buf.get(from).is_some_and(|&octet| octet >= b' ' && octet != 0x7F) {
        from += 1;
    }
    from
}

fn span(range: &std::ops::Range<usize>) -> Span {
    // Heads are limited to u32::MAX octets before they come here.
    Span {
        start: u32::try_from(range.start).unwrap_or(u32::MAX),
        end: u32::try_from(range.end).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::skip_text;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_wide_scan_finds_the_first_control_character(octets in prop::collection::vec(any::<u8>(), 0..40)) {
            let expected = octets.iter().position(|&o| o < 0x20 || o == 0x7F).unwrap_or(octets.len());
            prop_assert_eq!(skip_text(&octets, 0), expected);
        }
    }
}
