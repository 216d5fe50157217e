//! Compresses messages (RFC 7692 section 7.2.1), also in ways that no honest sender would.

use super::matcher::{Matcher, Token};
use super::tokens::TokenWriter;
use flate2::{Compress, Compression, FlushCompress, Status};

/// How blocks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// As zlib chooses.
    #[default]
    Default,
    /// Stored blocks only.
    Stored,
    /// Blocks with the fixed code only.
    Fixed,
}

/// How a [`Compressor`] differs from an honest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// zlib's level, 0 to 9.
    pub level: u32,
    /// How blocks are made.
    pub strategy: Strategy,
    /// Mark the message's last block final (RFC 7692 section 7.2.3.4). Legal, but later messages can not
    /// refer back.
    pub bfinal: bool,
    /// Flush after each so many octets of a message, which leaves 00 00 ff ff inside. Legal.
    pub flush_every: Option<usize>,
    /// Leave the final 00 00 ff ff in. Against RFC 7692 section 7.2.1.
    pub keep_tail: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: 6,
            strategy: Strategy::Default,
            bfinal: false,
            flush_every: None,
            keep_tail: false,
        }
    }
}

/// Compresses messages one after the other. Its window, about 256 KiB, is made with the first message.
#[derive(Debug)]
pub struct Compressor {
    window_bits: u8,
    takeover: bool,
    options: Options,
    zlib: Option<Compress>,
    /// What the fixed strategy can refer back to.
    past: Matcher,
    writer: TokenWriter,
    /// Octets were pushed since the last flush.
    dirty: bool,
    /// How many octets went to zlib since the last flush: so many it may still hold.
    held: usize,
}

/// How much input goes to zlib at a time. It holds no more than twice as much back.
const PIECE: usize = 1 << 16;

/// What each flush leaves at the end.
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

impl Compressor {
    /// A compressor that refers at most 2 to the power of `window_bits` octets back, and without `takeover`
    /// never into earlier messages.
    ///
    /// Bits outside 9 to 15 are brought to the nearest inside. For 8 that keeps the promise all the same:
    /// zlib never looks back over its window less 262, which for 9 bits are 250 octets.
    pub fn new(window_bits: u8, takeover: bool) -> Self {
        Self::with_options(window_bits, takeover, Options::default())
    }

    /// The same with a zlib level, 0 to 9.
    pub fn with_level(window_bits: u8, takeover: bool, level: u32) -> Self {
        Self::with_options(
            window_bits,
            takeover,
            Options {
                level,
                ..Options::default()
            },
        )
    }

    /// The same with everything that can be chosen.
    pub fn with_options(window_bits: u8, takeover: bool, options: Options) -> Self {
        Self {
            window_bits,
            takeover,
            options: Options {
                level: options.level.min(9),
                ..options
            },
            zlib: None,
            past: Matcher::default(),
            writer: TokenWriter::new(),
            dirty: false,
            held: 0,
        }
    }

    /// Compresses a whole message and appends its payload to `out`.
    pub fn compress(&mut self, message: &[u8], out: &mut Vec<u8>) {
        let Some(every) = self.options.flush_every else {
            let before = message.len().saturating_sub(1) / PIECE * PIECE;
            let (before, last) = message.split_at_checked(before).unwrap_or_default();
            self.push(before, out);
            return self.end(last, out);
        };
        let mut pieces = message.chunks(every.max(1)).peekable();
        while let Some(piece) = pieces.next() {
            self.push(piece, out);
            if pieces.peek().is_some() {
                self.flush(out);
            }
        }
        self.finish(out);
    }

    /// Takes a part of a message. What comes out of it so far is appended to `out`.
    pub fn push(&mut self, part: &[u8], out: &mut Vec<u8>) {
        if part.is_empty() {
            return;
        }
        self.dirty = true;
        match self.options.strategy {
            Strategy::Default => {
                for piece in part.chunks(PIECE) {
                    self.deflate(piece, FlushCompress::None, out);
                }
            }
            Strategy::Stored => {
                self.writer.stored(part, false);
                out.append(&mut self.writer.take());
            }
            Strategy::Fixed => {
                self.fixed(part);
                out.append(&mut self.writer.take());
            }
        }
    }

    /// Makes everything pushed so far readable to the receiver; leaves 00 00 ff ff in the payload.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        if !std::mem::take(&mut self.dirty) {
            return;
        }
        match self.options.strategy {
            Strategy::Default => self.deflate(&[], FlushCompress::Sync, out),
            Strategy::Stored | Strategy::Fixed => out.append(&mut self.writer.end_message(true)),
        }
    }

    /// Ends the message: flushes, and takes the final 00 00 ff ff off again.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.end(&[], out);
    }

    /// Takes the last part of a message and ends it. zlib gets both in one call where it can: each call has a price
    /// that small messages feel.
    fn end(&mut self, last: &[u8], out: &mut Vec<u8>) {
        let whole = self.options.strategy == Strategy::Default && !self.options.bfinal;
        if whole && !last.is_empty() {
            self.deflate(last, FlushCompress::Sync, out);
            self.dirty = false;
            self.strip_tail(out);
        } else {
            self.push(last, out);
            if self.options.bfinal {
                self.finish_final(out);
            } else if self.dirty {
                self.flush(out);
                self.strip_tail(out);
            } else {
                // Nothing since the last flush: one more empty block (RFC 7692 section 7.2.3.6).
                out.push(0x00);
                self.keep_tail(out);
            }
        }
        if !self.takeover {
            self.forget();
        }
    }

    /// Ends the message with a final block; what follows begins a new stream (RFC 7692 section 7.2.3.4).
    fn finish_final(&mut self, out: &mut Vec<u8>) {
        match self.options.strategy {
            Strategy::Default => self.deflate(&[], FlushCompress::Finish, out),
            Strategy::Stored | Strategy::Fixed => {
                self.writer.begin_fixed(true).end_block().align();
                out.append(&mut self.writer.take());
            }
        }
        self.dirty = false;
        self.forget();
        out.push(0x00);
        self.keep_tail(out);
    }

    fn strip_tail(&self, out: &mut Vec<u8>) {
        if !self.options.keep_tail && out.ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        }
    }

    fn keep_tail(&self, out: &mut Vec<u8>) {
        if self.options.keep_tail {
            out.extend_from_slice(&TAIL);
        }
    }

    fn forget(&mut self) {
        if let Some(zlib) = &mut self.zlib {
            zlib.reset();
        }
        self.past.forget();
        self.held = 0;
    }

    fn deflate(&mut self, mut input: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
        let (level, bits) = (self.options.level, self.window_bits.clamp(9, 15));
        let zlib = self
            .zlib
            .get_or_insert_with(|| Compress::new_with_window_bits(Compression::new(level), false, bits));
        // Room for all that zlib may hold: a flush that ends exactly at the end of the buffer would be
        // repeated, and the payload would depend on the buffer.
        let held = self.held;
        self.held = match flush {
            FlushCompress::None => (held + input.len()).min(2 * PIECE),
            _ => 0,
        };
        loop {
            let begin = out.len();
            // No more than is needed: these octets are written twice.
            out.resize(begin + input.len() + input.len() / 8 + held + held / 8 + 64, 0);
            let room = out.get_mut(begin..).unwrap_or_default();
            let (space, before) = (room.len(), (zlib.total_in(), zlib.total_out()));
            let status = zlib.compress(input, room, flush);
            let taken = usize::try_from(zlib.total_in() - before.0).unwrap_or(0);
            let written = usize::try_from(zlib.total_out() - before.1).unwrap_or(0);
            out.truncate(begin + written);
            input = input.get(taken..).unwrap_or_default();
            let done = input.is_empty() && written < space;
            if done || !matches!(status, Ok(Status::Ok | Status::BufError)) {
                return;
            }
        }
    }

    /// Matches of the fixed Huffman codes.
    fn fixed(&mut self, part: &[u8]) {
        self.writer.begin_fixed(false);
        let window = 1_usize << self.window_bits.clamp(8, 15);
        for token in self.past.take(part, window) {
            match token {
                Token::Literal(octet) => self.writer.literal(octet),
                Token::Reference { length, distance } => self.writer.reference(length, distance),
            };
        }
        self.writer.end_block();
    }
}
