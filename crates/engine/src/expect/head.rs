//! HTTP heads: the answer to the opening handshake.

use wsanvil_case::script::{Condition, FieldTest, HeadTest, StatusSpec};
use wsanvil_model::{FindingKind, Grade};
use wsanvil_wire::http::{ResponseHead, list_elements, trim_ows};

use crate::connection::{Connection, Stage};
use crate::lanes::DataEvent;

use super::{Met, Progress, View, alive, unexpected};

/// `response`: a head that passes the test.
pub(super) fn response(test: &HeadTest, want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    let expected = match test.status.as_slice() {
        [] => "an HTTP response".to_owned(),
        status => format!("an HTTP response {}", list(status)),
    };
    let Some(event) = conn.next_data() else {
        return view.wait(want, &expected);
    };
    let DataEvent::Response(head) = event else {
        return wrong(event, &expected);
    };
    if !test.status.is_empty() && !listed(head.status, &test.status) {
        return wrong(event, &expected);
    }
    for (name, field) in &test.has {
        if let Err(why) = has(head, name, field, conn, view) {
            return Progress::miss(
                FindingKind::WrongHead,
                &format!("{expected} with {why}"),
                shown(head, name),
                None,
            );
        }
    }
    for name in &test.lacks {
        if head.fields.get(name).is_some() {
            let expected = format!("{expected} without {name}");
            return Progress::miss(FindingKind::WrongHead, &expected, shown(head, name), None);
        }
    }
    let saves = test
        .save
        .iter()
        .filter_map(|(var, name)| Some((var.clone(), bytes::Bytes::copy_from_slice(head.fields.get(name)?))))
        .collect();
    Progress::Met(Met {
        take_data: 1,
        saves,
        ..Met::default()
    })
}

/// `accepted`: 101 and a living connection.
pub(super) fn accepted(want: &Condition, conn: &Connection, view: &View<'_>) -> Progress {
    const EXPECTED: &str = "the upgrade is accepted: 101 and a working connection";
    match conn.next_data() {
        Some(DataEvent::Response(head)) if head.status == 101 => Progress::Met(Met {
            take_data: 1,
            partial: true,
            ..Met::default()
        }),
        Some(event @ DataEvent::Response(head)) => {
            let _ = head;
            Progress::miss(FindingKind::Refused, EXPECTED, event.describe(), None)
        }
        _ if conn.stage == Stage::Frames => alive(want, conn, view),
        Some(event) => unexpected(event, EXPECTED),
        None => view.wait(want, EXPECTED),
    }
}

/// `refused`: a final status of 4xx or 5xx.
pub(super) fn refused(
    status: &[StatusSpec],
    want: &Condition,
    conn: &Connection,
    view: &View<'_>,
) -> Progress {
    let expected = match status {
        [] => "the upgrade is refused".to_owned(),
        status => format!("the upgrade is refused with {}", list(status)),
    };
    let met = |note: Option<String>, provisional: bool| {
        let grade = note.is_some().then_some(Grade::Note);
        Progress::Met(Met {
            note,
            grade,
            take_data: 1,
            provisional,
            ..Met::default()
        })
    };
    let Some(event) = conn.next_data() else {
        return view.wait(want, &expected);
    };
    match event {
        // What ends a connection that was switched is no refusal any more.
        event if conn.switched && !matches!(event, DataEvent::Response(_)) => wrong(event, &expected),
        DataEvent::Response(head) if head.status == 101 => {
            Progress::miss(FindingKind::AcceptedWrongly, &expected, event.describe(), None)
        }
        DataEvent::Response(head) if (400..600).contains(&head.status) => {
            let wrong = !status.is_empty() && !listed(head.status, status);
            let note = wrong.then(|| format!("refused with {}, {} would say why", head.status, list(status)));
            met(note, false)
        }
        DataEvent::Response(head) => met(
            Some(format!(
                "answered with {}, no refusal in HTTP's terms",
                head.status
            )),
            false,
        ),
        // That it is no head is the standing rule's to say; the connection did not become a WebSocket.
        DataEvent::NoHead {
            upgraded: false, why, ..
        } => met(Some(format!("answered in no HTTP: {why}")), false),
        // Whether it refused or died only a fresh handshake can tell.
        DataEvent::End(end) => met(Some(format!("refused by {} alone", end.describe())), true),
        _ => wrong(event, &expected),
    }
}

fn wrong(event: &DataEvent, expected: &str) -> Progress {
    match event {
        DataEvent::Response(_) | DataEvent::NoHead { .. } => Progress::miss(
            FindingKind::WrongHead,
            expected,
            event.describe(),
            super::offset_of(event),
        ),
        event => unexpected(event, expected),
    }
}

fn has(
    head: &ResponseHead,
    name: &str,
    test: &FieldTest,
    conn: &Connection,
    view: &View<'_>,
) -> Result<(), String> {
    let fill = |text: &_| view.vars.text(text, view.target, &conn.vars);
    let value = head.fields.get(name);
    let (holds, wanted) = match test {
        FieldTest::Present => (value.is_some(), format!("a field {name}")),
        FieldTest::Value(wanted) => {
            let wanted = fill(wanted);
            (value == Some(wanted.as_bytes()), format!("{name}: {wanted}"))
        }
        FieldTest::Token(wanted) => {
            let wanted = fill(wanted);
            (
                names(head, name, &wanted),
                format!("the token {wanted} in {name}"),
            )
        }
        FieldTest::Any(wanted) => {
            let wanted: Vec<String> = wanted.iter().map(fill).collect();
            let holds = wanted.iter().any(|wanted| value == Some(wanted.as_bytes()));
            (holds, format!("{name}: {}", wanted.join(" or ")))
        }
    };
    if holds { Ok(()) } else { Err(wanted) }
}

/// Whether an element of a list is this token, with or without parameters behind it.
fn names(head: &ResponseHead, name: &str, token: &str) -> bool {
    head.fields.get_all(name).flat_map(list_elements).any(|element| {
        let token_only = element.split(|octet| *octet == b';').next().unwrap_or(element);
        trim_ows(token_only).eq_ignore_ascii_case(token.as_bytes())
    })
}

fn shown(head: &ResponseHead, name: &str) -> String {
    let values: Vec<_> = head.fields.get_all(name).map(String::from_utf8_lossy).collect();
    match values.as_slice() {
        [] => format!("{} without {name}", head.status),
        values => format!("{} with {name}: {}", head.status, values.join(", ")),
    }
}

fn listed(status: u16, list: &[StatusSpec]) -> bool {
    list.iter().any(|spec| match spec {
        StatusSpec::Code(code) => *code == status,
        StatusSpec::Class(class) => status / 100 == u16::from(*class),
    })
}

fn list(status: &[StatusSpec]) -> String {
    let names: Vec<String> = status
        .iter()
        .map(|spec| match spec {
            StatusSpec::Code(code) => code.to_string(),
            StatusSpec::Class(class) => format!("{class}xx"),
        })
        .collect();
    names.join(" or ")
}
