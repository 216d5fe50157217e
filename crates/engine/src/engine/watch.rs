//! Looking at an instance while it runs, and leading it on: for programs that show a conversation as it happens.

use std::sync::Arc;

use bytes::Bytes;
use wsanvil_case::script::{EndKind, Script};
use wsanvil_model::Entry;

use crate::connection::Connection;
use crate::io::Time;
use crate::lanes::{Compared, ControlEvent, DataEvent};
use crate::outcome::StandingHit;
use crate::program::{Op, append};

use super::{Engine, Phase, Waiting};

/// How far a watcher has looked; begins at nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    entries: u64,
    standing: usize,
}

/// Something of the peer that no step has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untaken {
    /// Connection.
    pub on: Arc<str>,
    /// What it is.
    pub what: Came,
}

/// What came, as expectations see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// A whole message, after assembly and inflation.
    Message {
        /// Binary, else text.
        binary: bool,
        /// Its octets, the first MiB at most.
        octets: Bytes,
        /// How many there were.
        len: u64,
    },
    /// A Ping.
    Ping(Bytes),
    /// A Pong that answers no barrier.
    Pong(Bytes),
    /// A Close.
    Close {
        /// Code; `None`: none that could be read.
        code: Option<u16>,
        /// The octets behind it.
        reason: Bytes,
    },
    /// The end of the transport.
    End(EndKind),
    /// A final HTTP response head, with its status.
    Response(u16),
    /// Something else in place of an HTTP head: octets that are none, a TLS alert.
    Other,
}

impl Engine {
    /// Entries of the transcript and standing rules broken since the last look. What was left out of a long transcript
    /// before it was looked at is counted in the entry behind it.
    pub fn look(&self, seen: &mut Seen) -> (Vec<Entry>, &[StandingHit]) {
        let entries = self.recorder.since(&mut seen.entries);
        let hits = self.standing.get(seen.standing..).unwrap_or_default();
        seen.standing = self.standing.len();
        (entries, hits)
    }

    /// What came and was taken by no step: of each connection first the data lane, then the control lane, each in the
    /// order of its coming.
    pub fn untaken(&self) -> Vec<Untaken> {
        self.conns.iter().flat_map(of).collect()
    }

    /// Takes what [`Self::untaken`] gives out of the lanes, with everything that is owed and counted: a conversation
    /// without end must not fill the memory, nor count as a flood.
    pub fn take_untaken(&mut self) -> Vec<Untaken> {
        let untaken = self.untaken();
        self.conns.iter_mut().for_each(Connection::forget);
        untaken
    }

    /// The rule that a strict target finds broken first by what was sent, in words. Behind it the target has to fail the
    /// connection.
    pub fn own_fault(&self) -> Option<String> {
        let mut broken = self.conns.iter().filter_map(|conn| conn.shadow.broken());
        broken.next().map(ToString::to_string)
    }

    /// Whether the last step is a pause, and under way.
    pub fn is_resting(&self) -> bool {
        let pause = matches!(self.waiting, Some(Waiting::Pause { .. }));
        pause && self.phase == Phase::Running && self.counter == self.program.len()
    }

    /// Whether a connection can still bring something.
    pub fn is_listening(&self) -> bool {
        self.conns.iter().any(Connection::is_readable)
    }

    /// Ends the pause that is the last step. Without one, nothing happens.
    pub fn wake(&mut self, now: Time) {
        if self.is_resting() {
            self.go_on(now);
        }
    }

    /// Does these steps in the middle of the pause that is the last step, which begins anew behind them. Says whether
    /// that pause was under way; if not, nothing happens.
    pub fn insert(&mut self, now: Time, script: &Script) -> bool {
        let resting = self.is_resting();
        if let Some(Op::Step(pause)) = self.program.last().filter(|_| resting).cloned() {
            append(script, &mut self.program);
            self.program.push(Op::Step(pause));
            self.go_on(now);
        }
        resting
    }

    fn go_on(&mut self, now: Time) {
        self.now = self.now.max(now);
        // Deadlines count from here: the pause was the watcher's.
        self.moved = self.now;
        self.waiting = None;
        self.advance();
    }
}

fn of(conn: &Connection) -> Vec<Untaken> {
    let mut owed = conn.owed.iter();
    let data = conn.lanes.data.iter().map(|event| match event {
        DataEvent::Message(message) => {
            let owed = owed.next();
            let octets = match &message.content {
                Compared::Other { octets, .. } => octets.clone(),
                Compared::Owed => {
                    let mut octets = Vec::new();
                    if let Some(owed) = owed {
                        owed.content.read_at(0, crate::incoming::KEPT, &mut octets);
                    }
                    octets.into()
                }
            };
            Came::Message {
                binary: message.binary,
                octets,
                len: message.len,
            }
        }
        DataEvent::Close(close) => Came::Close {
            code: close.code,
            reason: close
                .body
                .get(2..)
                .map(Bytes::copy_from_slice)
                .unwrap_or_default(),
        },
        DataEvent::End(end) => Came::End(end.how),
        DataEvent::Response(head) => Came::Response(head.status),
        DataEvent::NoHead { .. } | DataEvent::Alert { .. } => Came::Other,
    });
    let control = conn.lanes.control.iter().map(|event| match event {
        ControlEvent::Ping(octets) => Came::Ping(octets.clone()),
        ControlEvent::Pong(octets) => Came::Pong(octets.clone()),
    });
    let on = |what| Untaken {
        on: Arc::clone(&conn.name),
        what,
    };
    data.chain(control).map(on).collect()
}
