//! Messages: data frames put together, inflated and validated (RFC 6455 sections 5.4 and 5.6, RFC 7692 section 6.2).

use crate::Rule;
use crate::deflate::{InflateError, Inflater};
use crate::frame::{Header, Opcode};
use crate::utf8::Validator;

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
    buf: Vec<u8>,
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
            buf: Vec::new(),
            utf8: Validator::new(),
        }
    }

    /// Whether ill-formed text is reported at the octet that proves it (the default) or at the end of the message.
    pub const fn set_fail_fast(&mut self, fail_fast: bool) {
        self.fail_fast = fail_fast;
    }

    /// Begins a data frame that is legal where it stands. An announced length over the limit is refused here, before
    /// any of it is buffered.
    pub fn begin(&mut self, header: &Header) -> Result<(), Rule> {
        self.fin = header.fin;
        self.single = None;
        if header.opcode != Opcode::CONTINUATION {
            self.kind = header.opcode;
            self.compressed = header.rsv & 0b100 != 0 && self.inflater.is_some();
            self.delivered = false;
            self.utf8.reset();
            self.buf.clear();
            self.buf.shrink_to(KEEP_CAPACITY);
            if header.fin && !self.compressed {
                self.single = Some(header.payload_len);
            }
        }
        let announced = (self.buf.len() as u64).saturating_add(header.payload_len);
        if !self.compressed && announced > self.max_message {
            return Err(Rule::MessageTooBig {
                limit: self.max_message,
            });
        }
        Ok(())
    }

    /// Takes payload octets of the frame. A message that is one frame in one piece is given at once, borrowed from
    /// `octets`; every other one by [`Assembler::end`].
    pub fn push<'a>(&mut self, octets: &'a [u8]) -> Result<Option<Message<'a>>, Rule> {
        if let Some(len) = self.single.take() {
            if len == octets.len() as u64 {
                self.delivered = true;
                return whole(self.kind, octets).map(Some);
            }
            self.buf
                .reserve(usize::try_from(len.min(RESERVE_MAX)).unwrap_or(0));
        }
        let start = self.buf.len();
        let inflated = if self.compressed {
            self.inflate(Some(octets))
        } else {
            self.buf.extend_from_slice(octets);
            Ok(())
        };
        // Text that was ill-formed before the inflater failed is the first fault, however the stream was cut.
        self.validate(start)?;
        inflated?;
        Ok(None)
    }

    /// Ends the frame. The last one of a message gives the message, unless [`Assembler::push`] gave it already.
    pub fn end(&mut self) -> Result<Option<Message<'_>>, Rule> {
        if !self.fin || self.delivered {
            return Ok(None);
        }
        self.delivered = true;
        if self.compressed {
            let start = self.buf.len();
            let inflated = self.inflate(None);
            self.validate(start)?;
            inflated?;
        }
        if self.kind == Opcode::TEXT && self.fail_fast {
            // Only the cut character at the end is news here.
            self.utf8.finish().map_err(|error| Rule::Utf8 { at: error.at })?;
        }
        whole(self.kind, &self.buf).map(Some)
    }

    /// Feeds the inflater, `None` being the end of the message.
    fn inflate(&mut self, octets: Option<&[u8]>) -> Result<(), Rule> {
        let Some(inflater) = &mut self.inflater else {
            return Ok(());
        };
        let limit = usize::try_from(self.max_message).unwrap_or(usize::MAX);
        match octets {
            Some(octets) => inflater.push(octets, &mut self.buf, limit),
            None => inflater.finish(&mut self.buf, limit),
        }
        .map_err(|error| match error {
            InflateError::TooLarge { .. } => Rule::MessageTooBig {
                limit: self.max_message,
            },
            error => Rule::DeflateData(error.to_string()),
        })
    }

    fn validate(&mut self, start: usize) -> Result<(), Rule> {
        if self.kind != Opcode::TEXT || !self.fail_fast {
            return Ok(());
        }
        let fresh = self.buf.get(start..).unwrap_or_default();
        self.utf8.push(fresh).map_err(|error| Rule::Utf8 { at: error.at })
    }
}

fn whole(kind: Opcode, octets: &[u8]) -> Result<Message<'_>, Rule> {
    if kind != Opcode::TEXT {
        return Ok(Message::Binary(octets));
    }
    match simdutf8::basic::from_utf8(octets) {
        Ok(text) => Ok(Message::Text(text)),
        Err(_) => Err(Rule::Utf8 {
            at: first_proof(octets),
        }),
    }
}

fn first_proof(text: &[u8]) -> u64 {
    let mut validator = Validator::new();
    match validator.push(text).and_then(|()| validator.finish()) {
        Ok(()) => validator.offset(),
        Err(error) => error.at,
    }
}
