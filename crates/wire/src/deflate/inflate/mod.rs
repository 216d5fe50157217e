//! The strict inflater: our own, because zlib lets references beyond the declared window pass and tells
//! nothing of what a stream is made of.

mod bits;
mod copy;
mod error;
mod facts;
mod fast;
mod header;
mod lengths;
mod stream;
mod tables;
mod window;

pub use error::InflateError;
pub use facts::StreamFacts;

use stream::Stream;
use window::{Output, Window};

/// The largest distance DEFLATE can name (RFC 1951 section 3.2.5), and so all that is ever kept.
const WINDOW: usize = 32768;

/// What the receiver appends to each message (RFC 7692 section 7.2.2).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// Inflates messages one after the other (RFC 7692 section 7.2.2). A message's payload can be pushed in any
/// pieces; state is 9 KiB of tables and 96 KiB of earlier output at most, made as they are needed.
///
/// References are followed up to 32768 octets whatever window was declared: [`StreamFacts::max_distance`] tells
/// whether the sender kept to it. A reference before the first octet there is, which without context
/// takeover is the message's first, is an error.
#[derive(Debug)]
pub struct Inflater {
    window_bits: u8,
    takeover: bool,
    stream: Stream,
    window: Window,
    current: StreamFacts,
    /// Those of the last finished message.
    facts: StreamFacts,
    /// The last octets of the payload, newest in the low octet, to see a tail that was left in.
    last: u32,
    failed: Option<InflateError>,
}

impl Inflater {
    /// An inflater for a sender that declared a window of `window_bits` (8 to 15). Without `takeover` each
    /// message stands alone.
    pub fn new(window_bits: u8, takeover: bool) -> Self {
        Self {
            window_bits,
            takeover,
            stream: Stream::default(),
            window: Window::default(),
            current: StreamFacts::default(),
            facts: StreamFacts::default(),
            last: u32::MAX,
            failed: None,
        }
    }

    /// Inflates the next octets of a message's payload and appends the result to `out`. `limit` is the most
    /// octets the whole message may have. What is in `out` before does not matter and can be taken away
    /// between calls. After an error every call gives the same error.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), InflateError> {
        self.current.payload += chunk.len() as u64;
        for &octet in chunk.iter().skip(chunk.len().saturating_sub(4)) {
            self.last = self.last << 8 | u32::from(octet);
        }
        self.inflate(chunk, out, limit)
    }

    /// Ends the message: the tail that the sender left out is inflated too. The next message can begin.
    pub fn finish(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), InflateError> {
        self.inflate(&TAIL, out, limit)?;
        if !self.stream.at_boundary() {
            self.failed = Some(InflateError::Unfinished);
            return Err(InflateError::Unfinished);
        }
        self.current.ends_flushed = self.stream.last_block_empty();
        if self.current.ends_flushed {
            // The block that the tail completes is no content of the message.
            self.current.blocks_stored = self.current.blocks_stored.saturating_sub(1);
        }
        self.current.tail_kept = self.last == u32::from_be_bytes(TAIL);
        self.facts = std::mem::take(&mut self.current);
        self.last = u32::MAX;
        self.window.begin_message(self.takeover);
        Ok(())
    }

    /// Facts of the last finished message.
    pub fn facts(&self) -> &StreamFacts {
        &self.facts
    }

    /// Facts of the message in progress, as far as it was inflated; after an error, up to there.
    pub fn facts_so_far(&self) -> &StreamFacts {
        &self.current
    }

    /// Did the last finished message refer farther back than the declared window allows?
    pub fn window_exceeded(&self) -> bool {
        self.facts.max_distance > 1 << self.window_bits.min(15)
    }

    /// The declared window, as its base-2 logarithm.
    pub fn window_bits(&self) -> u8 {
        self.window_bits
    }

    fn inflate(&mut self, chunk: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), InflateError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut output = Output::new(&mut self.window, out, &mut self.current, limit);
        let result = self.stream.run(chunk, &mut output);
        output.close();
        if let Err(error) = result {
            self.failed = Some(error);
        }
        result
    }
}
