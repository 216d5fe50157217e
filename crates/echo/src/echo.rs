//! The endpoint itself: opening handshake, then echo.

use std::time::Duration;

use wsanvil_wire::Role;
use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::{self, Endpoint, Event, Keys, Outbox, State};
use wsanvil_wire::http::{HeadReader, RequestHead, ResponseHead};

use crate::client::{Opening, SentRequest};
use crate::faulty::{Peer, Place, Setup, Standing};
use crate::heartbeat::{Due, Heartbeat};
use crate::{Config, Defect, client, faulty, server};

/// Octets unsent above which no more input should be read.
const BACKPRESSURE: usize = 1 << 20;

/// One connection of the echo endpoint, from the first octet of TCP to the last.
///
/// The caller moves octets: [`Echo::receive`] what was read, write what [`Echo::output`] gives, stop reading while
/// [`Echo::wants_read`] is false, end TCP when [`Echo::wants_close`] is true and everything is written.
#[derive(Debug)]
pub struct Echo {
    config: Config,
    stage: Stage,
    /// Output of the opening handshake; later stages keep their own.
    head: Vec<u8>,
    /// Copy of input that came without write access.
    scratch: Vec<u8>,
    heartbeat: Heartbeat,
    /// Among the other connections of a faulty server.
    place: Option<Place>,
}

#[derive(Debug)]
enum Stage {
    Request(HeadReader<RequestHead>),
    /// With the defect of taking every request: its octets so far.
    AnyRequest(Vec<u8>),
    /// With a defect of reading requests: its octets so far.
    Collected(Vec<u8>),
    Response(HeadReader<ResponseHead>, Box<SentRequest>),
    Open(Box<Endpoint>),
    Faulty(Box<Peer>),
    /// Refused or ended: nothing is read any more.
    Done,
    /// A refusal that never comes: nothing is read, TCP stays.
    Hanging,
}

impl Echo {
    /// A server on a connection just accepted.
    pub fn server(config: Config) -> Self {
        let stage = if faulty::takes_any_request(config.defects) {
            Stage::AnyRequest(Vec::new())
        } else if faulty::lenient::reads_leniently(config.defects) {
            Stage::Collected(Vec::new())
        } else {
            Stage::Request(HeadReader::new(config.max_header))
        };
        let place = (!config.defects.is_empty()).then(|| Place::new(&config.neighbours, config.defects));
        Self {
            heartbeat: Heartbeat::new(&config),
            config,
            stage,
            head: Vec::new(),
            scratch: Vec::new(),
            place,
        }
    }

    /// A client on a connection just opened; its request is ready in [`Echo::output`].
    pub fn client(config: Config, opening: Opening) -> Self {
        let (request, sent) = client::request(&config, opening);
        let reader = HeadReader::new(config.max_header);
        Self {
            heartbeat: Heartbeat::new(&config),
            config,
            stage: Stage::Response(reader, Box::new(sent)),
            head: request,
            scratch: Vec::new(),
            place: None,
        }
    }

    /// Takes octets that were read.
    pub fn receive(&mut self, input: &[u8]) {
        let mut copy = std::mem::take(&mut self.scratch);
        copy.clear();
        copy.extend_from_slice(input);
        self.receive_in_place(&mut copy);
        self.scratch = copy;
    }

    /// As [`Echo::receive`] without a copy: the octets are unmasked where they lie.
    pub fn receive_in_place(&mut self, input: &mut [u8]) {
        self.heartbeat.hear();
        self.take(input);
        self.tell_neighbours();
    }

    fn take(&mut self, input: &mut [u8]) {
        match &mut self.stage {
            Stage::Open(endpoint) => {
                let trigger = self.config.close_trigger.as_deref();
                endpoint.receive_with(input, &mut |event, outbox| answer(&event, outbox, trigger));
            }
            Stage::Faulty(peer) => peer.receive(input),
            Stage::Request(reader) => {
                let (outcome, rest) = match reader.push(input) {
                    Ok(None) => return,
                    Ok(Some((head, rest))) => (server::answer(&head, &self.config), rest.len()),
                    Err(error) => (Err(server::malformed(&error, &self.config)), 0),
                };
                self.answered(outcome, input, rest);
            }
            Stage::AnyRequest(octets) => {
                let before = octets.len();
                octets.extend_from_slice(input);
                let Some((outcome, len)) = faulty::answer_any(octets, &self.config) else {
                    return;
                };
                let rest = (before + input.len()).saturating_sub(len);
                self.answered(outcome, input, rest);
            }
            Stage::Collected(octets) => {
                let before = octets.len();
                octets.extend_from_slice(input);
                let Some((outcome, len)) = faulty::lenient::answer(octets, input.len(), &self.config) else {
                    return;
                };
                let rest = (before + input.len()).saturating_sub(len);
                self.answered(outcome, input, rest);
            }
            Stage::Response(reader, sent) => {
                let outcome = match reader.push(input) {
                    Ok(None) => return,
                    Ok(Some((head, rest))) => client::check(&head, sent, &self.config)
                        .ok()
                        .map(|deflate| (deflate, rest.len())),
                    Err(_) => None,
                };
                let keys = std::mem::take(&mut sent.keys);
                match outcome {
                    Some((deflate, rest)) => self.opened(Role::Client, deflate, keys, input, rest),
                    None => self.stage = Stage::Done,
                }
            }
            Stage::Done | Stage::Hanging => {}
        }
    }

    /// The other side ended its half of TCP.
    pub fn eof(&mut self) {
        match &mut self.stage {
            Stage::Open(endpoint) => {
                endpoint.eof();
            }
            Stage::Faulty(peer) => peer.eof(),
            Stage::Request(_) if self.config.defects.has(Defect::StaysBehindFin) => {
                self.stage = Stage::Hanging;
            }
            _ => self.stage = Stage::Done,
        }
        if self.wants_close() {
            self.place = None;
        }
    }

    /// Lets a faulty server know where this connection stands.
    fn tell_neighbours(&mut self) {
        let Some(place) = &mut self.place else { return };
        place.now(match &self.stage {
            Stage::Request(_) | Stage::AnyRequest(_) => Standing {
                opening: true,
                ..Standing::default()
            },
            Stage::Faulty(peer) => Standing {
                opening: false,
                inside: peer.is_inside(),
                closing: peer.is_closing(),
                pending: peer.pending(),
            },
            _ => Standing {
                closing: true,
                ..Standing::default()
            },
        });
    }

    /// Takes the octets to write, in order.
    pub fn output(&mut self) -> Vec<u8> {
        let output = self.take_output();
        self.tell_neighbours();
        output
    }

    fn take_output(&mut self) -> Vec<u8> {
        let mut output = std::mem::take(&mut self.head);
        let frames = match &mut self.stage {
            Stage::Open(endpoint) => endpoint.take_output(),
            Stage::Faulty(peer) => peer.take_output(),
            _ => Vec::new(),
        };
        if output.is_empty() {
            return frames;
        }
        output.extend_from_slice(&frames);
        output
    }

    /// Tells the time since a moment that stays the same: once the connection is there, whenever something was read,
    /// and at [`Echo::wake`]. Without [`Config::idle`] and [`Config::ping_interval`] nothing comes of it.
    pub fn tick(&mut self, now: Duration) {
        if !self.is_open() {
            return;
        }
        let Some(due) = self.heartbeat.tick(now) else {
            return;
        };
        match (due, &mut self.stage) {
            // Refused only behind a Close, where nothing may be sent any more.
            (Due::Ping, Stage::Open(endpoint)) => drop(endpoint.send_ping(b"heartbeat")),
            (Due::Ping, Stage::Faulty(peer)) => peer.ping(b"heartbeat"),
            (Due::CloseIdle, Stage::Open(endpoint)) => drop(endpoint.close(1001, "idle")),
            (Due::CloseIdle, Stage::Faulty(peer)) => peer.close(1001, "idle"),
            _ => {
                self.head = self.output();
                self.stage = Stage::Done;
            }
        }
    }

    /// When the time has to be told again.
    pub fn wake(&self) -> Option<Duration> {
        self.is_open().then(|| self.heartbeat.wake()).flatten()
    }

    /// Whether TCP is to be ended once everything is written.
    pub fn wants_close(&self) -> bool {
        match &self.stage {
            Stage::Open(endpoint) => match endpoint.state() {
                State::Failed => true,
                // A client leaves the end of TCP to the server (RFC 6455 section 7.1.1), unless that has gone.
                State::Closed => endpoint.role() == Role::Server || endpoint.ended(),
                _ => false,
            },
            Stage::Faulty(peer) => peer.wants_close(),
            Stage::Done => true,
            _ => false,
        }
    }

    /// Whether input is welcome: false while more than 1 MiB waits in [`Echo::output`], so that a peer that does not
    /// read cannot make the buffer grow.
    pub fn wants_read(&mut self) -> bool {
        let frames = match &mut self.stage {
            Stage::Open(endpoint) => endpoint.output().len(),
            Stage::Faulty(peer) => peer.pending(),
            _ => 0,
        };
        let bounded =
            self.head.len() + frames <= BACKPRESSURE || self.config.defects.has(Defect::BuffersWithoutBound);
        bounded && self.place.as_ref().is_none_or(Place::is_served)
    }

    /// Whether the opening handshake succeeded.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open(_) | Stage::Faulty(_))
    }

    fn answered(&mut self, outcome: server::Outcome, input: &mut [u8], rest: usize) {
        match outcome {
            Ok(accepted) => {
                let rest = if self.config.defects.has(Defect::LosesEarlyFrames) {
                    0
                } else {
                    rest
                };
                self.head.extend_from_slice(&accepted.response);
                self.opened(Role::Server, accepted.deflate, Keys::default(), input, rest);
            }
            Err(_) if self.config.defects.has(Defect::HangsOnBadRequest) => self.stage = Stage::Hanging,
            Err(_) if self.config.defects.has(Defect::DropsBadRequest) => self.stage = Stage::Done,
            Err(refusal) => {
                self.head.extend_from_slice(&refusal);
                let defects = self.config.defects;
                if defects.has(Defect::PongsBehindRefusal) || defects.has(Defect::FramesBehindBareRefusal) {
                    self.opened(Role::Server, None, Keys::default(), input, rest);
                } else if self.config.defects.has(Defect::RefusalKeepsTcp) {
                    self.stage = Stage::Hanging;
                } else {
                    self.stage = Stage::Done;
                }
            }
        }
    }

    /// Goes over to frames; the last `rest` octets of `input` are the first of them.
    fn opened(&mut self, role: Role, deflate: Option<Agreed>, keys: Keys, input: &mut [u8], rest: usize) {
        let Config {
            max_message, defects, ..
        } = self.config;
        self.stage = if defects.is_empty() {
            let config = endpoint::Config {
                max_message,
                max_frame: max_message,
                deflate,
                keys,
                ..endpoint::Config::default()
            };
            Stage::Open(Box::new(Endpoint::new(role, config)))
        } else {
            let close_trigger = self.config.close_trigger.clone();
            let setup = Setup {
                role,
                defects,
                deflate,
                max_message,
                close_trigger,
                keys,
                neighbours: self.config.neighbours.clone(),
            };
            Stage::Faulty(Box::new(Peer::new(setup)))
        };
        let start = input.len().saturating_sub(rest);
        if let Some(frames) = input.get_mut(start..)
            && !frames.is_empty()
        {
            self.receive_in_place(frames);
        }
    }
}

/// The whole of the clean behaviour; Pings and Closes the endpoint answers itself.
fn answer(event: &Event<'_>, outbox: &mut Outbox, trigger: Option<&str>) {
    // Refused only behind a Close, where nothing may be sent any more.
    let _ = match event {
        Event::Text(text) if Some(*text) == trigger => outbox.close(1000, ""),
        Event::Text(text) => outbox.send_text(text),
        Event::Binary(octets) => outbox.send_binary(octets),
        _ => Ok(()),
    };
}
