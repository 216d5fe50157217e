//! Group `encode`: payloads in, the octets of frames out, as a server or as a client (RFC 6455 section 5).

use std::hint::black_box;

use wsanvil_wire::Role;

use super::ours::{OurEncoder, OurOutbox};
use super::traffic::{self, Frame, Traffic};
use crate::peers::frames::{
    CodecEncoder, FastEncoder, SansIoEncoder, SockudoEncoder, SokettoEncoder, TokioEncoder,
    TungsteniteEncoder, WebSocketEncoder, WtxEncoder, YawcEncoder,
};
use crate::{Contender, Group, OURS};

/// A contender that puts frames together.
///
/// At the end of a pass their octets lie in their order in one buffer, which the next pass uses again. Contenders that
/// write to a stream find that buffer behind it.
pub trait Encode: 'static {
    /// The end of `role`, which will send `frames` again and again.
    fn new(role: Role, frames: &'static [Frame]) -> Self;

    /// Sends each frame once.
    fn pass(&mut self);

    /// The octets of the last pass.
    fn finish(self) -> Vec<u8>;
}

/// The groups of this module, every contender checked.
pub(super) fn groups() -> Vec<Group> {
    let traffics = [
        ("16B", Traffic::binary(16, 1)),
        ("1KiB", Traffic::binary(1 << 10, 1)),
        ("1MiB", Traffic::binary(1 << 20, 1)),
        ("mixed", Traffic::mixed_binary()),
    ];
    [("server", Role::Server), ("client", Role::Client)]
        .iter()
        .flat_map(|&(end, role)| {
            traffics.map(|(label, traffic)| Group {
                id: format!("encode/{end}-{label}"),
                unit: "frame",
                units: traffic.frames.len() as u64,
                octets: traffic.payload_len(),
                contenders: contenders(role, label == "mixed", &traffic.frames),
                limit: Some(memcpy(&traffic.frames)),
            })
        })
        .collect()
}

fn contenders(role: Role, mixed: bool, frames: &'static [Frame]) -> Vec<Contender> {
    let mut contenders = vec![
        contender::<OurEncoder>(OURS, role, frames),
        contender::<OurOutbox>("wsanvil-wire endpoint", role, frames),
        contender::<FastEncoder>("fastwebsockets", role, frames),
        contender::<SockudoEncoder>("sockudo-ws", role, frames),
        contender::<SokettoEncoder>("soketto", role, frames),
        contender::<TungsteniteEncoder>("tungstenite", role, frames),
        contender::<WebSocketEncoder>("web-socket", role, frames),
        contender::<SansIoEncoder>("websocket-sans-io", role, frames),
        contender::<WtxEncoder>("wtx", role, frames),
        contender::<YawcEncoder>("yawc", role, frames),
    ];
    if !mixed {
        contenders.push(contender::<TokioEncoder>("tokio-websockets", role, frames));
    }
    if !mixed || role == Role::Server {
        contenders.push(contender::<CodecEncoder>("websocket-codec", role, frames));
    }
    contenders
}

fn contender<E: Encode>(name: &'static str, role: Role, frames: &'static [Frame]) -> Contender {
    let mut checked = E::new(role, frames);
    checked.pass();
    checked.pass();
    traffic::check(name, role, &checked.finish(), frames);

    let mut encoder = E::new(role, frames);
    Contender {
        name,
        work: Box::new(move || {
            encoder.pass();
            black_box(&mut encoder);
        }),
    }
}

/// The payloads alone.
fn memcpy(frames: &'static [Frame]) -> Contender {
    let mut buffer = Vec::new();
    Contender {
        name: "memcpy",
        work: Box::new(move || {
            buffer.clear();
            for frame in black_box(frames) {
                buffer.extend_from_slice(frame.payload);
            }
            black_box(&mut buffer);
        }),
    }
}
