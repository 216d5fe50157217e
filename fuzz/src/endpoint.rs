//! Whatever comes in, an endpoint sends what a strict peer takes: legal frames, one Close, nothing behind it.

use wsanvil_wire::deflate::{Agreed, Compressor};
use wsanvil_wire::endpoint::{Config, Endpoint, Event, State};
use wsanvil_wire::frame::{self, Decoder, Header, Opcode};
use wsanvil_wire::{Role, close, mask};

use crate::chunking::{head, pieces};

/// Longest message the endpoint takes: a bomb must end there.
const MAX_MESSAGE: u64 = 1 << 16;

/// What an input says beside the octets that come in.
#[derive(Debug, Clone, Copy)]
struct Plan {
    settings: u8,
    windows: u8,
    cuts: u8,
    /// What is sent behind each piece, in turn: a nibble each.
    sends: [u8; 4],
}

/// [`check`] for a server.
pub fn check_server(data: &[u8]) {
    check(Role::Server, data);
}

/// [`check`] for a client.
pub fn check_client(data: &[u8]) {
    check(Role::Client, data);
}

/// Seven octets of plan, then what the peer sends.
fn check(role: Role, data: &[u8]) {
    let Some(([settings, windows, cuts, sends @ ..], stream)) = head::<7>(data) else {
        return;
    };
    let plan = Plan {
        settings,
        windows,
        cuts,
        sends,
    };
    talk(role, plan, stream);
    let (whole, how_whole) = heard(role, plan, vec![stream.to_vec()]);
    let (cut, how_cut) = heard(role, plan, pieces(stream, cuts));
    assert_eq!((cut, how_cut), (whole, how_whole), "cuts change what is heard");
}

fn config(plan: Plan) -> Config {
    let bit = |place: u8| plan.settings >> place & 1 != 0;
    Config {
        max_message: MAX_MESSAGE,
        max_frame: if bit(0) { 300 } else { MAX_MESSAGE },
        deflate: agreed(plan),
        fail_fast_utf8: bit(1),
        reject_non_minimal: bit(2),
        answer_ping: !bit(3),
        answer_close: !bit(4),
        ..Config::default()
    }
}

fn agreed(plan: Plan) -> Option<Agreed> {
    (plan.settings & 0x20 != 0).then_some(Agreed {
        server_takeover: plan.settings & 0x40 != 0,
        client_takeover: plan.settings & 0x80 != 0,
        server_window: 9 + plan.windows % 7,
        client_window: 9 + (plan.windows >> 4) % 7,
    })
}

/// Receives the pieces and sends between them; everything that goes out is put before a strict peer.
fn talk(role: Role, plan: Plan, stream: &[u8]) {
    let mut endpoint = Endpoint::new(role, config(plan));
    let mut out = Vec::new();
    let mut over = false;
    let sends = plan
        .sends
        .iter()
        .flat_map(|octet| [octet & 0xF, octet >> 4])
        .cycle();
    for (mut piece, send) in pieces(stream, plan.cuts).into_iter().zip(sends) {
        let payload = piece.clone();
        endpoint.receive(&mut piece, &mut |event| {
            assert!(!over, "{event:?} behind the last event");
            over = matches!(event, Event::Closed { .. } | Event::Failed(_));
        });
        let open = endpoint.state() == State::Open;
        let sent = act(&mut endpoint, send, &payload);
        assert!(open || !sent, "sent while closing");
        out.append(endpoint.output());
    }
    let last = endpoint.eof();
    assert_eq!(last.is_some(), !over);
    assert!(endpoint.eof().is_none(), "the transport ends once");
    assert!(endpoint.take_output().is_empty());
    is_legal(role, plan, &out);
    is_understood(role, plan, out);
}

/// One send; whether it was accepted. Most plans send nothing most of the time.
fn act(endpoint: &mut Endpoint, choice: u8, payload: &[u8]) -> bool {
    match choice {
        1 => endpoint.send_text(&String::from_utf8_lossy(payload)).is_ok(),
        2 => endpoint.send_binary(payload).is_ok(),
        3 => {
            let sent = endpoint.send_ping(payload).is_ok();
            assert!(!sent || payload.len() <= 125);
            sent
        }
        4 => endpoint.send_pong(payload).is_ok(),
        5 => endpoint.send_binary(&payload.repeat(300)).is_ok(),
        6 => {
            let code = payload
                .iter()
                .fold(0, |code: u16, octet| code << 8 | u16::from(*octet));
            let sent = endpoint.close(code, &String::from_utf8_lossy(payload)).is_ok();
            assert!(!sent || close::may_be_sent(code));
            // Answering the peer's Close is the one thing to send behind it.
            sent && endpoint.state() == State::CloseSent
        }
        _ => false,
    }
}

/// By the frame decoder alone: no rule broken, at most one Close, nothing behind it, whole frames only.
fn is_legal(role: Role, plan: Plan, out: &[u8]) {
    let mut decoder = Decoder::new(role);
    decoder.set_rsv1(agreed(plan).is_some());
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
    assert!(decoder.at_boundary() && !decoder.in_message());
}

/// By an endpoint of the other role: nothing fails, and a Close is the last thing heard.
fn is_understood(role: Role, plan: Plan, mut out: Vec<u8>) {
    let strict = Config {
        deflate: agreed(plan),
        reject_non_minimal: true,
        ..Config::default()
    };
    let mut peer = Endpoint::new(role.peer(), strict);
    peer.receive(&mut out, &mut |event| {
        assert!(!matches!(event, Event::Failed(_)), "{event:?}");
    });
}

/// The events, and where the connection stands, when nothing is sent but answers.
fn heard(role: Role, plan: Plan, pieces: Vec<Vec<u8>>) -> (Vec<String>, State) {
    let mut endpoint = Endpoint::new(role, config(plan));
    let mut events = Vec::new();
    for mut piece in pieces {
        endpoint.receive(&mut piece, &mut |event| events.push(format!("{event:?}")));
    }
    (events, endpoint.state())
}

/// [`seeds`] for a server.
pub fn server_seeds() -> Vec<Vec<u8>> {
    seeds(Role::Server)
}

/// [`seeds`] for a client.
pub fn client_seeds() -> Vec<Vec<u8>> {
    seeds(Role::Client)
}

/// What a legal peer says, with and without compression, and a few ways to break it.
fn seeds(role: Role) -> Vec<Vec<u8>> {
    let text = "Grüße, Grüße, Grüße! ".repeat(9);
    let mut squeezed = Vec::new();
    Compressor::new(15, true).compress(text.as_bytes(), &mut squeezed);
    let mut bomb = Vec::new();
    Compressor::new(15, true).compress(&vec![0; 1 << 20], &mut bomb);
    let (whole, part) = (0x80, 0x00);
    let bye = (whole | 0x8, &b"\x03\xe8bye"[..]);
    let plain: [&[(u8, &[u8])]; 8] = [
        &[(whole | 1, text.as_bytes()), (whole | 9, b"ping"), bye],
        &[
            (part | 2, &[0; 200]),
            (whole | 9, b""),
            (part, &[1; 3]),
            (whole, b""),
            bye,
        ],
        &[(whole | 0xA, b"pong"), (whole | 8, b"")],
        &[(whole | 1, b"\xce\xba\xed\xa0\x80")],
        &[
            (part | 1, b"\xf0\x9f"),
            (whole, b"\x91\x8b"),
            (whole | 8, b"\x03\xec"),
        ],
        &[(whole, b"orphan")],
        &[(whole | 0x40 | 1, b"reserved")],
        &[(whole | 0x3, b"opcode")],
    ];
    let packed: [&[(u8, &[u8])]; 3] = [
        &[(whole | 0x40 | 1, &squeezed), (whole | 2, b"as it is"), bye],
        &[
            (part | 0x40 | 1, &squeezed[..9]),
            (whole | 9, b"!"),
            (whole, &squeezed[9..]),
        ],
        &[(whole | 0x40 | 2, &bomb)],
    ];
    let plain = plain.iter().map(|frames| (0x00, *frames));
    let packed = packed.iter().map(|frames| (0xE0, *frames));
    let mut seeds = Vec::new();
    for (settings, frames) in plain.chain(packed) {
        for sends in [[0; 4], [0x21, 0x03, 0x10, 0x50], [0x00, 0x00, 0x06, 0x12]] {
            let mut seed = vec![settings | 2, 0x66, 0x2F];
            seed.extend(sends);
            for (first, payload) in frames {
                write(role.peer(), *first, payload, &mut seed);
            }
            seeds.push(seed);
        }
    }
    seeds
}

fn write(sender: Role, first: u8, payload: &[u8], out: &mut Vec<u8>) {
    let key = [0x37, 0xFA, 0x21, 0x3D];
    let header = Header {
        fin: first & 0x80 != 0,
        rsv: first >> 4 & 7,
        mask: sender.masks().then_some(key),
        ..Header::new(Opcode::new(first & 0xF), payload.len() as u64)
    };
    header.write(out);
    if sender.masks() {
        mask::apply_copy(key, 0, payload, out);
    } else {
        out.extend_from_slice(payload);
    }
}
