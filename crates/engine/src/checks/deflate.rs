//! Whether the target compresses, and keeps what it agreed to. Read from the distances in the DEFLATE tokens.

use wsanvil_model::Grade;

use crate::connection::Connection;

use super::Found;

/// The target agreed on compression and used it. Not using it is allowed (RFC 7692 6): a note.
pub(super) fn used(conn: &Connection) -> Option<Found> {
    conn.agreed?;
    (conn.deflate.compressed == 0 && conn.deflate.plain > 0).then(|| Found {
        grade: Grade::Note,
        requirement: "7692-6-2",
        expected: "messages are compressed as agreed".to_owned(),
        observed: format!("all {} messages came uncompressed", conn.deflate.plain),
    })
}

/// With `server_no_context_takeover` no reference reaches before the first octet of its message (RFC 7692 7.2.1).
pub(super) fn takeover_obeyed(conn: &Connection) -> Option<Found> {
    let agreed = conn.agreed?;
    (!agreed.server_takeover && conn.deflate.reach_before > 0).then(|| Found {
        grade: Grade::Fail,
        requirement: "7692-7.2.1-10",
        expected: "each message starts with an empty window, as server_no_context_takeover says".to_owned(),
        observed: format!(
            "a reference reaches {} octets before its message",
            conn.deflate.reach_before
        ),
    })
}

/// With `server_max_window_bits` no reference reaches farther than the window (RFC 7692 7.2.1).
pub(super) fn window_obeyed(conn: &Connection) -> Option<Found> {
    let agreed = conn.agreed?;
    let window = 1_u32 << agreed.server_window;
    (conn.deflate.max_distance > window).then(|| Found {
        grade: Grade::Fail,
        requirement: "7692-7.2.1-14",
        expected: format!("references of at most {window} octets, as server_max_window_bits says"),
        observed: format!("a reference of {} octets", conn.deflate.max_distance),
    })
}
