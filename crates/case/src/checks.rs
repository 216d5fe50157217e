//! Rules without steps: standing rules, watched in every case, and named checks that a case asks for.

/// A standing rule or a named check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Name in `check` and `waive`.
    pub name: &'static str,
    /// What it looks at, in one line.
    pub doc: &'static str,
    /// Requirement ids, the main one first.
    pub spec: &'static [&'static str],
}

const fn check(name: &'static str, doc: &'static str, spec: &'static [&'static str]) -> Check {
    Check { name, doc, spec }
}

/// Rules watched in every case; each reports as the case `standing/NAME`.
pub const STANDING_RULES: &[Check] = &[
    check(
        "mask",
        "a client masks every frame, a server none",
        &["6455-5.1-1", "6455-5.1-5"],
    ),
    check(
        "rsv",
        "reserved bits are zero unless an extension gave them a meaning",
        &["6455-5.2-2", "6455-11.9-1"],
    ),
    check(
        "opcode",
        "only defined opcodes are sent",
        &["6455-5.2-5", "6455-11.8-1"],
    ),
    check(
        "minimal-length",
        "payload lengths use the shortest form",
        &["6455-5.2-8", "6455-5.2-7"],
    ),
    check(
        "control-size",
        "control frames carry at most 125 octets",
        &["6455-5.5-1"],
    ),
    check(
        "control-fin",
        "control frames are not fragmented",
        &["6455-5.5-2"],
    ),
    check(
        "fragment-order",
        "fragments of a message are not mixed with those of another",
        &["6455-5.4-9", "6455-5.4-3", "6455-5.4-4"],
    ),
    check("utf8", "text messages are valid UTF-8", &["6455-5.6-1"]),
    check(
        "close-body",
        "a Close body is empty, or a code and a UTF-8 reason",
        &["6455-5.5.1-2", "6455-5.5.1-4"],
    ),
    check(
        "close-code",
        "a Close carries a code that may be sent",
        &[
            "6455-7.4.1-3",
            "6455-7.4.1-4",
            "6455-7.4.1-5",
            "6455-7.4.1-6",
            "6455-7.4.2-1",
            "6455-7.4.2-2",
            "6455-7.4.2-5",
        ],
    ),
    check("close-once", "one Close per direction", &["6455-5.5.1-18"]),
    check(
        "data-after-close",
        "no data frame follows a Close",
        &["6455-5.5.1-7", "6455-1.4-1", "6455-6.1-2"],
    ),
    check("pong-order", "Pongs answer Pings in order", &["6455-5.5.3-2"]),
    check(
        "pong-payload",
        "a Pong that answers a Ping repeats its payload",
        &["6455-5.5.3-1"],
    ),
    check(
        "deflate-rsv1",
        "RSV1 marks only the first frame of a compressed message",
        &["7692-6.1-4", "7692-6.1-3", "7692-6-1"],
    ),
    check(
        "deflate-data",
        "compressed payloads are a DEFLATE stream",
        &[
            "7692-7.2.1-1",
            "7692-6.1-1",
            "7692-6.1-2",
            "7692-7.2.1-5",
            "7692-7.2.1-6",
        ],
    ),
    check(
        "response-head",
        "a 101 response has the fields that the handshake demands",
        &[
            "6455-4.2.2-18",
            "6455-4.2.2-19",
            "6455-4.2.2-20",
            "9110-7.8-3",
            "9110-8.6-1",
            "9112-4-1",
            "9112-5.2-1",
            "9112-6.1-1",
        ],
    ),
    check(
        "refusal-head",
        "a refusal has the fields that its status demands",
        &[
            "9110-15.5.22-1",
            "9110-7.8-5",
            "9110-15.5.6-1",
            "9110-15.5.2-1",
            "6455-4.3-6",
            "9110-7.8-8",
        ],
    ),
    check(
        "response-accept",
        "Sec-WebSocket-Accept belongs to the key of the request",
        &["6455-4.2.2-21", "6455-1.3-1", "6455-4.2.2-22", "6455-11.3.3-1"],
    ),
    check(
        "response-offer",
        "only offered subprotocols and extensions are accepted",
        &[
            "6455-4.2.2-16",
            "6455-4.2.2-12",
            "6455-4.2.2-14",
            "6455-4.2.2-15",
            "6455-4.2.2-17",
            "6455-4.3-2",
            "6455-4.3-4",
            "6455-9.1-4",
            "6455-11.3.4-2",
            "7692-7-9",
        ],
    ),
    check(
        "request-head",
        "an opening request has the fields that the handshake demands",
        &[
            "6455-4.1-19",
            "6455-4.1-23",
            "6455-4.1-24",
            "6455-4.1-25",
            "6455-4.1-31",
        ],
    ),
    check("h2-frames", "HTTP/2 frames of a stream are legal", &["8441-5-1"]),
];

/// Checks that a case asks for with `check`: pure functions of the transcript.
pub const NAMED_CHECKS: &[Check] = &[
    check(
        "deflate-used",
        "messages come back compressed once the extension is agreed on",
        &["7692-6.1-1"],
    ),
    check(
        "deflate-takeover-obeyed",
        "no back reference into an earlier message when context takeover is off",
        &["7692-7.2.1-10", "7692-7.2.1-8"],
    ),
    check(
        "deflate-window-obeyed",
        "no back reference farther than the agreed window",
        &["7692-7.2.1-14", "7692-7.2.1-12"],
    ),
    check(
        "mask-keys-unpredictable",
        "masking keys repeat no pattern: no repeats, counters or linear relations",
        &["6455-5.3-4", "6455-5.3-2", "6455-5.3-3"],
    ),
    check(
        "key-fresh",
        "every opening handshake has a new Sec-WebSocket-Key of 16 octets",
        &["6455-4.1-27", "6455-4.1-26"],
    ),
    check(
        "reconnect-backoff",
        "a client waits longer before each new attempt",
        &["6455-7.2.3-4", "6455-7.2.3-1"],
    ),
    check(
        "pong-latency",
        "Pings are answered as soon as practical",
        &["6455-5.5.2-3"],
    ),
    check(
        "close-latency",
        "a Close is answered as soon as practical",
        &["6455-5.5.1-10"],
    ),
    check(
        "headers-relayed",
        "a proxy passes the fields of the opening handshake on",
        &[],
    ),
];

/// The standing rules that can break on a server over HTTP/1.1: the others are about clients, or about HTTP/2, or are
/// what a case says with its own steps.
pub fn watched_on_servers() -> impl Iterator<Item = &'static Check> {
    STANDING_RULES
        .iter()
        .filter(|rule| !matches!(rule.name, "request-head" | "h2-frames" | "pong-payload"))
}

/// The standing rule or named check of that name.
pub fn find(name: &str) -> Option<&'static Check> {
    STANDING_RULES
        .iter()
        .chain(NAMED_CHECKS)
        .find(|check| check.name == name)
}
