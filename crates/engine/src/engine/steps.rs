//! Steps other than expectations: open, send, drop, read, wait.

use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::script::{
    Action, Blocked, DropHow, FrameSend, Kind, Open, OpenHow, OpenMissed, OpenTls, Read, RequestSend, Send,
    SendWhat, ServerName, Step, Text, Until, Write,
};
use wsanvil_case::{Judge, Need};
use wsanvil_model::{Direction, FindingKind, Grade, What};
use wsanvil_wire::Role;
use wsanvil_wire::upgrade::{accept_for, key_from_nonce};

use crate::connection::{Connection, Outgoing, Stage};
use crate::content::Content;
use crate::io::{Command, ConnId, EndHow, ReadMode, Security, Time};
use crate::lanes::DataEvent;
use crate::opening;
use crate::settings::App;
use crate::vars::Vars;

use super::{Engine, Op, Waiting};

/// Octets queued before a send step waits for the transport.
const QUEUED: u64 = 64 << 10;

/// How long the driver has to tell that a handshake of TLS came to nothing.
const TELLS: Duration = Duration::from_secs(1);

impl Engine {
    /// Begins a step; what it has to wait for is in `waiting` behind it.
    pub(super) fn begin_step(&mut self, step: &Step) {
        match &step.action {
            Action::Open(open) => self.open(step, open),
            Action::Send(send) => self.send(step, send),
            Action::Expect(expect) => {
                let times = super::expecting::rounds(&expect.want.kind);
                self.begin_expecting(step, times);
            }
            Action::Probe(_) => self.begin_expecting(step, Some(1)),
            Action::Wait(span) => {
                let ms = span.ms(&self.settings.target.declared);
                let until = self.now.after(Duration::from_millis(ms));
                // Whether the peer is still there behind the pause no earlier Pong can tell.
                for place in self.resolve(&step.on) {
                    if let Some(conn) = self.conns.get_mut(place) {
                        conn.barrier_is_stale();
                    }
                }
                self.waiting = Some(Waiting::Pause { until });
            }
            Action::Drop(how) => self.drop_transport(step, *how),
            Action::Read(read) => self.read(step, *read),
            // Laid out as other steps by the program.
            Action::Close(_) | Action::Repeat(_) => {}
        }
    }

    /// The step whose wait is under way.
    pub(super) fn current(&self) -> Option<&Step> {
        match self.program.get(self.counter.checked_sub(1)?) {
            Some(Op::Step(step)) => Some(step),
            _ => None,
        }
    }

    /// The connections a step acts on.
    pub(super) fn resolve(&self, on: &[Text]) -> Vec<usize> {
        let none = crate::vars::ConnVars::default();
        on.iter()
            .flat_map(|name| {
                let name = self.vars.text(name, &self.settings.target, &none);
                self.names.get(&name).cloned().unwrap_or_default()
            })
            .collect()
    }

    fn open(&mut self, step: &Step, open: &Open) {
        let within = open
            .within_ms
            .map_or(self.settings.step_deadline, Duration::from_millis);
        let none = crate::vars::ConnVars::default();
        let mut opened = Vec::new();
        for name in &step.on {
            let name = self.vars.text(name, &self.settings.target, &none);
            let members: Vec<(String, u32)> = match open.count {
                None => vec![(name.clone(), 0)],
                Some(count) => (0..count)
                    .map(|index| (format!("{name}.{index}"), index))
                    .collect(),
            };
            let mut group = Vec::new();
            for (member, index) in members {
                let place = self.new_connection(&member, index, open);
                self.names.insert(member, vec![place]);
                group.push(place);
                opened.push(place);
            }
            self.names.insert(name, group);
        }
        let security = open.tls.as_ref().map(|tls| self.security(tls));
        // The driver tells which part of a handshake of TLS took too long.
        let grace = if security.is_some() { TELLS } else { Duration::ZERO };
        for place in &opened {
            self.commands.push_back(Command::Open {
                conn: ConnId(*place as u32),
                security: security.clone(),
                recv_buffer: open.recv_buffer,
                send_buffer: open.send_buffer,
                within,
            });
        }
        self.waiting = Some(Waiting::Open {
            conns: opened,
            until: self.now.after(within).after(grace),
        });
    }

    /// How a connection is secured that the case wants otherwise than the target in general.
    fn security(&self, tls: &OpenTls) -> Security {
        let none = crate::vars::ConnVars::default();
        let text = |text: &Text| self.vars.text(text, &self.settings.target, &none);
        match tls {
            OpenTls::Off => Security::Off,
            OpenTls::Hello { sni, alpn, min, max } => Security::Hello {
                name: match sni {
                    ServerName::Target => None,
                    ServerName::Absent => Some(None),
                    ServerName::Other(name) => Some(Some(text(name))),
                },
                protocols: alpn
                    .as_ref()
                    .map(|protocols| protocols.iter().map(text).collect()),
                versions: (*min, *max),
            },
        }
    }

    fn new_connection(&mut self, name: &str, index: u32, open: &Open) -> usize {
        let place = self.conns.len();
        let role = self.settings.target.role.peer();
        let mut conn = Connection::new(ConnId(place as u32), Arc::from(name), role);
        let key = key_from_nonce(self.vars.octets());
        conn.vars.key = String::from_utf8_lossy(&key).into_owned();
        conn.vars.accept = String::from_utf8_lossy(&accept_for(&key)).into_owned();
        conn.offered_key = Some(key.to_vec());
        conn.vars.index = index;
        conn.sender.seed_keys(u64::from_le_bytes(self.vars.octets()));
        conn.auto_pong = open.auto_pong;
        conn.auto_close = open.auto_close;
        conn.handshake = open.how == OpenHow::Ws;
        conn.in_the_clear = open.tls == Some(OpenTls::Off);
        conn.ignore_messages = self.settings.target.app == App::None;
        conn.keep_digests = self.instance.autobahn_id().is_some()
            && self
                .instance
                .case
                .autobahn
                .as_ref()
                .is_some_and(|data| data.judge == Judge::Lists);
        conn.keep_frames = self.expects_frames();
        self.conns.push(conn);
        self.reads.push(ReadMode::Start);
        place
    }

    fn expects_frames(&self) -> bool {
        let frame = |kind: &Kind| matches!(kind, Kind::Frame { .. });
        self.program.iter().any(|op| match op {
            Op::Step(step) => match &step.action {
                Action::Expect(expect) => {
                    frame(&expect.want.kind) || expect.or.iter().any(|other| frame(&other.want.kind))
                }
                Action::Probe(probe) => frame(&probe.want.kind),
                _ => false,
            },
            _ => false,
        })
    }

    /// The transport of a connection is open: its handshake goes out.
    pub(super) fn transport_open(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get(id.0 as usize) else {
            return;
        };
        if !conn.handshake {
            return;
        }
        let Some(Step {
            action: Action::Open(open),
            ..
        }) = self.current()
        else {
            return;
        };
        let path = open
            .path
            .as_ref()
            .map(|path| self.vars.text(path, &self.settings.target, &conn.vars));
        let request = opening::open_request(
            path.as_deref(),
            &open.edit,
            &self.vars,
            &self.settings.target,
            &conn.vars,
        );
        self.send_request(id, request, &Write::default());
    }

    fn send_request(&mut self, id: ConnId, request: opening::OpeningRequest, write: &Write) {
        self.with(id, |conn, shared| {
            conn.offered_key = request.key;
            conn.offered = (request.protocols, request.extensions);
            conn.send_raw(Content::Octets(request.octets.into()), write, What::Head, shared);
        });
    }

    /// Looks whether all connections of `open` are there. Says whether the step is over.
    pub(super) fn look_at_open(&mut self, conns: &[usize], until: Time) -> bool {
        let Some(step) = self.current().cloned() else {
            return true;
        };
        let Action::Open(open) = &step.action else {
            return true;
        };
        for place in conns {
            let Some(conn) = self.conns.get(*place) else {
                continue;
            };
            let name = Arc::clone(&conn.name);
            let trouble = match conn.stage {
                // The end may lie right behind the 101.
                _ if !conn.handshake && !matches!(conn.stage, Stage::Opening | Stage::Unopened) => None,
                _ if conn.upgraded() => None,
                Stage::Opening if self.now >= until => Some("no TCP connection in time".to_owned()),
                Stage::Opening => return false,
                Stage::Unopened
                    if open.tls.is_some()
                        && let Some((kind, observed)) = conn.tls_trouble.clone() =>
                {
                    let expected = "TLS is agreed, or refused and TCP ended";
                    self.fail(kind, expected, &observed, &name, step.line, None);
                    self.settle();
                    return true;
                }
                Stage::Unopened => Some("no connection came about".to_owned()),
                Stage::Http | Stage::Ended => match conn.next_data() {
                    Some(event) => Some(format!(
                        "the opening handshake was answered by {}",
                        event.describe()
                    )),
                    None if self.now >= self.handshake_until(until) => {
                        Some("the opening handshake was not answered in time".to_owned())
                    }
                    None if conn.stage == Stage::Ended => {
                        Some("the connection ended in the handshake".to_owned())
                    }
                    None => return false,
                },
                Stage::Frames => None,
            };
            match trouble {
                None => self.handshake_done(*place, open),
                Some(why) => {
                    let place = *place;
                    self.open_missed(&why, &name, step.line, open.missed);
                    if open.missed != OpenMissed::Continue {
                        return true;
                    }
                    self.give_up(place);
                }
            }
        }
        true
    }

    fn handshake_done(&mut self, place: usize, open: &Open) {
        let Some(conn) = self.conns.get_mut(place) else {
            return;
        };
        if !conn.handshake {
            return;
        }
        // The 101 belongs to `open`.
        if matches!(conn.next_data(), Some(DataEvent::Response(_))) {
            conn.lanes.data.pop_front();
        }
        let offered = conn
            .offered
            .1
            .iter()
            .any(|extension| extension.name == wsanvil_wire::deflate::NAME);
        if offered && conn.agreed.is_none() && self.instance.case.needs.contains(&Need::Deflate) {
            self.skip = Some("the target does not agree on permessage-deflate".to_owned());
            self.settle();
        } else if let Some(agreed) = conn.agreed {
            let (takeover, window) = match conn.role {
                Role::Client => (agreed.client_takeover, agreed.client_window),
                Role::Server => (agreed.server_takeover, agreed.server_window),
            };
            if open.takeover && !takeover {
                self.skip = Some("the target does not want references into earlier messages".to_owned());
                self.settle();
            } else if open.window_bits.is_some_and(|bits| bits > window) {
                self.skip = Some(format!("the target wants a window of {window} bits at most"));
                self.settle();
            }
        }
    }

    /// Why the case does not apply, when the target would not open a connection with this offer of permessage-deflate.
    /// That a legal offer costs the whole handshake is the matter of a case of its own.
    fn refuses_the_offer(&self) -> Option<String> {
        if self.conns.iter().any(|conn| conn.switched) {
            return None;
        }
        let offers = |conn: &&Connection| {
            let mut offered = conn.offered.1.iter();
            conn.handshake && offered.any(|offer| offer.name == wsanvil_wire::deflate::NAME)
        };
        let refused = self
            .conns
            .iter()
            .filter(offers)
            .find_map(|conn| match conn.next_data()? {
                DataEvent::Response(head) if (400..600).contains(&head.status) && !conn.is_put_off() => {
                    Some(format!("with {}", head.status))
                }
                DataEvent::End(_) => Some("by ending the connection".to_owned()),
                _ => None,
            })?;
        Some(format!(
            "the target refuses this offer of permessage-deflate {refused}"
        ))
    }

    /// The script goes on without this connection.
    fn give_up(&mut self, place: usize) {
        let Some(conn) = self.conns.get_mut(place) else {
            return;
        };
        conn.dropped = true;
        if conn.stage != Stage::Unopened {
            self.commands.push_back(Command::End(conn.id, EndHow::Release));
            conn.stage = Stage::Unopened;
        }
    }

    fn open_missed(&mut self, why: &str, name: &str, line: u32, missed: OpenMissed) {
        match missed {
            OpenMissed::Fail => {
                let first = self.conns.len() == 1;
                self.unreachable |= first;
                self.timed_out |= why.contains("in time");
                if let Some(refused) = self.refuses_the_offer() {
                    self.skip = Some(refused);
                    self.settle();
                    return;
                }
                // A target that has served a connection of this very case and does not serve the next one says
                // something about itself, unless it says that it is busy.
                let served = self.conns.iter().any(|conn| conn.switched)
                    && !self.short_of_means
                    && !self.conns.iter().any(Connection::is_put_off);
                let (cost, kind) = if served {
                    (self.instance.case.level.cost(), FindingKind::Refused)
                } else {
                    (Grade::Fail, FindingKind::Unreachable)
                };
                self.miss_with(cost, kind, "an open WebSocket connection", why, name, line, None);
                self.settle();
            }
            OpenMissed::End => {
                self.note(
                    format!("expected an open WebSocket connection; {why}"),
                    name,
                    line,
                );
                // How the target refused those that did not come about is nobody's matter any more, and the 101 of the
                // others belongs to `open`.
                for conn in &mut self.conns {
                    conn.dropped |= !conn.switched;
                    if conn.handshake && matches!(conn.next_data(), Some(DataEvent::Response(_))) {
                        conn.lanes.data.pop_front();
                    }
                }
                self.settle();
            }
            OpenMissed::Continue => {}
        }
    }

    fn send(&mut self, step: &Step, send: &Send) {
        let conns = self.resolve(&step.on);
        for place in &conns {
            if !self.send_on(*place, send) {
                return;
            }
        }
        // Sends in a row go out together, as far as their writes are not cut: a script that wants to see the transport
        // take its octets says so.
        let plain = send.write.until.is_none() && send.write.blocked == Blocked::Fail;
        let queued: u64 = conns
            .iter()
            .filter_map(|place| self.conns.get(*place))
            .map(|conn| conn.outbox.queued())
            .sum();
        let next_sends = matches!(
            self.program.get(self.counter),
            Some(
                Op::Step(Step {
                    action: Action::Send(_),
                    ..
                }) | Op::End { .. }
            )
        );
        if plain && next_sends && queued < QUEUED {
            return;
        }
        if !send.write.join {
            self.waiting = Some(Waiting::Written {
                conns,
                until: send.write.until,
                blocked_ok: send.write.blocked == Blocked::Ok,
                began: self.now,
            });
        }
    }

    /// Sends on one connection. False: the instance is over.
    fn send_on(&mut self, place: usize, send: &Send) -> bool {
        let Some(conn) = self.conns.get_mut(place) else {
            return true;
        };
        // A step on a connection that has ended sends nothing and is no error.
        if !conn.can_send() {
            return true;
        }
        let id = conn.id;
        match &send.what {
            SendWhat::Frames(frames) => return self.send_frames(place, frames, &send.write),
            SendWhat::More(payload) => {
                let content = self.vars.payload(payload, &self.settings.target, &mut conn.vars);
                self.with(id, |conn, shared| conn.send_more(content, &send.write, shared));
            }
            SendWhat::Raw(payload) => {
                let content = self.vars.payload(payload, &self.settings.target, &mut conn.vars);
                self.with(id, |conn, shared| {
                    conn.send_raw(content, &send.write, What::Raw, shared);
                });
            }
            SendWhat::Request(request) => self.send_own_request(place, request, &send.write),
            SendWhat::Response(_) => {
                let name = Arc::clone(&conn.name);
                self.fail(
                    FindingKind::Internal,
                    "a step for the tester's role",
                    "send = \"response\" needs a client as target",
                    &name,
                    0,
                    None,
                );
                self.settle();
                return false;
            }
        }
        true
    }

    fn send_own_request(&mut self, place: usize, request: &RequestSend, write: &Write) {
        let Some(conn) = self.conns.get(place) else { return };
        let (id, request) = (
            conn.id,
            opening::sent_request(request, &self.vars, &self.settings.target, &conn.vars),
        );
        self.send_request(id, request, write);
    }

    fn send_frames(&mut self, place: usize, frames: &FrameSend, write: &Write) -> bool {
        let Some(conn) = self.conns.get_mut(place) else {
            return true;
        };
        let shared = conn
            .sharable(frames)
            .and_then(|window| Vars::corpus_piece(&frames.payload, &conn.vars, window));
        let payload = self
            .vars
            .payload(&frames.payload, &self.settings.target, &mut conn.vars);
        let content = match frames.code {
            Some(code) => Content::concat(vec![
                Content::Octets(bytes::Bytes::copy_from_slice(&code.to_be_bytes())),
                payload,
            ]),
            None => payload,
        };
        let compressed = frames.compress.is_some();
        let body = if compressed {
            let made = match shared {
                Some(piece) => {
                    let make = || {
                        conn.compress(frames, &content)
                            .map(|body| body.to_octets())
                            .unwrap_or_default()
                    };
                    Some(Content::Octets(self.settings.compressed.get(piece, make)))
                }
                None => conn.compress(frames, &content),
            };
            let Some(body) = made else {
                self.skip = Some("the target does not agree on permessage-deflate".to_owned());
                self.settle();
                return false;
            };
            body
        } else {
            content.clone()
        };
        let id = conn.id;
        self.with(id, |conn, shared| {
            conn.send_frames(
                &Outgoing {
                    send: frames,
                    content,
                    body,
                    compressed,
                },
                write,
                shared,
            );
        });
        true
    }

    /// Looks whether a send step's octets are written. Says whether the step is over.
    pub(super) fn look_at_written(
        &mut self,
        conns: &[usize],
        until: Option<Until>,
        blocked_ok: bool,
        began: Time,
    ) -> bool {
        let blocked = self.now >= self.blocked_at(conns, began);
        let mut done = true;
        for place in conns {
            let Some(conn) = self.conns.get_mut(*place) else {
                continue;
            };
            if !conn.can_send() || conn.outbox.is_empty() {
                continue;
            }
            let stop = match until {
                None => false,
                Some(Until::End) => !conn.is_readable(),
                Some(Until::Answer) => conn.next_data().is_some(),
                Some(Until::Blocked) => blocked,
            };
            if blocked && (stop || blocked_ok) {
                conn.set_sender_blocked();
            }
            if stop {
                conn.stop_sending();
                continue;
            }
            if blocked && blocked_ok {
                // It stays queued: once the peer reads again the message is completed.
                continue;
            }
            if blocked {
                let name = Arc::clone(&conn.name);
                let line = self.current().map_or(0, |step| step.line);
                self.timed_out = true;
                self.fail(
                    FindingKind::Blocked,
                    "the peer reads what is sent",
                    "a write made no progress until the deadline",
                    &name,
                    line,
                    None,
                );
                self.settle();
                return true;
            }
            done = false;
        }
        done
    }

    /// When a write without progress counts as blocked. Pauses that the script itself puts between writes are none.
    pub(super) fn blocked_at(&self, conns: &[usize], began: Time) -> Time {
        let resumes = conns
            .iter()
            .filter_map(|place| self.conns.get(*place)?.outbox.resumes())
            .max();
        self.moved
            .max(began)
            .max(resumes.unwrap_or_default())
            .after(self.settings.step_deadline)
    }

    fn drop_transport(&mut self, step: &Step, how: DropHow) {
        let end = match how {
            DropHow::Fin => EndHow::Fin,
            DropHow::Half => EndHow::Half,
            DropHow::Rst => EndHow::Rst,
            DropHow::Cut => EndHow::Cut,
        };
        for place in self.resolve(&step.on) {
            let Some(conn) = self.conns.get_mut(place) else {
                continue;
            };
            if !conn.can_send() {
                // The peer was first, or half is closed already: from here on nothing of it matters all the same.
                let ends_half = conn.half_closed && conn.is_readable();
                conn.dropped |= how != DropHow::Half;
                if ends_half && conn.dropped {
                    self.commands.push_back(Command::End(conn.id, end));
                }
                continue;
            }
            conn.release_joined();
            // What was sent goes before the end, except before a reset.
            while how != DropHow::Rst
                && let Some(octets) = conn.outbox.next_write(self.now)
            {
                self.commands.push_back(Command::Write(conn.id, octets));
            }
            conn.dropped = how != DropHow::Half;
            conn.half_closed = how == DropHow::Half;
            let (id, name) = (conn.id, Arc::clone(&conn.name));
            if how == DropHow::Rst {
                conn.stage = Stage::Ended;
            }
            self.recorder.event(
                self.now,
                &name,
                Direction::Out,
                What::Fin,
                format!("tester: {end:?}"),
            );
            self.commands.push_back(Command::End(id, end));
        }
    }

    fn read(&mut self, step: &Step, read: Read) {
        let conns = self.resolve(&step.on);
        match read {
            Read::Stop => self.set_reading(&conns, ReadMode::Stop),
            Read::Start => self.set_reading(&conns, ReadMode::Start),
            Read::Slow {
                octets,
                every_ms,
                for_ms,
            } => {
                let until = self.now.after(Duration::from_millis(for_ms));
                let every = Duration::from_millis(every_ms.max(1));
                self.waiting = Some(Waiting::Slow {
                    conns,
                    octets,
                    every,
                    next: self.now,
                    until,
                });
            }
        }
    }

    fn set_reading(&mut self, conns: &[usize], mode: ReadMode) {
        for place in conns {
            if let (Some(conn), Some(read)) = (self.conns.get(*place), self.reads.get_mut(*place)) {
                *read = mode;
                self.commands.push_back(Command::Read(conn.id, mode));
            }
        }
    }

    /// Looks at a stretch of slow reading. Says whether it is over.
    pub(super) fn look_at_slow(
        &mut self,
        conns: &[usize],
        octets: u32,
        every: Duration,
        next: &mut Time,
        until: Time,
    ) -> bool {
        if self.now >= until {
            for place in conns {
                if let (Some(conn), Some(mode)) = (self.conns.get(*place), self.reads.get(*place)) {
                    self.commands.push_back(Command::Read(conn.id, *mode));
                }
            }
            return true;
        }
        if self.now >= *next {
            *next = self.now.after(every);
            for place in conns {
                if let Some(conn) = self.conns.get(*place) {
                    self.commands
                        .push_back(Command::Read(conn.id, ReadMode::Once(octets)));
                }
            }
        }
        false
    }
}
