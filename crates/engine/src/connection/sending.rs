//! Frames of the tester: built, recorded, shown to the shadow, and queued for the transport.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use wsanvil_case::script::{Chunk, Compress, FrameSend, Write};
use wsanvil_model::{Closer, Direction, What};
use wsanvil_wire::frame::{Header, LengthForm, Opcode};

use crate::content::Content;
use crate::frames::{self, OutFrame};
use crate::io::Time;
use crate::outbox::{Batch, Piece};
use crate::recorder::Excerpt;
use crate::shadow::SentFrame;

use super::{Connection, Shared};

/// Octets of a request that are looked at together.
const PIECE: usize = 64 << 10;

/// What the tester has under way on the sending side.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    /// Key, payload octets sent, payload octets announced, FIN and control bit of the last frame.
    frame: Option<OpenFrame>,
    /// Held back by `join`.
    joined: Vec<Piece>,
    /// The script's own Ping, when it was the last thing sent.
    last_ping: Option<(Bytes, Option<Time>)>,
    since_barrier: bool,
    spoiled: bool,
    key_seed: u64,
}

#[derive(Debug, Clone, Copy)]
struct OpenFrame {
    header: Header,
    sent: u64,
}

/// A send step ready to go.
pub(crate) struct Outgoing<'a> {
    /// The step.
    pub(crate) send: &'a FrameSend,
    /// Payload as the script gives it, before compression.
    pub(crate) content: Content,
    /// Payload as it goes over the wire.
    pub(crate) body: Content,
    /// Whether `body` is compressed.
    pub(crate) compressed: bool,
}

impl Sender {
    /// Whether a frame is unfinished.
    pub(crate) fn is_inside_frame(&self) -> bool {
        self.frame
            .is_some_and(|frame| frame.sent < frame.header.payload_len)
    }

    /// Whether octets were sent that are no frames.
    pub(crate) fn stream_spoiled(&self) -> bool {
        self.spoiled
    }

    /// Whether anything but the barrier was sent since the barrier.
    pub(crate) fn sent_since_barrier(&self) -> bool {
        self.since_barrier
    }

    /// A barrier now stands behind everything.
    pub(crate) fn barrier_sent(&mut self) {
        self.since_barrier = false;
    }

    /// No barrier stands behind everything any more, not even the script's own Ping.
    pub(crate) fn forget_barrier(&mut self) {
        self.since_barrier = true;
        self.last_ping = None;
    }

    /// The script's own Ping, when it was the last thing sent and could serve as barrier.
    pub(crate) fn last_ping(&self) -> Option<Bytes> {
        self.last_ping.as_ref().map(|(payload, _)| payload.clone())
    }

    /// When its Pong came.
    pub(crate) fn last_ping_answered(&self) -> Option<Time> {
        self.last_ping.as_ref().and_then(|(_, answered)| *answered)
    }

    /// A Pong came.
    pub(crate) fn pong_came(&mut self, payload: &Bytes, now: Time) {
        if let Some((ping, answered)) = &mut self.last_ping
            && ping == payload
        {
            answered.get_or_insert(now);
        }
    }

    /// Seeds the keys of frames the tester sends by itself.
    pub(crate) fn seed_keys(&mut self, seed: u64) {
        self.key_seed = seed;
    }

    /// A masking key.
    pub(crate) fn next_key(&mut self) -> [u8; 4] {
        // SplitMix64 over the instance's own random start.
        self.key_seed = self.key_seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.key_seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let [first, second, third, fourth, ..] = (mixed ^ (mixed >> 31)).to_le_bytes();
        [first, second, third, fourth]
    }
}

impl Connection {
    /// Sends the frames of a step.
    pub(crate) fn send_frames(&mut self, out: &Outgoing<'_>, write: &Write, shared: &mut Shared<'_>) {
        let masks = self.role.masks();
        let sender = &mut self.sender;
        let frames = frames::build(out.send, &out.body, out.compressed, masks, &mut || {
            sender.next_key()
        });
        for (index, frame) in frames.iter().enumerate() {
            // The first frame brings the content of the whole message: cutting it up again would only cost memory.
            let content = (index == 0).then(|| out.content.clone());
            let complete = frame.len == frame.header.payload_len;
            let owed = self.shadow.sent(&SentFrame {
                header: frame.header,
                content: content.as_ref(),
                complete,
                compressed: out.compressed,
                echo: out.send.echo,
            });
            self.owed.extend(owed.filter(|_| self.close_sent.is_none()));
            self.record_frame(frame, shared, "");
            self.sender.frame = Some(OpenFrame {
                header: frame.header,
                sent: frame.len,
            });
        }
        self.note_last(&frames);
        if out.send.closing {
            self.closing(shared.now);
        }
        self.queue(frames.into_iter().map(Piece::Frame).collect(), write);
    }

    /// Sends further payload of the unfinished frame.
    pub(crate) fn send_more(&mut self, content: Content, write: &Write, shared: &mut Shared<'_>) {
        let Some(frame) = &mut self.sender.frame else {
            return;
        };
        let phase = frame.sent;
        let left = frame.header.payload_len.saturating_sub(phase);
        let take = content.len().min(left);
        frame.sent += take;
        let (key, header, complete) = (
            frame.header.mask,
            frame.header,
            frame.sent >= frame.header.payload_len,
        );
        let content = OutFrame {
            header,
            content,
            start: 0,
            len: take,
        }
        .payload();
        self.shadow.more(&content);
        if complete && header.fin && !header.opcode.is_control() {
            let owed = self.shadow.finish();
            self.owed.extend(owed);
        }
        let excerpt = Excerpt::of_content(&content, 0, content.len(), shared.recorder);
        shared.recorder.octets(
            shared.now,
            &self.name,
            Direction::Out,
            What::Raw,
            excerpt,
            "more payload of the frame",
        );
        self.sent_something();
        self.queue(vec![Piece::More { content, key, phase }], write);
    }

    /// Sends octets as they are.
    pub(crate) fn send_raw(&mut self, content: Content, write: &Write, what: What, shared: &mut Shared<'_>) {
        let excerpt = Excerpt::of_content(&content, 0, content.len(), shared.recorder);
        shared
            .recorder
            .octets(shared.now, &self.name, Direction::Out, what, excerpt, "");
        if what == What::Raw && self.stage == super::Stage::Frames {
            self.sender.spoiled = true;
            self.shadow.spoil();
        }
        self.look_for_request_end(&content);
        self.sent_something();
        self.queue(vec![Piece::Octets(content)], write);
    }

    /// Notes the blank line that ends a request.
    fn look_for_request_end(&mut self, content: &Content) {
        if self.asked || self.stage != super::Stage::Http {
            return;
        }
        let mut from = 0;
        while from < content.len() && !self.asked {
            content.read_at(from, PIECE, &mut self.asking);
            from += PIECE as u64;
            let octets = &self.asking;
            self.asked = octets.windows(2).any(|two| two == b"\n\n")
                || octets.windows(3).any(|three| three == b"\n\r\n");
            let surplus = octets.len().saturating_sub(2);
            self.asking.drain(..surplus);
        }
    }

    /// Sends a Ping of the tester's own.
    pub(super) fn send_ping(&mut self, payload: Bytes, shared: &mut Shared<'_>, remark: &'static str) {
        self.send_own(Opcode::PING, payload, shared, remark);
    }

    /// Answers a Ping.
    pub(super) fn send_pong(&mut self, payload: Bytes, shared: &mut Shared<'_>) {
        self.send_own(Opcode::PONG, payload, shared, "answer");
    }

    /// Sends a Close of the tester's own.
    pub(crate) fn send_close(
        &mut self,
        code: Option<u16>,
        reason: &[u8],
        shared: &mut Shared<'_>,
        remark: &'static str,
    ) {
        let mut body = Vec::with_capacity(2 + reason.len());
        if let Some(code) = code {
            body.extend_from_slice(&code.to_be_bytes());
            body.extend_from_slice(reason);
        }
        self.send_own(Opcode::CLOSE, body.into(), shared, remark);
        self.closing(shared.now);
    }

    fn send_own(&mut self, opcode: Opcode, payload: Bytes, shared: &mut Shared<'_>, remark: &'static str) {
        let key = self.role.masks().then(|| self.sender.next_key());
        let len = payload.len() as u64;
        let header = Header {
            mask: key,
            form: LengthForm::minimal_for(len),
            ..Header::new(opcode, len)
        };
        let frame = OutFrame {
            header,
            content: Content::Octets(payload),
            start: 0,
            len,
        };
        self.record_frame(&frame, shared, remark);
        self.sent_own_frame(&frame);
        self.queue(vec![Piece::Frame(frame)], &Write::default());
    }

    fn sent_own_frame(&mut self, frame: &OutFrame) {
        self.sender.frame = Some(OpenFrame {
            header: frame.header,
            sent: frame.len,
        });
    }

    fn record_frame(&mut self, frame: &OutFrame, shared: &mut Shared<'_>, remark: &'static str) {
        self.pongs_owed += u64::from(frame.header.opcode == Opcode::PING);
        let excerpt = Excerpt::of_content(&frame.content, frame.start, frame.len, shared.recorder);
        shared.recorder.frame(
            shared.now,
            &self.name,
            Direction::Out,
            &frame.header,
            excerpt,
            remark,
        );
    }

    /// Notes what the last thing sent was, for barriers.
    fn note_last(&mut self, frames: &[OutFrame]) {
        self.sent_something();
        for frame in frames.iter().filter(|frame| frame.header.opcode == Opcode::PING) {
            self.ping_went(frame.payload().to_octets());
        }
        if let Some(frame) = frames.last()
            && frame.header.opcode == Opcode::PING
            && frame.header.fin
            && frame.header.rsv == 0
            && frame.len == frame.header.payload_len
            // An empty Pong may be one that nobody asked for: it proves nothing.
            && (1..=125).contains(&frame.len)
        {
            self.sender.last_ping = Some((frame.payload().to_octets(), None));
        }
    }

    fn sent_something(&mut self) {
        self.sender.forget_barrier();
    }

    /// Gives up what is not written yet. Where a frame was cut off nothing can follow, and its message is not owed.
    pub(crate) fn stop_sending(&mut self) {
        if self.outbox.is_unwritten() {
            self.sender.spoiled = true;
            self.shadow.spoil();
            self.owed.pop_back();
        }
        self.outbox.clear();
    }

    fn closing(&mut self, now: Time) {
        if self.close_sent.is_none() {
            self.close_sent = Some(now);
            if self.closer == Closer::Nobody {
                self.closer = Closer::Tester;
            }
        }
    }

    /// Hands pieces to the outbox, or holds them back for the next send.
    fn queue(&mut self, pieces: Vec<Piece>, write: &Write) {
        self.sender.joined.extend(pieces);
        if write.join {
            return;
        }
        let pieces: VecDeque<Piece> = std::mem::take(&mut self.sender.joined).into();
        // A write of nothing is none: nobody would ever report it as done.
        if pieces.iter().all(|piece| piece.len() == 0) {
            return;
        }
        self.outbox.push(Batch {
            cuts: cuts(&write.cut, &pieces),
            pieces,
            chunk: write.chunk,
            gap: Duration::from_millis(write.gap_ms),
        });
    }

    /// Lets go what `join` held back.
    pub(crate) fn release_joined(&mut self) {
        if !self.sender.joined.is_empty() {
            let pieces: VecDeque<Piece> = std::mem::take(&mut self.sender.joined).into();
            self.outbox.push(Batch {
                pieces,
                chunk: Chunk::Step,
                cuts: VecDeque::new(),
                gap: Duration::ZERO,
            });
        }
    }

    /// The window of a message that compresses to the same octets on every connection: in the tester's usual way, and
    /// with nothing carried over.
    pub(crate) fn sharable(&self, send: &FrameSend) -> Option<u8> {
        let usual = send
            .compress
            .as_ref()
            .is_some_and(|how| *how == Compress::default());
        let agreed = self.agreed?;
        (usual && send.code.is_none() && !agreed.client_takeover).then_some(agreed.client_window)
    }

    /// Compresses a message of the tester, when deflate is agreed.
    pub(crate) fn compress(&mut self, send: &FrameSend, content: &Content) -> Option<Content> {
        let how = send.compress.as_ref()?;
        let agreed = self.agreed?;
        Some(frames::compress(content, how, agreed, &mut self.compressor))
    }
}

/// Sizes of the first writes from cut offsets; offsets beyond the end are skipped.
fn cuts(offsets: &[i64], pieces: &VecDeque<Piece>) -> VecDeque<usize> {
    let total: u64 = pieces.iter().map(Piece::len).sum();
    let mut places: Vec<u64> = offsets
        .iter()
        .filter_map(|&offset| match u64::try_from(offset) {
            Ok(offset) => Some(offset),
            Err(_) => total.checked_sub(offset.unsigned_abs()),
        })
        .filter(|&place| place > 0 && place < total)
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut before = 0;
    places
        .into_iter()
        .map(|place| {
            let size = place - before;
            before = place;
            size as usize
        })
        .collect()
}
