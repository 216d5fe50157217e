//! Whatever comes in, an endpoint sends what a strict peer takes: legal frames, one Close, nothing behind it.

use arbitrary::{Arbitrary, Unstructured};
use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::{Config, Endpoint, Event, SendError, State};
use wsanvil_wire::frame::{self, Decoder, Opcode};
use wsanvil_wire::script::{Chunks, Script};
use wsanvil_wire::{Role, close};

use crate::chunking::{cuts_of_at_least, head};
use crate::conversation;

/// Longest message the endpoint takes: a bomb must end there.
const MAX_MESSAGE: u64 = 1 << 16;
/// No conversation is cut into many more pieces: a long one takes too long octet by octet.
const MOST_PIECES: usize = 4096;

/// What an input says beside the octets that come in.
#[derive(Debug, Clone, Copy)]
struct Plan {
    settings: u8,
    agreed: Option<Agreed>,
    cuts: u8,
    /// What is sent behind each piece, in turn: a nibble each.
    sends: [u8; 4],
}

/// The law for a server.
pub fn check_server(data: &[u8]) {
    check(Role::Server, data);
}

/// The law for a client.
pub fn check_client(data: &[u8]) {
    check(Role::Client, data);
}

/// Seven octets of plan, then what the peer sends: as octets, or as a script.
fn check(role: Role, data: &[u8]) {
    let Some(([settings, windows, how, sends @ ..], rest)) = head::<7>(data) else {
        return;
    };
    let mut plan = Plan {
        settings,
        agreed: agreed(settings, windows),
        cuts: how,
        sends,
    };
    if windows & 0x08 == 0 {
        converse(role, plan, rest);
    } else if let Ok(script) = Script::arbitrary(&mut Unstructured::new(rest)) {
        plan.agreed = script.deflate;
        converse(role, plan, &script.octets(role.peer()));
        is_heard_as_meant(role, &script);
    }
}

fn converse(role: Role, plan: Plan, stream: &[u8]) {
    talk(role, plan, stream);
    let (whole, how_whole) = heard(role, plan, &[stream]);
    for how in [plan.cuts, 0] {
        let pieces: Vec<&[u8]> = cuts_of_at_least(stream.len() / MOST_PIECES, stream, how).collect();
        let (cut, how_cut) = heard(role, plan, &pieces);
        assert_eq!(
            (cut, how_cut),
            (whole.clone(), how_whole),
            "cuts change what is heard"
        );
    }
}

/// What a script is known to mean is what a strict endpoint hears, by its own cuts and whole.
fn is_heard_as_meant(role: Role, script: &Script) {
    let Some(expected) = script.expected(role.peer()) else {
        return;
    };
    let whole = Script {
        chunks: Chunks::default(),
        ..script.clone()
    };
    for script in [script, &whole] {
        let heard = script.play(&mut Endpoint::new(role, script.config()));
        assert_eq!(heard, expected);
    }
}

fn config(plan: Plan) -> Config {
    let bit = |place: u8| plan.settings >> place & 1 != 0;
    Config {
        max_message: MAX_MESSAGE,
        max_frame: if bit(0) { 300 } else { MAX_MESSAGE },
        deflate: plan.agreed,
        fail_fast_utf8: bit(1),
        reject_non_minimal: bit(2),
        answer_ping: !bit(3),
        answer_close: !bit(4),
        ..Config::default()
    }
}

fn agreed(settings: u8, windows: u8) -> Option<Agreed> {
    (settings & 0x20 != 0).then_some(Agreed {
        server_takeover: settings & 0x40 != 0,
        client_takeover: settings & 0x80 != 0,
        server_window: 9 + (windows & 7) % 7,
        client_window: 9 + (windows >> 4) % 7,
    })
}

/// Receives the pieces and sends between them; everything that goes out is put before a strict peer, and is what was
/// asked for and what the rules ask for, in that order and nothing else.
fn talk(role: Role, plan: Plan, stream: &[u8]) {
    let mut endpoint = Endpoint::new(role, config(plan));
    let mut out = Vec::new();
    let mut over = false;
    let mut due = Due::of(plan);
    let sends = plan
        .sends
        .iter()
        .flat_map(|octet| [octet & 0xF, octet >> 4])
        .cycle();
    let pieces = cuts_of_at_least(stream.len() / MOST_PIECES, stream, plan.cuts);
    for (payload, send) in pieces.zip(sends) {
        endpoint.receive(&mut payload.to_vec(), &mut |event| {
            assert!(!over, "{event:?} behind the last event");
            over = matches!(event, Event::Closed { .. } | Event::Failed(_));
            due.answer(&event);
        });
        act(&mut endpoint, send, payload, &mut due);
        out.append(endpoint.output());
    }
    let last = endpoint.eof();
    assert_eq!(last.is_some(), !over);
    assert!(endpoint.eof().is_none(), "the transport ends once");
    assert!(endpoint.take_output().is_empty());
    is_legal(role, plan, &out, due.fragments.is_some());
    assert_eq!(understood(role, plan, out), due.frames);
}

/// What has to be sent.
#[derive(Debug)]
struct Due {
    answer_ping: bool,
    answer_close: bool,
    closed: bool,
    frames: Vec<Sent>,
    /// The message that is sent in fragments, as far as it went.
    fragments: Option<Sent>,
}

/// What a peer hears.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
}

impl Due {
    fn of(plan: Plan) -> Self {
        let Config {
            answer_ping,
            answer_close,
            ..
        } = config(plan);
        Self {
            answer_ping,
            answer_close,
            closed: false,
            frames: Vec::new(),
            fragments: None,
        }
    }

    /// What the rules ask for: a Pong for each Ping, in order; one Close for a Close or a failure; nothing behind it.
    fn answer(&mut self, event: &Event<'_>) {
        match event {
            Event::Ping(payload) if self.answer_ping => self.send(Sent::Pong(payload.to_vec())),
            Event::Closed { code, .. } if self.answer_close => self.send(Sent::Close(*code)),
            Event::Failed(rule) => self.send(Sent::Close(rule.close_code())),
            _ => {}
        }
    }

    fn send(&mut self, frame: Sent) {
        if !self.closed {
            self.closed = matches!(frame, Sent::Close(_));
            self.frames.push(frame);
        }
    }

    fn fragment(&mut self, part: Sent, fin: bool) {
        let whole = match (self.fragments.take(), part) {
            (Some(Sent::Text(before)), Sent::Text(part)) => Sent::Text(before + &part),
            (Some(Sent::Binary(before)), Sent::Binary(part)) => Sent::Binary([before, part].concat()),
            (_, first) => first,
        };
        if fin {
            self.send(whole);
        } else {
            self.fragments = Some(whole);
        }
    }

    /// Why this must not be sent now.
    fn refusal(&self, frame: &Sent, fragment: bool, state: State) -> Option<SendError> {
        let open = state == State::Open;
        match frame {
            Sent::Close(code) if !close::may_be_sent(*code) => Some(SendError::CloseCode(*code)),
            Sent::Close(_) => (!open && state != State::CloseReceived).then_some(SendError::Closing),
            _ if !open => Some(SendError::Closing),
            Sent::Ping(payload) | Sent::Pong(payload) => {
                (payload.len() > 125).then_some(SendError::ControlTooLong { len: payload.len() })
            }
            data => {
                let same = |other| std::mem::discriminant(data) == std::mem::discriminant(other);
                let unfinished = self
                    .fragments
                    .as_ref()
                    .is_some_and(|other| !fragment || !same(other));
                unfinished.then_some(SendError::Unfinished)
            }
        }
    }
}

/// One send, which is accepted when the rules allow it. Most plans send nothing most of the time.
fn act(endpoint: &mut Endpoint, choice: u8, payload: &[u8], due: &mut Due) {
    let text = String::from_utf8_lossy(payload);
    let fin = matches!(choice, 8 | 10);
    let frame = match choice {
        1 | 7 | 8 => Sent::Text(text.to_string()),
        2 | 9 | 10 => Sent::Binary(payload.to_vec()),
        3 => Sent::Ping(payload.to_vec()),
        4 => Sent::Pong(payload.to_vec()),
        5 => Sent::Binary(payload.repeat(300)),
        6 => {
            let octets = payload.iter();
            Sent::Close(octets.fold(0, |code: u16, octet| code << 8 | u16::from(*octet)))
        }
        _ => return,
    };
    let fragment = choice >= 7;
    let refusal = due.refusal(&frame, fragment, endpoint.state());
    let done = match &frame {
        Sent::Text(text) if fragment => endpoint.outbox().send_text_fragment(text, fin),
        Sent::Text(text) => endpoint.send_text(text),
        Sent::Binary(octets) if fragment => endpoint.outbox().send_binary_fragment(octets, fin),
        Sent::Binary(octets) => endpoint.send_binary(octets),
        Sent::Ping(payload) => endpoint.send_ping(payload),
        Sent::Pong(payload) => endpoint.send_pong(payload),
        Sent::Close(code) => endpoint.close(*code, &text),
    };
    assert_eq!(done.err(), refusal, "{frame:?}");
    match refusal {
        None if fragment => due.fragment(frame, fin),
        None => due.send(frame),
        Some(_) => {}
    }
}

/// By the frame decoder alone: no rule broken, at most one Close, nothing behind it, whole frames only, and no message
/// left unfinished but the one that is.
fn is_legal(role: Role, plan: Plan, out: &[u8], unfinished: bool) {
    let mut decoder = Decoder::new(role);
    decoder.set_rsv1(plan.agreed.is_some());
    let mut octets = out.to_vec();
    let mut rest = &mut octets[..];
    let mut closed = false;
    while let Some(event) = decoder.next(&mut rest) {
        if let frame::Event::Header { header, broken, .. } = event {
            assert_eq!(broken, None);
            assert!(!closed, "a frame behind the Close");
            closed = header.opcode == Opcode::CLOSE;
        }
    }
    assert!(decoder.at_boundary());
    assert_eq!(decoder.in_message(), unfinished);
}

/// By an endpoint of the other role, which nothing of it makes fail: what it hears.
fn understood(role: Role, plan: Plan, mut out: Vec<u8>) -> Vec<Sent> {
    let strict = Config {
        deflate: plan.agreed,
        reject_non_minimal: true,
        ..Config::default()
    };
    let mut peer = Endpoint::new(role.peer(), strict);
    let mut heard = Vec::new();
    peer.receive(&mut out, &mut |event| {
        heard.push(match event {
            Event::Text(text) => Sent::Text(text.to_owned()),
            Event::Binary(octets) => Sent::Binary(octets.to_vec()),
            Event::Ping(payload) => Sent::Ping(payload.to_vec()),
            Event::Pong(payload) => Sent::Pong(payload.to_vec()),
            Event::Closed { code, .. } => Sent::Close(code),
            Event::Failed(broken) => panic!("what was sent is not legal: {broken}"),
        });
    });
    heard
}

/// The events, and where the connection stands, when nothing is sent but answers.
fn heard(role: Role, plan: Plan, pieces: &[&[u8]]) -> (Vec<String>, State) {
    let mut endpoint = Endpoint::new(role, config(plan));
    let mut events = Vec::new();
    for piece in pieces {
        endpoint.receive(&mut piece.to_vec(), &mut |event| {
            events.push(format!("{event:?}"));
        });
    }
    // A Pong is as long as its Ping, with or without a key; beside them there is one Close.
    let received: usize = pieces.iter().map(|piece| piece.len()).sum();
    assert!(endpoint.output().len() <= 3 * received + 131);
    (events, endpoint.state())
}

/// Conversations to begin with, for a server.
pub fn server_seeds() -> Vec<Vec<u8>> {
    seeds(Role::Server)
}

/// Conversations to begin with, for a client.
pub fn client_seeds() -> Vec<Vec<u8>> {
    seeds(Role::Client)
}

/// Conversations of the peer, with plans that send nothing, messages, fragments, and a Close; then scripts.
fn seeds(role: Role) -> Vec<Vec<u8>> {
    let plain = conversation::plain(role.peer())
        .into_iter()
        .map(|octets| (0x02, 0x66, octets));
    let packed = conversation::packed(role.peer())
        .into_iter()
        .map(|octets| (0xE2, 0x66, octets));
    let scripts = (0..12).map(|seed| (0x02, 0x08, conversation::noise(seed)));
    let mut seeds = Vec::new();
    for (settings, windows, octets) in plain.chain(packed).chain(scripts) {
        for sends in [
            [0; 4],
            [0x21, 0x03, 0x10, 0x50],
            [0x00, 0x00, 0x06, 0x12],
            [0x37, 0x78, 0x49, 0x1A],
        ] {
            let head = [&[settings, windows, 0x2F], &sends[..]].concat();
            seeds.push([head, octets.clone()].concat());
        }
    }
    seeds
}
