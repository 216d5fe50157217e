//! Named checks: what steps cannot say, as pure functions of what a connection has seen.

mod deflate;

use wsanvil_model::Grade;

use crate::connection::Connection;

/// A deviation that a check found.
pub(crate) struct Found {
    /// What it costs at most; the level of the case may lower it.
    pub(crate) grade: Grade,
    /// Requirement it rests on.
    pub(crate) requirement: &'static str,
    /// What it asks for.
    pub(crate) expected: String,
    /// What came.
    pub(crate) observed: String,
}

/// Whether the check of this name can be made of what a server does. One that cannot must not count as kept.
pub(crate) fn is_possible(name: &str) -> bool {
    let unseen = [
        "mask-keys-unpredictable",
        "key-fresh",
        "reconnect-backoff",
        "pong-latency",
        "close-latency",
        "headers-relayed",
        "request-head",
        "h2-frames",
    ];
    !unseen.contains(&name)
}

/// Runs the check of this name; `None`: it found nothing, or the name is a standing rule's.
pub(crate) fn run(name: &str, conn: &Connection) -> Option<Found> {
    match name {
        "deflate-used" => deflate::used(conn),
        "deflate-takeover-obeyed" => deflate::takeover_obeyed(conn),
        "deflate-window-obeyed" => deflate::window_obeyed(conn),
        _ => None,
    }
}
