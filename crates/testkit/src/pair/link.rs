//! One connection in memory: two pipes with latency and bounded room, and the peer at the far end.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use wsanvil_engine::{ConnId, EndHow, ReadMode, Time};

use super::chop::Chopper;
use crate::{Peer, PeerEnd};

/// Room of a pipe whose buffers the script left alone: about what loopback sockets hold.
const ROOM: usize = 256 << 10;
/// Largest read.
const READ: usize = 64 << 10;

/// What reaches the engine.
#[derive(Debug)]
pub(super) enum Arrival {
    Opened,
    Refused,
    Octets(BytesMut),
    Fin,
    Reset,
}

/// What reaches the peer.
#[derive(Debug)]
enum Delivery {
    Octets(Bytes),
    Fin,
    Reset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The answer to the attempt is on its way.
    Opening,
    Open,
    /// The engine let go of it.
    Gone,
}

pub(super) struct Link {
    pub(super) id: ConnId,
    peer: Box<dyn Peer>,
    state: State,
    /// Written by the engine, not yet taken by the transport; then the end of the direction.
    unsent: VecDeque<Bytes>,
    fin_wanted: bool,
    to_peer: VecDeque<(Time, Delivery)>,
    to_peer_octets: usize,
    to_peer_room: usize,
    to_engine: VecDeque<(Time, Arrival)>,
    to_engine_octets: usize,
    to_engine_room: usize,
    read: ReadMode,
    /// The peer ended the transport.
    peer_ended: bool,
}

impl Link {
    /// A connection that answers after a round trip. `buffers`: send and receive buffer in octets.
    pub(super) fn new(
        id: ConnId,
        peer: Box<dyn Peer>,
        now: Time,
        latency: Duration,
        buffers: (Option<u32>, Option<u32>),
    ) -> Self {
        let room = |size: Option<u32>| size.map_or(ROOM, |size| (size as usize).max(1));
        let answer = if peer.listens() {
            Arrival::Opened
        } else {
            Arrival::Refused
        };
        Self {
            id,
            peer,
            state: State::Opening,
            unsent: VecDeque::new(),
            fin_wanted: false,
            to_peer: VecDeque::new(),
            to_peer_octets: 0,
            to_peer_room: room(buffers.0),
            to_engine: VecDeque::from([(now.after(latency * 2), answer)]),
            to_engine_octets: 0,
            to_engine_room: room(buffers.1),
            read: ReadMode::Start,
            peer_ended: false,
        }
    }

    /// When something happens here next by itself.
    pub(super) fn next_event(&mut self) -> Option<Time> {
        let peer = self.peer_event();
        let arrival = self
            .readable()
            .then(|| self.to_engine.front().map(|(at, _)| *at))
            .flatten();
        [peer, arrival].into_iter().flatten().min()
    }

    /// Lets the peer see what is due for it; false when nothing is.
    pub(super) fn at_peer(&mut self, now: Time, latency: Duration) -> bool {
        if self.peer_event().is_none_or(|at| at > now) {
            return false;
        }
        let due = self.deliverable() && self.to_peer.front().is_some_and(|(at, _)| *at <= now);
        match if due { self.to_peer.pop_front() } else { None } {
            Some((_, Delivery::Octets(octets))) => {
                self.to_peer_octets -= octets.len();
                if !self.peer_ended {
                    self.peer.receive(now, &octets);
                }
            }
            Some((_, Delivery::Fin)) => self.peer.fin(),
            Some((_, Delivery::Reset)) => {
                self.peer.reset();
                self.peer_ended = true;
            }
            None => self.peer.tick(now),
        }
        self.pull(now, latency);
        true
    }

    /// What the engine sees now.
    pub(super) fn arrival(&mut self, now: Time, chopper: &mut Chopper) -> Option<Arrival> {
        if !self.readable() || self.to_engine.front().is_none_or(|(at, _)| *at > now) {
            return None;
        }
        let (at, arrival) = self.to_engine.pop_front()?;
        match arrival {
            Arrival::Opened => {
                self.state = State::Open;
                self.peer.tick(now);
                Some(Arrival::Opened)
            }
            Arrival::Octets(mut octets) => {
                let mut most = chopper.next(octets.len());
                if let ReadMode::Once(asked) = self.read {
                    most = most.min((asked as usize).max(1));
                    self.read = ReadMode::Stop;
                }
                let piece = octets.split_to(most);
                if !octets.is_empty() {
                    self.to_engine.push_front((at, Arrival::Octets(octets)));
                }
                self.to_engine_octets -= piece.len();
                Some(Arrival::Octets(piece))
            }
            other => Some(other),
        }
    }

    pub(super) fn write(&mut self, octets: Bytes) {
        if self.state == State::Open && !self.fin_wanted && !octets.is_empty() {
            self.unsent.push_back(octets);
        }
    }

    pub(super) fn read(&mut self, mode: ReadMode) {
        self.read = mode;
    }

    pub(super) fn end(&mut self, how: EndHow, now: Time, latency: Duration) {
        match how {
            EndHow::Fin | EndHow::Half | EndHow::Cut => self.fin_wanted = true,
            EndHow::Rst | EndHow::Release => {
                self.state = State::Gone;
                self.unsent.clear();
                self.to_engine.clear();
                self.to_engine_octets = 0;
                self.to_peer.push_back((now.after(latency), Delivery::Reset));
            }
        }
    }

    /// The engine let go of it.
    pub(super) fn gone(&self) -> bool {
        self.state == State::Gone
    }

    /// Moves what there is room for onto the wire, one delivery for each write.
    pub(super) fn accept_writes(
        &mut self,
        now: Time,
        latency: Duration,
        wrote: &mut VecDeque<(ConnId, usize)>,
    ) {
        let arrives = now.after(latency);
        while let Some(front) = self.unsent.front_mut() {
            let count = front
                .len()
                .min(self.to_peer_room.saturating_sub(self.to_peer_octets));
            if count == 0 {
                return;
            }
            self.to_peer
                .push_back((arrives, Delivery::Octets(front.split_to(count))));
            self.to_peer_octets += count;
            if front.is_empty() {
                self.unsent.pop_front();
            }
            wrote.push_back((self.id, count));
        }
        if self.fin_wanted && self.state == State::Open {
            self.fin_wanted = false;
            self.to_peer.push_back((arrives, Delivery::Fin));
        }
    }

    /// Takes from the peer what there is room for, then its end.
    pub(super) fn pull(&mut self, now: Time, latency: Duration) {
        if self.state != State::Open || self.peer_ended {
            return;
        }
        let arrives = now.after(latency);
        while self.to_engine_octets < self.to_engine_room {
            let output = self.peer.take_output();
            if output.is_empty() {
                if let Some(end) = self.peer.ended() {
                    self.peer_ended = true;
                    let end = match end {
                        PeerEnd::Fin => Arrival::Fin,
                        PeerEnd::Rst => Arrival::Reset,
                    };
                    self.to_engine.push_back((arrives, end));
                }
                return;
            }
            self.to_engine_octets += output.len();
            for piece in output.chunks(READ) {
                self.to_engine
                    .push_back((arrives, Arrival::Octets(BytesMut::from(piece))));
            }
        }
    }

    /// When the peer has something to see or to do.
    fn peer_event(&mut self) -> Option<Time> {
        let delivery = self
            .deliverable()
            .then(|| self.to_peer.front().map(|(at, _)| *at))
            .flatten();
        let wake = (self.state == State::Open && !self.peer_ended)
            .then(|| self.peer.wake())
            .flatten();
        [delivery, wake].into_iter().flatten().min()
    }

    /// Whether the next delivery can be made: a peer that does not read lets octets lie, and an RST behind them
    /// reaches it all the same.
    fn deliverable(&mut self) -> bool {
        self.state == State::Gone || self.peer_ended || self.peer.wants_read()
    }

    fn readable(&self) -> bool {
        match self.state {
            State::Opening => true,
            State::Open => self.read != ReadMode::Stop,
            State::Gone => false,
        }
    }
}
