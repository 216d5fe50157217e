//! The interpreter: runs the program of one instance, step by step, as inputs come in.

mod closing;
mod expecting;
mod outcome;
mod policy;
mod steps;
mod watch;

pub use closing::CLOSING;
pub use watch::{Came, Seen, Untaken};

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::Instance;
use wsanvil_case::script::{EndKind, Then, Until};
use wsanvil_model::{Direction, Finding, FindingKind, Grade, Note, What};

use crate::connection::{Connection, Shared, Stage};
use crate::io::{Command, ConnId, EndHow, Input, OpenError, ReadMode, TcpEnd, Time};
use crate::lanes::{DataEvent, EndSeen};
use crate::outcome::{Outcome, StandingHit};
use crate::program::{Op, flatten};
use crate::recorder::Recorder;
use crate::settings::Settings;
use crate::vars::Vars;

/// Runs one instance.
#[derive(Debug)]
pub struct Engine {
    instance: Arc<Instance>,
    settings: Settings,
    vars: Vars,
    program: Vec<Op>,
    counter: usize,
    loops: Vec<(usize, u32)>,
    conns: Vec<Connection>,
    names: BTreeMap<String, Vec<usize>>,
    commands: VecDeque<Command>,
    waiting: Option<Waiting>,
    phase: Phase,
    now: Time,
    started: Time,
    moved: Time,
    /// When octets moved before the input at hand.
    moved_before: Time,
    recorder: Recorder,
    standing: Vec<StandingHit>,
    notes: Vec<Note>,
    grade: Grade,
    finding: Option<Finding>,
    skip: Option<String>,
    error: bool,
    provisional: bool,
    timed_out: bool,
    unreachable: bool,
    late_end: bool,
    /// A connection failed for want of something on the tester's side.
    short_of_means: bool,
    reads: Vec<ReadMode>,
}

/// Where the instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Steps run.
    Running,
    /// Settled, but a late failure still counts; until this moment.
    Lingering(Time),
    /// The tester closes what is open; until this moment.
    Closing(Time),
    /// Over.
    Done,
}

/// What the current step waits for.
#[derive(Debug)]
enum Waiting {
    /// Connections to open.
    Open { conns: Vec<usize>, until: Time },
    /// Writes to be taken by the transport.
    Written {
        conns: Vec<usize>,
        until: Option<Until>,
        blocked_ok: bool,
        began: Time,
    },
    /// Expectations, connection by connection.
    Expect {
        conns: Vec<usize>,
        began: Time,
        left: Vec<Option<u32>>,
    },
    /// A moment.
    Pause { until: Time },
    /// A stretch of slow reading.
    Slow {
        conns: Vec<usize>,
        octets: u32,
        every: Duration,
        next: Time,
        until: Time,
    },
}

impl Engine {
    /// An engine that has not started.
    pub fn new(instance: Arc<Instance>, settings: Settings) -> Self {
        let program = flatten(&instance.script);
        let vars = Vars::new(settings.seed, &instance.name);
        Self {
            vars,
            program,
            counter: 0,
            loops: Vec::new(),
            conns: Vec::new(),
            names: BTreeMap::new(),
            commands: VecDeque::new(),
            waiting: None,
            phase: Phase::Running,
            now: Time::default(),
            started: Time::default(),
            moved: Time::default(),
            moved_before: Time::default(),
            recorder: Recorder::new(Time::default()),
            standing: Vec::new(),
            notes: Vec::new(),
            grade: Grade::Pass,
            finding: None,
            skip: None,
            error: false,
            provisional: false,
            timed_out: false,
            unreachable: false,
            late_end: false,
            short_of_means: false,
            reads: Vec::new(),
            instance,
            settings,
        }
    }

    /// Begins. To be called once, before anything else.
    pub fn start(&mut self, now: Time) {
        self.now = now;
        self.started = now;
        self.moved = now;
        self.moved_before = now;
        self.recorder = Recorder::new(now);
        self.advance();
    }

    /// Takes an input.
    pub fn handle(&mut self, now: Time, input: Input<'_>) {
        self.now = self.now.max(now);
        self.moved_before = self.moved;
        if self.phase == Phase::Done {
            return;
        }
        match input {
            Input::Tick => {}
            Input::Opened(id) => self.opened(id),
            Input::OpenFailed(id, error) => self.open_failed(id, &error),
            Input::Received(id, octets) => self.received(id, octets),
            Input::Wrote(id, octets) => {
                if octets > 0 {
                    self.moved = self.now;
                }
                if let Some(conn) = self.conns.get_mut(id.0 as usize) {
                    conn.outbox.wrote(octets);
                }
            }
            Input::Fin(id) => self.ended(id, EndKind::Fin, String::new()),
            Input::Cut(id) => self.ended(id, EndKind::Cut, String::new()),
            Input::Reset(id, why) => self.ended(id, EndKind::Rst, why),
        }
        let deadline = self
            .started
            .after(Duration::from_millis(self.instance.case.deadline_ms));
        if self.now >= deadline && self.phase == Phase::Running {
            self.fail(
                FindingKind::Deadline,
                "the case ends in time",
                "its absolute deadline passed",
                "main",
                0,
                None,
            );
            self.timed_out = true;
            self.settle();
        }
        self.advance();
    }

    /// The next command, until there is none.
    pub fn poll(&mut self) -> Option<Command> {
        if let Some(command) = self.commands.pop_front() {
            return Some(command);
        }
        let now = self.now;
        self.conns.iter_mut().find_map(|conn| {
            if !conn.can_send() {
                return None;
            }
            conn.outbox
                .next_write(now)
                .map(|octets| Command::Write(conn.id, octets))
        })
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn deadline(&self) -> Option<Time> {
        let absolute = self
            .started
            .after(Duration::from_millis(self.instance.case.deadline_ms));
        let gap = self
            .conns
            .iter()
            .filter(|conn| conn.can_send())
            .filter_map(|conn| conn.outbox.resumes())
            .min();
        let step = match self.phase {
            Phase::Running => Some(self.step_deadline().map_or(absolute, |step| step.min(absolute))),
            Phase::Lingering(until) | Phase::Closing(until) => Some(until),
            Phase::Done => return None,
        };
        [step, gap].into_iter().flatten().min()
    }

    /// Whether the instance is over.
    pub fn finished(&self) -> bool {
        self.phase == Phase::Done
    }

    /// What it came to.
    pub fn into_outcome(self) -> Outcome {
        outcome::of(self)
    }

    /// Runs until something has to be waited for.
    fn advance(&mut self) {
        loop {
            match self.phase {
                Phase::Done => return,
                Phase::Lingering(until) => {
                    if self.now < until && self.conns.iter().any(Connection::is_open) {
                        return;
                    }
                    self.begin_closing();
                }
                Phase::Closing(until) => {
                    if !self.closing_done(until) {
                        return;
                    }
                    self.finish();
                }
                Phase::Running => {
                    if self.check_flood() {
                        continue;
                    }
                    if self.waiting.is_some() {
                        if !self.look_at_wait() {
                            return;
                        }
                        continue;
                    }
                    self.next_op();
                }
            }
        }
    }

    fn next_op(&mut self) {
        let Some(op) = self.program.get(self.counter).cloned() else {
            self.check_leftovers();
            self.settle();
            return;
        };
        match op {
            Op::Step(step) => {
                self.counter += 1;
                self.begin_step(&step);
            }
            Op::Begin {
                count,
                var,
                until,
                end,
            } => {
                let round = match self.loops.last() {
                    Some((begin, round)) if *begin == self.counter => *round,
                    _ => {
                        self.loops.push((self.counter, 0));
                        0
                    }
                };
                let stop = until.is_some_and(|(until, on)| self.happened(until, &on));
                if round >= count || stop {
                    self.loops.pop();
                    self.counter = end + 1;
                } else {
                    if let Some(var) = var {
                        self.vars.loops.insert(var, i64::from(round));
                    }
                    self.counter += 1;
                }
            }
            Op::End { begin } => {
                if let Some((_, round)) = self.loops.last_mut() {
                    *round += 1;
                }
                self.counter = begin;
            }
        }
    }

    /// Whether what leaves a loop or a send early has happened.
    fn happened(&mut self, until: Until, on: &[wsanvil_case::script::Text]) -> bool {
        let conns = self.resolve(on);
        conns
            .iter()
            .filter_map(|index| self.conns.get(*index))
            .any(|conn| match until {
                Until::End => !conn.is_readable(),
                Until::Answer => conn.next_data().is_some() || !conn.lanes.control.is_empty(),
                Until::Blocked => conn.sender_blocked(),
            })
    }

    fn opened(&mut self, id: ConnId) {
        self.with(id, Connection::opened);
        if let Some(conn) = self.conns.get_mut(id.0 as usize) {
            conn.secured = self.settings.target.scheme == "wss" && !conn.in_the_clear;
        }
        self.moved = self.now;
        self.transport_open(id);
    }

    fn open_failed(&mut self, id: ConnId, error: &OpenError) {
        let why = match error {
            OpenError::Refused => "the connection was refused".to_owned(),
            OpenError::TimedOut => "no TCP connection in time".to_owned(),
            OpenError::Tls(why) => format!("TLS was not agreed: {why}"),
            OpenError::TlsTimedOut => "TCP is open, but the TLS handshake came to nothing".to_owned(),
            OpenError::TlsRefused { alert, end } => return self.tls_refused(id, alert.as_ref(), *end),
            OpenError::Certificate(why) => return self.other_certificate(id, why),
            OpenError::Local(why) => {
                self.short_of_means = true;
                format!("the tester could not connect: {why}")
            }
            OpenError::Other(why) => why.clone(),
        };
        let Some(conn) = self.conns.get_mut(id.0 as usize) else {
            return;
        };
        conn.stage = Stage::Unopened;
        conn.tls_trouble = match error {
            OpenError::TlsTimedOut => Some((FindingKind::Silence, "neither in time".to_owned())),
            OpenError::Tls(why) => Some((FindingKind::UnexpectedEvent, why.clone())),
            _ => None,
        };
        let name = Arc::clone(&conn.name);
        self.recorder
            .event(self.now, &name, Direction::Out, What::OpenFailed, why);
    }

    /// The target refuses the `ClientHello` of the case: what it did is for the script to judge.
    fn tls_refused(&mut self, id: ConnId, alert: Option<&(u8, String)>, end: Option<TcpEnd>) {
        self.with(id, |conn, shared| {
            conn.opened(shared);
            if let Some((code, name)) = alert.cloned() {
                let event = DataEvent::Alert { code, name };
                shared
                    .recorder
                    .event(shared.now, &conn.name, Direction::In, What::Raw, event.describe());
                conn.lanes.data.push_back(event);
            }
        });
        match end {
            Some(TcpEnd::Fin) => self.ended(id, EndKind::Fin, String::new()),
            Some(TcpEnd::Rst) => self.ended(id, EndKind::Rst, "connection reset".to_owned()),
            None => {}
        }
    }

    /// TLS would be agreed, with the certificate of somebody else: the tester has ended it.
    fn other_certificate(&mut self, id: ConnId, why: &str) {
        self.with(id, |conn, shared| {
            conn.opened(shared);
            let remark = format!("tester: TLS not taken, {why}");
            shared
                .recorder
                .event(shared.now, &conn.name, Direction::Out, What::Fin, remark);
            conn.secured = true;
            conn.dropped = true;
            conn.stage = Stage::Ended;
        });
    }

    fn received(&mut self, id: ConnId, octets: &mut [u8]) {
        if !octets.is_empty() {
            self.moved = self.now;
        }
        self.with(id, |conn, shared| conn.receive(octets, shared));
    }

    fn ended(&mut self, id: ConnId, how: EndKind, why: String) {
        let at = self.now;
        self.with(id, |conn, shared| {
            let inside = conn.is_inside();
            if conn.stage == Stage::Opening {
                conn.stage = Stage::Unopened;
                return;
            }
            conn.ended(EndSeen { how, why, at, inside }, shared);
        });
    }

    /// Lets a connection work with what all share.
    fn with<R>(&mut self, id: ConnId, work: impl FnOnce(&mut Connection, &mut Shared<'_>) -> R) -> Option<R> {
        let conn = self.conns.get_mut(id.0 as usize)?;
        let mut shared = Shared {
            now: self.now,
            recorder: &mut self.recorder,
            standing: &mut self.standing,
        };
        Some(work(conn, &mut shared))
    }

    /// More than is owed came: the instance ends as a miss.
    fn check_flood(&mut self) -> bool {
        let Some(conn) = self.conns.iter_mut().find(|conn| conn.flooded) else {
            return false;
        };
        conn.flooded = false;
        let (name, id) = (Arc::clone(&conn.name), conn.id);
        conn.dropped = true;
        self.commands.push_back(Command::End(id, EndHow::Rst));
        self.fail(
            FindingKind::Flood,
            "no more octets than are owed",
            "the peer sent far more than it owes and was cut off",
            &name,
            0,
            None,
        );
        self.settle();
        true
    }

    /// Records a miss at the level of the case.
    fn fail(
        &mut self,
        kind: FindingKind,
        expected: &str,
        observed: &str,
        on: &str,
        line: u32,
        offset: Option<u64>,
    ) {
        let cost = self.instance.case.level.cost();
        self.miss_with(cost, kind, expected, observed, on, line, offset);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a finding")]
    fn miss_with(
        &mut self,
        cost: Grade,
        kind: FindingKind,
        expected: &str,
        observed: &str,
        on: &str,
        line: u32,
        offset: Option<u64>,
    ) {
        if cost == Grade::Note {
            self.note(format!("expected {expected}; {observed}"), on, line);
        }
        self.grade = self.grade.max(cost);
        if kind == FindingKind::Internal || (kind == FindingKind::Unreachable && cost == Grade::Fail) {
            self.error = true;
        }
        if kind == FindingKind::Silence {
            self.timed_out = true;
        }
        if self.finding.is_none() && cost > Grade::Note {
            self.finding = Some(Finding {
                kind,
                rule: None,
                requirement: self.instance.case.spec.first().cloned().unwrap_or_default(),
                expected: expected.to_owned(),
                observed: observed.to_owned(),
                on: on.to_owned(),
                line,
                offset,
            });
        }
    }

    fn note(&mut self, text: impl Into<String>, on: &str, line: u32) {
        self.grade = self.grade.max(Grade::Note);
        let note = Note {
            text: text.into(),
            on: on.to_owned(),
            line,
        };
        if !self.notes.contains(&note) && self.notes.len() < 32 {
            self.notes.push(note);
        }
    }

    /// What follows a met alternative or probe.
    fn follow(&mut self, then: Then) {
        if then == Then::End {
            self.settle();
        }
    }
}
