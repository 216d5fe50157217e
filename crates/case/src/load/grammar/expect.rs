//! Kinds of `expect` and `probe`, and payload sources.

use super::{Field, Kind, field, kind, later};
use crate::load::shape::Shape;

const U32: u64 = u32::MAX as u64;

/// A length of time in milliseconds: fixed, or a part of what is declared.
pub(super) const SPAN: Shape = Shape::Any(&[Shape::Int(0, u64::MAX), Shape::Table(DECLARED)]);

const DECLARED: &[Field] = &[
    field("declared", Shape::Name, "name in the `[target]` table"),
    field("percent", Shape::Int(0, 10_000), "percent of what is declared"),
    field("plus", Shape::Int(0, U32), "milliseconds more"),
];

pub(super) const GRADE: Shape = Shape::Word(&["pass", "note", "nonstrict", "fail"]);
pub(super) const THEN: Shape = Shape::Word(&["end", "continue"]);

/// Payload sources and what belongs to them.
pub(crate) const PAYLOAD: &[Field] = &[
    field("data", Shape::Text, "octets as UTF-8 text"),
    field("hex", Shape::Hex, "octets as hexadecimal digits"),
    field("fill", Shape::Name, "text or `hex:…`, repeated and cut to `len`"),
    field(
        "corpus",
        Shape::Word(&["json", "image", "verse", "page", "document"]),
        "a piece of a payload corpus",
    ),
    field(
        "random",
        Shape::Word(&["octets", "ascii", "utf8"]),
        "from the seed and the instance name",
    ),
    field(
        "bomb",
        Shape::Word(&["zeros"]),
        "a DEFLATE stream that inflates to `len` octets",
    ),
    field("file", Shape::Name, "octets of a file beside the case file"),
    field("saved", Shape::Name, "what an expectation saved"),
    field(
        "parts",
        Shape::List(&Shape::Payload),
        "payloads one after another",
    ),
    field("payload", Shape::Payload, "a payload as one value"),
    field("len", Shape::Length, "length of fill, corpus, random and bomb"),
    field(
        "unit",
        Shape::Word(&["octet", "char"]),
        "what `len` and `at` of a corpus count",
    ),
    field(
        "at",
        Shape::Any(&[Shape::Int(0, u64::MAX), Shape::Word(&["next"])]),
        "where a corpus piece begins",
    ),
    field("times", Shape::Int(0, U32), "how often the payload is repeated"),
];

const SAVE: &[Field] = &[field("save", Shape::Name, "name under which the octets are kept")];

const CODES: Shape = Shape::Any(&[
    Shape::Int(0, 65535),
    Shape::Word(&["none"]),
    Shape::List(&Shape::Any(&[Shape::Int(0, 65535), Shape::Word(&["none"])])),
]);
const CODE: &[Field] = &[field("code", CODES, "codes allowed")];

const STATUS_ONE: Shape = Shape::Any(&[
    Shape::Int(100, 999),
    Shape::Word(&["1xx", "2xx", "3xx", "4xx", "5xx"]),
]);
const STATUS: &[Field] = &[field(
    "status",
    Shape::Any(&[
        Shape::Int(100, 999),
        Shape::Word(&["1xx", "2xx", "3xx", "4xx", "5xx"]),
        Shape::List(&STATUS_ONE),
    ]),
    "status codes or classes",
)];

const HEAD: &[Field] = &[
    field(
        "has",
        Shape::Map(&Shape::Any(&[Shape::Bool, Shape::Table(FIELD_TEST), Shape::Text])),
        "fields that must be there",
    ),
    field(
        "lacks",
        Shape::List(&Shape::Name),
        "fields that must not be there",
    ),
    field(
        "save",
        Shape::Map(&Shape::Name),
        "variables set from fields: variable = \"Field\"",
    ),
];

pub(crate) const FIELD_TEST: &[Field] = &[
    field("token", Shape::Text, "the comma list holds this token"),
    field("any", Shape::List(&Shape::Text), "one of these values"),
];

const REQUEST: &[Field] = &[
    field("method", Shape::Text, "method"),
    field("target", Shape::Text, "request target"),
];

const ECHO: &[Field] = &[
    field(
        "times",
        Shape::Any(&[Shape::Int(0, U32), Shape::Word(&["all"])]),
        "how many of the messages owed",
    ),
    field("compressed", Shape::Bool, "whether they must come compressed"),
];

const FRAME: &[Field] = &[
    field("opcode", Shape::Int(0, 15), "opcode"),
    field("fin", Shape::Bool, "FIN"),
    field("rsv", Shape::Int(0, 7), "4 RSV1, 2 RSV2, 1 RSV3"),
    field("masked", Shape::Bool, "MASK"),
    field("length", Shape::Int(0, u64::MAX), "payload length in octets"),
];

const STRICT: &[Field] = &[field(
    "strict",
    Shape::Bool,
    "another code or a bare end of TCP is nonstrict",
)];
const ALERT: &[Field] = &[field(
    "code",
    Shape::Any(&[Shape::Int(0, 255), Shape::List(&Shape::Int(0, 255))]),
    "codes allowed, RFC 8446 section 6",
)];
const HOW: &[Field] = &[field(
    "how",
    Shape::Word(&["fin", "rst", "cut"]),
    "how TCP ends; others are a note",
)];

/// Kinds of `expect`, `probe` and `or`.
pub(crate) const EXPECT_KINDS: &[Kind] = &[
    kind("echo", "the oldest message owed", &[ECHO]),
    kind("text", "a whole text message", &[PAYLOAD, SAVE]),
    kind("binary", "a whole binary message", &[PAYLOAD, SAVE]),
    kind("message", "a whole message of either type", &[PAYLOAD, SAVE]),
    kind("ping", "a Ping", &[PAYLOAD, SAVE]),
    kind("pong", "a Pong", &[PAYLOAD, SAVE]),
    kind("frame", "one raw frame", &[FRAME]),
    kind("close", "a Close", &[CODE, PAYLOAD]),
    kind("fail", "the peer fails the connection", &[CODE, STRICT]),
    kind("eof", "TCP ends with no octet before it", &[HOW]),
    kind("secured", "TLS was agreed", &[]),
    kind("alert", "the target refuses TLS with a fatal alert", &[ALERT]),
    kind("alive", "the barrier Pong", &[]),
    kind(
        "nothing",
        "no event up to the barrier Pong or for one quiet window",
        &[],
    ),
    kind("response", "an HTTP response head", &[STATUS, HEAD]),
    kind("request", "an HTTP request head", &[REQUEST, HEAD]),
    kind("accepted", "101, the standing response rules, then alive", &[]),
    kind("refused", "a final 4xx or 5xx", &[STATUS]),
    later("relayed"),
    later("h2.headers"),
    later("h2.rst"),
    later("h2.goaway"),
    later("h2.settings"),
    later("h2.data"),
];

/// Time limits of any expectation.
pub(super) const LIMITS: [Field; 2] = [
    field(
        "within_ms",
        SPAN,
        "deadline, counted from the last octet that moved; a declared one from the beginning of the step",
    ),
    field(
        "late_ms",
        Shape::Int(0, u64::MAX),
        "between `within_ms` and this it is a note",
    ),
];

/// Fields of an alternative (`or`) beside those of its kind.
pub(crate) const ALTERNATIVE: &[Field] = &[
    LIMITS[0],
    LIMITS[1],
    field(
        "on",
        Shape::Any(&[Shape::Text, Shape::List(&Shape::Text)]),
        "connections it is looked for on",
    ),
    field("grade", GRADE, "what it is worth"),
    field("then", THEN, "what follows"),
    field("note", Shape::Template, "text of the remark"),
];
