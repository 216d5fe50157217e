//! The conversations.

use super::{Change, Frames, Stimulus, keyed};
use wsanvil_wire::deflate::Compressor;

const DEFLATE: &[Change] = &[Change::Set("Sec-WebSocket-Extensions", "permessage-deflate")];

/// An agreement without takeover and with a small window, for a server.
const DEFLATE_NARROW: &[Change] = &[Change::Set(
    "Sec-WebSocket-Extensions",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
)];

fn none(_: &Frames) -> Vec<Vec<u8>> {
    Vec::new()
}

/// A Ping in its own write, to see whether the endpoint is still there.
fn then_ping(f: &Frames, mut writes: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    writes.push(f.frame(0x89, b"probe"));
    writes
}

macro_rules! stimulus {
    ($name:literal, $writes:expr) => {
        stimulus!($name, &[], $writes)
    };
    ($name:literal, $opening:expr, $writes:expr) => {
        Stimulus {
            name: $name,
            opening: $opening,
            writes: $writes,
        }
    };
}

/// Text that zlib sends as far references when the window allows it.
fn far_repeat() -> Vec<u8> {
    let unit: Vec<u8> = (0..2000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    unit.repeat(2)
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Compressor::new(15, true).compress(text, &mut out);
    out
}

pub(crate) const SERVER_STIMULI: &[Stimulus] = &[
    // Opening.
    stimulus!("opening", none),
    stimulus!(
        "opening with offers",
        &[
            Change::Set("Sec-WebSocket-Protocol", "CHAT, chat"),
            Change::Set(
                "Sec-WebSocket-Extensions",
                "x-unknown, permessage-deflate; server_max_window_bits=10"
            ),
        ],
        none
    ),
    stimulus!(
        "subprotocol in the wrong case",
        &[Change::Set("Sec-WebSocket-Protocol", "Chat")],
        none
    ),
    stimulus!("end in its own write", &[Change::EndLater], none),
    stimulus!(
        "token lists",
        &[
            Change::Set("Connection", "keep-alive, UPGRADE"),
            Change::Set("Upgrade", "WebSocket"),
        ],
        none
    ),
    stimulus!(
        "split list",
        &[
            Change::Set("Connection", "keep-alive"),
            Change::Add("Connection", "Upgrade"),
        ],
        none
    ),
    stimulus!("POST", &[Change::Method("POST")], none),
    stimulus!(
        "no key, then a ping",
        &[Change::Remove("Sec-WebSocket-Key")],
        |f| vec![f.frame(0x89, b"p")]
    ),
    stimulus!("version 8", &[Change::Set("Sec-WebSocket-Version", "8")], none),
    stimulus!(
        "plain GET",
        &[
            Change::Remove("Upgrade"),
            Change::Remove("Connection"),
            Change::Remove("Sec-WebSocket-Key"),
            Change::Remove("Sec-WebSocket-Version"),
        ],
        none
    ),
    stimulus!("malformed head", &[Change::Line("Host : h")], none),
    stimulus!(
        "foreign origin",
        &[Change::Set("Origin", "http://evil.example")],
        none
    ),
    stimulus!(
        "bad deflate offer",
        &[Change::Set(
            "Sec-WebSocket-Extensions",
            "permessage-deflate; server_max_window_bits=77"
        ),],
        none
    ),
    stimulus!("deflate offer with requests", DEFLATE_NARROW, none),
    // Messages.
    stimulus!("text", |f| vec![f.frame(0x81, "Hello κόσμε")]),
    stimulus!("binary", |f| vec![f.frame(0x82, [0, 255, 7])]),
    stimulus!("empty messages", |f| vec![f.frame(0x81, ""), f.frame(0x82, "")]),
    stimulus!("split header", |f| {
        let frame = f.frame(0x81, b"Hello");
        then_ping(f, vec![frame[..1].to_vec(), frame[1..].to_vec()])
    }),
    stimulus!("close trigger", |f| vec![
        f.frame(0x81, "please close"),
        f.frame(0x81, "x"),
        f.frame(0x88, [3, 232])
    ]),
    stimulus!("100 KiB", |f| vec![f.frame(0x82, vec![b'a'; 100 << 10])]),
    stimulus!("over the limit", |f| then_ping(
        f,
        vec![f.announced(0x82, (1 << 20) + 1)]
    )),
    stimulus!("byte order mark", |f| vec![f.frame(0x81, "\u{FEFF}a")]),
    // Frames.
    stimulus!("rsv2", |f| then_ping(f, vec![f.frame(0xA1, b"x")])),
    stimulus!("opcode 3", |f| then_ping(f, vec![f.frame(0x83, b"x")])),
    stimulus!("opcode 11", |f| then_ping(f, vec![f.frame(0x8B, b"x")])),
    stimulus!("wrong masking", |f| then_ping(
        f,
        vec![f.wrongly_masked(0x81, b"x")]
    )),
    stimulus!("zero key", |f| then_ping(
        f,
        vec![keyed(0x81, b"x", Some([0; 4]))]
    )),
    stimulus!("top bit", |f| then_ping(f, vec![f.announced(0x82, 1 << 63)])),
    stimulus!("long ping", |f| then_ping(f, vec![f.frame(0x89, [b'x'; 126])])),
    stimulus!("fragmented ping", |f| then_ping(
        f,
        vec![f.frame(0x09, b"x"), f.frame(0x80, b"y")]
    )),
    // Control frames.
    stimulus!("pings and pongs", |f| {
        vec![
            f.frame(0x89, b""),
            f.frame(0x89, b"a"),
            f.frame(0x8A, b"b"),
            [f.frame(0x89, b"c"), f.frame(0x89, b"d")].concat(),
        ]
    }),
    stimulus!("ping between fragments", |f| {
        vec![f.frame(0x01, b"Hel"), f.frame(0x89, b"p"), f.frame(0x80, b"lo")]
    }),
    // Fragmentation.
    stimulus!("three fragments", |f| vec![
        f.frame(0x01, b"a"),
        f.frame(0x00, b"b"),
        f.frame(0x80, b"c")
    ]),
    stimulus!("empty fragments", |f| vec![
        f.frame(0x01, b""),
        f.frame(0x00, b""),
        f.frame(0x80, b"c")
    ]),
    stimulus!("orphan", |f| then_ping(f, vec![f.frame(0x80, b"x")])),
    stimulus!("interleaved", |f| then_ping(
        f,
        vec![f.frame(0x01, b"a"), f.frame(0x81, b"b"), f.frame(0x80, b"c")]
    )),
    // UTF-8.
    stimulus!("character cut by frames", |f| vec![
        f.frame(0x01, [0xE2, 0x82]),
        f.frame(0x80, [0xAC])
    ]),
    stimulus!("never an octet of text", |f| then_ping(
        f,
        vec![f.frame(0x01, [0xFF]), f.frame(0x80, b"")]
    )),
    stimulus!("text that ends inside a character", |f| then_ping(
        f,
        vec![f.frame(0x81, [0xE2, 0x82])]
    )),
    stimulus!("surrogate", |f| then_ping(
        f,
        vec![f.frame(0x81, [0xED, 0xA0, 0x80])]
    )),
    stimulus!("overlong", |f| then_ping(f, vec![f.frame(0x81, [0xC0, 0xAF])])),
    stimulus!("beyond U+10FFFF", |f| then_ping(
        f,
        vec![f.frame(0x81, [0xF4, 0x90, 0x80, 0x80])]
    )),
    stimulus!("non-character", |f| vec![f.frame(0x81, "\u{FFFE}")]),
    // Closing.
    stimulus!("close 1000", |f| then_ping(
        f,
        vec![f.frame(0x88, [0x03, 0xE8]), f.frame(0x81, b"late")]
    )),
    stimulus!("close and text in one write", |f| vec![
        [f.frame(0x88, [0x03, 0xE8]), f.frame(0x81, b"late")].concat()
    ]),
    stimulus!("close without body", |f| vec![f.frame(0x88, b"")]),
    stimulus!("close 1005", |f| vec![f.frame(0x88, [0x03, 0xED])]),
    stimulus!("close 1012", |f| vec![f.frame(0x88, [0x03, 0xF4])]),
    stimulus!("close 4000", |f| vec![f.frame(0x88, [0x0F, 0xA0])]),
    stimulus!("close of one octet", |f| vec![f.frame(0x88, [0x03])]),
    stimulus!("close with a bad reason", |f| vec![
        f.frame(0x88, [0x03, 0xE8, 0xFF])
    ]),
    stimulus!("close 500", |f| vec![f.frame(0x88, [0x01, 0xF4])]),
    stimulus!("close 999", |f| vec![f.frame(0x88, [0x03, 0xE7])]),
    stimulus!("close 1011", |f| vec![f.frame(0x88, [0x03, 0xF3])]),
    stimulus!("close 1015", |f| vec![f.frame(0x88, [0x03, 0xF7])]),
    stimulus!("close 2000", |f| vec![f.frame(0x88, [0x07, 0xD0])]),
    stimulus!("close with the longest reason", |f| {
        let mut body = vec![0x03, 0xE8];
        body.resize(125, b'x');
        vec![f.frame(0x88, body)]
    }),
    stimulus!("close with a reason that ends inside a character", |f| vec![
        f.frame(0x88, [0x03, 0xE8, b'x', 0xE2, 0x82])
    ]),
    stimulus!("close with a reason that is wrong at its end", |f| {
        let mut body = vec![0x03, 0xE8];
        body.resize(60, b'x');
        body.push(0xFF);
        vec![f.frame(0x88, body)]
    }),
    stimulus!("fragmented close", |f| vec![f.frame(0x08, [0x03, 0xE8])]),
    stimulus!("close with rsv2", |f| vec![f.frame(0xA8, [0x03, 0xE8])]),
    stimulus!("close with the wrong masking", |f| vec![
        f.wrongly_masked(0x88, &[0x03, 0xE8])
    ]),
    stimulus!("close inside a message", |f| vec![
        f.frame(0x01, b"a"),
        f.frame(0x88, [0x03, 0xE8])
    ]),
    stimulus!("two closes in one write", |f| vec![
        [f.frame(0x88, [0x03, 0xE8]), f.frame(0x88, [0x03, 0xE8])].concat()
    ]),
    stimulus!("text and close in one write", |f| vec![
        [f.frame(0x81, b"text"), f.frame(0x88, [0x03, 0xE8])].concat()
    ]),
    stimulus!("text behind a violation in one write", |f| vec![
        [f.frame(0x83, b"bad"), f.frame(0x81, b"text")].concat()
    ]),
    // Limits, and several messages in one write.
    stimulus!("5 octets of 65541", |f| vec![
        [f.announced(0x82, 65541), b"hello".to_vec()].concat()
    ]),
    stimulus!("5 octets of 2^32 + 5", |f| vec![
        [f.announced(0x82, (1 << 32) + 5), b"hello".to_vec()].concat()
    ]),
    stimulus!("fragments over the limit", |f| vec![
        f.frame(0x02, vec![b'a'; 600 << 10]),
        f.frame(0x80, vec![b'a'; 600 << 10])
    ]),
    stimulus!("at the limit", |f| vec![f.frame(0x82, vec![b'a'; 1 << 20])]),
    stimulus!("two messages below the limit", |f| vec![
        f.frame(0x82, vec![b'a'; 600 << 10]),
        f.frame(0x82, vec![b'b'; 600 << 10])
    ]),
    stimulus!("inflated over the limit", DEFLATE, |f| vec![
        f.frame(0xC2, deflated(&vec![0; 2 << 20]))
    ]),
    stimulus!("a long and a short message in one write", |f| vec![
        [f.frame(0x82, [b'l'; 200]), f.frame(0x81, b"short")].concat()
    ]),
    // permessage-deflate.
    stimulus!("compressed messages", DEFLATE, |f| {
        let mut compressor = Compressor::new(15, true);
        let mut next = || {
            let mut out = Vec::new();
            compressor.compress(b"Hello Hello Hello", &mut out);
            f.frame(0xC1, out)
        };
        vec![next(), f.frame(0x81, b"plain"), next()]
    }),
    stimulus!("compressed fragments", DEFLATE, |f| {
        let payload = deflated(b"Hello Hello");
        vec![f.frame(0x41, &payload[..3]), f.frame(0x80, &payload[3..])]
    }),
    stimulus!("RSV1 on a continuation", DEFLATE, |f| {
        let payload = deflated(b"Hello Hello");
        then_ping(
            f,
            vec![f.frame(0x41, &payload[..3]), f.frame(0xC0, &payload[3..])],
        )
    }),
    stimulus!("RSV1 on a ping", DEFLATE, |f| then_ping(
        f,
        vec![f.frame(0xC9, b"")]
    )),
    stimulus!("data that cannot be inflated", DEFLATE, |f| then_ping(
        f,
        vec![f.frame(0xC1, [0xFF, 0xFF])]
    )),
    stimulus!("narrow window", DEFLATE_NARROW, |f| vec![
        f.frame(0x82, far_repeat()),
        f.frame(0x82, far_repeat())
    ]),
];

pub(crate) const CLIENT_STIMULI: &[Stimulus] = &[
    stimulus!("opening", |f| vec![f.frame(0x81, b"Hello"), f.frame(0x89, b"p")]),
    stimulus!("several frames", |f| vec![
        f.frame(0x81, b"a"),
        f.frame(0x82, b"b"),
        f.frame(0x81, b"a")
    ]),
    stimulus!(
        "wrong accept",
        &[Change::Set(
            "Sec-WebSocket-Accept",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
        )],
        |f| { vec![f.frame(0x81, b"Hello")] }
    ),
    stimulus!("deflate", DEFLATE, |f| vec![
        f.frame(0xC1, deflated(b"Hello")),
        f.frame(0x88, [3, 232])
    ]),
    stimulus!(
        "unasked extension",
        &[Change::Add("Sec-WebSocket-Extensions", "x-foo")],
        none
    ),
    stimulus!("no upgrade", &[Change::Remove("Upgrade")], none),
    stimulus!("masked frame", |f| vec![f.wrongly_masked(0x81, b"x")]),
    stimulus!("close", |f| vec![f.frame(0x88, [0x03, 0xE9])]),
];
