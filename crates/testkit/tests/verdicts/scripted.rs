//! A peer made of one closure.

use std::collections::VecDeque;
use std::time::Duration;

use wsanvil_engine::Time;
use wsanvil_testkit::{Peer, PeerEnd};
use wsanvil_wire::frame::Header;
use wsanvil_wire::mask;
use wsanvil_wire::upgrade::accept_for;

/// What a peer does with a frame: opcode, FIN and payload come in.
pub(crate) type React = Box<dyn FnMut(u8, bool, &[u8], &mut Line)>;

/// The peer's side of the line.
#[derive(Default)]
pub(crate) struct Line {
    now: Time,
    pub(crate) out: VecDeque<(Time, Vec<u8>)>,
    pub(crate) end: Option<Time>,
}

impl Line {
    pub(crate) fn send(&mut self, octets: &[u8]) {
        self.out.push_back((self.now, octets.to_vec()));
    }

    pub(crate) fn later(&mut self, ms: u64, octets: &[u8]) {
        let at = self.now.after(Duration::from_millis(ms));
        self.out.push_back((at, octets.to_vec()));
    }

    pub(crate) fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut octets = frame(first, payload);
        octets.shrink_to_fit();
        self.send(&octets);
    }

    pub(crate) fn end_in(&mut self, ms: u64) {
        self.end = Some(self.now.after(Duration::from_millis(ms)));
    }
}

pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut octets = vec![first];
    match payload.len() {
        len @ 0..126 => octets.push(len as u8),
        len @ 126..65536 => {
            octets.push(126);
            octets.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            octets.push(127);
            octets.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    octets.extend_from_slice(payload);
    octets
}

/// Octets behind the request of the tester are frames when `answer` is none: the peer upgrades.
pub(crate) struct Scripted {
    answer: Option<&'static [u8]>,
    /// Sent a moment behind the 101.
    pub(crate) greeting: &'static [u8],
    /// How long behind it.
    pub(crate) greeting_ms: u64,
    /// Behind the upgrade nothing is read before this moment.
    pub(crate) sleeps_until: Time,
    /// TCP ends right behind the 101.
    pub(crate) ends: bool,
    /// More fields of the 101.
    pub(crate) extensions: &'static str,
    upgraded: bool,
    input: Vec<u8>,
    pub(crate) line: Line,
    react: React,
}

impl Scripted {
    pub(crate) fn new(react: impl FnMut(u8, bool, &[u8], &mut Line) + 'static) -> Self {
        Self {
            answer: None,
            greeting: b"",
            greeting_ms: 10,
            sleeps_until: Time(0),
            ends: false,
            extensions: "",
            upgraded: false,
            input: Vec::new(),
            line: Line::default(),
            react: Box::new(react),
        }
    }

    pub(crate) fn answering(answer: &'static [u8]) -> Self {
        Self {
            answer: Some(answer),
            ..Self::new(|_, _, _, _| {})
        }
    }

    fn request(&mut self) {
        let Some(end) = self.input.windows(4).position(|four| four == b"\r\n\r\n") else {
            return;
        };
        let head = String::from_utf8_lossy(&self.input.drain(..end + 4).collect::<Vec<u8>>()).into_owned();
        self.upgraded = true;
        if let Some(answer) = self.answer {
            self.line.send(answer);
            self.line.end_in(0);
            return;
        }
        let key = head
            .lines()
            .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
            .unwrap_or_default();
        let accept = String::from_utf8_lossy(&accept_for(key.as_bytes())).into_owned();
        let octets = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{}\r\n",
            self.extensions
        )
        .into_bytes();
        self.line.send(&octets);
        if self.ends {
            self.line.end_in(0);
        }
        if !self.greeting.is_empty() {
            self.line.later(self.greeting_ms, self.greeting);
        }
    }

    fn frames(&mut self) {
        while let Some((header, len)) = Header::parse(&self.input) {
            let payload = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
            if self.input.len() < len + payload {
                return;
            }
            let mut octets: Vec<u8> = self.input.drain(..len + payload).skip(len).collect();
            if let Some(key) = header.mask {
                mask::apply(key, 0, &mut octets);
            }
            (self.react)(header.opcode.get(), header.fin, &octets, &mut self.line);
        }
    }
}

impl Peer for Scripted {
    fn receive(&mut self, now: Time, octets: &[u8]) {
        self.line.now = now;
        self.input.extend_from_slice(octets);
        if !self.upgraded {
            self.request();
        }
        if self.upgraded && self.answer.is_none() {
            self.frames();
        }
    }

    fn fin(&mut self) {
        self.line.end_in(0);
    }

    fn reset(&mut self) {}

    fn take_output(&mut self) -> Vec<u8> {
        match self.line.out.front() {
            Some((at, _)) if *at <= self.line.now => self.line.out.pop_front().unwrap_or_default().1,
            _ => Vec::new(),
        }
    }

    fn ended(&self) -> Option<PeerEnd> {
        let over = self.line.out.is_empty() && self.line.end.is_some_and(|at| at <= self.line.now);
        over.then_some(PeerEnd::Fin)
    }

    fn wake(&self) -> Option<Time> {
        let out = self.line.out.front().map(|(at, _)| *at);
        let next = out.or(self.line.end);
        let moments = next.into_iter().chain([self.sleeps_until]);
        moments.filter(|at| *at > self.line.now).min()
    }

    fn wants_read(&mut self) -> bool {
        !self.upgraded || self.line.now >= self.sleeps_until
    }

    fn tick(&mut self, now: Time) {
        self.line.now = self.line.now.max(now);
    }
}

/// Echoes and answers, in order.
pub(crate) fn echo(opcode: u8, fin: bool, payload: &[u8], line: &mut Line) {
    match opcode {
        8 => {
            line.frame(0x88, payload);
            line.end_in(0);
        }
        9 => line.frame(0x8A, payload),
        10 => {}
        _ => line.frame(opcode | if fin { 0x80 } else { 0 }, payload),
    }
}
