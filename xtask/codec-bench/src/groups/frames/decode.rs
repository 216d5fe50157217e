//! Group `decode`: a stream of a client's frames comes in, every frame is shown (RFC 6455 section 5).

use std::hint::black_box;

use super::ours::OurDecoder;
use super::traffic::{READ, Traffic};
use crate::peers::frames::{
    CodecDecoder, FastDecoder, SansIoDecoder, SockudoDecoder, SokettoDecoder, TokioDecoder,
    TungsteniteDecoder, WebSocketDecoder, WtxDecoder, YawcDecoder,
};
use crate::{Contender, Group, OURS};

/// A contender that takes a client's octets apart.
///
/// The octets come from a source of which one read gives 64 KiB at most, and have to be brought into a buffer of the
/// contender's own.
pub trait Decode: 'static {
    /// The end of a server that will read `traffic` again and again.
    fn new(traffic: &'static Traffic) -> Self;

    /// Reads the traffic once and shows each frame: FIN, opcode, unmasked payload in one piece.
    fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8]));
}

/// What is made of the frames when time is taken: little, but nothing can be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    heads: u64,
    octets: u64,
    first: u8,
    last: u8,
}

impl Tally {
    #[inline]
    fn see(&mut self, fin: bool, opcode: u8, payload: &[u8]) {
        self.heads += u64::from(opcode) + if fin { 0x80 } else { 0 };
        self.octets += payload.len() as u64;
        if let (Some(first), Some(last)) = (payload.first(), payload.last()) {
            self.first ^= first;
            self.last ^= last;
        }
    }
}

/// The groups of this module, every contender checked.
pub(super) fn groups() -> Vec<Group> {
    let traffics = [
        ("16B", Traffic::binary(16, 1)),
        ("1KiB", Traffic::binary(1 << 10, 1)),
        ("1MiB", Traffic::binary(1 << 20, 4)),
        ("mixed", Traffic::mixed_binary()),
    ];
    traffics
        .into_iter()
        .map(|(label, traffic)| {
            let mut contenders = vec![
                contender::<OurDecoder>(OURS, traffic),
                contender::<FastDecoder>("fastwebsockets", traffic),
                contender::<SockudoDecoder>("sockudo-ws", traffic),
                contender::<SokettoDecoder>("soketto", traffic),
                contender::<WebSocketDecoder>("web-socket", traffic),
                contender::<SansIoDecoder>("websocket-sans-io", traffic),
                contender::<YawcDecoder>("yawc", traffic),
            ];
            if label != "mixed" {
                // These give messages only.
                contenders.extend([
                    contender::<TokioDecoder>("tokio-websockets", traffic),
                    contender::<TungsteniteDecoder>("tungstenite", traffic),
                    contender::<CodecDecoder>("websocket-codec", traffic),
                    contender::<WtxDecoder>("wtx", traffic),
                ]);
            }
            Group {
                id: format!("decode/{label}"),
                unit: "frame",
                units: traffic.frames.len() as u64,
                octets: traffic.payload_len(),
                contenders,
                limit: Some(memcpy(traffic)),
            }
        })
        .collect()
}

fn contender<D: Decode>(name: &'static str, traffic: &'static Traffic) -> Contender {
    let mut checked = D::new(traffic);
    // A second time because buffers are in another state then.
    for _ in 0..2 {
        let mut wanted = traffic.frames.iter();
        checked.pass(&mut |fin, opcode, payload| {
            let frame = wanted.next().unwrap_or_else(|| panic!("{name} sees too much"));
            assert!(
                (fin, opcode) == (frame.fin, frame.opcode) && payload == frame.payload,
                "{name} sees another frame: FIN {fin}, opcode {opcode}, {} octets",
                payload.len()
            );
        });
        assert!(wanted.next().is_none(), "{name} sees too little");
    }

    let mut expected = Tally::default();
    for frame in &traffic.frames {
        expected.see(frame.fin, frame.opcode, frame.payload);
    }
    let mut decoder = D::new(traffic);
    Contender::checked(name, &expected, move || {
        let mut tally = Tally::default();
        decoder.pass(&mut |fin, opcode, payload| tally.see(fin, opcode, payload));
        tally
    })
}

/// The reads alone.
fn memcpy(traffic: &'static Traffic) -> Contender {
    let mut buffer = vec![0; READ];
    Contender {
        name: "memcpy",
        work: Box::new(move || {
            for read in black_box(&traffic.octets).chunks(READ) {
                buffer[..read.len()].copy_from_slice(read);
                black_box(&mut buffer);
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the frames as they are, but for FIN of the last one.
    struct Liar(&'static Traffic);

    impl Decode for Liar {
        fn new(traffic: &'static Traffic) -> Self {
            Self(traffic)
        }

        fn pass(&mut self, see: &mut impl FnMut(bool, u8, &[u8])) {
            let last = self.0.frames.len() - 1;
            for (index, frame) in self.0.frames.iter().enumerate() {
                see(frame.fin && index < last, frame.opcode, frame.payload);
            }
        }
    }

    /// Shows no frame at all.
    struct Blind;

    impl Decode for Blind {
        fn new(_: &'static Traffic) -> Self {
            Self
        }

        fn pass(&mut self, _: &mut impl FnMut(bool, u8, &[u8])) {}
    }

    #[test]
    #[should_panic(expected = "sees another frame")]
    fn a_wrong_frame_is_found() {
        contender::<Liar>("liar", Traffic::mixed_binary());
    }

    #[test]
    #[should_panic(expected = "sees too little")]
    fn a_missing_frame_is_found() {
        contender::<Blind>("blind", Traffic::mixed_binary());
    }
}
