//! What Autobahn expects of a script: the reference endpoint, in the role of the target, is fed its frames.

use bytes::Bytes;
use sha1::{Digest, Sha1};
use wsanvil_case::script::{Action, FrameSend, SendWhat};
use wsanvil_case::{ExpectedEvent, Instance, Judge};
use wsanvil_wire::endpoint::{Config, Endpoint, Event};
use wsanvil_wire::mask;

use crate::content::Content;
use crate::frames::{self, OutFrame};
use crate::program::{Op, flatten};
use crate::settings::Settings;
use crate::vars::{ConnVars, Vars};

/// What Autobahn expects of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The list labelled OK.
    pub ok: Vec<Item>,
    /// The list labelled NON-STRICT.
    pub nonstrict: Option<Vec<Item>>,
    /// The ending.
    pub close: ExpectedClose,
    /// Data messages the script sends, loops counted out.
    pub messages: u64,
}

/// The ending Autobahn expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedClose {
    /// Whether the tester closes first.
    pub by_tester: bool,
    /// Codes allowed in the peer's Close.
    pub codes: Vec<u16>,
    /// Whether a Close must go both ways.
    pub clean: bool,
    /// Whether a wrong first closer makes the behavior FAILED.
    pub first_closer_is_fatal: bool,
    /// Whether a wrong code makes the behavior FAILED.
    pub wrong_code_is_fatal: bool,
}

/// An event of an expected list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A whole message.
    Message {
        /// Text, else binary.
        text: bool,
        /// Octets.
        len: u64,
        /// SHA-1 of its octets.
        sha1: [u8; 20],
    },
    /// A Pong.
    Pong(Bytes),
    /// A named pause that ends with the connection open.
    Timeout(String),
}

/// How the reference endpoint came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Open,
    /// A violation, with its close code; whether it was in the tester's own Close.
    Failed {
        code: u16,
        on_close: bool,
    },
    Closed,
}

/// Derives what Autobahn expects.
pub fn expectation(instance: &Instance, settings: &Settings) -> Expectation {
    let data = instance.case.autobahn.clone().unwrap_or_default();
    let mut run = Reference::new(instance, settings);
    // Sections 9, 12 and 13 have no lists, and up to gigabytes of messages.
    if data.judge == Judge::Lists {
        run.run();
    }
    let mut close = ExpectedClose {
        by_tester: true,
        codes: vec![1000],
        clean: true,
        first_closer_is_fatal: false,
        wrong_code_is_fatal: instance.autobahn_id().is_some_and(code_is_fatal),
    };
    let mut nonstrict = None;
    match run.ending {
        Ending::Failed {
            code,
            on_close: false,
        } => {
            close.by_tester = false;
            close.codes = vec![code];
            close.clean = false;
            close.first_closer_is_fatal = code == 1007;
            if run.labels.is_empty() {
                nonstrict = run
                    .ok
                    .iter()
                    .any(|item| matches!(item, Item::Message { .. }))
                    .then(Vec::new);
            } else {
                nonstrict = Some(run.labels.iter().cloned().map(Item::Timeout).collect());
            }
        }
        Ending::Failed { code, on_close: true } => {
            close.codes = vec![code];
            close.clean = false;
        }
        Ending::Open | Ending::Closed => close.codes.extend(run.sent_code.filter(|code| *code != 1000)),
    }
    if let Some(codes) = data.codes {
        close.codes = codes;
    }
    if let Some(clean) = data.clean {
        close.clean = clean;
    }
    let messages = run.messages();
    let explicit = |list: Vec<ExpectedEvent>| list.into_iter().map(item).collect();
    Expectation {
        ok: data.ok.map_or(run.ok, explicit),
        nonstrict: data.nonstrict.map(explicit).or(nonstrict),
        close,
        messages,
    }
}

/// Cases whose behavior is FAILED when the peer answers with a wrong code.
fn code_is_fatal(id: &str) -> bool {
    ["7.1.", "7.3.", "7.5.", "7.7.", "7.9."]
        .iter()
        .any(|group| id.starts_with(group))
        && id != "7.1.6"
}

fn item(event: ExpectedEvent) -> Item {
    match event {
        ExpectedEvent::Message { text, payload } => message(text, &payload),
        ExpectedEvent::Pong(payload) => Item::Pong(payload),
        ExpectedEvent::Timeout(label) => Item::Timeout(label),
    }
}

fn message(text: bool, octets: &[u8]) -> Item {
    Item::Message {
        text,
        len: octets.len() as u64,
        sha1: Sha1::digest(octets).into(),
    }
}

/// The reference endpoint beside a script.
struct Reference<'a> {
    settings: &'a Settings,
    program: Vec<Op>,
    vars: Vars,
    conn: ConnVars,
    endpoint: Endpoint,
    ok: Vec<Item>,
    labels: Vec<String>,
    ending: Ending,
    sent_code: Option<u16>,
    last: Option<(OutFrame, u64)>,
}

impl<'a> Reference<'a> {
    fn new(instance: &Instance, settings: &'a Settings) -> Self {
        Self {
            settings,
            program: flatten(&instance.script),
            vars: Vars::new(settings.seed, &instance.name),
            conn: ConnVars::default(),
            endpoint: Endpoint::new(settings.target.role, Config::default()),
            ok: Vec::new(),
            labels: Vec::new(),
            ending: Ending::Open,
            sent_code: None,
            last: None,
        }
    }

    fn run(&mut self) {
        let mut counter = 0;
        let mut loops: Vec<(usize, u32)> = Vec::new();
        while let Some(op) = self.program.get(counter).cloned() {
            match op {
                Op::Begin { count, var, end, .. } => {
                    let round = match loops.last() {
                        Some((begin, round)) if *begin == counter => *round,
                        _ => {
                            loops.push((counter, 0));
                            0
                        }
                    };
                    if round >= count {
                        loops.pop();
                        counter = end;
                    } else if let Some(var) = var {
                        self.vars.loops.insert(var, i64::from(round));
                    }
                    counter += 1;
                }
                Op::End { begin } => {
                    if let Some((_, round)) = loops.last_mut() {
                        *round += 1;
                    }
                    counter = begin;
                }
                Op::Step(step) => {
                    counter += 1;
                    match &step.action {
                        Action::Send(send) => match &send.what {
                            SendWhat::Frames(frames) => self.frames(frames),
                            SendWhat::More(payload) => {
                                let content =
                                    self.vars.payload(payload, &self.settings.target, &mut self.conn);
                                self.more(&content);
                            }
                            _ => {}
                        },
                        Action::Probe(probe) => {
                            if let Some(label) = &probe.window {
                                if self.ending == Ending::Open {
                                    self.ok.push(Item::Timeout(label.clone()));
                                }
                                self.labels.push(label.clone());
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    fn frames(&mut self, send: &FrameSend) {
        let payload = self
            .vars
            .payload(&send.payload, &self.settings.target, &mut self.conn);
        let content = match send.code {
            Some(code) => Content::concat(vec![
                Content::Octets(Bytes::copy_from_slice(&code.to_be_bytes())),
                payload,
            ]),
            None => payload,
        };
        if send.closing && self.ending == Ending::Open {
            self.sent_code = content
                .to_octets()
                .first_chunk::<2>()
                .map(|code| u16::from_be_bytes(*code));
        }
        let masks = self.settings.target.role.peer().masks();
        for frame in frames::build(send, &content, false, masks, &mut || [0x5A, 0x11, 0xC3, 0x7E]) {
            let mut octets = Vec::new();
            frame.header.write(&mut octets);
            let header = octets.len();
            frame
                .content
                .read_at(frame.start, frame.len as usize, &mut octets);
            if let (Some(key), Some(payload)) = (frame.header.mask, octets.get_mut(header..)) {
                mask::apply(key, 0, payload);
            }
            let written = frame.len;
            self.last = Some((frame, written));
            self.feed(&mut octets, send.closing);
        }
    }

    fn more(&mut self, content: &Content) {
        let Some((frame, sent)) = &mut self.last else {
            return;
        };
        let mut octets = content.to_octets().to_vec();
        if let Some(key) = frame.header.mask {
            mask::apply(key, (*sent % 4) as usize, &mut octets);
        }
        *sent += octets.len() as u64;
        self.feed(&mut octets, false);
    }

    fn feed(&mut self, octets: &mut [u8], on_close: bool) {
        if self.ending != Ending::Open {
            return;
        }
        let (ok, ending) = (&mut self.ok, &mut self.ending);
        self.endpoint.receive(octets, &mut |event| match event {
            Event::Text(text) => ok.push(message(true, text.as_bytes())),
            Event::Binary(octets) => ok.push(message(false, octets)),
            Event::Ping(payload) => ok.push(Item::Pong(Bytes::copy_from_slice(payload))),
            Event::Pong(_) => {}
            Event::Closed { .. } => *ending = Ending::Closed,
            Event::Failed(rule) => {
                *ending = Ending::Failed {
                    code: rule.close_code(),
                    on_close,
                }
            }
        });
        // Its answers are known from the events.
        let _ = self.endpoint.take_output();
    }

    /// Data messages of the script, loops counted out.
    fn messages(&self) -> u64 {
        let mut factors = vec![1_u64];
        let mut total = 0;
        for op in &self.program {
            let factor = factors.last().copied().unwrap_or(1);
            match op {
                Op::Begin { count, .. } => factors.push(factor * u64::from(*count)),
                Op::End { .. } => {
                    factors.pop();
                }
                Op::Step(step) => {
                    if let Action::Send(send) = &step.action
                        && let SendWhat::Frames(frames) = &send.what
                        && matches!(frames.opcode, 1 | 2)
                    {
                        total += factor;
                    }
                }
            }
        }
        total
    }
}
