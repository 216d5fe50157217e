//! Close frames, failed connections and the end of TCP.

use std::time::Duration;

use wsanvil_case::script::{CodeSpec, Condition, EndKind, Payload, Span};
use wsanvil_model::{Closer, FindingKind, Grade};
use wsanvil_wire::Rule;

use crate::connection::Connection;
use crate::lanes::{CloseSeen, DataEvent, shown};

use super::{Met, Progress, View, unexpected};

/// How soon TCP should end behind a Close (RFC 6455 7.1.1 says immediately).
const TCP_END: Duration = Duration::from_secs(1);

/// How late that end may be at all.
const LATE_END: Duration = Duration::from_secs(10);

/// How long behind an answered barrier a failure still counts, at least.
const LATE_FAILURE: Duration = Duration::from_millis(200);

/// `close`: a Close with one of these codes.
pub(super) fn close(
    codes: &[CodeSpec],
    reason: Option<&Payload>,
    want: &Condition,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    let expected = if codes.is_empty() {
        "a Close".to_owned()
    } else {
        format!("a Close with {}", list(codes))
    };
    let Some(event) = conn.next_data() else {
        return view.wait(want, &expected);
    };
    let DataEvent::Close(close) = event else {
        return unexpected(event, &expected);
    };
    let offset = Some(close.offset);
    let answered = if listed(close, codes) || (codes.is_empty() && close.legal) {
        None
    } else if let Some(grade) = answers_in_its_own_way(close, conn, view) {
        Some(grade)
    } else {
        return Progress::miss(FindingKind::WrongCloseCode, &expected, close.describe(), offset);
    };
    if let Some(reason) = reason {
        let wanted = view.octets(reason, conn);
        let came = close.body.get(2..).unwrap_or_default();
        if wanted != came {
            let expected = format!("{expected} and the reason {}", shown(&wanted));
            return Progress::miss(FindingKind::WrongContent, &expected, close.describe(), offset);
        }
    }
    Progress::Met(Met {
        note: answered.map(|_| format!("the Close was answered with another code: {}", close.describe())),
        grade: answered,
        take_data: 1,
        ..Met::default()
    })
}

/// What a Close costs that answers the tester's own with a code not asked for: an endpoint "typically" repeats the code
/// (RFC 6455 section 5.5.1), so another one breaks no rule, and only a case about these codes says more than a note. 1001
/// is the usual other one. A code that accuses the tester of an error is no answer, and alternatives mean their own codes.
fn answers_in_its_own_way(close: &CloseSeen, conn: &Connection, view: &View<'_>) -> Option<Grade> {
    let answers = conn.closer == Closer::Tester && conn.shadow.broken().is_none();
    match close.code {
        _ if !answers || !view.first || !close.legal || close.broken_header.is_some() => None,
        Some(1002 | 1003 | 1007 | 1009 | 1010) => None,
        None | Some(1000 | 1001) => Some(Grade::Note),
        Some(_) if view.about_answers => Some(Grade::Nonstrict),
        Some(_) => Some(Grade::Note),
    }
}

/// `fail`: the peer fails the connection.
pub(super) fn fail(
    codes: &[CodeSpec],
    strict: bool,
    want: &Condition,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    let expected = match codes {
        [] => "the peer fails the connection".to_owned(),
        codes => format!("the peer fails the connection, with {}", list(codes)),
    };
    let lenient = if strict { Grade::Nonstrict } else { Grade::Note };
    match conn.next_data() {
        Some(DataEvent::Close(close)) => failed_by_close(close, codes, lenient, &expected, conn, view),
        Some(DataEvent::End(end)) => Progress::Met(Met {
            note: Some(format!("failed by {} alone, without a Close", end.describe())),
            grade: Some(lenient),
            take_data: 1,
            provisional: true,
            ..Met::default()
        }),
        Some(event) => Progress::miss(
            FindingKind::NotFailed,
            &expected,
            event.describe(),
            super::offset_of(event),
        ),
        None if conn.barrier_answered() => {
            let answered = conn
                .barrier
                .as_ref()
                .and_then(|barrier| barrier.answered)
                .unwrap_or(view.now);
            // Some peers answer Pings before they look at the message that came first.
            // A probe that is missed costs little; an expectation that is missed is a verdict.
            let patience = if view.probing {
                view.quiet_window
            } else {
                view.quiet_window.max(LATE_FAILURE)
            };
            let late = answered.after(patience);
            if view.now < late {
                return Progress::Wait(late);
            }
            let observed = "the connection stays open: a later Ping was answered";
            Progress::miss(FindingKind::NotFailed, &expected, observed, None)
        }
        None if view.probing && !conn.takes_barrier() => {
            let quiet = view.began.after(view.quiet_window);
            if view.now >= quiet {
                return Progress::miss(
                    FindingKind::NotFailed,
                    &expected,
                    "no reaction in a quiet window",
                    None,
                );
            }
            Progress::Wait(quiet)
        }
        None => view.wait(want, &expected),
    }
}

/// Whether a Close fails the connection just as the step asks.
pub(super) fn is_asked_for(close: &CloseSeen, codes: &[CodeSpec]) -> bool {
    !is_another(close) && (listed(close, codes) || (codes.is_empty() && close.legal))
}

/// Whether the frame is no Close of the peer's: the script's own broken Close sent back. Masking is the matter of its
/// standing rule.
fn is_another(close: &CloseSeen) -> bool {
    close
        .broken_header
        .as_ref()
        .is_some_and(|rule| !matches!(rule, Rule::MaskPresent | Rule::MaskMissing))
}

/// A Close came: its code is graded, and TCP should end soon.
fn failed_by_close(
    close: &CloseSeen,
    codes: &[CodeSpec],
    lenient: Grade,
    expected: &str,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    if let Some(rule) = &close.broken_header
        && is_another(close)
    {
        let observed = format!("a Close frame that is itself illegal: {rule}");
        return Progress::miss(FindingKind::NotFailed, expected, observed, Some(close.offset));
    }
    if !close.legal && !listed(close, codes) {
        return Progress::miss(
            FindingKind::WrongCloseCode,
            expected,
            close.describe(),
            Some(close.offset),
        );
    }
    let wrong_code = !codes.is_empty() && !listed(close, codes);
    let mut note = wrong_code.then(|| format!("failed with {}, expected {}", close.describe(), list(codes)));
    let mut take_data = 1;
    if conn.end_seen.is_some() {
        take_data = conn.lanes.data.len();
    } else {
        // Octets that still move push the end back, but not for ever.
        let last = view.began.max(close.at).after(LATE_END);
        let deadline = view.since.max(close.at).after(TCP_END).min(last);
        if view.now < deadline {
            return Progress::Wait(deadline);
        }
        note.get_or_insert_with(|| "TCP was still open 1 s after the Close".to_owned());
    }
    let grade = if wrong_code {
        Some(lenient)
    } else {
        note.is_some().then_some(Grade::Note)
    };
    Progress::Met(Met {
        note,
        grade,
        take_data,
        ..Met::default()
    })
}

/// `eof`: TCP ends.
pub(super) fn eof(how: Option<EndKind>, want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    const EXPECTED: &str = "the end of TCP";
    let Some(event) = conn.next_data() else {
        return view.wait(want, EXPECTED);
    };
    let DataEvent::End(end) = event else {
        return unexpected(event, EXPECTED);
    };
    let mut note = None;
    if let (Some(Span::Ms(within)), Some(_)) = (&want.within_ms, want.late_ms) {
        let took = end.at.since(view.since);
        if took > Duration::from_millis(*within) {
            note = Some(format!(
                "TCP ended {} ms later, more than {within} ms",
                took.as_millis()
            ));
        }
    }
    if let Some(how) = how
        && how != end.how
    {
        note.get_or_insert_with(|| format!("it ended by {}", end.describe()));
    }
    let grade = note.is_some().then_some(Grade::Note);
    Progress::Met(Met {
        note,
        grade,
        take_data: 1,
        ..Met::default()
    })
}

/// Whether a Close is on the list.
fn listed(close: &CloseSeen, codes: &[CodeSpec]) -> bool {
    codes.iter().any(|spec| match spec {
        CodeSpec::Code(code) => close.code == Some(*code),
        CodeSpec::None => close.body.is_empty(),
    })
}

/// Codes for a sentence.
fn list(codes: &[CodeSpec]) -> String {
    let names: Vec<String> = codes
        .iter()
        .map(|spec| match spec {
            CodeSpec::Code(code) => code.to_string(),
            CodeSpec::None => "no code".to_owned(),
        })
        .collect();
    names.join(" or ")
}
