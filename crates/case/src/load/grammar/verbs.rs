//! The verbs of steps.

use super::expect::{EXPECT_KINDS, GRADE, LIMITS, SPAN, THEN};
use super::send::{EDIT, SEND_KINDS, UNTIL};
use super::{Argument, Field, Kind, Verb, field, kind, later};
use crate::load::shape::Shape;

const U32: u64 = u32::MAX as u64;

/// Fields that every step may have.
pub(crate) const STEP: &[Field] = &[
    field(
        "on",
        Shape::Any(&[Shape::Text, Shape::List(&Shape::Text)]),
        "connections the step acts on",
    ),
    field("note", Shape::Template, "remark of the author"),
];

const OPEN: &[Field] = &[
    field("path", Shape::Text, "request target"),
    field("count", Shape::Int(1, 100_000), "makes a group of connections"),
    field(
        "tls",
        Shape::Any(&[Shape::Off, Shape::Table(TLS)]),
        "TLS of this connection, of targets behind wss",
    ),
    field("recv_buffer", Shape::Int(1, U32), "size of the receive buffer"),
    field("send_buffer", Shape::Int(1, U32), "size of the send buffer"),
    field("auto_pong", Shape::Bool, "answer Pings by itself"),
    field("auto_close", Shape::Bool, "answer a Close by itself"),
    field(
        "within_ms",
        Shape::Int(0, u64::MAX),
        "how long the connection may take",
    ),
    field(
        "missed",
        Shape::Word(&["fail", "end", "continue"]),
        "what follows when it does not come about",
    ),
];

/// The `ClientHello` of a case's own.
const TLS: &[Field] = &[
    field(
        "sni",
        Shape::Any(&[Shape::Off, Shape::Text]),
        "server name; false: none",
    ),
    field(
        "alpn",
        Shape::List(&Shape::Text),
        "protocols offered; an empty list: no such extension",
    ),
    field("min", TLS_VERSION, "lowest version offered"),
    field("max", TLS_VERSION, "highest version offered"),
];

const TLS_VERSION: Shape = Shape::Word(&["1.2", "1.3"]);

/// What the tester must be allowed by the agreement; for payloads that say in octets what they refer to.
const ALLOWED: &[Field] = &[
    field(
        "takeover",
        Shape::Bool,
        "skip unless the tester may refer into earlier messages",
    ),
    field(
        "window_bits",
        Shape::Int(8, 15),
        "skip unless the tester may use a window of so many bits",
    ),
];

const SLOW: &[Field] = &[
    field("octets", Shape::Int(1, U32), "octets per turn"),
    field("every_ms", Shape::Int(1, U32), "milliseconds between turns"),
    field("for_ms", Shape::Int(1, U32), "milliseconds in all"),
];

const OPEN_KINDS: &[Kind] = &[
    kind("ws", "transport and opening handshake", &[OPEN, EDIT, ALLOWED]),
    kind("tcp", "transport only", &[OPEN]),
    later("h2"),
];

const READ_KINDS: &[Kind] = &[
    kind("stop", "nothing is read from now on", &[]),
    kind("start", "reading goes on", &[]),
    Kind {
        required: &["octets", "every_ms", "for_ms"],
        ..kind("slow", "little by little for a while", &[SLOW])
    },
];

/// All verbs.
pub(crate) const VERBS: &[Verb] = &[
    Verb {
        name: "open",
        doc: "opens (role server) or takes (role client) a connection",
        argument: Argument::Kind(OPEN_KINDS),
        fields: &[],
    },
    Verb {
        name: "send",
        doc: "sends frames, raw octets or an HTTP head",
        argument: Argument::Kind(SEND_KINDS),
        fields: &[],
    },
    Verb {
        name: "expect",
        doc: "must happen",
        argument: Argument::Kind(EXPECT_KINDS),
        fields: &[
            LIMITS[0],
            LIMITS[1],
            field("or", Shape::Alternatives, "other events that end the expectation"),
        ],
    },
    Verb {
        name: "probe",
        doc: "may happen",
        argument: Argument::Kind(EXPECT_KINDS),
        fields: &[
            LIMITS[0],
            LIMITS[1],
            field("seen", GRADE, "what its coming is worth"),
            field("missed", GRADE, "what its absence is worth"),
            field("then", THEN, "what follows when it came"),
            field("window", Shape::Name, "label for the Autobahn judge"),
        ],
    },
    Verb {
        name: "wait",
        doc: "a pause of the script, in milliseconds",
        argument: Argument::Value(SPAN),
        fields: &[],
    },
    Verb {
        name: "close",
        doc: "the closing handshake, begun by the tester",
        argument: Argument::Value(Shape::Any(&[Shape::Int(0, 65535), Shape::Word(&["empty"])])),
        fields: &[field("reason", Shape::Text, "reason")],
    },
    Verb {
        name: "drop",
        doc: "ends the transport",
        argument: Argument::Value(Shape::Word(&["fin", "half", "rst", "cut"])),
        fields: &[],
    },
    Verb {
        name: "read",
        doc: "stops, slows or restarts reading",
        argument: Argument::Kind(READ_KINDS),
        fields: &[],
    },
    Verb {
        name: "repeat",
        doc: "a loop",
        argument: Argument::Value(Shape::Int(0, U32)),
        fields: &[
            field("steps", Shape::Steps, "the body"),
            field("var", Shape::Name, "name of the counter, from 0"),
            field("until", UNTIL, "leaves the loop early"),
        ],
    },
];
