//! From what an instance saw to its verdict.

use wsanvil_model::{CloseReport, Finding, FindingKind, Grade, Verdict};

use crate::checks;
use crate::connection::Connection;
use crate::judge;
use crate::outcome::Outcome;

use super::Engine;

/// Folds a finished engine.
pub(super) fn of(mut engine: Engine) -> Outcome {
    take_own_rules(&mut engine);
    let autobahn = judge::judge(
        &engine.instance,
        &engine.settings,
        engine.conns.first(),
        engine.now,
    );
    let verdict = verdict(&engine);
    let reason = reason(&engine, verdict);
    let first = engine.conns.first();
    let close = first.map(close_report).unwrap_or_default();
    let server = first.and_then(|conn| conn.server.clone());
    let dropped_by_peer = engine.conns.iter().any(|conn| {
        conn.end_seen.is_some() && conn.close_seen.is_none() && !conn.dropped && !conn.half_closed
    });
    let illegal = engine
        .conns
        .iter()
        .any(|conn| conn.shadow.broken().is_some() || conn.sender.stream_spoiled());
    let raw = engine.conns.iter().any(|conn| !conn.handshake);
    let brief = !verdict.is_finding() && !engine.settings.keep_all;
    Outcome {
        verdict,
        reason,
        finding: engine.finding.filter(|_| verdict.is_finding()),
        notes: engine.notes,
        standing: dedup(engine.standing),
        autobahn,
        close,
        duration: engine.now.since(engine.started),
        barrier_round_trip: engine
            .conns
            .iter()
            .filter_map(|conn| {
                let barrier = conn.barrier.as_ref()?;
                Some(barrier.answered?.since(barrier.sent))
            })
            .max(),
        suspect: dropped_by_peer || illegal || raw,
        provisional: engine.provisional,
        dropped: dropped_by_peer,
        late_end: engine.late_end,
        timed_out: engine.timed_out,
        unreachable: engine.unreachable,
        busy: engine.conns.iter().any(Connection::is_busy),
        server,
        echoed: engine.conns.iter().any(|conn| conn.echoed),
        transcript: engine.recorder.finish(brief),
    }
}

/// Named checks, and standing rules that the case takes as its own.
fn take_own_rules(engine: &mut Engine) {
    if engine.skip.is_some() {
        return;
    }
    let case = std::sync::Arc::clone(&engine.instance.case);
    for name in &case.check {
        if !checks::is_possible(name) {
            engine.fail(
                FindingKind::Internal,
                &format!("the check {name}"),
                "it cannot be made of a server over HTTP/1.1",
                "main",
                case.line,
                None,
            );
            continue;
        }
        let hit = engine
            .standing
            .iter()
            .find(|hit| hit.rule == name)
            .map(|hit| (hit.level.cost(), hit.finding.clone()));
        let found = hit.or_else(|| {
            engine.conns.iter().find_map(|conn| {
                let found = checks::run(name, conn)?;
                Some((
                    found.grade,
                    Finding {
                        kind: FindingKind::Check,
                        rule: Some(name.clone()),
                        requirement: found.requirement.to_owned(),
                        expected: found.expected,
                        observed: found.observed,
                        on: conn.name.to_string(),
                        line: case.line,
                        offset: None,
                    },
                ))
            })
        });
        let Some((grade, finding)) = found else { continue };
        let grade = grade.min(case.level.cost());
        if grade == Grade::Note {
            engine.note(format!("{name}: {}", finding.observed), &finding.on.clone(), 0);
        } else {
            engine.grade = engine.grade.max(grade);
            engine.finding.get_or_insert(finding);
        }
    }
}

fn verdict(engine: &Engine) -> Verdict {
    if engine.skip.is_some() {
        return Verdict::Skip;
    }
    match engine.grade {
        _ if engine.error => Verdict::Error,
        Grade::Pass | Grade::Note => Verdict::Pass,
        Grade::Nonstrict => Verdict::Nonstrict,
        Grade::Fail => Verdict::Fail,
    }
}

fn reason(engine: &Engine, verdict: Verdict) -> String {
    if let Some(skip) = &engine.skip {
        return skip.clone();
    }
    match (&engine.finding, verdict) {
        (Some(finding), _) => format!("expected {}; {}", finding.expected, finding.observed),
        (None, Verdict::Pass) if engine.notes.is_empty() => "as expected".to_owned(),
        (None, Verdict::Pass) => engine
            .notes
            .first()
            .map(|note| note.text.clone())
            .unwrap_or_default(),
        (None, _) => String::new(),
    }
}

fn close_report(conn: &Connection) -> CloseReport {
    let reason = conn
        .close_seen
        .as_ref()
        .and_then(|close| close.body.get(2..))
        .map(|reason| String::from_utf8_lossy(reason).into_owned());
    CloseReport {
        by: conn.closer,
        code: conn.close_seen.as_ref().and_then(|close| close.code),
        reason: reason.unwrap_or_default(),
        clean: conn.close_seen.is_some() && conn.close_sent.is_some(),
    }
}

/// One hit per rule is evidence enough: the first of the worst.
fn dedup(mut hits: Vec<crate::outcome::StandingHit>) -> Vec<crate::outcome::StandingHit> {
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.level.cost()));
    let mut seen = std::collections::BTreeSet::new();
    hits.retain(|hit| seen.insert(hit.rule));
    hits
}
