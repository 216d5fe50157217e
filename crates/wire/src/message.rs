//! Messages: data frames put together, inflated and validated (RFC 6455 sections 5.4 and 5.6, RFC 7692 section 6.2).
//!
//! ```
//! use wsanvil_wire::Rule;
//! use wsanvil_wire::frame::{Header, Opcode};
//! use wsanvil_wire::message::{Assembler, Message};
//!
//! let mut assembler = Assembler::new(1000, None);
//! let first = Header { fin: false, ..Header::new(Opcode::TEXT, 1) };
//! let last = Header::new(Opcode::CONTINUATION, 1);
//! assert_eq!(assembler.frame(&first, b"\xce"), Ok(None));
//! assert_eq!(assembler.frame(&last, b"\xba"), Ok(Some(Message::Text("κ"))));
//! // A surrogate is no text, and the second octet proves it.
//! assert_eq!(assembler.frame(&Header::new(Opcode::TEXT, 3), b"\xed\xa0\x80"), Err(Rule::Utf8 { at: 1 }));
//! ```

use crate::Rule;
use crate::deflate::{InflateError, Inflater};
use crate::frame::{Header, Opcode};
use crate::utf8::{self, TextBuffer, Utf8Error, Validator};

/// The reserved bit that marks a compressed message.
const RSV1: u8 = 0b100;

/// Buffer capacity in octets that outlives a message; more is given back.
const KEEP_CAPACITY: usize = 4 << 20;

/// The most that an announced length makes the assembler reserve before the octets are there.
const RESERVE_MAX: u64 = 64 << 10;

/// A complete data message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Opcode 1; valid UTF-8.
    Text(&'a str),
    /// Opcode 2; any octets.
    Binary(&'a [u8]),
}

impl Message<'_> {
    /// The octets of either kind.
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(octets) => octets,
        }
    }
}

/// Puts the data frames of one sender together.
///
/// It trusts the order of frames, which the decoder has judged, and looks at what they carry: size, UTF-8, DEFLATE.
#[derive(Debug)]
pub struct Assembler {
    max_message: u64,
    fail_fast: bool,
    inflater: Option<Inflater>,
    kind: Opcode,
    compressed: bool,
    /// FIN of the frame in progress.
    fin: bool,
    /// Whether the message may still turn out to lie in one chunk: length of its single frame.
    single: Option<u64>,
    delivered: bool,
    /// Text that is validated as it comes and was not compressed.
    text: TextBuffer,
    /// Everything else.
    octets: Vec<u8>,
    /// Follows the text in `octets`.
    utf8: Validator,
}

impl Assembler {
    /// An assembler that takes messages of up to `max_message` octets after inflation; with `inflater` when
    /// permessage-deflate is agreed.
    pub fn new(max_message: u64, inflater: Option<Inflater>) -> Self {
        Self {
            max_message,
            fail_fast: true,
            inflater,
            kind: Opcode::BINARY,
            compressed: false,
            fin: true,
            single: None,
            delivered: false,
            text: TextBuffer::default(),
            octets: Vec::new(),
            utf8: Validator::new(),
        }
    }

    /// Whether ill-formed text is reported at the octet that proves it (the default) or at the end of the message.
    pub const fn set_fail_fast(&mut self, fail_fast: bool) {
        self.fail_fast = fail_fast;
    }

    /// Takes a data frame that is whole and legal where it stands; gives the message that it completes. The same as
    /// [`Assembler::begin`], [`Assembler::push`] and [`Assembler::end`] together.
    #[inline]
    pub fn frame<'a>(&'a mut self, header: &Header, payload: &'a [u8]) -> Result<Option<Message<'a>>, Rule> {
        if header.fin && header.opcode != Opcode::CONTINUATION && header.rsv & RSV1 == 0 {
            self.check_len(payload.len() as u64)?;
            return whole(header.opcode, payload).map(Some);
        }
        self.part(header, payload)
    }

    /// A frame of a message that has several, or is compressed.
    fn part(&mut self, header: &Header, payload: &[u8]) -> Result<Option<Message<'_>>, Rule> {
        if header.opcode == Opcode::CONTINUATION && self.is_validated_text() {
            self.fin = header.fin;
            self.check_len(self.text.len().saturating_add(header.payload_len))?;
            self.text.push(payload).map_err(ill_formed)?;
            return if header.fin { self.end() } else { Ok(None) };
        }
        self.begin(header)?;
        if !payload.is_empty() {
            self.push(payload)?;
        }
        self.end()
    }

    /// Begins a data frame that is legal where it stands. An announced length over the limit is refused here, before
    /// any of it is buffered.
    pub fn begin(&mut self, header: &Header) -> Result<(), Rule> {
        self.fin = header.fin;
        self.single = None;
        if header.opcode != Opcode::CONTINUATION {
            self.kind = header.opcode;
            self.compressed = header.rsv & RSV1 != 0 && self.inflater.is_some();
            self.delivered = false;
            self.clear();
            if header.fin && !self.compressed {
                self.single = Some(header.payload_len);
            }
        }
        if self.compressed {
            return Ok(());
        }
        self.check_len(self.len().saturating_add(header.payload_len))
    }

    /// Takes payload octets of the frame. A message that is one frame in one piece is given at once, borrowed from
    /// `octets`; every other one by [`Assembler::end`].
    pub fn push<'a>(&mut self, octets: &'a [u8]) -> Result<Option<Message<'a>>, Rule> {
        if let Some(len) = self.single.take() {
            if len == octets.len() as u64 {
                self.delivered = true;
                return whole(self.kind, octets).map(Some);
            }
            self.reserve(len);
        }
        if self.is_validated_text() {
            self.text.push(octets).map_err(ill_formed)?;
            return Ok(None);
        }
        if self.compressed {
            self.inflate(Some(octets))?;
        } else {
            self.octets.extend_from_slice(octets);
        }
        Ok(None)
    }

    /// Ends the frame. The last one of a message gives the message, unless [`Assembler::push`] gave it already.
    pub fn end(&mut self) -> Result<Option<Message<'_>>, Rule> {
        if !self.fin || self.delivered {
            return Ok(None);
        }
        self.delivered = true;
        if self.is_validated_text() {
            return Ok(Some(Message::Text(self.text.finish().map_err(ill_formed)?)));
        }
        if self.compressed {
            self.inflate(None)?;
            if self.kind == Opcode::TEXT && self.fail_fast {
                // Only the cut character at the end is news here.
                self.utf8.finish().map_err(ill_formed)?;
            }
        }
        whole(self.kind, &self.octets).map(Some)
    }

    /// Whether the message in progress goes to `text`.
    #[inline]
    fn is_validated_text(&self) -> bool {
        self.kind == Opcode::TEXT && self.fail_fast && !self.compressed
    }

    /// Octets of the message in progress.
    fn len(&self) -> u64 {
        if self.is_validated_text() {
            self.text.len()
        } else {
            self.octets.len() as u64
        }
    }

    fn clear(&mut self) {
        self.text.clear(KEEP_CAPACITY);
        self.octets.clear();
        if self.octets.capacity() > KEEP_CAPACITY {
            self.octets.shrink_to(KEEP_CAPACITY);
        }
        self.utf8.reset();
    }

    fn reserve(&mut self, announced: u64) {
        let octets = usize::try_from(announced.min(RESERVE_MAX)).unwrap_or(0);
        if self.is_validated_text() {
            self.text.reserve(octets);
        } else {
            self.octets.reserve(octets);
        }
    }

    #[inline]
    fn check_len(&self, len: u64) -> Result<(), Rule> {
        if len > self.max_message {
            return Err(Rule::MessageTooBig {
                limit: self.max_message,
            });
        }
        Ok(())
    }

    /// Feeds the inflater, `None` being the end of the message, and validates what comes out.
    fn inflate(&mut self, octets: Option<&[u8]>) -> Result<(), Rule> {
        let Some(inflater) = &mut self.inflater else {
            return Ok(());
        };
        let start = self.octets.len();
        let limit = usize::try_from(self.max_message).unwrap_or(usize::MAX);
        let outcome = match octets {
            Some(octets) => inflater.push(octets, &mut self.octets, limit),
            None => inflater.finish(&mut self.octets, limit),
        };
        // Text that was ill-formed before the inflater failed is the first fault, however the stream was cut.
        if self.kind == Opcode::TEXT && self.fail_fast {
            let fresh = self.octets.get(start..).unwrap_or_default();
            self.utf8.push(fresh).map_err(ill_formed)?;
        }
        outcome.map_err(|error| match error {
            InflateError::TooLarge { .. } => Rule::MessageTooBig {
                limit: self.max_message,
            },
            error => Rule::DeflateData(error),
        })
    }
}

#[inline]
fn whole(kind: Opcode, octets: &[u8]) -> Result<Message<'_>, Rule> {
    if kind == Opcode::TEXT {
        utf8::from_utf8(octets).map(Message::Text).map_err(ill_formed)
    } else {
        Ok(Message::Binary(octets))
    }
}

fn ill_formed(error: Utf8Error) -> Rule {
    Rule::Utf8 { at: error.at }
}
