//! Octets of the peer: HTTP heads first, frames behind 101.

use bytes::Bytes;
use wsanvil_model::{Direction, What};
use wsanvil_wire::Rule;
use wsanvil_wire::deflate::{InflateError, Inflater};
use wsanvil_wire::frame::{Decoder, Event, Header, Opcode};
use wsanvil_wire::http::{HeadReader, ResponseHead};
use wsanvil_wire::upgrade::{Offered, ResponseRule, check_refusal, check_response_all};
use wsanvil_wire::utf8::Validator;

use crate::incoming::Incoming;
use crate::lanes::{Compared, DataEvent};
use crate::recorder::Excerpt;
use crate::shadow::Owed;
use crate::standing;

use super::body::Body;
use super::control::BARRIER;
use super::{Connection, FLOOD, Observed, Shared, Stage};

/// Raw frame headers kept for expectations.
const KEPT_FRAMES: usize = 4096;

/// What a control frame counts beside its payload, and a data frame for which nothing is owed or that gets its message no
/// further: an endless row of empty frames is a flood too.
const FRAME_COST: u64 = 256;

/// Octets of a compressed message inflated at once: they grow to a thousand times as many.
const INFLATED_AT_ONCE: usize = 1024;

/// Octets kept of a control frame; a longer one is illegal anyway.
const KEPT_CONTROL: usize = 4096;

/// A Ping payload of fewer octets could stand in a body by chance.
const SHORTEST_PROOF: usize = 4;

/// Header and payload of the longest Pong.
const LONGEST_PONG: usize = 2 + 125;

/// The frame and message being received.
#[derive(Debug, Default)]
pub(crate) struct Receiving {
    frame: Option<Frame>,
    message: Option<Incoming>,
    inflated: Vec<u8>,
    /// The body behind a response that is not 101.
    body: Body,
    /// Its last octets.
    body_tail: Vec<u8>,
}

#[derive(Debug)]
struct Frame {
    header: Header,
    offset: u64,
    broken: Option<Rule>,
    excerpt: Excerpt,
    control: Vec<u8>,
}

/// What the peer's compressed messages show, over all of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DeflateFacts {
    /// Data messages with RSV1.
    pub(crate) compressed: u64,
    /// Data messages without, that were not empty.
    pub(crate) plain: u64,
    /// Farthest reference.
    pub(crate) max_distance: u32,
    /// Farthest reach before the first octet of a message.
    pub(crate) reach_before: u32,
}

/// Whether octets that are no head are meant for a 101 all the same.
fn is_switching_protocols(octets: &[u8]) -> bool {
    let mut words = octets
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let http = |word: &[u8]| {
        word.get(..5)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"HTTP/"))
    };
    words.next().is_some_and(http) && words.next() == Some(b"101")
}

impl Connection {
    /// Octets came.
    pub(crate) fn receive(&mut self, octets: &mut [u8], shared: &mut Shared<'_>) {
        if self.stage == Stage::Http {
            self.receive_http(octets, shared);
        } else if self.stage == Stage::Frames {
            self.receive_frames(octets, shared);
        }
    }

    fn receive_http(&mut self, octets: &mut [u8], shared: &mut Shared<'_>) {
        let mut from = 0;
        while self.stage == Stage::Http && from < octets.len() {
            let rest = octets.get(from..).unwrap_or_default();
            if !self.receiving.body.is_over() {
                let skipped = self.receiving.body.skip(rest);
                let body = rest.get(..skipped).unwrap_or_default().to_vec();
                self.frames_in_body(&body, shared);
                self.count_unowed(skipped as u64);
                from += skipped;
                continue;
            }
            match self.reader.push(rest) {
                Ok(Some((head, surplus))) => {
                    from = octets.len() - surplus.len();
                    self.response(head, shared);
                }
                Ok(None) => return,
                Err(error) => {
                    if self.in_the_clear {
                        let octets = Excerpt::of(self.reader.octets());
                        let remark = "no HTTP".to_owned();
                        shared.recorder.octets(
                            shared.now,
                            &self.name,
                            Direction::In,
                            What::Raw,
                            octets,
                            remark,
                        );
                        self.reader = HeadReader::new(super::MAX_HEAD);
                        self.count_unowed(rest.len() as u64);
                        return;
                    }
                    if self.no_head_seen() {
                        self.count_unowed(rest.len() as u64);
                        return;
                    }
                    let why = error.to_string();
                    let upgraded = is_switching_protocols(self.reader.octets())
                        || self.answers_a_ping(self.reader.octets())
                        || self.answers_a_ping(rest);
                    let octets = Excerpt::of(self.reader.octets());
                    shared.recorder.octets(
                        shared.now,
                        &self.name,
                        Direction::In,
                        What::Raw,
                        octets,
                        format!("no HTTP head: {why}"),
                    );
                    let offset = error.offset() as u64;
                    if self.asked {
                        shared.hit(standing::bad_head(&why, error.requirement(), &self.name, offset));
                    }
                    self.lanes.data.push_back(DataEvent::NoHead {
                        why,
                        offset,
                        upgraded,
                    });
                    return;
                }
            }
        }
        if self.stage == Stage::Frames && from < octets.len() {
            let rest = octets.get_mut(from..).unwrap_or_default();
            self.receive_frames(rest, shared);
        }
    }

    /// A refusal that does not say where its body ends may go on in frames: a Pong that answers a Ping of ours was never
    /// meant for a body. The Ping went out masked, so no page that repeats the request has its octets.
    fn frames_in_body(&mut self, octets: &[u8], shared: &mut Shared<'_>) {
        if self.receiving.body != Body::ToTheEnd || self.no_head_seen() {
            return;
        }
        self.receiving.body_tail.extend_from_slice(octets);
        let found = self.answers_a_ping(&self.receiving.body_tail);
        let surplus = self.receiving.body_tail.len().saturating_sub(LONGEST_PONG);
        self.receiving.body_tail.drain(..surplus);
        if found {
            let why = "a Pong behind the response, for a Ping sent before it".to_owned();
            let text = Excerpt::of(octets);
            shared.recorder.octets(
                shared.now,
                &self.name,
                Direction::In,
                What::Raw,
                text,
                why.clone(),
            );
            self.lanes.data.push_back(DataEvent::NoHead {
                why,
                offset: 0,
                upgraded: true,
            });
        }
    }

    /// Whether a Pong that answers a Ping of ours stands in octets that should be HTTP.
    fn answers_a_ping(&self, octets: &[u8]) -> bool {
        let proving = self.pings_sent.iter().filter(|ping| ping.len() >= SHORTEST_PROOF);
        let mut answered = proving.filter_map(|ping| {
            let length = u8::try_from(ping.len()).ok()?;
            Some([&[0x8A, length][..], ping].concat())
        });
        answered.any(|pong| octets.windows(pong.len()).any(|window| window == pong))
    }

    fn no_head_seen(&self) -> bool {
        self.lanes
            .data
            .iter()
            .any(|event| matches!(event, DataEvent::NoHead { .. }))
    }

    fn response(&mut self, head: ResponseHead, shared: &mut Shared<'_>) {
        let octets = Excerpt::of(head.octets());
        shared
            .recorder
            .octets(shared.now, &self.name, Direction::In, What::Head, octets, "");
        if self.server.is_none() {
            self.server = head
                .fields
                .get("Server")
                .map(|value| String::from_utf8_lossy(value).into_owned());
        }
        if head.status == 101 {
            self.switch(&head, shared);
        } else if head.status >= 200 {
            for rule in check_refusal(&head) {
                shared.hit(standing::refusal(&rule, &self.name));
            }
            self.receiving.body = Body::of(&head);
            self.answered_in_http = true;
            // Answers to requests that were never made are a flood like any other.
            self.count_unowed(FRAME_COST + head.len as u64);
        } else {
            // An interim response goes before the final one; a row of them without end is a flood.
            self.count_unowed(head.len as u64);
            return;
        }
        self.lanes.data.push_back(DataEvent::Response(Box::new(head)));
    }

    /// 101: both sides speak WebSocket from here on.
    fn switch(&mut self, head: &ResponseHead, shared: &mut Shared<'_>) {
        let offered = Offered {
            key: self.offered_key.as_deref().unwrap_or_default(),
            protocols: &self.offered.0,
            extensions: &self.offered.1,
        };
        let (agreed, broken) = check_response_all(head, &offered);
        // Without a key that is known no accept value is the right one, nor for one that has no single reading.
        let readable = self.offered_key.as_ref().is_some_and(|key| key.is_ascii());
        let judged = |rule: &&ResponseRule| readable || !matches!(rule, ResponseRule::AcceptWrong { .. });
        for rule in broken.iter().filter(|rule| !rule.is_disputed()).filter(judged) {
            shared.hit(standing::response(rule, &self.name));
        }
        self.agreed = agreed.and_then(|agreed| agreed.deflate);
        self.stage = Stage::Frames;
        self.switched = true;
        self.heads += head.len as u64;
        self.decoder = Decoder::new(self.role.peer());
        self.decoder.set_rsv1(self.agreed.is_some());
        self.shadow.set_rsv1(self.agreed.is_some());
        // Whether window and takeover are obeyed is for the checks: the inflater takes what DEFLATE allows.
        self.inflater = self.agreed.map(|_| Inflater::new(15, true));
    }

    fn receive_frames(&mut self, octets: &mut [u8], shared: &mut Shared<'_>) {
        let mut decoder = std::mem::replace(&mut self.decoder, Decoder::new(self.role.peer()));
        let mut rest = octets;
        while let Some(event) = decoder.next(&mut rest) {
            match event {
                Event::Header {
                    header,
                    offset,
                    broken,
                } => self.frame_begins(header, self.heads + offset, broken, shared),
                Event::Payload(payload) => self.frame_payload(payload, shared),
                Event::End => self.frame_ends(shared),
            }
            if self.flooded {
                break;
            }
        }
        self.decoder = decoder;
    }

    fn frame_begins(&mut self, header: Header, offset: u64, broken: Option<Rule>, shared: &mut Shared<'_>) {
        if let Some(rule) = &broken {
            self.violated = true;
            shared.hit(standing::frame(rule, &self.name, offset));
        }
        if self.close_seen.is_some() {
            let rule = Rule::DataAfterClose {
                opcode: header.opcode.get(),
            };
            // A Ping may still have to be answered, and the rule names data frames only (RFC 6455 5.5.1, 5.5.2).
            if !header.opcode.is_control() {
                shared.hit(standing::frame(&rule, &self.name, offset));
            }
        }
        if self.keep_frames && self.lanes.frames.len() < KEPT_FRAMES {
            self.lanes.frames.push_back(header);
        }
        if !header.opcode.is_control() && header.opcode != Opcode::CONTINUATION {
            // A message that is interrupted by another is given up.
            let compressed = header.rsv & 4 != 0 && self.agreed.is_some();
            let binary = header.opcode != Opcode::TEXT;
            self.receiving.message = Some(Incoming::new(
                binary,
                compressed,
                offset,
                self.owed_next().cloned(),
            ));
        }
        let owed = self.receiving.message.as_ref().is_some_and(Incoming::is_owed);
        if header.opcode.is_control() || !owed || (header.payload_len == 0 && !header.fin) {
            self.count_unowed(FRAME_COST);
        }
        self.receiving.frame = Some(Frame {
            header,
            offset,
            broken,
            excerpt: Excerpt::expecting(header.payload_len, shared.recorder),
            control: Vec::new(),
        });
    }

    fn frame_payload(&mut self, payload: &mut [u8], shared: &mut Shared<'_>) {
        let Some(frame) = &mut self.receiving.frame else {
            return;
        };
        frame.excerpt.push(payload);
        if frame.header.opcode.is_control() {
            let room = KEPT_CONTROL.saturating_sub(frame.control.len());
            frame
                .control
                .extend_from_slice(payload.get(..room).unwrap_or(payload));
            self.count_unowed(payload.len() as u64);
            return;
        }
        let offset = frame.offset;
        let Some(message) = &mut self.receiving.message else {
            self.count_unowed(payload.len() as u64);
            return;
        };
        if !message.is_compressed() {
            let unowed = message.push(payload);
            self.count_unowed(unowed);
            return;
        }
        for piece in payload.chunks(INFLATED_AT_ONCE) {
            self.inflate(Some(piece), offset, shared);
        }
    }

    /// Inflates a piece of a message, or with `None` its end. Nothing of what comes out is kept here.
    fn inflate(&mut self, piece: Option<&[u8]>, offset: u64, shared: &mut Shared<'_>) {
        let (Some(message), Some(inflater)) = (&mut self.receiving.message, &mut self.inflater) else {
            return;
        };
        let out = &mut self.receiving.inflated;
        out.clear();
        let limit = message.limit();
        let result = match piece {
            Some(piece) => inflater.push(piece, out, limit),
            None => inflater.finish(out, limit),
        };
        let unowed = message.push(out);
        match result {
            Ok(()) => {}
            Err(InflateError::TooLarge { .. }) => self.flooded = true,
            Err(error) => {
                let rule = Rule::DeflateData(error);
                shared.hit(standing::frame(&rule, &self.name, offset));
                self.receiving.message = None;
                self.inflater = None;
            }
        }
        self.count_unowed(unowed);
    }

    fn frame_ends(&mut self, shared: &mut Shared<'_>) {
        let Some(frame) = self.receiving.frame.take() else {
            return;
        };
        let payload = Bytes::from(frame.control);
        let mut remark = "";
        match frame.header.opcode {
            Opcode::PING => self.ping(payload, shared),
            Opcode::PONG => {
                let cost = FRAME_COST + payload.len() as u64;
                remark = self.pong(payload, frame.offset, shared);
                if self.pongs_owed > 0 {
                    // What was asked for is no flood.
                    self.pongs_owed -= 1;
                    self.unowed = self.unowed.saturating_sub(cost);
                }
            }
            Opcode::CLOSE => self.close(payload, frame.offset, frame.broken, shared),
            _ if frame.header.opcode.is_control() => {}
            _ => {
                if frame.header.fin {
                    self.message_ends(frame.offset, shared);
                }
            }
        }
        if remark == BARRIER && self.keep_frames {
            // Barrier Pongs are in no lane.
            self.lanes.frames.pop_back();
        }
        let remark = match &frame.broken {
            Some(rule) => rule.to_string().into(),
            None => std::borrow::Cow::Borrowed(remark),
        };
        shared.recorder.frame(
            shared.now,
            &self.name,
            Direction::In,
            &frame.header,
            frame.excerpt,
            remark,
        );
    }

    fn message_ends(&mut self, offset: u64, shared: &mut Shared<'_>) {
        let compressed = self
            .receiving
            .message
            .as_ref()
            .is_some_and(Incoming::is_compressed);
        if compressed {
            self.inflate(None, offset, shared);
            let Some(inflater) = &self.inflater else {
                self.receiving.message = None;
                return;
            };
            let facts = inflater.facts();
            self.deflate.max_distance = self.deflate.max_distance.max(facts.max_distance);
            self.deflate.reach_before = self.deflate.reach_before.max(facts.reach_before);
            if facts.padding_set {
                shared.hit(standing::padding_set(&self.name, offset));
            }
        }
        let Some(mut message) = self.receiving.message.take() else {
            return;
        };
        if compressed {
            self.deflate.compressed += 1;
        }
        if !message.is_owed()
            && let Some(owed) = self.owed_next()
        {
            // The peer began its echo before the last fragment went out.
            let counted = message.compare(owed.clone());
            self.unowed = self.unowed.saturating_sub(counted);
        }
        let message = message.finish();
        if !message.compressed && message.len > 0 {
            self.deflate.plain += 1;
        }
        if !message.binary
            && let Compared::Other { octets, .. } = &message.content
            && octets.len() as u64 == message.len
            && let Err(error) = validate(octets)
        {
            shared.hit(standing::frame(
                &Rule::Utf8 { at: error },
                &self.name,
                message.offset,
            ));
        }
        if !self.violated {
            self.observe(&message);
        }
        if !self.ignore_messages {
            self.lanes.data.push_back(DataEvent::Message(message));
        }
    }

    fn observe(&mut self, message: &crate::lanes::Received) {
        let owed = matches!(message.content, Compared::Owed);
        let expected = self.owed_next();
        let same = owed && expected.is_some_and(|expected| expected.binary == message.binary);
        let sha1 = self.keep_digests.then(|| match &message.content {
            Compared::Owed => expected
                .map(|expected| expected.content.sha1())
                .unwrap_or_default(),
            Compared::Other { octets, .. } => crate::content::Content::Octets(octets.clone()).sha1(),
        });
        let expected = expected.map(|expected| (!expected.binary, expected.content.len()));
        let (text, len) = (!message.binary, message.len);
        self.echoed |= same;
        self.observed.push(Observed::Message {
            text,
            len,
            owed: same,
            expected,
            sha1,
        });
    }

    /// What is owed at the place of the next message.
    fn owed_next(&self) -> Option<&Owed> {
        let waiting = self
            .lanes
            .data
            .iter()
            .filter(|event| matches!(event, DataEvent::Message(_)))
            // Beyond what is owed the number does not matter, and a flood must not make this quadratic.
            .take(self.owed.len())
            .count();
        self.owed.get(waiting)
    }

    fn count_unowed(&mut self, octets: u64) {
        self.unowed = self.unowed.saturating_add(octets);
        // An error page may be longer than a handshake.
        let limit = if self.stage == Stage::Http && !self.answered_in_http {
            super::MAX_HEAD as u64
        } else {
            FLOOD
        };
        if self.unowed > limit {
            self.flooded = true;
        }
    }
}

fn validate(octets: &[u8]) -> Result<(), u64> {
    let mut validator = Validator::new();
    validator
        .push(octets)
        .and_then(|()| validator.finish())
        .map_err(|error| error.at)
}
