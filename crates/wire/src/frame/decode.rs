//! The incremental frame decoder: lenient about rules, exact about octets.

mod whole;

pub use whole::Frame;

use super::rules::is_legal;
use super::{Header, MAX_HEADER_LEN, Opcode, Position, broken_rules};
use crate::{Role, Rule, mask};

/// One step of decoding. Each frame is a `Header`, any number of `Payload` and an `End`.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'b> {
    /// A whole header has been read.
    Header {
        /// The header as it stands on the wire.
        header: Header,
        /// Offset of its first octet in the decoder's stream.
        offset: u64,
        /// The first rule it breaks in the order of [`broken_rules`].
        broken: Option<Rule>,
    },
    /// The next payload octets, never none, unmasked in place and borrowed from the input.
    Payload(&'b mut [u8]),
    /// The payload of the frame is complete.
    End,
}

/// Splits the octets of one sender into frames, at any chunking of the input.
///
/// It reads on after every broken rule: a frame that breaks one is still delimited by its announced length, and
/// unmasked when it carries a key. A length with the top bit set is more than any stream holds, so everything behind
/// such a header is its payload.
#[derive(Debug, Clone)]
pub struct Decoder {
    sender: Role,
    rsv1: bool,
    allow_non_minimal: bool,
    in_message: bool,
    offset: u64,
    stage: Stage,
    partial: [u8; MAX_HEADER_LEN],
    partial_len: usize,
    /// Payload octets of the frame that have not been seen.
    owed: u64,
    /// The key as it falls on the next payload octet.
    key: Option<[u8; 4]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Payload,
}

impl Decoder {
    /// A decoder for the octets of `sender` from the first one after the opening handshake.
    pub const fn new(sender: Role) -> Self {
        Self {
            sender,
            rsv1: false,
            allow_non_minimal: false,
            in_message: false,
            offset: 0,
            stage: Stage::Header,
            partial: [0; MAX_HEADER_LEN],
            partial_len: 0,
            owed: 0,
            key: None,
        }
    }

    /// Whether RSV1 is legal on the first frame of a message (permessage-deflate is agreed).
    pub const fn set_rsv1(&mut self, agreed: bool) {
        self.rsv1 = agreed;
    }

    /// Whether [`Rule::LengthNotMinimal`] is passed over: RFC 6455 section 5.2 binds the sender and names no action of
    /// the receiver.
    pub const fn set_allow_non_minimal(&mut self, allow: bool) {
        self.allow_non_minimal = allow;
    }

    /// Takes octets from the front of `buf` and gives the next event, or `None` when more input is needed; `buf` is
    /// empty then. Of an unfinished header the decoder keeps its octets (fewer than 14), of payload nothing.
    pub fn next<'b>(&mut self, buf: &mut &'b mut [u8]) -> Option<Event<'b>> {
        match self.stage {
            Stage::Header => self.header(buf),
            Stage::Payload => self.payload(buf),
        }
    }

    /// Octets taken since the start of the stream.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the stream stands between two frames: no header begun, no payload owed, the last `End` given.
    pub fn at_boundary(&self) -> bool {
        self.stage == Stage::Header && self.partial_len == 0
    }

    /// Whether a fragmented message is in progress.
    pub const fn in_message(&self) -> bool {
        self.in_message
    }

    /// Octets of payload that the current frame still owes; 0 between frames.
    pub const fn owed(&self) -> u64 {
        self.owed
    }

    fn header<'b>(&mut self, buf: &mut &'b mut [u8]) -> Option<Event<'b>> {
        let start = self.offset - self.partial_len as u64;
        let (header, used) = if self.partial_len == 0 {
            match Header::parse(buf) {
                Some(parsed) => parsed,
                None => return self.keep(buf),
            }
        } else {
            let kept = self.partial_len;
            let mut whole = self.partial;
            let space = whole.get_mut(kept..).unwrap_or_default();
            let copied = space.len().min(buf.len());
            for (slot, octet) in space.iter_mut().zip(buf.iter()) {
                *slot = *octet;
            }
            match Header::parse(whole.get(..kept + copied).unwrap_or_default()) {
                Some((header, len)) => (header, len - kept),
                None => return self.keep(buf),
            }
        };
        take(buf, used);
        self.offset += used as u64;
        self.partial_len = 0;
        self.stage = Stage::Payload;
        self.owed = header.payload_len;
        self.key = header.mask;
        let broken = self.judge(&header);
        if !header.opcode.is_control() {
            // A message that interrupts another does not end it, and an orphan begins none: the reading that makes
            // the fewest further frames illegal.
            let continues = header.opcode == Opcode::CONTINUATION;
            self.in_message = if continues == self.in_message {
                !header.fin
            } else {
                self.in_message
            };
        }
        Some(Event::Header {
            header,
            offset: start,
            broken,
        })
    }

    fn judge(&self, header: &Header) -> Option<Rule> {
        let at = Position {
            sender: self.sender,
            rsv1: self.rsv1,
            in_message: self.in_message,
        };
        if is_legal(header, at) {
            return None;
        }
        broken_rules(header, at).find(|rule| !(self.allow_non_minimal && *rule == Rule::LengthNotMinimal))
    }

    fn payload<'b>(&mut self, buf: &mut &'b mut [u8]) -> Option<Event<'b>> {
        if self.owed == 0 {
            self.stage = Stage::Header;
            self.key = None;
            return Some(Event::End);
        }
        if buf.is_empty() {
            return None;
        }
        let len = usize::try_from(self.owed).unwrap_or(usize::MAX).min(buf.len());
        let octets = take(buf, len);
        if let Some(key) = &mut self.key {
            mask::apply(*key, 0, octets);
            key.rotate_left(len % 4);
        }
        self.owed -= len as u64;
        self.offset += len as u64;
        Some(Event::Payload(octets))
    }

    /// Keeps the octets of a header that is not complete.
    fn keep<'b>(&mut self, buf: &mut &'b mut [u8]) -> Option<Event<'b>> {
        let octets = std::mem::take(buf);
        let space = self.partial.get_mut(self.partial_len..).unwrap_or_default();
        for (slot, octet) in space.iter_mut().zip(octets.iter()) {
            *slot = *octet;
        }
        self.partial_len += octets.len();
        self.offset += octets.len() as u64;
        None
    }
}

/// Cuts `len` octets off the front of `buf`.
#[inline]
fn take<'b>(buf: &mut &'b mut [u8], len: usize) -> &'b mut [u8] {
    let (front, rest) = std::mem::take(buf).split_at_mut(len);
    *buf = rest;
    front
}
