//! The faulty peer: a lenient reader that keeps every rule its defects leave.

use wsanvil_wire::deflate::{Agreed, InflateError};
use wsanvil_wire::endpoint::Keys;
use wsanvil_wire::frame::{Decoder, Event, Header, Opcode, Position, broken_rules};
use wsanvil_wire::{Role, Rule};

use super::closing;
use super::inflating::Inflating;
use super::misread::Misread;
use super::neighbours::Neighbours;
use super::reply::Reply;
use super::text::{Text, by_blocks, has_noncharacter};
use super::tolerance::{self, Place};
use super::unmask;
use crate::{Defect, Defects};

/// The longest control payload kept when there is no limit of 125.
const CONTROL_MAX: usize = 64 << 10;
/// Octets of a read that are looked at, with the defect of a small buffer.
const READ_BUFFER: usize = 16 << 10;
/// Octets taken at most for what is only announced.
const ANNOUNCED_MAX: u64 = 128 << 20;

/// What the peer starts with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) role: Role,
    pub(crate) defects: Defects,
    pub(crate) deflate: Option<Agreed>,
    pub(crate) max_message: u64,
    pub(crate) close_trigger: Option<String>,
    pub(crate) keys: Keys,
    pub(crate) neighbours: Neighbours,
}

/// One faulty connection after the opening handshake.
#[derive(Debug)]
pub(crate) struct Peer {
    setup: Setup,
    decoder: Decoder,
    misread: Option<Misread>,
    /// Octets of a read that wait for the next one.
    held: Vec<u8>,
    header: Header,
    /// Payload octets of the frame in progress so far.
    in_frame: u64,
    frames: u64,
    messages: u64,
    fragmented: u64,
    last_key: Option<[u8; 4]>,
    /// Payload of a control frame, or of any frame that is sent back as it is.
    payload: Vec<u8>,
    /// Whether the payload of the frame in progress is thrown away.
    discard: bool,
    message: Option<Message>,
    /// The message that a tolerated new one interrupted.
    suspended: Option<Message>,
    inflating: Option<Inflating>,
    text: Text,
    /// Type of the first message.
    first_type: Option<Opcode>,
    binary_seen: bool,
    /// Octets of the last fragmented message.
    kept: Vec<u8>,
    /// Pings not answered yet.
    pings: Vec<Vec<u8>>,
    pongs_sent: u64,
    last_pong: Option<Vec<u8>>,
    reply: Reply,
    close_sent: bool,
    reading: bool,
    drop: bool,
    ended: bool,
    /// A data message was completed in the read at hand.
    message_ended: bool,
    /// Memory taken for octets that were only announced.
    announced: Vec<u8>,
    /// Octets of all messages so far.
    total: u64,
}

#[derive(Debug)]
struct Message {
    opcode: Opcode,
    compressed: bool,
    frames: u32,
    octets: Vec<u8>,
    fragments: u64,
    /// Octets before the frame in progress.
    before: usize,
    first_key: [u8; 4],
}

impl Peer {
    pub(crate) fn new(mut setup: Setup) -> Self {
        let keys = std::mem::take(&mut setup.keys);
        let mut peer = Self {
            decoder: Decoder::new(setup.role.peer()),
            misread: Misread::new(setup.defects),
            held: Vec::new(),
            in_frame: 0,
            frames: 0,
            messages: 0,
            fragmented: 0,
            last_key: None,
            first_type: None,
            binary_seen: false,
            kept: Vec::new(),
            last_pong: None,
            header: Header::new(Opcode::CONTINUATION, 0),
            payload: Vec::new(),
            discard: false,
            message: None,
            suspended: None,
            inflating: setup
                .deflate
                .map(|agreed| Inflating::new(setup.role, setup.defects, agreed)),
            text: Text::new(setup.defects),
            pings: Vec::new(),
            pongs_sent: 0,
            reply: Reply::new(setup.role, setup.defects, setup.deflate, keys),
            close_sent: false,
            reading: true,
            drop: false,
            ended: false,
            message_ended: false,
            announced: Vec::new(),
            total: 0,
            setup,
        };
        if peer.has(Defect::CloseAtOnce) {
            peer.reply.close(Some(1002), "");
            peer.stop();
        }
        peer
    }

    pub(crate) fn receive(&mut self, input: &mut [u8]) {
        if self.has(Defect::Silent) {
            return;
        }
        let len = if self.has(Defect::LosesBeyondBuffer) {
            input.len().min(READ_BUFFER)
        } else {
            input.len()
        };
        let input = input.get_mut(..len).unwrap_or_default();
        if let Some(misread) = &mut self.misread {
            let mut octets = misread.pass(input);
            self.read(&mut octets);
        } else if self.has(Defect::OneFramePerRead) {
            let mut octets = std::mem::take(&mut self.held);
            octets.extend_from_slice(input);
            self.read(&mut octets);
        } else {
            self.read(input);
        }
        if self.has(Defect::Utf8PerRead) && self.reading && self.in_text() && !self.text.is_complete() {
            self.fail(&Rule::Utf8 {
                at: self.text.offset(),
            });
        }
        self.message_ended = false;
        self.answer_pings();
        self.reply.release();
        if self.has(Defect::LosesSplitHeaders) && !self.decoder.at_boundary() && self.decoder.owed() == 0 {
            self.decoder = Decoder::new(self.setup.role.peer());
        }
    }

    fn read(&mut self, mut rest: &mut [u8]) {
        while self.reading {
            let Some(event) = self.decoder.next(&mut rest) else {
                break;
            };
            let end = matches!(event, Event::End);
            match self.step(event) {
                Err(Rule::DeflateData(_)) if self.has(Defect::DeflateErrorGoesOn) => self.message = None,
                Err(rule) => self.fail(&rule),
                Ok(()) => {}
            }
            if end && self.has(Defect::OneFramePerRead) {
                self.held = rest.to_vec();
                break;
            }
            if self.message_ended && self.has(Defect::OneMessagePerRead) {
                self.decoder = Decoder::new(self.setup.role.peer());
                break;
            }
            let control = self.header.opcode.is_control();
            if end
                && (self.has(Defect::DropsBehindFrame) || (control && self.has(Defect::DropsBehindControl)))
            {
                break;
            }
        }
    }

    fn in_text(&self) -> bool {
        self.message.as_ref().is_some_and(|message| self.is_text(message))
    }

    /// A Ping of its own.
    pub(crate) fn ping(&mut self, payload: &[u8]) {
        if !self.close_sent {
            self.reply.raw(Opcode::PING, payload);
        }
    }

    /// Begins the closing handshake.
    pub(crate) fn close(&mut self, code: u16, reason: &str) {
        if !self.close_sent {
            self.close_sent = true;
            self.reply.close(Some(code), reason);
        }
    }

    pub(crate) const fn eof(&mut self) {
        self.ended = !self.has(Defect::IgnoresHalfClose);
        self.reading = false;
    }

    /// Whether a frame is unfinished.
    pub(crate) fn is_inside(&self) -> bool {
        !self.decoder.at_boundary()
    }

    /// Whether a Close went one way or the other.
    pub(crate) const fn is_closing(&self) -> bool {
        self.close_sent
    }

    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.reply.output)
    }

    pub(crate) const fn pending(&self) -> usize {
        self.reply.output.len()
    }

    pub(crate) const fn wants_close(&self) -> bool {
        self.ended || (self.drop && !self.has(Defect::CloseNoTcpEnd))
    }

    const fn has(&self, defect: Defect) -> bool {
        self.setup.defects.has(defect)
    }

    fn step(&mut self, event: Event<'_>) -> Result<(), Rule> {
        match event {
            Event::Header { header, .. } => self.begin(header),
            Event::Payload(_) if self.discard => Ok(()),
            Event::Payload(octets) => {
                let piece = unmask::Piece {
                    in_frame: self.in_frame,
                    in_message: self.message.as_ref().map_or(0, |message| message.before),
                    first_key: self.message.as_ref().map_or([0; 4], |message| message.first_key),
                };
                unmask::spoil(self.setup.defects, &self.header, &piece, octets);
                self.in_frame += octets.len() as u64;
                self.payload(octets)
            }
            Event::End if self.has(Defect::EchoEverything) => {
                let payload = std::mem::take(&mut self.payload);
                self.reply.frame(self.header, &payload);
                Ok(())
            }
            Event::End if self.discard => Ok(()),
            Event::End if self.header.opcode.is_control() => self.control(),
            Event::End => self.end(),
        }
    }

    fn payload(&mut self, octets: &[u8]) -> Result<(), Rule> {
        let control = self.header.opcode.is_control();
        if !control && !self.has(Defect::EchoEverything) {
            return self.data(octets);
        }
        let limit = if control { CONTROL_MAX as u64 } else { self.limit() };
        if (self.payload.len() + octets.len()) as u64 > limit {
            return Err(Rule::MessageTooBig { limit });
        }
        self.payload.extend_from_slice(octets);
        Ok(())
    }

    fn place(&self) -> Place {
        let message = self.message.as_ref();
        Place {
            frames: self.frames,
            messages: self.messages,
            fragmented: self.fragmented,
            message: message.map(|message| message.opcode),
            empty: message.is_some_and(|message| message.octets.is_empty()),
            deflate: self.setup.deflate.is_some(),
            last_key: self.last_key,
        }
    }

    fn begin(&mut self, header: Header) -> Result<(), Rule> {
        if let Some(cut) = tolerance::cut_length(self.setup.defects, &header) {
            return self.begin_again(cut);
        }
        let place = self.place();
        self.header = header;
        self.payload.clear();
        self.discard = false;
        self.in_frame = 0;
        self.frames += 1;
        self.last_key = header.mask;
        if self.has(Defect::DropOnFirstFrame) {
            self.reply.output.clear();
            self.stop();
            return Ok(());
        }
        if self.has(Defect::EchoEverything) {
            return Ok(());
        }
        let at = Position {
            sender: self.setup.role.peer(),
            rsv1: self.setup.deflate.is_some(),
            in_message: self.message.is_some(),
        };
        let defects = self.setup.defects;
        if let Some(rule) =
            broken_rules(&header, at).find(|rule| !tolerance::takes(defects, &header, rule, &place))
        {
            return Err(rule);
        }
        if tolerance::refuses(defects, &header, &place) {
            return Err(Rule::ReservedOpcode(header.opcode.get()));
        }
        self.discard = header.opcode.is_reserved() && tolerance::passes_reserved(defects, &header, &place);
        if header.opcode.is_control() && self.has(Defect::ControlEndsMessage) {
            self.message = None;
        }
        if header.opcode.is_control() || self.discard {
            return Ok(());
        }
        if self.has(Defect::AllocatesAnnounced) {
            let len = header.payload_len.min(ANNOUNCED_MAX);
            // Not zeros: the system gives pages of zeros only when they are written to.
            self.announced = vec![1; usize::try_from(len).unwrap_or(0)];
        }
        let top_bit = header.payload_len >> 63 != 0;
        if top_bit || (header.payload_len > self.limit() && self.has(Defect::NoSizeLimit)) {
            self.discard = true;
            return Ok(());
        }
        if header.payload_len > self.limit() {
            return Err(Rule::FrameTooBig { limit: self.limit() });
        }
        self.begin_data(header);
        Ok(())
    }

    /// Reads the frame as if its header had been this one.
    fn begin_again(&mut self, header: Header) -> Result<(), Rule> {
        let mut octets = Vec::new();
        header.write(&mut octets);
        self.decoder = Decoder::new(self.setup.role.peer());
        let mut rest = octets.as_mut_slice();
        match self.decoder.next(&mut rest) {
            Some(Event::Header { header, .. }) => self.begin(header),
            _ => Ok(()),
        }
    }

    fn begin_data(&mut self, header: Header) {
        let continues = header.opcode == Opcode::CONTINUATION
            || (header.opcode.is_reserved() && self.has(Defect::ReservedContinues));
        if continues && let Some(message) = &mut self.message {
            message.before = message.octets.len();
            message.fragments += 1;
            if message.fragments >= 256 && self.setup.defects.has(Defect::FragmentCountWraps) {
                message.fragments = 0;
                message.octets.clear();
            }
            return;
        }
        if continues && tolerance::passes_orphan(self.setup.defects, &header) {
            self.discard = true;
            return;
        }
        if !continues && !header.fin && header.payload_len == 0 && self.has(Defect::EmptyStartForgotten) {
            return;
        }
        self.suspended = self.message.take();
        if self.has(Defect::InterleavedReplaces) || self.has(Defect::InterleavedAfterEmpty) {
            self.suspended = None;
        }
        if !self.has(Defect::Utf8JoinsMessages) && !self.has(Defect::Utf8BinaryFeeds) {
            self.text.reset();
        }
        self.message = Some(Message {
            opcode: if continues { Opcode::TEXT } else { header.opcode },
            compressed: self
                .inflating
                .as_mut()
                .is_some_and(|inflating| inflating.begins(&header)),
            frames: 0,
            octets: std::mem::take(&mut self.kept),
            fragments: 0,
            before: 0,
            first_key: header.mask.unwrap_or_default(),
        });
    }

    fn data(&mut self, octets: &[u8]) -> Result<(), Rule> {
        let middle = !self.header.fin && self.header.opcode == Opcode::CONTINUATION;
        if middle && self.has(Defect::FragmentLost) {
            return Ok(());
        }
        let limit = self.message_limit();
        let unready = self.has(Defect::DeflateUtf8BeforeInflating);
        let Some(message) = &mut self.message else {
            return Ok(());
        };
        let start = message.octets.len();
        match &mut self.inflating {
            Some(inflating) if message.compressed => {
                if unready && message.opcode == Opcode::TEXT && std::str::from_utf8(octets).is_err() {
                    return Err(Rule::Utf8 { at: 0 });
                }
                inflating.push(octets, &mut message.octets, limit)?;
            }
            _ => message.octets.extend_from_slice(octets),
        }
        if message.octets.len() as u64 > limit {
            return Err(Rule::MessageTooBig { limit });
        }
        self.total += octets.len() as u64;
        self.validate(start)
    }

    /// Text that arrived from octet `start` of the message on.
    fn validate(&mut self, start: usize) -> Result<(), Rule> {
        let Some(message) = &self.message else {
            return Ok(());
        };
        if !self.is_text(message) || self.validates_nothing_now() {
            return Ok(());
        }
        let fresh = message.octets.get(start..).unwrap_or_default();
        if self.text.push(fresh) {
            Ok(())
        } else {
            Err(Rule::Utf8 {
                at: self.text.offset(),
            })
        }
    }

    /// Whether text that arrives now is not looked at, or only at the end of the message.
    fn validates_nothing_now(&self) -> bool {
        self.has(Defect::Utf8Late)
            || self.has(Defect::Utf8Replaces)
            || by_blocks(self.setup.defects, &[]).is_some()
            || (self.has(Defect::Utf8StopsAfterBinary) && self.binary_seen)
            || (self.has(Defect::Utf8FirstFrameOnly) && self.header.opcode == Opcode::CONTINUATION)
    }

    fn is_text(&self, message: &Message) -> bool {
        let unseen = message.compressed && self.has(Defect::DeflateNoUtf8);
        (message.opcode == Opcode::TEXT && !unseen)
            || (message.opcode == Opcode::BINARY && self.has(Defect::BinaryAsText))
    }

    /// The end of a data frame, and with FIN of a message.
    fn end(&mut self) -> Result<(), Rule> {
        if self.has(Defect::Utf8PerFrame)
            && self.message.as_ref().is_some_and(|message| self.is_text(message))
            && !self.text.is_complete()
        {
            return Err(Rule::Utf8 {
                at: self.text.offset(),
            });
        }
        self.inflating_ends()?;
        if self.has(Defect::SharesFragments) {
            self.share_fragments();
        }
        let fragmented = self.header.opcode == Opcode::CONTINUATION;
        let ignored = self.has(Defect::EmptyFinalIgnored) && fragmented && self.header.payload_len == 0;
        if !self.header.fin || ignored {
            return Ok(());
        }
        self.message_ended = true;
        let Some(mut message) = self.message.take() else {
            return Ok(());
        };
        self.message = self.suspended.take();
        self.check_text(&message)?;
        if let Some(inflating) = &mut self.inflating {
            inflating.message_ended(
                message.opcode,
                message.compressed,
                message.frames,
                &message.octets,
            );
        }
        self.remember(&mut message, fragmented);
        let trigger = self.setup.close_trigger.as_deref().map(str::as_bytes);
        if message.opcode == Opcode::TEXT
            && trigger == Some(&message.octets[..])
            && !self.has(Defect::TriggerIgnored)
        {
            self.triggered();
        } else if !self.close_sent
            || self.has(Defect::EchoLateClose)
            || self.has(Defect::TriggerEchoesBehind)
            || self.has(Defect::GoesOnAfterFailure)
        {
            let lost = message.compressed && self.has(Defect::DeflateTypeLost);
            let opcode = if lost { Opcode::BINARY } else { message.opcode };
            self.reply.echo(opcode, &message.octets);
        }
        Ok(())
    }

    /// The application closes.
    fn triggered(&mut self) {
        if self.has(Defect::TriggerDropsTcp) {
            self.stop();
            return;
        }
        if !self.close_sent {
            self.close_sent = true;
            let wrong = self.has(Defect::TriggerCode1006);
            self.reply.close(Some(if wrong { 1006 } else { 1000 }), "");
        }
    }

    /// The end of a frame, as the inflater sees it.
    fn inflating_ends(&mut self) -> Result<(), Rule> {
        let limit = self.message_limit();
        let empty = self.header.payload_len == 0;
        let (Some(message), Some(inflating)) = (&mut self.message, &mut self.inflating) else {
            return Ok(());
        };
        message.frames += 1;
        if !message.compressed {
            return Ok(());
        }
        if empty && self.setup.defects.has(Defect::DeflateRejectsEmptyFragment) {
            return Err(Rule::DeflateData(InflateError::Unfinished));
        }
        let start = message.octets.len();
        if self.header.fin {
            inflating.finish(&mut message.octets, limit)?;
        } else {
            inflating.frame_ends(&mut message.octets, limit)?;
        }
        self.validate(start)
    }

    /// What later messages may wrongly take over from this one.
    fn remember(&mut self, message: &mut Message, fragmented: bool) {
        self.messages += 1;
        self.fragmented += u64::from(fragmented);
        self.first_type.get_or_insert(message.opcode);
        if message.opcode == Opcode::BINARY {
            self.binary_seen = true;
            if self.has(Defect::Utf8BinaryFeeds) {
                self.text.push(&message.octets);
            }
        }
        if fragmented && self.has(Defect::OctetsKept) {
            self.kept.clone_from(&message.octets);
        }
        if fragmented && self.has(Defect::FragmentedAsBinary) {
            message.opcode = Opcode::BINARY;
        }
        if self.has(Defect::TypeOfFirstMessage) {
            message.opcode = self.first_type.unwrap_or(message.opcode);
        }
    }

    fn check_text(&mut self, message: &Message) -> Result<(), Rule> {
        if !self.is_text(message) {
            return Ok(());
        }
        let unseen = (self.has(Defect::Utf8StopsAfterBinary) && self.binary_seen)
            || self.has(Defect::Utf8Replaces)
            || self.has(Defect::Utf8JoinsMessages);
        if unseen {
            return Ok(());
        }
        let late_error = match by_blocks(self.setup.defects, &message.octets) {
            Some(valid) => !valid,
            None => self.has(Defect::Utf8Late) && !self.text.push(&message.octets),
        };
        let fragmented = self.header.opcode == Opcode::CONTINUATION;
        let excused = self.has(Defect::Utf8AcceptsCutEnd)
            || (fragmented && self.has(Defect::Utf8CutFragmentsAccepted))
            || (fragmented && self.has(Defect::Utf8FirstFrameOnly))
            || (self.header.payload_len == 0 && self.has(Defect::Utf8CutEmptyAccepted));
        let cut = !self.text.is_complete() && !excused;
        let noncharacter = self.has(Defect::Utf8RejectsNoncharacters) && has_noncharacter(&message.octets);
        let at = self.text.offset();
        self.text.reset();
        if late_error || cut || noncharacter {
            Err(Rule::Utf8 { at })
        } else {
            Ok(())
        }
    }

    fn control(&mut self) -> Result<(), Rule> {
        let payload = std::mem::take(&mut self.payload);
        if let Some(inflating) = &mut self.inflating {
            let inside = self.message.as_ref().is_some_and(|message| message.compressed);
            inflating.control_ended(&payload, inside);
        }
        if let Some(message) = &mut self.message {
            if self.setup.defects.has(Defect::ControlChangesType) {
                message.opcode = Opcode::BINARY;
            }
            if self.setup.defects.has(Defect::ControlIntoMessage) {
                message.octets.extend_from_slice(&payload);
            }
        }
        match self.header.opcode {
            Opcode::PING if self.has(Defect::RejectsBinaryPing) && std::str::from_utf8(&payload).is_err() => {
                return Err(Rule::Utf8 { at: 0 });
            }
            Opcode::PING => {
                if !self.close_sent || self.has(Defect::GoesOnAfterFailure) {
                    self.pings.push(payload);
                }
                if !self.has(Defect::PongsReversed) {
                    self.answer_pings();
                }
            }
            Opcode::PONG => {
                self.last_pong = Some(payload.clone());
                if self.has(Defect::PongToPong) && !self.close_sent {
                    self.reply.pong(&payload);
                }
            }
            Opcode::CLOSE => self.closed(&payload)?,
            opcode => self.reply.raw(opcode, &payload),
        }
        Ok(())
    }

    fn answer_pings(&mut self) {
        if self.has(Defect::PongDeferred) && self.message.is_some() {
            return;
        }
        let mut pings = std::mem::take(&mut self.pings);
        if self.has(Defect::PongsReversed) {
            pings.reverse();
        }
        for payload in &pings {
            let silent = self.has(Defect::NoPong)
                || (self.has(Defect::PongFirstOnly) && self.pongs_sent > 0)
                || (self.has(Defect::PongLimit) && self.pongs_sent >= 50)
                || (self.has(Defect::EmptyPingIgnored) && payload.is_empty());
            if !silent {
                self.pongs_sent += 1;
                match &self.last_pong {
                    Some(last) if self.has(Defect::PongOfLastPong) => self.reply.pong(last),
                    _ => self.reply.pong(payload),
                }
            }
        }
    }

    fn closed(&mut self, payload: &[u8]) -> Result<(), Rule> {
        let code = closing::read(self.setup.defects, payload)?;
        if self.message.is_some() && self.has(Defect::CloseWaitsForMessage) {
            return Ok(());
        }
        if self.has(Defect::CloseNotAnswered) {
            self.reading = false;
            return Ok(());
        }
        if self.has(Defect::CloseDropsTcp) {
            self.stop();
            return Ok(());
        }
        if self.close_sent && self.has(Defect::TriggerNoTcpEnd) {
            self.reading = false;
            return Ok(());
        }
        if !self.close_sent || self.has(Defect::CloseAnswersEach) || self.has(Defect::TriggerAnswersAnswer) {
            self.close_sent = true;
            match closing::repeated(self.setup.defects, payload) {
                Some(body) => self.reply.raw(Opcode::CLOSE, body),
                None => self.reply.close(closing::answer(self.setup.defects, code), ""),
            }
        }
        self.reading = self.has(Defect::EchoLateClose) || self.has(Defect::CloseAnswersEach);
        // As the clean endpoint: the server ends TCP, the client waits for it.
        self.drop = self.setup.role == Role::Server && !self.has(Defect::EchoLateClose);
        Ok(())
    }

    fn fail(&mut self, rule: &Rule) {
        if self.has(Defect::StopsOnViolation) {
            self.reading = false;
            return;
        }
        if !self.close_sent && !self.has(Defect::NoCloseJustDrop) {
            let code = if self.has(Defect::FailsWith1000) {
                1000
            } else {
                rule.close_code()
            };
            self.reply.close(Some(code), &rule.to_string());
        }
        if self.has(Defect::GoesOnAfterFailure) {
            self.close_sent = true;
            self.discard = true;
        } else {
            self.stop();
        }
        if self.has(Defect::FailReadsOn) {
            self.read_on();
        }
        self.drop &= !self.has(Defect::FailKeepsTcp);
    }

    /// Reads on behind the frame that broke a rule, as if it had not been there.
    fn read_on(&mut self) {
        self.reading = true;
        self.close_sent = false;
        self.discard = true;
        self.message = None;
    }

    const fn stop(&mut self) {
        self.close_sent = true;
        self.reading = false;
        self.drop = true;
    }

    const fn limit(&self) -> u64 {
        if self.has(Defect::LargeLimit64k) {
            64 << 10
        } else if self.has(Defect::LimitOneShort) {
            self.setup.max_message - 1
        } else if self.has(Defect::LimitOneOver) {
            self.setup.max_message + 1
        } else {
            self.setup.max_message
        }
    }

    /// What a message may hold, by the octets so far.
    const fn message_limit(&self) -> u64 {
        let limit = self.limit();
        let compressed = match &self.message {
            Some(message) => message.compressed,
            None => false,
        };
        if self.has(Defect::LimitPerFrame) || (compressed && self.has(Defect::LimitBeforeInflation)) {
            u64::MAX
        } else if self.has(Defect::LimitNotReset) {
            let before = match &self.message {
                Some(message) => self.total.saturating_sub(message.octets.len() as u64),
                None => self.total,
            };
            limit.saturating_sub(before)
        } else {
            limit
        }
    }

    /// Keeps what a message has so far where all connections keep it.
    fn share_fragments(&mut self) {
        let (fin, continues) = (self.header.fin, self.header.opcode == Opcode::CONTINUATION);
        let Some(message) = &mut self.message else { return };
        if !fin {
            self.setup.neighbours.put(&std::mem::take(&mut message.octets));
        } else if continues {
            let mut octets = self.setup.neighbours.take();
            octets.append(&mut message.octets);
            message.octets = octets;
        }
    }
}
