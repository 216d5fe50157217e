//! The peer: the reference endpoint, and the manner between it and the transport.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_echo::Config;
use wsanvil_engine::Time;
use wsanvil_wire::Role;
use wsanvil_wire::frame::{Decoder, Event, Opcode};

use super::answer::Head;
use super::manner::{After, Manner};
use super::opening::Opening;
use super::traffic::{Frame, Traffic};
use crate::{EchoPeer, Peer, PeerEnd};

/// Octets of a request kept back at most.
const HELD: usize = 64 << 10;

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Request,
    Frames,
    /// Refused or failed: nothing is read any more.
    Over,
}

pub(super) struct LawfulPeer {
    manner: Manner,
    config: Config,
    nth: usize,
    inner: EchoPeer,
    stage: Stage,
    opening: Opening,
    /// Octets of the answer of the reference that are no whole head yet.
    answer: Vec<u8>,
    traffic: Traffic,
    /// Counts fragments of what arrives.
    reader: Decoder,
    fragments: u64,
    /// Ready to go out, with the moment.
    output: VecDeque<(Time, Vec<u8>)>,
    end: Option<(Time, PeerEnd)>,
    now: Time,
    opened: Option<Time>,
    /// One of these is held by every connection, and one by the server.
    connections: Option<Arc<()>>,
    /// Octets of a request that is looked over before it is read.
    held: Vec<u8>,
}

impl LawfulPeer {
    pub(super) fn new(manner: Manner, config: Config, nth: usize, connections: Arc<()>) -> Self {
        let traffic = Traffic {
            apart: !manner.echoes_after.is_zero(),
            last_pong_only: manner.last_pong_only,
            ..Traffic::default()
        };
        Self {
            manner,
            inner: EchoPeer::server(config.clone()),
            config,
            nth,
            stage: Stage::Request,
            opening: Opening::default(),
            answer: Vec::new(),
            traffic,
            reader: Decoder::new(Role::Client),
            fragments: 0,
            output: VecDeque::new(),
            end: None,
            now: Time::default(),
            opened: None,
            connections: Some(connections),
            held: Vec::new(),
        }
    }

    fn queue(&mut self, after: Duration, octets: Vec<u8>) {
        if !octets.is_empty() {
            // What was queued for later goes first: the order of a stream is fixed.
            let due = self.now.after(after.max(self.manner.late));
            let due = self.output.back().map_or(due, |(last, _)| due.max(*last));
            self.output.push_back((due, octets));
        }
    }

    fn finish(&mut self, how: PeerEnd, after: Duration) {
        let due = self.now.after(after);
        let due = self.output.back().map_or(due, |(last, _)| due.max(*last));
        self.end.get_or_insert((due, how));
        self.stage = Stage::Over;
        self.connections = None;
    }

    /// Takes what the reference has to say.
    fn pull(&mut self) {
        if self.stage == Stage::Over {
            return;
        }
        let octets = self.inner.take_output();
        match self.stage {
            Stage::Request => {
                self.answer.extend_from_slice(&octets);
                if let Some(head) = Head::read(&self.answer) {
                    self.answer.clear();
                    if head.status() == 101 {
                        self.switch(head);
                    } else {
                        self.refuse(head);
                    }
                }
            }
            Stage::Frames => self.frames(&octets),
            Stage::Over => {}
        }
        if self.stage != Stage::Over
            && let Some(end) = self.inner.ended()
        {
            let (how, after) = self.manner.ends;
            let how = if end == PeerEnd::Rst { end } else { how };
            self.finish(how, after);
        }
    }

    fn switch(&mut self, mut head: Head) {
        let frames = std::mem::take(&mut head.body);
        if !self.manner.takes_early_frames && self.opening.has_surplus() {
            self.finish(PeerEnd::Fin, Duration::ZERO);
            return;
        }
        self.traffic.deflate = head.get("Sec-WebSocket-Extensions").is_some();
        (self.manner.switching)(&mut head);
        self.stage = Stage::Frames;
        let octets = [self.manner.interim, &head.write()].concat();
        self.queue(Duration::ZERO, octets);
        (self.manner.greets)(&mut self.traffic);
        self.frames(&frames);
    }

    fn refuse(&mut self, mut head: Head) {
        (self.manner.refusing)(&mut head);
        match self.manner.after_refusal {
            After::OnlyEnds(how) => self.finish(how, Duration::ZERO),
            After::Stays if self.opening.complete && !self.opening.has_body() => {
                head.remove("Connection");
                if head.get("Upgrade").is_some() {
                    head.add("Connection", "Upgrade");
                }
                self.queue(Duration::ZERO, head.write());
                let next = self.opening.surplus();
                self.opening = Opening::default();
                self.inner = EchoPeer::server(self.config.clone());
                self.read(&next);
            }
            after => {
                let octets = [self.manner.interim, &head.write()].concat();
                self.queue(Duration::ZERO, octets);
                let later = match after {
                    After::EndsIn(later) => later,
                    _ => Duration::ZERO,
                };
                self.finish(PeerEnd::Fin, later);
            }
        }
    }

    fn frames(&mut self, octets: &[u8]) {
        self.traffic.pass(octets, self.manner.frame);
        let output = std::mem::take(&mut self.traffic.output);
        let messages = std::mem::take(&mut self.traffic.messages);
        if self.traffic.closed && !messages.is_empty() {
            self.queue(self.manner.echoes_after, [messages, output].concat());
            return;
        }
        self.queue(Duration::ZERO, output);
        self.queue(self.manner.echoes_after, messages);
    }

    /// Whether what arrives has more fragments in a message than the manner takes.
    fn has_too_many_fragments(&mut self, octets: &[u8], limit: u64) -> bool {
        let mut copy = octets.to_vec();
        let mut rest = copy.as_mut_slice();
        while let Some(event) = self.reader.next(&mut rest) {
            if let Event::Header { header, .. } = event
                && !header.opcode.is_control()
            {
                let continues = header.opcode == Opcode::CONTINUATION;
                self.fragments = if continues { self.fragments + 1 } else { 1 };
                if self.fragments > limit {
                    return true;
                }
            }
        }
        false
    }

    /// Keeps a request back until it is whole and leaves out what the manner does not see.
    fn look_over(&mut self, octets: &[u8], overlooks: fn(&mut Head)) -> Option<Vec<u8>> {
        self.held.extend_from_slice(octets);
        let whole = Head::read(&self.held);
        if whole.is_none() && self.held.len() < HELD {
            return None;
        }
        let held = std::mem::take(&mut self.held);
        Some(match whole {
            Some(mut request) => {
                overlooks(&mut request);
                request.write()
            }
            None => held,
        })
    }

    fn read(&mut self, octets: &[u8]) {
        let seen = match self.manner.overlooks {
            Some(overlooks) if self.stage == Stage::Request && !self.opening.complete => {
                match self.look_over(octets, overlooks) {
                    Some(seen) => Some(seen),
                    None => return,
                }
            }
            _ => None,
        };
        let octets = seen.as_deref().unwrap_or(octets);
        match self.stage {
            Stage::Over => return,
            Stage::Request => {
                let manner = self.manner;
                if let Some(answer) = self.opening.receive(octets, &manner, self.nth) {
                    self.refuse(answer);
                    return;
                }
            }
            Stage::Frames => {
                if let Some((limit, code)) = self.manner.fragments
                    && self.has_too_many_fragments(octets, limit)
                {
                    self.traffic.send(&Frame::new(Opcode::CLOSE, &code.to_be_bytes()));
                    self.frames(&[]);
                    self.finish(PeerEnd::Fin, Duration::ZERO);
                    return;
                }
            }
        }
        self.inner.receive(self.now, octets);
        self.pull();
    }
}

impl Peer for LawfulPeer {
    fn receive(&mut self, now: Time, octets: &[u8]) {
        self.now = now;
        self.read(octets);
    }

    fn fin(&mut self) {
        self.inner.fin();
        self.pull();
    }

    fn reset(&mut self) {
        self.stage = Stage::Over;
        self.connections = None;
        self.output.clear();
        self.end = Some((self.now, PeerEnd::Fin));
    }

    fn take_output(&mut self) -> Vec<u8> {
        self.pull();
        match self.output.front() {
            Some((due, _)) if *due <= self.now => self
                .output
                .pop_front()
                .map_or_else(Vec::new, |(_, octets)| octets),
            _ => Vec::new(),
        }
    }

    fn ended(&self) -> Option<PeerEnd> {
        let (due, how) = self.end?;
        (due <= self.now && self.output.is_empty()).then_some(how)
    }

    fn wake(&self) -> Option<Time> {
        let waiting = self
            .output
            .front()
            .map(|(due, _)| *due)
            .filter(|due| *due > self.now);
        let end = self.end.map(|(due, _)| due).filter(|due| *due > self.now);
        let request = self.manner.request_within.zip(self.opened);
        let request = request
            .filter(|_| self.stage == Stage::Request)
            .map(|(within, opened)| opened.after(within));
        [waiting, end, request, self.inner.wake()]
            .into_iter()
            .flatten()
            .min()
    }

    fn tick(&mut self, now: Time) {
        self.now = now;
        let begins = self.opened.is_none();
        let opened = *self.opened.get_or_insert(now);
        let full = |all: &Arc<()>| Arc::strong_count(all) - 1 > self.manner.connections;
        if begins && self.connections.as_ref().is_some_and(full) {
            self.finish(PeerEnd::Fin, Duration::ZERO);
            return;
        }
        if let Some(within) = self.manner.request_within
            && self.stage == Stage::Request
            && now >= opened.after(within)
        {
            self.refuse(Head::answer(408, &[("Connection", "close")]));
            return;
        }
        self.inner.tick(now);
        self.pull();
    }

    fn wants_read(&mut self) -> bool {
        self.inner.wants_read()
    }
}
