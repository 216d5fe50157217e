//! Choices behind the opening handshake.

use std::time::Duration;

use wsanvil_echo::Defect;
use wsanvil_wire::deflate::ServerPolicy;
use wsanvil_wire::frame::Opcode;

use super::super::Lawful;
use super::super::manner::Manner;
use super::super::traffic::{Frame, Traffic};
use super::{PLAIN, row, service};
use crate::PeerEnd;

/// The rows.
pub(super) const ROWS: &[Lawful] = &[
    row(
        "pings-at-once",
        "sends a Ping and a Pong right behind its 101 (RFC 6455 section 5.5.2)",
        Manner {
            greets: |traffic| {
                traffic.send(&Frame::new(Opcode::PING, b"are you there?"));
                traffic.send(&Frame::new(Opcode::PONG, b""));
            },
            ..PLAIN
        },
    ),
    row(
        "last-pong-only",
        "answers the last of several Pings (RFC 6455 section 5.5.3)",
        Manner {
            last_pong_only: true,
            ..PLAIN
        },
    ),
    row(
        "late",
        "takes 15 ms for every answer",
        Manner {
            late: Duration::from_millis(15),
            ..PLAIN
        },
    ),
    row(
        "very-late",
        "takes 150 ms for every answer",
        Manner {
            late: Duration::from_millis(150),
            ..PLAIN
        },
    ),
    row(
        "small-fragments",
        "sends messages in fragments of 100 octets (RFC 6455 section 5.4)",
        Manner {
            frame: |frame, traffic| traffic.send_cut(&frame, 100, None),
            ..PLAIN
        },
    ),
    row(
        "empty-fragments",
        "begins and ends every message with an empty fragment (RFC 6455 section 5.4)",
        Manner {
            frame: |frame, traffic| {
                if frame.opcode.is_control() {
                    traffic.send(&frame);
                    return;
                }
                let begins = frame.opcode != Opcode::CONTINUATION;
                if begins {
                    traffic.send(&Frame {
                        fin: false,
                        payload: Vec::new(),
                        ..frame.clone()
                    });
                }
                let last = frame.fin;
                traffic.send(&Frame {
                    opcode: Opcode::CONTINUATION,
                    fin: false,
                    rsv: 0,
                    payload: frame.payload,
                });
                if last {
                    traffic.send(&Frame::new(Opcode::CONTINUATION, b""));
                }
            },
            ..PLAIN
        },
    ),
    row(
        "pings-in-messages",
        "sends a Ping between the fragments of every message (RFC 6455 section 5.4)",
        Manner {
            frame: |frame, traffic| {
                let ping = Frame::new(Opcode::PING, b"between");
                traffic.send_cut(&frame, 1000, Some(&ping));
            },
            ..PLAIN
        },
    ),
    row(
        "pings-first",
        "sends a Ping before every message (RFC 6455 section 5.5.2)",
        Manner {
            frame: |frame, traffic| {
                if !frame.opcode.is_control() {
                    traffic.send(&Frame::new(Opcode::PING, b""));
                }
                traffic.send(&frame);
            },
            ..PLAIN
        },
    ),
    row(
        "unsolicited-pongs",
        "sends a Pong of its own before every frame (RFC 6455 section 5.5.3)",
        Manner {
            frame: |frame, traffic| {
                let payload = traffic.sent.to_be_bytes();
                traffic.send(&Frame::new(Opcode::PONG, &payload));
                traffic.send(&frame);
            },
            ..PLAIN
        },
    ),
    row(
        "echoes-later",
        "answers Pings at once and sends messages 30 ms later (RFC 6455 section 5.5.2)",
        Manner {
            echoes_after: Duration::from_millis(30),
            ..PLAIN
        },
    ),
    row(
        "close-without-code",
        "answers every Close without a code (RFC 6455 section 5.5.1)",
        Manner {
            configure: |config| config.defects = Defect::CloseEmptyAlways.into(),
            ..PLAIN
        },
    ),
    row(
        "always-1000",
        "answers a Close with 1000 whatever it says (RFC 6455 section 5.5.1)",
        Manner {
            frame: |frame, traffic| traffic.send(&with_code(frame, |code| answered(code, 1000), b"")),
            ..PLAIN
        },
    ),
    row(
        "always-going-away",
        "answers a Close with 1001 and a reason (RFC 6455 section 5.5.1: \"typically\")",
        Manner {
            frame: |frame, traffic| traffic.send(&with_code(frame, |code| answered(code, 1001), b"bye")),
            ..PLAIN
        },
    ),
    Lawful {
        nonstrict_in: Some("close/legal-body"),
        ..row(
            "own-code",
            "answers a Close with a code of its own, 4000 (RFC 6455 sections 5.5.1 and 7.4.2)",
            Manner {
                frame: |frame, traffic| traffic.send(&with_code(frame, |code| answered(code, 4000), b"")),
                ..PLAIN
            },
        )
    },
    row(
        "long-reasons",
        "fills the reason of every Close up to 123 octets (RFC 6455 section 5.5.1)",
        Manner {
            frame: |mut frame, traffic| {
                if frame.opcode == Opcode::CLOSE && frame.payload.len() >= 2 {
                    frame.payload.truncate(2);
                    frame.payload.resize(125, b'r');
                }
                traffic.send(&frame);
            },
            ..PLAIN
        },
    ),
    row(
        "fails-with-1002",
        "fails every connection with 1002 (RFC 6455 section 7.4.1)",
        Manner {
            frame: |frame, traffic| traffic.send(&failed(frame, 1002)),
            ..PLAIN
        },
    ),
    row(
        "fails-with-1008",
        "fails every connection with 1008 (RFC 6455 section 7.4.1)",
        Manner {
            frame: |frame, traffic| traffic.send(&failed(frame, 1008)),
            ..PLAIN
        },
    ),
    row(
        "fails-by-dropping",
        "fails connections by ending TCP (RFC 6455 section 7.1.7)",
        Manner {
            configure: |config| config.defects = Defect::NoCloseJustDrop.into(),
            ..PLAIN
        },
    ),
    row(
        "fails-by-reset",
        "fails connections by RST (RFC 6455 section 7.1.7)",
        Manner {
            configure: |config| config.defects = Defect::NoCloseJustDrop.into(),
            ends: (PeerEnd::Rst, Duration::ZERO),
            ..PLAIN
        },
    ),
    row(
        "utf8-at-the-end",
        "looks at a text when it is complete (RFC 6455 section 8.1)",
        Manner {
            configure: |config| config.defects = Defect::Utf8Late.into(),
            ..PLAIN
        },
    ),
    row(
        "ends-by-reset",
        "ends TCP by RST behind its Close (RFC 6455 section 7.1.1)",
        Manner {
            ends: (PeerEnd::Rst, Duration::ZERO),
            ..PLAIN
        },
    ),
    row(
        "ends-half-a-second-later",
        "lets the client end TCP first for half a second (RFC 6455 section 7.1.1)",
        Manner {
            ends: (PeerEnd::Fin, Duration::from_millis(500)),
            ..PLAIN
        },
    ),
    row(
        "ends-two-seconds-later",
        "lets the client end TCP first for two seconds (RFC 6455 section 7.1.1)",
        Manner {
            ends: (PeerEnd::Fin, Duration::from_secs(2)),
            ..PLAIN
        },
    ),
    row(
        "closes-idle-connections",
        "closes connections that are idle for ten seconds with 1001 (RFC 6455 section 7.3)",
        Manner {
            configure: |config| config.idle = Some(Duration::from_secs(10)),
            ..PLAIN
        },
    ),
    row(
        "heartbeat",
        "sends a Ping each second and drops who does not answer (RFC 6455 section 5.5.2)",
        Manner {
            configure: |config| config.ping_interval = Some(Duration::from_secs(1)),
            ..PLAIN
        },
    ),
    // Limits that nobody declared.
    row(
        "messages-of-1-mib",
        "takes messages of up to 1 MiB (RFC 6455 section 10.4)",
        Manner {
            configure: |config| config.max_message = 1 << 20,
            ..PLAIN
        },
    ),
    row(
        "messages-of-64-kib",
        "takes messages of up to 64 KiB (RFC 6455 section 10.4)",
        Manner {
            configure: |config| config.max_message = 64 << 10,
            ..PLAIN
        },
    ),
    row(
        "messages-of-4-kib",
        "takes messages of up to 4 KiB (RFC 6455 section 10.4)",
        Manner {
            configure: |config| config.max_message = 4 << 10,
            ..PLAIN
        },
    ),
    row(
        "drops-above-1-mib",
        "ends TCP over messages above 1 MiB (RFC 6455 sections 7.1.7 and 10.4)",
        Manner {
            configure: |config| {
                config.max_message = 1 << 20;
                config.defects = Defect::NoCloseJustDrop.into();
            },
            ..PLAIN
        },
    ),
    row(
        "thousand-fragments",
        "takes messages of up to 1000 fragments, else 1009 (RFC 6455 section 10.4)",
        Manner {
            fragments: Some((1000, 1009)),
            ..PLAIN
        },
    ),
    row(
        "hundred-fragments",
        "takes messages of up to 128 fragments, else 1008 (RFC 6455 section 10.4)",
        Manner {
            fragments: Some((128, 1008)),
            ..PLAIN
        },
    ),
    // Compression.
    row(
        "no-compression",
        "declines permessage-deflate (RFC 7692 section 5)",
        Manner {
            configure: |config| config.deflate = false,
            ..PLAIN
        },
    ),
    row(
        "no-windows",
        "declines offers that limit a window (RFC 7692 sections 5 and 7.1.2)",
        Manner {
            overlooks: Some(|head| {
                let limits = |line: &String| line.contains("max_window_bits");
                if head.lines.iter().any(limits) && head.get("Sec-WebSocket-Extensions").is_some() {
                    head.remove("Sec-WebSocket-Extensions");
                }
            }),
            ..PLAIN
        },
    ),
    row(
        "speaks-chat",
        "speaks the sub-protocol chat (RFC 6455 section 4.2.2)",
        Manner {
            configure: |config| config.subprotocols = vec!["chat".to_owned()],
            ..PLAIN
        },
    ),
    row(
        "small-windows",
        "asks for windows of 512 octets and no contexts (RFC 7692 section 7.1)",
        Manner {
            configure: |config| {
                config.deflate_policy = ServerPolicy {
                    server_no_context_takeover: true,
                    client_no_context_takeover: true,
                    server_max_window_bits: 9,
                    client_max_window_bits: 9,
                };
            },
            ..PLAIN
        },
    ),
    row(
        "never-compresses",
        "agrees on compression and sends everything as it is (RFC 7692 section 6)",
        Manner {
            configure: |config| config.defects = Defect::DeflateUncompressed.into(),
            ..PLAIN
        },
    ),
    row(
        "stored-blocks",
        "compresses by stored blocks (RFC 7692 section 7.2.3.3)",
        Manner {
            configure: |config| config.defects = Defect::DeflateUncompressed.into(),
            frame: |frame, traffic| stored(&frame, traffic, 0),
            ..PLAIN
        },
    ),
    row(
        "final-blocks",
        "ends the data of every message by a final block (RFC 7692 section 7.2.3.4)",
        Manner {
            configure: |config| config.defects = Defect::DeflateUncompressed.into(),
            frame: |frame, traffic| stored(&frame, traffic, 1),
            ..PLAIN
        },
    ),
    row(
        "compresses-every-second",
        "compresses every second message (RFC 7692 section 6)",
        Manner {
            configure: |config| config.defects = Defect::DeflateUncompressed.into(),
            frame: |frame, traffic| {
                if traffic.sent.is_multiple_of(2) {
                    stored(&frame, traffic, 0);
                } else {
                    traffic.send(&frame);
                }
            },
            ..PLAIN
        },
    ),
    // Services that send nothing back.
    service(
        "says-nothing",
        "takes messages and sends none (RFC 6455 section 5.6)",
        Manner {
            configure: |config| config.defects = Defect::NoEcho.into(),
            ..PLAIN
        },
    ),
    service(
        "greets",
        "begins with a message of its own (RFC 6455 section 5.6)",
        Manner {
            configure: |config| config.defects = Defect::NoEcho.into(),
            greets: |traffic| traffic.send(&Frame::new(Opcode::TEXT, b"welcome")),
            ..PLAIN
        },
    ),
    service(
        "chatters",
        "sends messages of its own all the time (RFC 6455 section 5.6)",
        Manner {
            configure: |config| config.defects = Defect::NoEcho.into(),
            frame: |frame, traffic| says(&frame, traffic),
            ..PLAIN
        },
    ),
    service(
        "answers-otherwise",
        "answers messages with others (RFC 6455 section 5.6)",
        Manner {
            frame: |frame, traffic| {
                if !frame.opcode.is_control() && frame.rsv == 0 && frame.fin {
                    traffic.send(&Frame::new(Opcode::TEXT, b"{\"error\":\"no such method\"}"));
                } else {
                    traffic.send(&frame);
                }
            },
            ..PLAIN
        },
    ),
];

/// Says something of its own behind a frame of the reference.
fn says(frame: &Frame, traffic: &mut Traffic) {
    if frame.opcode == Opcode::CLOSE {
        traffic.send(frame);
        return;
    }
    traffic.send(&Frame::new(Opcode::TEXT, b"news"));
    traffic.send(frame);
    traffic.send(&Frame::new(Opcode::BINARY, &[0; 300]));
}

/// A Close with another code where `other` has one.
fn with_code(mut frame: Frame, other: fn(Option<u16>) -> Option<u16>, reason: &[u8]) -> Frame {
    if frame.opcode == Opcode::CLOSE {
        let code = frame
            .payload
            .first_chunk::<2>()
            .map(|code| u16::from_be_bytes(*code));
        if let Some(code) = other(code) {
            frame.payload = [code.to_be_bytes().as_slice(), reason].concat();
        }
    }
    frame
}

/// For a Close that answers one: those that fail a connection stay.
fn answered(code: Option<u16>, other: u16) -> Option<u16> {
    let fails = code.is_some_and(|code| matches!(code, 1002 | 1003 | 1007 | 1009));
    (!fails).then_some(other)
}

/// A Close that fails a connection with another code. The reference gives a reason then, and none when it answers.
fn failed(frame: Frame, other: u16) -> Frame {
    if frame.payload.len() <= 2 {
        return frame;
    }
    let reason = frame.payload.get(2..).unwrap_or_default().to_vec();
    let payload = [other.to_be_bytes().as_slice(), &reason].concat();
    if frame.opcode == Opcode::CLOSE {
        Frame { payload, ..frame }
    } else {
        frame
    }
}

/// Sends a message in stored blocks when compression was agreed; `last` marks the last of them as final.
fn stored(frame: &Frame, traffic: &mut Traffic, last: u8) {
    if frame.opcode.is_control() || !traffic.deflate || frame.rsv != 0 || !frame.fin {
        traffic.send(frame);
        return;
    }
    let count = frame.payload.chunks(0xffff).count();
    let mut payload = Vec::new();
    for (index, block) in frame.payload.chunks(0xffff).enumerate() {
        let len = u16::try_from(block.len()).unwrap_or(u16::MAX);
        payload.push(if index + 1 == count { last } else { 0 });
        payload.extend_from_slice(&len.to_le_bytes());
        payload.extend_from_slice(&(!len).to_le_bytes());
        payload.extend_from_slice(block);
    }
    // The first octet of the empty block whose other four are left out.
    payload.push(0);
    traffic.send(&Frame {
        rsv: 4,
        payload,
        ..*frame
    });
}
