//! Compressed messages inflate to themselves whatever was agreed, whoever compresses and whoever inflates.
//!
//! Both directions of a connection, several messages each: what we compress is read by us and by zlib, what zlib
//! compresses is read by us, and no reference reaches beyond the window agreed or into a message that it must not.

use arbitrary::{Result, Unstructured};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status as ZlibStatus};
use wsanvil_wire::deflate::{Agreed, Compressor, Inflater, Options, Strategy, StreamFacts};

use crate::chunking::cuts_of_at_least;
use crate::content;

/// Octets of all messages of a connection.
const MOST: usize = 2 * content::LONGEST;
/// What a sender leaves out and a receiver puts back (RFC 7692 section 7.2).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// One direction of a connection: a sender of ours with both receivers, and zlib as a sender with our receiver.
struct Direction {
    window: u8,
    takeover: bool,
    options: Options,
    ours: Compressor,
    ours_by_us: Inflater,
    ours_by_zlib: Decompress,
    zlib: Compress,
    zlib_by_us: Inflater,
    /// Everything sent so far.
    sent: Vec<u8>,
}

/// How a message is put in, and how its payload arrives.
#[derive(Debug, Clone, Copy)]
struct Handling {
    /// In pieces of these sizes instead of whole.
    parts: Option<u8>,
    /// A flush behind each piece.
    flush: bool,
    cuts: u8,
}

/// Three octets of agreement, two of how each side compresses, then messages.
pub fn check(data: &[u8]) {
    // An input that ends early is a shorter conversation.
    let _ = converse(&mut Unstructured::new(data));
}

fn converse(u: &mut Unstructured<'_>) -> Result<()> {
    let [takeover, windows, levels]: [u8; 3] = u.arbitrary()?;
    let agreed = Agreed {
        server_takeover: takeover & 1 != 0,
        client_takeover: takeover & 2 != 0,
        server_window: 9 + windows % 7,
        client_window: 9 + (windows >> 4) % 7,
    };
    let how: [[u8; 2]; 2] = u.arbitrary()?;
    let [mut server, mut client] = [None, None];
    let mut all = 0;
    while !u.is_empty() && all < MOST {
        let [carried, parts, cuts]: [u8; 3] = u.arbitrary()?;
        let handling = Handling {
            parts: (carried & 2 != 0).then_some(parts),
            flush: carried & 4 != 0,
            cuts,
        };
        let direction = if carried & 1 == 0 {
            let new = || Direction::new(agreed.server_window, agreed.server_takeover, levels & 0xF, how[0]);
            server.get_or_insert_with(new)
        } else {
            let new = || Direction::new(agreed.client_window, agreed.client_takeover, levels >> 4, how[1]);
            client.get_or_insert_with(new)
        };
        let message = content::message(u, &direction.sent)?;
        all += message.len();
        direction.carry(&message, handling);
    }
    Ok(())
}

impl Direction {
    fn new(window: u8, takeover: bool, zlib_level: u8, [how, flush_every]: [u8; 2]) -> Self {
        let options = Options {
            level: u32::from(how & 0xF) % 10,
            strategy: [
                Strategy::Default,
                Strategy::Stored,
                Strategy::Fixed,
                Strategy::Default,
            ][usize::from(how >> 4 & 3)],
            bfinal: how & 0x40 != 0,
            flush_every: (how & 0x80 != 0).then_some(usize::from(flush_every) * 16 + 1),
            keep_tail: false,
        };
        let level = Compression::new(u32::from(zlib_level) % 10);
        Self {
            window,
            takeover,
            options,
            ours: Compressor::with_options(window, takeover, options),
            ours_by_us: Inflater::new(window, takeover),
            ours_by_zlib: Decompress::new_with_window_bits(false, window),
            zlib: Compress::new_with_window_bits(level, false, window),
            zlib_by_us: Inflater::new(window, takeover),
            sent: Vec::new(),
        }
    }

    fn carry(&mut self, message: &[u8], handling: Handling) {
        let payload = self.compressed(message, handling);
        let facts = inflated(&mut self.ours_by_us, &payload, handling.cuts, message);
        self.keeps_agreement(&facts);
        assert_eq!(facts.bfinal, self.options.bfinal);
        assert!(facts.ends_flushed && !facts.tail_kept && !facts.padding_set);
        assert!(!self.options.bfinal || facts.reach_before == 0);
        match self.options.strategy {
            Strategy::Default => {}
            Strategy::Stored => assert_eq!((facts.max_distance, facts.blocks_dynamic), (0, 0)),
            Strategy::Fixed => assert_eq!(facts.blocks_dynamic, 0),
        }
        self.zlib_reads(&payload, message);

        let payload = self.zlib_compressed(message);
        let facts = inflated(&mut self.zlib_by_us, &payload, handling.cuts, message);
        self.keeps_agreement(&facts);
        self.sent.extend_from_slice(message);
    }

    fn keeps_agreement(&self, facts: &StreamFacts) {
        assert!(facts.max_distance <= 1 << self.window, "{facts:?}");
        assert!(self.takeover || facts.reach_before == 0, "{facts:?}");
        assert!(facts.reach_before <= facts.max_distance, "{facts:?}");
    }

    fn compressed(&mut self, message: &[u8], handling: Handling) -> Vec<u8> {
        let mut payload = Vec::new();
        match handling.parts {
            None => self.ours.compress(message, &mut payload),
            Some(parts) => {
                for part in cuts_of_at_least(message.len() / 16, message, parts) {
                    self.ours.push(part, &mut payload);
                    if handling.flush {
                        self.ours.flush(&mut payload);
                    }
                }
                self.ours.finish(&mut payload);
            }
        }
        payload
    }

    /// zlib with the window agreed, which refuses what reaches beyond it.
    fn zlib_reads(&mut self, payload: &[u8], message: &[u8]) {
        let stream = [payload, &TAIL].concat();
        let mut rest = &stream[..];
        let mut out = Vec::with_capacity(message.len() + 1);
        while !rest.is_empty() {
            let zlib = &mut self.ours_by_zlib;
            let before = (zlib.total_in(), zlib.total_out());
            let status = zlib.decompress_vec(rest, &mut out, FlushDecompress::Sync);
            let status = status.expect("zlib reads what we compress");
            let after = (zlib.total_in(), zlib.total_out());
            assert_ne!(after, before, "zlib wants more than the message");
            rest = &rest[(after.0 - before.0) as usize..];
            if status == ZlibStatus::StreamEnd {
                // Behind a final block a new stream begins (RFC 7692 section 7.2.3.4).
                zlib.reset(false);
            }
        }
        assert!(
            out == message,
            "zlib reads {} octets of {}",
            out.len(),
            message.len()
        );
        if !self.takeover {
            self.ours_by_zlib.reset(false);
        }
    }

    fn zlib_compressed(&mut self, message: &[u8]) -> Vec<u8> {
        if message.is_empty() {
            // Nothing to flush: the empty message is one octet (RFC 7692 section 7.2.3.6).
            return vec![0x00];
        }
        let mut payload = Vec::with_capacity(message.len() + message.len() / 8 + 64);
        let begin = self.zlib.total_in();
        loop {
            let rest = &message[(self.zlib.total_in() - begin) as usize..];
            let status = self.zlib.compress_vec(rest, &mut payload, FlushCompress::Sync);
            status.expect("zlib compresses");
            // Room left over means that the flush is complete.
            if payload.len() < payload.capacity() {
                break;
            }
            payload.reserve(1 << 12);
        }
        assert!(payload.ends_with(&TAIL));
        payload.truncate(payload.len() - TAIL.len());
        if !self.takeover {
            self.zlib.reset();
        }
        payload
    }
}

/// Inflates a payload that arrives in pieces, and holds the result against the message.
fn inflated(inflater: &mut Inflater, payload: &[u8], how: u8, message: &[u8]) -> StreamFacts {
    let mut out = Vec::new();
    for piece in cuts_of_at_least(payload.len() / 256, payload, how) {
        let pushed = inflater.push(piece, &mut out, message.len());
        pushed.expect("what was compressed inflates");
    }
    let finished = inflater.finish(&mut out, message.len());
    finished.expect("what was compressed inflates");
    assert!(out == message, "{} octets for {}", out.len(), message.len());
    let facts = *inflater.facts();
    assert_eq!(
        (facts.inflated, facts.payload),
        (message.len() as u64, payload.len() as u64)
    );
    assert!(!inflater.window_exceeded());
    facts
}

/// Each window with either takeover; every strategy; content that fills the window, twice.
pub fn seeds() -> Vec<Vec<u8>> {
    let text = b"a message, a message of messages, again and again";
    let literal = |text: &[u8]| {
        let mut commands = Vec::new();
        for part in text.chunks(32) {
            commands.push((part.len() as u8 - 1) << 3);
            commands.extend_from_slice(part);
        }
        commands
    };
    let (end, again) = (7, 0xF8 | 6);
    // As much noise as the window holds and more, then references as far back as it reaches and one octet further.
    let far = |window: u8| {
        let reach = (1_u32 << window) as u16;
        let [low, high] = (reach - 1).to_le_bytes();
        let [more, most] = reach.to_le_bytes();
        let mut commands = vec![4, window, 0xFF, 4, window, 0x9F];
        for (low, high) in [(low, high), (more, most)] {
            commands.extend([3, low, high, 0x7F]);
        }
        commands
    };
    let mut seeds = Vec::new();
    for bits in 0..7_u8 {
        for (takeover, how) in [(3, 0x06), (0, 0x09), (3, 0x16), (1, 0x21), (2, 0x41), (3, 0xC5)] {
            let mut seed = vec![takeover, bits << 4 | bits, 0x19, how, 5, how, 40];
            for (side, parts, content) in [
                (0, 0x3F_u8, literal(text)),
                (2, 0x21, literal(text)),
                (7, 0xF0, far(9 + bits)),
                (4, 0x00, vec![]),
                (0, 0xFF, vec![again, 5 | 0xF8, 2, b'*', 0xDF]),
                (1, 0x77, vec![again]),
            ] {
                seed.extend([side, parts, parts.rotate_left(3)]);
                seed.extend(content);
                seed.push(end);
            }
            seeds.push(seed);
        }
    }
    seeds
}
