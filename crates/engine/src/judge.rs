//! The second judge: what Autobahn|Testsuite would say of the same conversation.
//!
//! Its expected lists are derived by feeding the frames of the script to the reference endpoint; what the script
//! cannot show is data of the case. Our own verdict does not depend on it.

mod expected;

use wsanvil_case::{Instance, Judge};
use wsanvil_model::{AutobahnResult, Closer};

use crate::connection::{Connection, Observed};
use crate::io::Time;
use crate::settings::Settings;

pub use expected::{Expectation, ExpectedClose, Item, expectation};

/// How long Autobahn waits for the end of TCP behind a Close, in microseconds.
const DROP_TIMER: u64 = 1_000_000;

/// Judges a finished instance; `None` when it is no Autobahn case.
pub(crate) fn judge(
    instance: &Instance,
    settings: &Settings,
    conn: Option<&Connection>,
    now: Time,
) -> Option<AutobahnResult> {
    let id = instance.autobahn_id()?;
    let data = instance.case.autobahn.as_ref()?;
    let result = |behavior: &str, close: &str| {
        Some(AutobahnResult {
            id: id.to_owned(),
            behavior: behavior.to_owned(),
            behavior_close: close.to_owned(),
        })
    };
    let Some(conn) = conn.filter(|conn| conn.switched && conn.handshake) else {
        return result("FAILED", "FAILED");
    };
    if data.judge == Judge::Deflate && conn.agreed.is_none() {
        return result("UNIMPLEMENTED", "OK");
    }
    if let Some(verdict) = &data.verdict {
        return result(verdict, verdict);
    }
    let expected = expectation(instance, settings);
    let close = close_label(conn, &expected.close, data.kill_ms, now);
    let behavior = match data.judge {
        Judge::Lists => by_lists(&conn.observed, &expected),
        Judge::FirstMessage => by_first_message(&conn.observed),
        Judge::LockStep => by_rounds(&conn.observed, expected.messages, false),
        Judge::Deflate => by_rounds(&conn.observed, expected.messages, true),
    };
    let overruled = (close == "FAILED" && expected.close.first_closer_is_fatal)
        || (close == "WRONG CODE" && expected.close.wrong_code_is_fatal);
    result(if overruled { "FAILED" } else { behavior }, close)
}

/// Sections 1 to 7 and 10: the whole list of events equals one of the expected ones.
fn by_lists(observed: &[Observed], expected: &Expectation) -> &'static str {
    let same = |list: &[Item]| {
        list.len() == observed.len()
            && list.iter().zip(observed).all(|(item, seen)| match (item, seen) {
                (
                    Item::Message { text, len, sha1 },
                    Observed::Message {
                        text: t,
                        len: l,
                        sha1: s,
                        ..
                    },
                ) => text == t && len == l && Some(*sha1) == *s,
                (Item::Pong(payload), Observed::Pong(seen)) => payload == seen,
                (Item::Timeout(label), Observed::Timeout(seen)) => label == seen,
                _ => false,
            })
    };
    if same(&expected.ok) {
        return "OK";
    }
    match &expected.nonstrict {
        Some(list) if same(list) => "NON-STRICT",
        _ => "FAILED",
    }
}

/// 9.1 to 9.6: type and length of the first data message.
fn by_first_message(observed: &[Observed]) -> &'static str {
    let first = observed.iter().find_map(|seen| match seen {
        Observed::Message {
            text, len, expected, ..
        } => Some(*expected == Some((*text, *len))),
        _ => None,
    });
    if first == Some(true) { "OK" } else { "FAILED" }
}

/// 9.7, 9.8, 12 and 13: every message by type and length, with content where `content`; a Pong ends it at once.
fn by_rounds(observed: &[Observed], rounds: u64, content: bool) -> &'static str {
    let good = observed.iter().take_while(|seen| match seen {
        Observed::Message {
            text,
            len,
            owed,
            expected,
            ..
        } => *owed || (!content && *expected == Some((*text, *len))),
        _ => false,
    });
    let good = good.count();
    // Where our own judge ended the conversation over the octets of a message, the second would have gone on.
    let cut_short = matches!(observed.last(), Some(Observed::Message { owed: false, .. }));
    if good as u64 >= rounds || (!content && cut_short && good == observed.len()) {
        "OK"
    } else {
        "FAILED"
    }
}

/// The label of the ending, by Autobahn's rules in their order.
fn close_label(conn: &Connection, expected: &ExpectedClose, kill_ms: Option<u64>, now: Time) -> &'static str {
    // A Close whose header breaks a rule is not processed; the violation makes the tester close first.
    let close = conn
        .close_seen
        .as_ref()
        .filter(|close| close.broken_header.is_none());
    let by_tester = match conn.closer {
        Closer::Target => conn.close_seen.is_some() && close.is_none(),
        // Where nobody closed, a timer of Autobahn's would have.
        Closer::Tester | Closer::Nobody => true,
    };
    if by_tester != expected.by_tester {
        return "FAILED";
    }
    // What Autobahn's library takes for a violation ends the connection without a clean close.
    let both = close.is_some_and(|close| close.legal) && conn.close_sent.is_some() && !conn.violated;
    let tcp_end = conn.end_seen.as_ref().map(|end| end.at);
    let waited = match (close.map(|close| close.at), tcp_end) {
        (Some(close), Some(end)) => end.0.saturating_sub(close.0),
        (Some(close), None) => now.0.saturating_sub(close.0).max(DROP_TIMER * 2),
        (None, _) => 0,
    };
    let kill = kill_ms.map(|ms| ms.saturating_mul(1000));
    let killed = kill.is_some_and(|kill| kill <= DROP_TIMER && waited >= late(kill));
    let dropped = waited >= late(DROP_TIMER);
    let clean = both && (killed || !dropped);
    if expected.clean && !clean {
        return "UNCLEAN";
    }
    if conn
        .last_close_code
        .is_some_and(|code| !expected.codes.contains(&code))
    {
        return "WRONG CODE";
    }
    if killed || dropped || tcp_end.is_none() || (conn.close_seen.is_some() && close.is_none()) {
        return "FAILED BY CLIENT";
    }
    "OK"
}

/// A timer with the tenth by which Autobahn's own are late.
fn late(timer: u64) -> u64 {
    timer.saturating_add(timer / 10)
}
