//! The `[target]` table: what the user declares about the target. Policy is never tested undeclared.

/// A name that can be declared.
pub(super) struct Declared {
    pub(super) name: &'static str,
    /// Whether it is a number; else text.
    pub(super) number: bool,
}

/// All of them; cases name them as `declares:NAME` and `{target.NAME}`.
pub(super) const DECLARED: &[Declared] = &[
    number("max_message"),
    number("max_frame"),
    number("max_header"),
    text("origin"),
    text("auth"),
    text("subprotocol"),
    number("idle_ms"),
    number("ping_interval_ms"),
    text("close_trigger"),
];

const fn number(name: &'static str) -> Declared {
    Declared { name, number: true }
}

const fn text(name: &'static str) -> Declared {
    Declared { name, number: false }
}
