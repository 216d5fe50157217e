//! An engine and its peers in memory, under a virtual clock.
//!
//! Nothing sleeps: time stands still while anything happens and jumps to the next delivery, to a peer's wake or to
//! the engine's deadline, whichever comes first. A run is a pure function of the script, the seed and the peers.

mod chop;
mod link;
mod machine;

pub use chop::Chop;
pub(crate) use chop::split_mix;
pub use machine::Machine;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::Instance;
use wsanvil_engine::{Command, ConnId, Engine, Input, OpenError, Outcome, Settings, Time};

use crate::Peer;
use chop::Chopper;
use link::{Arrival, Link};

/// Makes the peer of the nth connection, counted from 0 in the order they are opened.
pub type Peers<'a> = &'a mut dyn FnMut(usize) -> Box<dyn Peer>;

/// Runs an instance to its end against peers in memory: whole reads, the usual latency.
///
/// # Panics
/// When the engine does not end: it waits for nothing, or goes round without getting on.
pub fn run(instance: Arc<Instance>, settings: Settings, peers: Peers<'_>) -> Outcome {
    Pair::default().run(instance, settings, peers)
}

/// How the pair behaves.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// How what the engine reads is cut.
    pub chop: Chop,
    /// From one end to the other.
    pub latency: Duration,
    /// Deliveries, reads, wakes and deadlines after which the run counts as endless.
    pub max_events: u64,
}

impl Default for Pair {
    /// Whole reads, 100 µs to the other end, four million events.
    fn default() -> Self {
        Self {
            chop: Chop::Whole,
            latency: Duration::from_micros(100),
            max_events: 4_000_000,
        }
    }
}

impl Pair {
    /// As usual, with reads cut this way.
    pub fn chopped(chop: Chop) -> Self {
        Self {
            chop,
            ..Self::default()
        }
    }

    /// Runs an instance to its end.
    ///
    /// # Panics
    /// As [`run`].
    pub fn run(&self, instance: Arc<Instance>, settings: Settings, peers: Peers<'_>) -> Outcome {
        let name = instance.name.clone();
        self.drive(&name, Engine::new(instance, settings), peers)
            .into_outcome()
    }

    /// Drives any machine to its end.
    ///
    /// # Panics
    /// As [`run`]; the message holds `name`.
    pub fn drive<M: Machine>(&self, name: &str, machine: M, peers: Peers<'_>) -> M {
        let mut drive = Drive {
            machine,
            peers,
            pair: self,
            chopper: Chopper::new(self.chop),
            links: Vec::new(),
            wrote: VecDeque::new(),
            opened: 0,
            // Not zero: an engine that confuses a moment with a duration shows it.
            now: Time(1_000_000),
        };
        drive.machine.start(drive.now);
        drive.settle();
        let mut events = 0;
        while !drive.machine.finished() {
            events += 1;
            assert!(
                events <= self.max_events,
                "{name} did not end: {events} events by {:?}",
                drive.now
            );
            assert!(
                drive.advance(),
                "{name} did not end: it waits for nothing at {:?}",
                drive.now
            );
        }
        drive.machine
    }
}

/// Owner of the clock during a run.
struct Drive<'a, 'p, M> {
    machine: M,
    peers: Peers<'p>,
    pair: &'a Pair,
    chopper: Chopper,
    links: Vec<Link>,
    /// Octets the transport took and the engine does not know about yet.
    wrote: VecDeque<(ConnId, usize)>,
    opened: usize,
    now: Time,
}

impl<M: Machine> Drive<'_, '_, M> {
    /// Lets the next thing happen; false when nothing ever will.
    fn advance(&mut self) -> bool {
        let link = self
            .links
            .iter_mut()
            .enumerate()
            .filter_map(|(index, link)| link.next_event().map(|at| (at, index)))
            .min();
        let deadline = self.machine.deadline();
        match (link, deadline) {
            (None, None) => return false,
            // What arrives at the very moment of a deadline is in time.
            (Some((at, index)), deadline) if deadline.is_none_or(|deadline| at <= deadline) => {
                self.now = self.now.max(at);
                self.turn(index);
            }
            (_, deadline) => {
                self.now = self.now.max(deadline.unwrap_or(self.now));
                self.machine.handle(self.now, Input::Tick);
            }
        }
        self.settle();
        true
    }

    /// One event of one connection: at the peer first, else at the engine.
    fn turn(&mut self, index: usize) {
        let now = self.now;
        let Some(link) = self.links.get_mut(index) else {
            return;
        };
        let id = link.id;
        if link.at_peer(now, self.pair.latency) {
            return;
        }
        match link.arrival(now, &mut self.chopper) {
            None => {}
            Some(Arrival::Opened) => self.machine.handle(now, Input::Opened(id)),
            Some(Arrival::Refused) => {
                self.machine
                    .handle(now, Input::OpenFailed(id, OpenError::Refused));
            }
            Some(Arrival::Octets(mut octets)) => self.machine.handle(now, Input::Received(id, &mut octets)),
            Some(Arrival::Fin) => self.machine.handle(now, Input::Fin(id)),
            Some(Arrival::Reset) => {
                self.machine
                    .handle(now, Input::Reset(id, "connection reset by peer".to_owned()));
            }
        }
    }

    /// Carries out commands and reports written octets until the engine wants nothing more at this moment.
    fn settle(&mut self) {
        loop {
            while let Some(command) = self.machine.poll() {
                self.carry_out(command);
            }
            for link in &mut self.links {
                link.accept_writes(self.now, self.pair.latency, &mut self.wrote);
                link.pull(self.now, self.pair.latency);
            }
            let Some((id, count)) = self.wrote.pop_front() else {
                return;
            };
            self.machine.handle(self.now, Input::Wrote(id, count));
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Open {
                conn,
                recv_buffer,
                send_buffer,
                ..
            } => {
                let peer = (self.peers)(self.opened);
                self.opened += 1;
                let buffers = (send_buffer, recv_buffer);
                self.links
                    .push(Link::new(conn, peer, self.now, self.pair.latency, buffers));
            }
            Command::Write(conn, octets) => self.with(conn, |link, _| link.write(octets)),
            Command::Read(conn, mode) => self.with(conn, |link, _| link.read(mode)),
            Command::End(conn, how) => {
                let latency = self.pair.latency;
                self.with(conn, |link, now| link.end(how, now, latency));
                if self.links.iter().any(|link| link.id == conn && link.gone()) {
                    self.wrote.retain(|(id, _)| *id != conn);
                }
            }
        }
    }

    fn with(&mut self, conn: ConnId, act: impl FnOnce(&mut Link, Time)) {
        let now = self.now;
        if let Some(link) = self.links.iter_mut().find(|link| link.id == conn) {
            act(link, now);
        }
    }
}

#[cfg(test)]
mod tests;
