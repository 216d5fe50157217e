//! What a connection still has to write, made into writes of the size the script wants.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use wsanvil_case::script::Chunk;
use wsanvil_wire::mask;

use crate::content::Content;
use crate::frames::OutFrame;
use crate::io::Time;

/// Octets of one write when the script does not say.
const WRITE: usize = 64 << 10;

/// Octets handed to the transport and not yet taken, at most.
const IN_FLIGHT: usize = 256 << 10;

/// A piece of a batch.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Octets as they are.
    Octets(Content),
    /// A frame.
    Frame(OutFrame),
    /// Further payload of a frame, masked on.
    More {
        /// The octets.
        content: Content,
        /// The frame's key.
        key: Option<[u8; 4]>,
        /// Payload octets of the frame before these.
        phase: u64,
    },
}

impl Piece {
    /// Octets on the wire.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Octets(content) | Self::More { content, .. } => content.len(),
            Self::Frame(frame) => frame.header.encoded_len() as u64 + frame.len,
        }
    }
}

impl Batch {
    /// Whether its writes are as large as they can be.
    fn is_whole(&self) -> bool {
        self.chunk == Chunk::Step && self.cuts.is_empty() && self.gap.is_zero()
    }
}

/// The octets of one step.
#[derive(Debug)]
pub(crate) struct Batch {
    /// In order.
    pub(crate) pieces: VecDeque<Piece>,
    /// Size of the writes.
    pub(crate) chunk: Chunk,
    /// Sizes of the first writes, from `cut`.
    pub(crate) cuts: VecDeque<usize>,
    /// Pause between its writes.
    pub(crate) gap: Duration,
}

/// The writing side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    batches: VecDeque<Batch>,
    stage: Bytes,
    /// Octets of the piece at the front already staged.
    taken: u64,
    in_flight: usize,
    /// When the pause under way ends.
    resumes: Option<Time>,
}

impl Outbox {
    /// Adds the octets of a step. They join those of the step before when neither is cut into writes.
    ///
    /// Of nothing the transport takes nothing: a step that sends no octets is over at once.
    pub(crate) fn push(&mut self, mut batch: Batch) {
        batch.pieces.retain(|piece| piece.len() > 0);
        if batch.pieces.is_empty() {
            return;
        }
        if batch.is_whole()
            && let Some(last) = self.batches.back_mut()
            && last.is_whole()
        {
            last.pieces.extend(batch.pieces);
            return;
        }
        self.batches.push_back(batch);
    }

    /// Octets not yet handed to the transport.
    pub(crate) fn queued(&self) -> u64 {
        let pieces = self
            .batches
            .iter()
            .flat_map(|batch| &batch.pieces)
            .map(Piece::len)
            .sum::<u64>();
        pieces + self.stage.len() as u64
    }

    /// Whether everything was taken by the transport.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.stage.is_empty() && self.in_flight == 0
    }

    /// Whether octets are left that the transport was not given.
    pub(crate) fn is_unwritten(&self) -> bool {
        !self.batches.is_empty() || !self.stage.is_empty()
    }

    /// When the next write goes out, while a pause of the script keeps it back.
    pub(crate) fn resumes(&self) -> Option<Time> {
        self.resumes.filter(|_| self.is_unwritten())
    }

    /// The transport took so many octets.
    pub(crate) fn wrote(&mut self, octets: usize) {
        self.in_flight = self.in_flight.saturating_sub(octets);
    }

    /// Forgets what is not written: the connection ended.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The next write, when the transport may have one more.
    pub(crate) fn next_write(&mut self, now: Time) -> Option<Bytes> {
        if self.resumes.is_some_and(|resumes| now < resumes) {
            return None;
        }
        self.resumes = None;
        if self.in_flight >= IN_FLIGHT {
            return None;
        }
        loop {
            let batch = self.batches.front_mut()?;
            let wanted = match (batch.cuts.front(), batch.chunk) {
                (Some(cut), _) => *cut,
                (None, Chunk::Octets(octets)) => (octets as usize).max(1),
                (None, Chunk::Step | Chunk::Frame) => WRITE,
            };
            let whole_frames = batch.cuts.is_empty() && batch.chunk == Chunk::Frame;
            if self.stage.len() < wanted
                && !batch.pieces.is_empty()
                && (self.stage.is_empty() || !whole_frames)
            {
                let mut buffer = Vec::with_capacity(wanted.max(WRITE.min(4096)) + 16);
                buffer.extend_from_slice(&self.stage);
                fill(
                    &mut buffer,
                    &mut batch.pieces,
                    &mut self.taken,
                    wanted.max(WRITE),
                    whole_frames,
                );
                self.stage = buffer.into();
            }
            let size = wanted.min(self.stage.len());
            if batch.cuts.pop_front().is_some() && size == 0 && !self.stage.is_empty() {
                continue;
            }
            let write = self.stage.split_to(size);
            if self.stage.is_empty() && batch.pieces.is_empty() {
                self.batches.pop_front();
            } else if !write.is_empty() && !batch.gap.is_zero() {
                self.resumes = Some(now.after(batch.gap));
            }
            if write.is_empty() {
                continue;
            }
            self.in_flight += write.len();
            return Some(write);
        }
    }
}

/// Encodes pieces until `buffer` holds `wanted` octets, or one frame when `one_frame`.
fn fill(buffer: &mut Vec<u8>, pieces: &mut VecDeque<Piece>, taken: &mut u64, wanted: usize, one_frame: bool) {
    while let Some(piece) = pieces.front() {
        let room = wanted.saturating_sub(buffer.len());
        if room == 0 {
            return;
        }
        let before = buffer.len();
        let (done, frame_ended) = match piece {
            Piece::Octets(content) => {
                content.read_at(*taken, room, buffer);
                *taken += (buffer.len() - before) as u64;
                (*taken >= content.len(), false)
            }
            Piece::More { content, key, phase } => {
                content.read_at(*taken, room, buffer);
                masked(buffer, before, *key, phase + *taken);
                *taken += (buffer.len() - before) as u64;
                (*taken >= content.len(), false)
            }
            Piece::Frame(frame) => {
                if *taken == 0 {
                    frame.header.write(buffer);
                }
                let payload = buffer.len();
                let count = room.min(usize::try_from(frame.len - *taken).unwrap_or(usize::MAX));
                frame.content.read_at(frame.start + *taken, count, buffer);
                masked(buffer, payload, frame.header.mask, *taken);
                *taken += (buffer.len() - payload) as u64;
                let done = *taken >= frame.len;
                (done, done)
            }
        };
        if done {
            pieces.pop_front();
            *taken = 0;
        }
        if one_frame && frame_ended {
            return;
        }
    }
}

fn masked(buffer: &mut [u8], from: usize, key: Option<[u8; 4]>, phase: u64) {
    if let (Some(key), Some(payload)) = (key, buffer.get_mut(from..)) {
        mask::apply(key, (phase % 4) as usize, payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsanvil_wire::frame::{Header, Opcode};

    fn frame(text: &'static [u8], key: Option<[u8; 4]>) -> OutFrame {
        let header = Header {
            mask: key,
            ..Header::new(Opcode::TEXT, text.len() as u64)
        };
        OutFrame {
            header,
            content: Content::Octets(Bytes::from_static(text)),
            start: 0,
            len: text.len() as u64,
        }
    }

    fn writes(chunk: Chunk, cuts: &[usize], frames: Vec<OutFrame>) -> Vec<Vec<u8>> {
        let mut outbox = Outbox::default();
        outbox.push(Batch {
            pieces: frames.into_iter().map(Piece::Frame).collect(),
            chunk,
            cuts: cuts.iter().copied().collect(),
            gap: Duration::ZERO,
        });
        let mut out = Vec::new();
        while let Some(write) = outbox.next_write(Time(0)) {
            outbox.wrote(write.len());
            out.push(write.to_vec());
        }
        assert!(outbox.is_empty());
        out
    }

    #[test]
    fn of_nothing_there_is_nothing_to_wait_for() {
        let mut outbox = Outbox::default();
        outbox.push(Batch {
            pieces: VecDeque::from([Piece::Octets(Content::Octets(Bytes::new()))]),
            chunk: Chunk::Frame,
            cuts: VecDeque::new(),
            gap: Duration::ZERO,
        });
        assert!(outbox.is_empty());
    }

    #[test]
    fn the_size_of_writes_is_the_scripts() {
        let two = || vec![frame(b"Hello", None), frame(b"World", None)];
        let all = b"\x81\x05Hello\x81\x05World".to_vec();
        assert_eq!(writes(Chunk::Step, &[], two()), vec![all.clone()]);
        assert_eq!(
            writes(Chunk::Frame, &[], two()),
            vec![all[..7].to_vec(), all[7..].to_vec()]
        );
        let octets = writes(Chunk::Octets(1), &[], two());
        assert_eq!(octets.len(), 14);
        assert_eq!(octets.concat(), all);
        assert_eq!(
            writes(Chunk::Octets(4), &[], two())
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>(),
            [4, 4, 4, 2]
        );
        assert_eq!(
            writes(Chunk::Step, &[1, 5], two())
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>(),
            [1, 5, 8]
        );
    }

    #[test]
    fn masks_run_on_over_writes() {
        // RFC 6455 5.7.
        let hello = || vec![frame(b"Hello", Some([0x37, 0xFA, 0x21, 0x3D]))];
        let wire = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58];
        assert_eq!(writes(Chunk::Step, &[], hello()).concat(), wire);
        assert_eq!(writes(Chunk::Octets(3), &[], hello()).concat(), wire);
    }

    #[test]
    fn the_transport_sets_the_pace() {
        let mut outbox = Outbox::default();
        let content = Content::Fill {
            unit: Bytes::from_static(b"x"),
            len: 4 << 20,
        };
        outbox.push(Batch {
            pieces: [Piece::Octets(content)].into(),
            chunk: Chunk::Step,
            cuts: VecDeque::new(),
            gap: Duration::ZERO,
        });
        let mut in_flight = 0;
        while let Some(write) = outbox.next_write(Time(0)) {
            in_flight += write.len();
        }
        assert!((IN_FLIGHT..=IN_FLIGHT + WRITE).contains(&in_flight));
        outbox.wrote(WRITE);
        assert!(outbox.next_write(Time(0)).is_some());
    }
}
