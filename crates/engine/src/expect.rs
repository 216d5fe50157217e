//! Whether an expectation holds: pure functions of what a connection has seen, so that alternatives can be weighed
//! before anything is taken out of the lanes.

mod closing;
mod head;
mod message;

use std::time::Duration;

use wsanvil_case::script::{Condition, Kind, Span};
use wsanvil_model::{FindingKind, Grade};

use crate::connection::{Connection, Stage};
use crate::io::Time;
use crate::lanes::{DataEvent, shown};
use crate::settings::TargetFacts;
use crate::vars::Vars;

/// The requirement on the code of an answer to a Close.
pub(crate) const ANSWERED_CODE: &str = "6455-5.5.1-9";

/// What an expectation is looked at with.
pub(crate) struct View<'a> {
    /// The moment.
    pub(crate) now: Time,
    /// When the step began, or the last octet of the instance moved.
    pub(crate) since: Time,
    /// When the step began.
    pub(crate) began: Time,
    /// Deadline of a step.
    pub(crate) step_deadline: Duration,
    /// Wait where a barrier cannot go.
    pub(crate) quiet_window: Duration,
    /// Whether its absence may be right (`probe`): then a quiet window settles what a barrier cannot.
    pub(crate) probing: bool,
    /// Whether it is what the step asks for in the first place, no alternative.
    pub(crate) first: bool,
    /// Whether the case is about the code of an answer to a Close.
    pub(crate) about_answers: bool,
    /// Names.
    pub(crate) vars: &'a Vars,
    /// The target.
    pub(crate) target: &'a TargetFacts,
}

impl View<'_> {
    /// The end of the wait for a condition. What a target declares about its own times runs from the beginning of the
    /// step: Pings that it goes on sending must not put the end off for ever.
    fn deadline(&self, want: &Condition) -> Time {
        let from = match want.within_ms {
            Some(Span::Declared { .. }) => self.began,
            _ => self.since,
        };
        let within = want
            .late_ms
            .or_else(|| Some(want.within_ms.as_ref()?.ms(&self.target.declared)))
            .map_or(self.step_deadline, Duration::from_millis);
        from.after(within)
    }

    /// Waits until the deadline of `want`, then it is a miss by silence.
    fn wait(&self, want: &Condition, expected: &str) -> Progress {
        let deadline = self.deadline(want);
        if self.now < deadline {
            return Progress::Wait(deadline);
        }
        let waited = self.now.since(self.began).as_millis();
        Progress::miss(
            FindingKind::Silence,
            expected,
            format!("nothing came within {waited} ms"),
            None,
        )
    }
}

/// Where an expectation stands.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Not decided; look again at this moment at the latest.
    Wait(Time),
    /// It holds.
    Met(Met),
    /// It does not.
    Miss(Miss),
}

/// An expectation that holds.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// A remark that costs nothing.
    pub(crate) note: Option<String>,
    /// What it is worth when not a pass.
    pub(crate) grade: Option<Grade>,
    /// Events of the data lane it takes.
    pub(crate) take_data: usize,
    /// Messages owed it takes.
    pub(crate) take_owed: usize,
    /// Events of the control lane it takes.
    pub(crate) take_control: usize,
    /// Raw frames it takes.
    pub(crate) take_frames: usize,
    /// What it saves.
    pub(crate) saves: Vec<(String, bytes::Bytes)>,
    /// It rests on the end of TCP without a Close.
    pub(crate) provisional: bool,
    /// A first part holds and its events are taken; look again for the rest.
    pub(crate) partial: bool,
}

/// An expectation that does not hold.
#[derive(Debug, Clone)]
pub(crate) struct Miss {
    /// Kind of deviation.
    pub(crate) kind: FindingKind,
    /// What the step asks for.
    pub(crate) expected: String,
    /// What came.
    pub(crate) observed: String,
    /// Octet of the received stream that proves it.
    pub(crate) offset: Option<u64>,
}

impl Progress {
    /// It holds and takes the first event of the data lane.
    fn met_data() -> Self {
        Self::Met(Met {
            take_data: 1,
            ..Met::default()
        })
    }

    /// It does not hold.
    fn miss(kind: FindingKind, expected: &str, observed: impl Into<String>, offset: Option<u64>) -> Self {
        Self::Miss(Miss {
            kind,
            expected: expected.to_owned(),
            observed: observed.into(),
            offset,
        })
    }
}

/// Whether a barrier should stand behind what was sent while this is waited for.
pub(crate) fn wants_barrier(kind: &Kind, conn: &Connection) -> bool {
    match kind {
        Kind::Fail { .. } | Kind::Alive | Kind::Nothing => true,
        Kind::Accepted => conn.stage == Stage::Frames,
        _ => false,
    }
}

/// Looks at one condition on one connection.
pub(crate) fn look(want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    if matches!(conn.stage, Stage::Opening | Stage::Unopened) {
        return Progress::miss(
            FindingKind::Unreachable,
            "an open connection",
            "the connection never opened",
            None,
        );
    }
    let by_lane = !matches!(
        want.kind,
        Kind::Ping { .. } | Kind::Pong { .. } | Kind::Frame { .. } | Kind::Secured | Kind::Alive
    );
    if conn.stage == Stage::Ended && conn.next_data().is_none() && by_lane {
        return after_the_end(want);
    }
    match &want.kind {
        Kind::Echo { compressed, .. } => message::echo(*compressed, want, conn, view),
        Kind::Message { kind, payload, save } => {
            message::message(*kind, payload.as_ref(), save.as_ref(), want, conn, view)
        }
        Kind::Ping { payload, save } => {
            message::control(false, payload.as_ref(), save.as_ref(), want, conn, view)
        }
        Kind::Pong { payload, save } => {
            message::control(true, payload.as_ref(), save.as_ref(), want, conn, view)
        }
        Kind::Frame { .. } => message::frame(want, conn, view),
        Kind::Close { codes, reason } => closing::close(codes, reason.as_ref(), want, conn, view),
        Kind::Fail { codes, strict } => closing::fail(codes, *strict, want, conn, view),
        Kind::Eof { how } => closing::eof(*how, want, conn, view),
        Kind::Secured => secured(conn),
        Kind::Alert { codes } => alert(codes, want, conn, view),
        Kind::Alive => alive(want, conn, view),
        Kind::Nothing => nothing(conn, view, want),
        Kind::Response(test) => head::response(test, want, conn, view),
        Kind::Request(_) => Progress::miss(
            FindingKind::Internal,
            "an HTTP request",
            "the tester is the client on this connection",
            None,
        ),
        Kind::Accepted => head::accepted(want, conn, view),
        Kind::Refused { status } => head::refused(status, want, conn, view),
    }
}

/// Whether the strict form of a condition has its event already and waits only for what belongs to it.
pub(crate) fn claims(want: &Condition, conn: &Connection) -> bool {
    match (&want.kind, conn.next_data()) {
        (Kind::Fail { codes, .. }, Some(DataEvent::Close(close))) => closing::is_asked_for(close, codes),
        _ => false,
    }
}

/// The connection has ended and everything it brought was taken: nothing more can come.
fn after_the_end(want: &Condition) -> Progress {
    match &want.kind {
        Kind::Fail { .. } | Kind::Eof { .. } | Kind::Nothing => Progress::Met(Met::default()),
        _ => ended("an open connection"),
    }
}

/// The connection has ended, and no event is left to show for it.
fn ended(expected: &str) -> Progress {
    Progress::miss(
        FindingKind::EndedEarly,
        expected,
        "the connection has ended",
        None,
    )
}

/// `secured`: TLS was agreed. Whether it was is known when `open` is done.
fn secured(conn: &Connection) -> Progress {
    const EXPECTED: &str = "TLS is agreed";
    match conn.next_data() {
        _ if conn.secured => Progress::Met(Met::default()),
        Some(event) => unexpected(event, EXPECTED),
        None => Progress::miss(FindingKind::EndedEarly, EXPECTED, "it is not", None),
    }
}

/// `alert`: the target refuses TLS with a fatal alert.
fn alert(codes: &[u8], want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    let list: Vec<String> = codes.iter().map(u8::to_string).collect();
    let expected = match list.as_slice() {
        [] => "TLS is refused with an alert".to_owned(),
        list => format!("TLS is refused with the alert {}", list.join(" or ")),
    };
    match conn.next_data() {
        Some(DataEvent::Alert { code, .. }) if codes.is_empty() || codes.contains(code) => {
            Progress::met_data()
        }
        Some(event) => unexpected(event, &expected),
        None if conn.secured => {
            Progress::miss(FindingKind::UnexpectedEvent, &expected, "TLS is agreed", None)
        }
        None => view.wait(want, &expected),
    }
}

/// `alive`: the barrier Pong.
fn alive(want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    const EXPECTED: &str = "the connection stays open: a Ping is answered";
    if conn.barrier_answered() {
        return Progress::Met(Met::default());
    }
    match conn.next_data() {
        Some(event @ (DataEvent::Close(_) | DataEvent::End(_))) => Progress::miss(
            FindingKind::EndedEarly,
            EXPECTED,
            event.describe(),
            offset_of(event),
        ),
        _ if conn.end_seen.is_some() || conn.close_seen.is_some() => Progress::miss(
            FindingKind::EndedEarly,
            EXPECTED,
            "the connection has ended",
            None,
        ),
        _ => view.wait(want, EXPECTED),
    }
}

/// `nothing`: no event up to the barrier Pong, or for one quiet window.
fn nothing(conn: &Connection, view: &View<'_>, want: &Condition) -> Progress {
    const EXPECTED: &str = "no reaction";
    match conn.next_data() {
        Some(DataEvent::End(_)) => return Progress::met_data(),
        Some(event) => {
            return Progress::miss(
                FindingKind::UnexpectedEvent,
                EXPECTED,
                event.describe(),
                offset_of(event),
            );
        }
        None => {}
    }
    if conn.barrier_answered() {
        return Progress::Met(Met::default());
    }
    if !conn.takes_barrier() {
        let quiet = view.began.after(view.quiet_window);
        if view.now >= quiet {
            return Progress::Met(Met::default());
        }
        return Progress::Wait(quiet);
    }
    view.wait(want, EXPECTED)
}

/// Where in the octets received an event stands, when that is known.
fn offset_of(event: &DataEvent) -> Option<u64> {
    match event {
        DataEvent::Message(message) => Some(message.offset),
        DataEvent::Close(close) => Some(close.offset),
        DataEvent::NoHead { offset, .. } => Some(*offset),
        _ => None,
    }
}

/// Another event than the one wanted.
fn unexpected(event: &DataEvent, expected: &str) -> Progress {
    let kind = match event {
        DataEvent::Close(_) | DataEvent::End(_) => FindingKind::EndedEarly,
        _ => FindingKind::UnexpectedEvent,
    };
    Progress::miss(kind, expected, event.describe(), offset_of(event))
}

/// Where two runs of octets differ first, in words.
fn difference(expected: &[u8], got: &[u8]) -> String {
    let at = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    format!(
        "{} octets that differ from octet {at} on: {}",
        got.len(),
        shown(got.get(at..).unwrap_or_default())
    )
}
