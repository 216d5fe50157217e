//! Group `echo`: the whole path of a server's message. Masked text comes in, is put together and validated, and goes
//! out again as one text message; Pings are answered (RFC 6455 sections 5.4, 5.5.2 and 8.1).

use std::hint::black_box;

use wsanvil_wire::Role;

use super::ours::OurEcho;
use super::traffic::{self, READ, Traffic};
use crate::peers::frames::{
    CodecEcho, FastEcho, SansIoEcho, SockudoEcho, SokettoEcho, TokioEcho, TungsteniteEcho, WebSocketEcho,
    WtxEcho, YawcEcho,
};
use crate::{Contender, Group, OURS};

/// A contender that echoes.
///
/// The input comes as in `decode`, the output goes as in `encode`.
pub trait Echo: 'static {
    /// A server whose client sends `traffic` again and again.
    fn new(traffic: &'static Traffic) -> Self;

    /// Reads the traffic once and answers it.
    fn pass(&mut self);

    /// The octets put out in the last pass.
    fn finish(self) -> Vec<u8>;
}

/// The groups of this module, every contender checked.
pub(super) fn groups() -> Vec<Group> {
    let traffics = [
        ("16B", Traffic::text(16, 1)),
        ("1KiB", Traffic::text(1 << 10, 1)),
        ("64KiB", Traffic::text(64 << 10, 4)),
        ("mixed", Traffic::mixed_text()),
    ];
    traffics
        .into_iter()
        .map(|(label, traffic)| Group {
            id: format!("echo/{label}"),
            unit: "message",
            units: traffic.messages() as u64,
            octets: traffic.payload_len(),
            contenders: vec![
                contender::<OurEcho>(OURS, traffic),
                contender::<FastEcho>("fastwebsockets", traffic),
                contender::<SockudoEcho>("sockudo-ws", traffic),
                contender::<SokettoEcho>("soketto", traffic),
                contender::<TokioEcho>("tokio-websockets", traffic),
                contender::<TungsteniteEcho>("tungstenite", traffic),
                contender::<WebSocketEcho>("web-socket", traffic),
                contender::<CodecEcho>("websocket-codec", traffic),
                contender::<SansIoEcho>("websocket-sans-io", traffic),
                contender::<WtxEcho>("wtx", traffic),
                contender::<YawcEcho>("yawc", traffic),
            ],
            limit: Some(memcpy(traffic)),
        })
        .collect()
}

fn contender<E: Echo>(name: &'static str, traffic: &'static Traffic) -> Contender {
    let mut checked = E::new(traffic);
    checked.pass();
    checked.pass();
    traffic::check(name, Role::Server, &checked.finish(), &traffic.echoed());

    let mut echo = E::new(traffic);
    Contender {
        name,
        work: Box::new(move || {
            echo.pass();
            black_box(&mut echo);
        }),
    }
}

/// The reads, and the payloads out.
fn memcpy(traffic: &'static Traffic) -> Contender {
    let mut input = vec![0; READ];
    let mut output = Vec::new();
    Contender {
        name: "memcpy in and out",
        work: Box::new(move || {
            output.clear();
            for read in black_box(&traffic.octets).chunks(READ) {
                input[..read.len()].copy_from_slice(read);
                black_box(&mut input);
            }
            for frame in &traffic.frames {
                output.extend_from_slice(frame.payload);
            }
            black_box(&mut output);
        }),
    }
}
