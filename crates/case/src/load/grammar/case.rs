//! Keys of a file, of a case, and of its tables.

use super::{Field, field};
use crate::load::shape::Shape;

const TEXTS: Shape = Shape::List(&Shape::Name);
const ONE_OR_MORE: Shape = Shape::Any(&[Shape::Name, TEXTS]);
const PROFILE: Shape = Shape::Word(&["quick", "default", "full", "autobahn", "perf"]);
const MS: Shape = Shape::Int(0, u64::MAX);

/// Keys of a file.
pub(crate) const FILE: &[Field] = &[
    field(
        "group",
        Shape::Value,
        "title of the file and defaults of its cases",
    ),
    field("case", Shape::Value, "the cases"),
];

/// Keys that mean something else in `[group]` than in a case.
pub(crate) const GROUP_OWN: &[Field] = &[
    field("id", Shape::Name, "name of the group"),
    field("title", Shape::Name, "heading of the group"),
    field("format", Shape::Int(1, 1), "version of the case format"),
];

/// Fields of a case.
pub(crate) const CASE: &[Field] = &[
    field("id", Shape::Name, "`area/slug`, for ever"),
    field("was", TEXTS, "earlier ids"),
    field("title", Shape::Template, "what is checked; a template"),
    field("why", Shape::Template, "why the rule is as it is; a template"),
    field("spec", TEXTS, "requirement ids, the main one first"),
    field(
        "level",
        Shape::Word(&["must", "should", "may"]),
        "what a miss costs",
    ),
    field(
        "role",
        Shape::Word(&["server", "client", "both", "proxy"]),
        "what the target is",
    ),
    field(
        "transport",
        Shape::List(&Shape::Word(&["h1", "h2"])),
        "transports it runs over; derived when absent",
    ),
    field(
        "needs",
        TEXTS,
        "what the target must offer, else the case is skipped",
    ),
    field(
        "profile",
        Shape::Any(&[PROFILE, Shape::List(&PROFILE)]),
        "selections it belongs to",
    ),
    field(
        "alias",
        Shape::Any(&[Shape::Template, Shape::List(&Shape::Template)]),
        "other names of an instance; templates",
    ),
    field("autobahn", Shape::Table(AUTOBAHN), "data of the Autobahn judge"),
    field(
        "rows",
        Shape::List(&Shape::Map(&Shape::Value)),
        "one instance per row; `name` is its label",
    ),
    field("matrix", Shape::Map(&Shape::Axis), "one instance per combination"),
    field(
        "except",
        Shape::List(&Shape::Map(&Shape::Value)),
        "combinations left out",
    ),
    field(
        "strength",
        Shape::Int(1, 2),
        "2: a pairwise covering array in place of the full product",
    ),
    field(
        "limits",
        Shape::Table(LIMITS),
        "growth allowed to a launched target",
    ),
    field("serial", Shape::Bool, "runs alone"),
    field("disruptive", Shape::Bool, "could do harm: needs consent"),
    field(
        "deadline_ms",
        Shape::Int(1, u64::MAX),
        "absolute end of an instance",
    ),
    field(
        "check",
        ONE_OR_MORE,
        "named checks and standing rules of this case",
    ),
    field("waive", ONE_OR_MORE, "standing rules broken on purpose"),
    field(
        "end",
        Shape::Word(&["close", "drop"]),
        "what happens to connections still open",
    ),
    field("steps", Shape::Steps, "what is done"),
];

const LIMITS: &[Field] = &[
    field("rss_mib", Shape::Int(0, u64::MAX), "resident memory in MiB"),
    field("cpu_ms", MS, "processor time in milliseconds"),
];

/// `autobahn = { … }`
pub(crate) const AUTOBAHN: &[Field] = &[
    field(
        "judge",
        Shape::Word(&["lists", "first-message", "lock-step", "deflate"]),
        "which rule decides",
    ),
    field("kill_ms", MS, "kill timer in milliseconds"),
    field("close_ms", MS, "close timer in milliseconds"),
    field("ok", Shape::List(&Shape::Value), "explicit OK list"),
    field(
        "nonstrict",
        Shape::List(&Shape::Value),
        "explicit NON-STRICT list",
    ),
    field(
        "codes",
        Shape::List(&Shape::Int(0, 65535)),
        "close codes allowed from the peer",
    ),
    field("verdict", Shape::Name, "explicit label of both verdicts"),
    field("clean", Shape::Bool, "whether the close must be clean"),
];

/// An event of `ok` and `nonstrict`, beside its payload.
pub(crate) const EVENT: &[Field] = &[
    field(
        "event",
        Shape::Word(&["text", "binary", "pong", "timeout"]),
        "what came",
    ),
    field("label", Shape::Name, "label of a timeout"),
];

/// An axis written as a table.
pub(crate) const AXIS: &[Field] = &[
    field("values", Shape::List(&Shape::Value), "the values"),
    field("range", Shape::List(&Shape::Signed), "from, to (inclusive)"),
    field(
        "ranges",
        Shape::List(&Shape::List(&Shape::Signed)),
        "several ranges",
    ),
    field("set", Shape::Name, "name of a set"),
    field(
        "default",
        Shape::List(&Shape::Value),
        "the values of profile default",
    ),
];
