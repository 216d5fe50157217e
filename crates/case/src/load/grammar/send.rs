//! Kinds of `send`.

use super::expect::PAYLOAD;
use super::{Field, Kind, field, kind, later};
use crate::load::shape::Shape;

const U32: u64 = u32::MAX as u64;
const TEXTS: Shape = Shape::List(&Shape::Text);
pub(super) const UNTIL: Shape = Shape::Word(&["blocked", "end", "answer"]);

const WRITE: &[Field] = &[
    field(
        "chunk",
        Shape::Any(&[Shape::Word(&["step", "frame"]), Shape::Int(1, U32)]),
        "size of the writes",
    ),
    field(
        "cut",
        Shape::Any(&[Shape::Signed, Shape::List(&Shape::Signed)]),
        "offsets at which the octets are cut; negative from the end",
    ),
    field(
        "gap_ms",
        Shape::Int(0, U32),
        "pause between writes in milliseconds",
    ),
    field(
        "join",
        Shape::Bool,
        "held back and written in one go with the next send",
    ),
    field("until", UNTIL, "stop sending when this happens"),
    field(
        "blocked",
        Shape::Word(&["fail", "ok"]),
        "what a write without progress means",
    ),
];

const KEY: Shape = Shape::Any(&[Shape::Word(&["random"]), Shape::Hex]);

const FRAME: &[Field] = &[
    field("fin", Shape::Bool, "FIN of the last frame"),
    field("rsv", Shape::Int(0, 7), "4 RSV1, 2 RSV2, 1 RSV3"),
    field("mask", Shape::Bool, "MASK in place of what the role demands"),
    field(
        "key",
        Shape::Any(&[KEY, Shape::List(&Shape::Hex)]),
        "masking key, or keys used in turn",
    ),
    field(
        "length",
        Shape::Any(&[Shape::Word(&["min", "7", "16", "64"]), Shape::Int(7, 64)]),
        "form of the length field: 7, 16 or 64 bits",
    ),
    field(
        "declare",
        Shape::Any(&[Shape::Int(0, u64::MAX), Shape::HexNumber]),
        "announced payload length",
    ),
    field(
        "compress",
        Shape::Any(&[Shape::Bool, Shape::Table(COMPRESS)]),
        "compress the message first",
    ),
    field("fragment", Shape::Int(1, u64::MAX), "octets per frame"),
    field(
        "fragments",
        Shape::Any(&[Shape::Int(1, U32), Shape::List(&Shape::Int(0, u64::MAX))]),
        "number of frames, or their sizes",
    ),
    field(
        "empty_final",
        Shape::Any(&[Shape::Bool, Shape::Word(&["divides"])]),
        "an empty last frame: always, or when the size divides the length",
    ),
    field("echo", Shape::Bool, "whether an echo is owed"),
];

pub(crate) const COMPRESS: &[Field] = &[
    field("level", Shape::Int(0, 9), "zlib level"),
    field(
        "strategy",
        Shape::Word(&["default", "stored", "fixed"]),
        "block types",
    ),
    field("takeover", Shape::Bool, "keep the window after this message"),
    field("window", Shape::Int(8, 15), "window bits"),
    field("bfinal", Shape::Bool, "mark the last block as final"),
    field(
        "flush_every",
        Shape::Int(1, u64::MAX),
        "flush after so many octets of input",
    ),
    field("keep_tail", Shape::Bool, "leave 00 00 FF FF at the end"),
];

const OPCODE: &[Field] = &[field("opcode", Shape::Int(0, 15), "opcode")];
const CODE: &[Field] = &[field(
    "code",
    Shape::Int(0, 65535),
    "status code; the payload is the reason then",
)];

/// Changes to an opening head.
pub(crate) const EDIT: &[Field] = &[
    field("origin", Shape::Text, "Origin"),
    field("subprotocols", TEXTS, "sub-protocols offered"),
    field(
        "deflate",
        Shape::Any(&[Shape::Bool, Shape::Text]),
        "offer permessage-deflate, or the offer as text",
    ),
    field(
        "answer",
        Shape::Any(&[Shape::Text, TEXTS]),
        "our reply to the offer, or one per offered element",
    ),
    field(
        "set",
        Shape::Map(&Shape::Text),
        "fields whose value is replaced or added",
    ),
    field("add", Shape::List(&Shape::Pair), "fields added behind the others"),
    field("remove", Shape::List(&Shape::Name), "fields taken away"),
    field("order", Shape::List(&Shape::Name), "names in the order wanted"),
    field("lines", TEXTS, "raw lines in place of all fields"),
];

const HEAD: &[Field] = &[
    field("version", Shape::Text, "HTTP version"),
    field("eol", Shape::Name, "line end"),
    field("end", Shape::Bool, "whether the blank line follows"),
    field("body", Shape::Text, "octets behind the head"),
];

const REQUEST: &[Field] = &[
    field("method", Shape::Text, "method in place of GET"),
    field("target", Shape::Text, "request target"),
];

const RESPONSE: &[Field] = &[
    field("status", Shape::Int(0, 999), "status code"),
    field("reason", Shape::Text, "reason phrase"),
    field(
        "accept",
        Shape::Word(&[
            "right",
            "absent",
            "swap-case",
            "unpadded",
            "other-key",
            "trailing",
        ]),
        "form of Sec-WebSocket-Accept",
    ),
    field("subprotocol", Shape::Text, "Sec-WebSocket-Protocol"),
];

pub(super) const SEND_KINDS: &[Kind] = &[
    kind(
        "text",
        "a text message or its first frame",
        &[FRAME, PAYLOAD, WRITE],
    ),
    kind(
        "binary",
        "a binary message or its first frame",
        &[FRAME, PAYLOAD, WRITE],
    ),
    kind("continuation", "a continuation frame", &[FRAME, PAYLOAD, WRITE]),
    kind("ping", "a Ping", &[FRAME, PAYLOAD, WRITE]),
    kind("pong", "a Pong", &[FRAME, PAYLOAD, WRITE]),
    kind(
        "close",
        "a Close; ends our sending",
        &[CODE, FRAME, PAYLOAD, WRITE],
    ),
    Kind {
        required: &["opcode"],
        ..kind(
            "frame",
            "a frame with any opcode",
            &[OPCODE, FRAME, PAYLOAD, WRITE],
        )
    },
    kind(
        "more",
        "further payload octets of the frame begun by the last send",
        &[PAYLOAD, WRITE],
    ),
    kind("raw", "octets as they are", &[PAYLOAD, WRITE]),
    kind("request", "an upgrade request", &[REQUEST, EDIT, HEAD, WRITE]),
    kind("response", "an upgrade response", &[RESPONSE, EDIT, HEAD, WRITE]),
    later("h2.headers"),
    later("h2.data"),
    later("h2.settings"),
    later("h2.rst"),
    later("h2.goaway"),
    later("h2.window"),
    later("h2.ping"),
    later("h2.priority"),
    later("h2.raw"),
];
