//! One connection: what was agreed, what is owed, what came, and where both closing handshakes stand.

mod barrier;
mod body;
mod control;
mod mangled;
mod receive;
mod sending;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use wsanvil_model::{Closer, Direction, FindingKind, What};
use wsanvil_wire::Role;
use wsanvil_wire::deflate::{Agreed, Inflater};
use wsanvil_wire::extension::Extension;
use wsanvil_wire::frame::Decoder;
use wsanvil_wire::http::{HeadReader, ResponseHead};

use crate::io::{ConnId, Time};
use crate::lanes::{CloseSeen, DataEvent, EndSeen, Lanes};
use crate::outbox::Outbox;
use crate::outcome::StandingHit;
use crate::recorder::Recorder;
use crate::shadow::{Owed, Shadow};
use crate::vars::ConnVars;

pub(crate) use barrier::Barrier;
pub(crate) use receive::DeflateFacts;
pub(crate) use sending::{Outgoing, Sender};

/// Octets of a response head, at most.
const MAX_HEAD: usize = 64 << 10;

/// Octets beyond what is owed that end an instance.
const FLOOD: u64 = 1 << 20;

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The transport is being opened.
    Opening,
    /// The transport could not be opened.
    Unopened,
    /// HTTP: requests go out, heads are awaited.
    Http,
    /// The peer answered 101: frames.
    Frames,
    /// Reading has ended.
    Ended,
}

/// What all connections of an instance share while one of them works.
pub(crate) struct Shared<'a> {
    /// The moment.
    pub(crate) now: Time,
    /// The transcript.
    pub(crate) recorder: &'a mut Recorder,
    /// Standing rules seen broken.
    pub(crate) standing: &'a mut Vec<StandingHit>,
}

impl Shared<'_> {
    /// A standing rule was broken. The first evidence per rule and connection is enough: a peer that breaks one in
    /// every frame must not fill the memory.
    pub(crate) fn hit(&mut self, hit: StandingHit) {
        let known = |known: &StandingHit| {
            known.rule == hit.rule && known.level == hit.level && known.finding.on == hit.finding.on
        };
        if !self.standing.iter().any(known) {
            self.standing.push(hit);
        }
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Number given to the driver.
    pub(crate) id: ConnId,
    /// Name in the script.
    pub(crate) name: Arc<str>,
    /// The tester's side of it.
    pub(crate) role: Role,
    /// Where it stands.
    pub(crate) stage: Stage,
    /// The peer answered 101.
    pub(crate) switched: bool,
    /// Whether `open = "ws"` made it: the tester sends the request and awaits 101.
    pub(crate) handshake: bool,
    /// Names for templates.
    pub(crate) vars: ConnVars,
    /// Answer Pings.
    pub(crate) auto_pong: bool,
    /// Answer a Close.
    pub(crate) auto_close: bool,
    /// The key of the request, as its octets have it; `None` when they have none that is known.
    pub(crate) offered_key: Option<Vec<u8>>,
    /// Sub-protocols and extensions offered.
    pub(crate) offered: (Vec<String>, Vec<Extension>),
    /// permessage-deflate, when agreed.
    pub(crate) agreed: Option<Agreed>,
    /// The events.
    pub(crate) lanes: Lanes,
    /// Messages to come back, oldest first.
    pub(crate) owed: VecDeque<Owed>,
    /// What is still to be written.
    pub(crate) outbox: Outbox,
    /// What a strict peer makes of what is sent.
    pub(crate) shadow: Shadow,
    /// The tester's own side of sending.
    pub(crate) sender: Sender,
    /// The barrier under way.
    pub(crate) barrier: Option<Barrier>,
    /// A final HTTP response that is no 101 came: the end of TCP behind it is its natural end.
    pub(crate) answered_in_http: bool,
    /// A whole request went out, up to its blank line: before that an answer answers nothing.
    pub(crate) asked: bool,
    /// The first Close of the peer.
    pub(crate) close_seen: Option<CloseSeen>,
    /// Code of the latest Close of the peer whose header is legal.
    pub(crate) last_close_code: Option<u16>,
    /// When the tester sent its Close.
    pub(crate) close_sent: Option<Time>,
    /// Who closed first.
    pub(crate) closer: Closer,
    /// The end of the transport, as the peer made it.
    pub(crate) end_seen: Option<EndSeen>,
    /// The tester ended the transport.
    pub(crate) dropped: bool,
    /// TLS was agreed, though perhaps not with the certificate wanted.
    pub(crate) secured: bool,
    /// TCP came about and TLS did not, nor did the target refuse it: what happened instead.
    pub(crate) tls_trouble: Option<(FindingKind, String)>,
    /// A connection without TLS to a target that speaks TLS: what is no HTTP head is no event.
    pub(crate) in_the_clear: bool,
    /// The tester ended its own direction: it reads on and writes no more.
    pub(crate) half_closed: bool,
    /// Deflate facts over all messages of the peer.
    pub(crate) deflate: DeflateFacts,
    /// Set when more came than is owed: octets counted.
    pub(crate) flooded: bool,
    /// The Server field of the response.
    pub(crate) server: Option<String>,
    /// Events the Autobahn judge looks at.
    pub(crate) observed: Vec<Observed>,
    /// Whether `observed` keeps digests of messages.
    pub(crate) keep_digests: bool,
    /// Whether a message came back as sent.
    pub(crate) echoed: bool,
    /// Whether raw frames are kept for `expect = "frame"`.
    pub(crate) keep_frames: bool,
    /// Data messages are not judged (`--app none`).
    pub(crate) ignore_messages: bool,

    /// The last octets of a request that is not whole yet.
    asking: Vec<u8>,
    reader: HeadReader<ResponseHead>,
    decoder: Decoder,
    inflater: Option<Inflater>,
    compressor: Option<crate::frames::Shared>,
    receiving: receive::Receiving,
    pings_sent: VecDeque<Bytes>,
    pings_passed: VecDeque<Bytes>,
    pings_answered: VecDeque<Bytes>,
    unowed: u64,
    /// Pings sent for which no Pong came yet.
    pongs_owed: u64,
    /// Octets of the head before the frames: offsets count from the first octet received.
    heads: u64,
    blocked: bool,
    /// Nonces of barriers that others took the place of: their Pongs may still come.
    barriers_passed: VecDeque<Bytes>,
    /// A frame of the peer broke a rule: what Autobahn sees of messages ends there.
    pub(crate) violated: bool,
}

/// An event for the Autobahn judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Observed {
    /// A whole message.
    Message {
        /// Text, else binary.
        text: bool,
        /// Octets after inflation.
        len: u64,
        /// Whether it is the message owed at its place.
        owed: bool,
        /// Type and length of the message owed at its place.
        expected: Option<(bool, u64)>,
        /// SHA-1, when kept.
        sha1: Option<[u8; 20]>,
    },
    /// A Pong that is no barrier's.
    Pong(Bytes),
    /// A named pause that ended with the connection open.
    Timeout(String),
}

impl Connection {
    /// A connection that is being opened.
    pub(crate) fn new(id: ConnId, name: Arc<str>, role: Role) -> Self {
        Self {
            id,
            name,
            role,
            stage: Stage::Opening,
            switched: false,
            handshake: false,
            vars: ConnVars::default(),
            auto_pong: true,
            auto_close: true,
            offered_key: None,
            offered: (Vec::new(), Vec::new()),
            agreed: None,
            lanes: Lanes::default(),
            owed: VecDeque::new(),
            outbox: Outbox::default(),
            shadow: Shadow::new(role),
            sender: Sender::default(),
            barrier: None,
            barriers_passed: VecDeque::new(),
            answered_in_http: false,
            asked: false,
            asking: Vec::new(),
            close_seen: None,
            last_close_code: None,
            close_sent: None,
            closer: Closer::Nobody,
            end_seen: None,
            dropped: false,
            secured: false,
            tls_trouble: None,
            in_the_clear: false,
            half_closed: false,
            deflate: DeflateFacts::default(),
            flooded: false,
            server: None,
            observed: Vec::new(),
            keep_digests: false,
            echoed: false,
            keep_frames: false,
            ignore_messages: false,
            reader: HeadReader::new(MAX_HEAD),
            decoder: Decoder::new(role.peer()),
            inflater: None,
            compressor: None,
            receiving: receive::Receiving::default(),
            pings_sent: VecDeque::new(),
            pings_passed: VecDeque::new(),
            pings_answered: VecDeque::new(),
            unowed: 0,
            pongs_owed: 0,
            heads: 0,
            blocked: false,
            violated: false,
        }
    }

    /// Whether octets can still be sent with effect.
    pub(crate) fn can_send(&self) -> bool {
        matches!(self.stage, Stage::Http | Stage::Frames) && !self.dropped && !self.half_closed
    }

    /// Whether the last send was given up since the peer does not read.
    pub(crate) fn sender_blocked(&self) -> bool {
        self.blocked
    }

    /// The peer does not read.
    pub(crate) fn set_sender_blocked(&mut self) {
        self.blocked = true;
    }

    /// Whether the peer can still send.
    pub(crate) fn is_readable(&self) -> bool {
        matches!(self.stage, Stage::Http | Stage::Frames)
    }

    /// Whether the peer answered 101, whatever came behind it.
    pub(crate) fn upgraded(&self) -> bool {
        match self.next_data() {
            Some(DataEvent::Response(head)) => head.status == 101,
            _ => self.stage == Stage::Frames,
        }
    }

    /// Whether neither side has begun to end a WebSocket connection.
    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Frames
            && self.close_seen.is_none()
            && self.close_sent.is_none()
            && self.can_send()
    }

    /// The first event of the data lane.
    pub(crate) fn next_data(&self) -> Option<&DataEvent> {
        self.lanes.data.front()
    }

    /// The transport is open.
    pub(crate) fn opened(&mut self, shared: &mut Shared<'_>) {
        self.stage = Stage::Http;
        shared.recorder.event(
            shared.now,
            &self.name,
            Direction::Out,
            What::Opened,
            "TCP is open",
        );
    }

    /// The peer's direction ended.
    pub(crate) fn ended(&mut self, end: EndSeen, shared: &mut Shared<'_>) {
        if !self.is_readable() {
            return;
        }
        let what = if end.how == wsanvil_case::script::EndKind::Rst {
            What::Reset
        } else {
            What::Fin
        };
        shared
            .recorder
            .event(shared.now, &self.name, Direction::In, what, end.describe());
        self.stage = Stage::Ended;
        self.outbox.clear();
        if self.closer == Closer::Nobody && !self.dropped && !self.half_closed {
            self.closer = Closer::Target;
        }
        self.end_seen = Some(end.clone());
        self.lanes.data.push_back(DataEvent::End(end));
    }

    /// Lets go of everything that came and of what is owed, whoever waits for it.
    pub(crate) fn forget(&mut self) {
        self.lanes = Lanes::default();
        self.owed.clear();
        self.observed.clear();
        self.unowed = 0;
    }

    /// Whether the stream stands inside a frame or a head.
    pub(crate) fn is_inside(&self) -> bool {
        match self.stage {
            Stage::Http => self.reader.buffered() > 0,
            _ => !self.decoder.at_boundary(),
        }
    }
}
