//! Expectations and probes: when they are looked at, what their outcome costs, and what is taken from the lanes.

use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::script::{Action, Kind, Span, Step, Then, Times};
use wsanvil_model::{FindingKind, Grade};

use crate::connection::{Observed, Shared};
use crate::expect::{self, Met, Miss, Progress, View};
use crate::io::Time;

use super::{Engine, Waiting};

/// How often an expectation must hold; `None`: as long as something is owed.
pub(super) fn rounds(kind: &Kind) -> Option<u32> {
    match kind {
        Kind::Echo {
            times: Times::Count(count),
            ..
        } => Some(*count),
        Kind::Echo {
            times: Times::All, ..
        } => None,
        _ => Some(1),
    }
}

/// What one look at one connection came to.
enum Looked {
    /// Not decided.
    Waits,
    /// Met, with what follows.
    Met(Then),
    /// The instance is settled.
    Settled,
}

/// What a step asks for, in words.
fn asked_for(step: &Step) -> String {
    let step = wsanvil_case::dsl(&without_alternatives(step));
    format!("what the rule asks for ({step})")
}

/// The step as the rule wants it, without what is tolerated.
fn without_alternatives(step: &Step) -> Step {
    let mut step = step.clone();
    if let Action::Expect(expect) = &mut step.action {
        expect.or.clear();
    }
    step
}

impl Engine {
    pub(super) fn begin_expecting(&mut self, step: &Step, times: Option<u32>) {
        let conns = self.resolve(&step.on);
        if conns.is_empty() {
            self.fail(
                FindingKind::Internal,
                "a connection",
                "the step names a connection that was never opened",
                "main",
                step.line,
                None,
            );
            self.settle();
            return;
        }
        for place in &conns {
            if let Some(conn) = self.conns.get_mut(*place) {
                conn.release_joined();
            }
        }
        let left = vec![times; conns.len()];
        self.waiting = Some(Waiting::Expect {
            conns,
            began: self.now,
            left,
        });
    }

    /// Looks at the connections still expected of. Says whether the step is over.
    pub(super) fn look_at_expect(
        &mut self,
        conns: &mut Vec<usize>,
        began: Time,
        left: &mut Vec<Option<u32>>,
    ) -> bool {
        let Some(step) = self.current().cloned() else {
            return true;
        };
        let mut index = 0;
        while let (Some(place), Some(times)) = (conns.get(index).copied(), left.get(index).copied()) {
            let owes = self.conns.get(place).is_some_and(|conn| !conn.owed.is_empty());
            if times == Some(0) || (times.is_none() && !owes) {
                conns.remove(index);
                left.remove(index);
                continue;
            }
            match self.look_once(&step, place, began) {
                Looked::Waits => index += 1,
                Looked::Settled => return true,
                Looked::Met(then) => {
                    if let Some(Some(times)) = left.get_mut(index) {
                        *times -= 1;
                    }
                    if then == Then::End {
                        self.follow(then);
                        return true;
                    }
                }
            }
        }
        conns.is_empty()
    }

    /// When the expectations under way have to be looked at again.
    pub(super) fn expect_deadline(&self, conns: &[usize], began: Time) -> Option<Time> {
        let step = self.current()?;
        conns
            .iter()
            .map(|place| match self.weigh(step, *place, began) {
                (Progress::Wait(at), _) => at,
                _ => self.now,
            })
            .min()
    }

    fn look_once(&mut self, step: &Step, place: usize, began: Time) -> Looked {
        self.barrier(step, place);
        let (progress, alternative) = self.weigh(step, place, began);
        let name = self
            .conns
            .get(place)
            .map_or_else(|| Arc::from("main"), |conn| Arc::clone(&conn.name));
        match progress {
            Progress::Wait(_) => Looked::Waits,
            Progress::Met(mut met) => {
                if alternative.is_none() {
                    self.mark_late(step, began, &mut met);
                }
                if met.partial {
                    self.take(place, &met);
                    if let Some(broken) = self.broken_response(&name) {
                        return self.missed(step, place, &broken, &name);
                    }
                    return self.look_once(step, place, began);
                }
                self.met(step, place, &met, alternative, &name)
            }
            Progress::Miss(miss) => self.missed(step, place, &miss, &name),
        }
    }

    /// Between `within_ms` and `late_ms` what is asked for comes with a note. The end of TCP has a moment of its own.
    fn mark_late(&self, step: &Step, began: Time, met: &mut Met) {
        let want = match &step.action {
            Action::Expect(expect) => &expect.want,
            Action::Probe(probe) => &probe.want,
            _ => return,
        };
        let (Some(Span::Ms(within)), Some(_)) = (&want.within_ms, want.late_ms) else {
            return;
        };
        let took = self.now.since(began.max(self.moved_before));
        if took > Duration::from_millis(*within) && !matches!(want.kind, Kind::Eof { .. }) {
            let note = format!("it came {} ms later, more than {within} ms", took.as_millis());
            met.note.get_or_insert(note);
            met.grade = met.grade.max(Some(Grade::Note));
        }
    }

    /// Puts a barrier behind what was sent, where the step wants one.
    fn barrier(&mut self, step: &Step, place: usize) {
        let Some(conn) = self.conns.get_mut(place) else {
            return;
        };
        let wants = match &step.action {
            // A Ping behind the one whose Pong is waited for would take its place: of several only the last needs an answer
            // (RFC 6455 section 5.5.3).
            Action::Expect(expect) if matches!(expect.want.kind, Kind::Pong { .. }) => false,
            Action::Expect(expect) => {
                expect::wants_barrier(&expect.want.kind, conn)
                    || expect
                        .or
                        .iter()
                        .any(|other| other.on.is_empty() && expect::wants_barrier(&other.want.kind, conn))
            }
            Action::Probe(probe) => {
                expect::wants_barrier(&probe.want.kind, conn)
                    || matches!(probe.want.kind, Kind::Echo { .. } | Kind::Pong { .. })
            }
            _ => false,
        };
        if wants {
            let vars = &mut self.vars;
            let mut shared = Shared {
                now: self.now,
                recorder: &mut self.recorder,
                standing: &mut self.standing,
            };
            conn.ensure_barrier(&mut shared, || vars.octets());
        }
    }

    /// Looks at the condition and its alternatives without changing anything. Gives the number of the alternative
    /// that was met.
    fn weigh(&self, step: &Step, place: usize, began: Time) -> (Progress, Option<usize>) {
        let Some(conn) = self.conns.get(place) else {
            return (Progress::Met(Met::default()), None);
        };
        let view = View {
            now: self.now,
            since: began.max(self.moved),
            began,
            step_deadline: self.settings.step_deadline,
            quiet_window: self.settings.quiet_window,
            probing: matches!(step.action, Action::Probe(_)),
            first: true,
            about_answers: self
                .instance
                .case
                .spec
                .iter()
                .any(|id| id == expect::ANSWERED_CODE),
            vars: &self.vars,
            target: &self.settings.target,
        };
        let (want, others) = match &step.action {
            Action::Expect(expect) => (&expect.want, expect.or.as_slice()),
            Action::Probe(probe) => (&probe.want, &[][..]),
            _ => return (Progress::Met(Met::default()), None),
        };
        let main = expect::look(want, conn, &view);
        // The tolerated forms of an expectation come behind its alternatives; its strict form comes first, even while
        // the end of TCP is still waited for.
        let tolerated = matches!(&main, Progress::Met(met) if met.grade.is_some());
        let strict = matches!(main, Progress::Met(_)) && !tolerated;
        if strict || others.is_empty() || expect::claims(want, conn) {
            return (main, None);
        }
        let mut waiting = None;
        let view = View { first: false, ..view };
        for (index, other) in others.iter().enumerate() {
            let on = if other.on.is_empty() {
                vec![place]
            } else {
                self.resolve(&other.on)
            };
            for conn in on.iter().filter_map(|place| self.conns.get(*place)) {
                match expect::look(&other.want, conn, &view) {
                    Progress::Met(met) => return (Progress::Met(met), Some(index)),
                    Progress::Wait(at) => waiting = Some(waiting.map_or(at, |other: Time| other.min(at))),
                    Progress::Miss(_) => {}
                }
            }
        }
        match (main, waiting) {
            (Progress::Miss(_), Some(at)) => (Progress::Wait(at), None),
            (Progress::Wait(at), Some(other)) => (Progress::Wait(at.min(other)), None),
            (main, _) => (main, None),
        }
    }

    fn met(
        &mut self,
        step: &Step,
        place: usize,
        met: &Met,
        alternative: Option<usize>,
        name: &str,
    ) -> Looked {
        let (grade, note, then) = match &step.action {
            Action::Expect(expect) => match alternative.and_then(|index| expect.or.get(index)) {
                Some(other) => {
                    let note = other.note.clone().or_else(|| met.note.clone());
                    (
                        other.grade.max(met.grade.unwrap_or(Grade::Pass)),
                        note,
                        other.then,
                    )
                }
                None => (met.grade.unwrap_or(Grade::Pass), met.note.clone(), Then::Continue),
            },
            Action::Probe(probe) => {
                let note = met.note.clone().or_else(|| step.note.clone());
                (probe.seen.max(met.grade.unwrap_or(Grade::Pass)), note, probe.then)
            }
            _ => (Grade::Pass, None, Then::Continue),
        };
        if grade > Grade::Note && self.is_put_off(step, place, &asked_for(step), name) {
            return Looked::Settled;
        }
        self.provisional |= met.provisional;
        let on_other = match &step.action {
            Action::Expect(expect) => alternative
                .and_then(|index| expect.or.get(index))
                .filter(|other| !other.on.is_empty())
                .map(|other| self.resolve(&other.on)),
            _ => None,
        };
        match on_other.as_deref() {
            Some([other, ..]) => self.take(*other, met),
            _ => self.take(place, met),
        }
        let what = note
            .or_else(|| step.note.clone())
            .unwrap_or_else(|| "a tolerated answer".to_owned());
        match grade {
            Grade::Pass => {}
            Grade::Note => self.note(what, name, step.line),
            Grade::Nonstrict | Grade::Fail => {
                self.miss_with(
                    grade,
                    FindingKind::UnexpectedEvent,
                    &asked_for(step),
                    &what,
                    name,
                    step.line,
                    None,
                );
                if grade == Grade::Fail {
                    self.settle();
                    return Looked::Settled;
                }
            }
        }
        Looked::Met(then)
    }

    fn missed(&mut self, step: &Step, place: usize, miss: &Miss, name: &str) -> Looked {
        if let Action::Probe(probe) = &step.action {
            if let Some(label) = &probe.window
                && let Some(conn) = self.conns.get_mut(place)
                && conn.is_open()
            {
                conn.observed.push(Observed::Timeout(label.clone()));
            }
            let what = step
                .note
                .clone()
                .unwrap_or_else(|| format!("{} did not come: {}", miss.expected, miss.observed));
            match probe.missed {
                Grade::Pass => {}
                Grade::Note => self.note(what, name, step.line),
                cost => {
                    self.miss_with(
                        cost,
                        miss.kind,
                        &miss.expected,
                        &miss.observed,
                        name,
                        step.line,
                        miss.offset,
                    );
                    if cost == Grade::Fail {
                        self.settle();
                        return Looked::Settled;
                    }
                }
            }
            return Looked::Met(Then::Continue);
        }
        if let Some(excuse) = self.excused_by_limit(place, miss.kind, Some(step)) {
            self.excuse(&excuse, &miss.expected, name, step.line);
            self.settle();
            return Looked::Settled;
        }
        if self.is_put_off(step, place, &miss.expected, name) {
            return Looked::Settled;
        }
        self.fail(
            miss.kind,
            &miss.expected,
            &miss.observed,
            name,
            step.line,
            miss.offset,
        );
        self.settle();
        Looked::Settled
    }

    /// A standing rule of the response that was broken on this connection.
    fn broken_response(&self, name: &str) -> Option<Miss> {
        let hit = self
            .standing
            .iter()
            .find(|hit| hit.rule.starts_with("response") && hit.finding.on == name)?;
        Some(Miss {
            kind: FindingKind::WrongHead,
            expected: "a valid 101 response".to_owned(),
            observed: hit.finding.observed.clone(),
            offset: hit.finding.offset,
        })
    }

    /// Takes out of the lanes what was met.
    fn take(&mut self, place: usize, met: &Met) {
        let Some(conn) = self.conns.get_mut(place) else {
            return;
        };
        let lanes = &mut conn.lanes;
        lanes.data.drain(..met.take_data.min(lanes.data.len()));
        lanes.control.drain(..met.take_control.min(lanes.control.len()));
        lanes.frames.drain(..met.take_frames.min(lanes.frames.len()));
        conn.owed.drain(..met.take_owed.min(conn.owed.len()));
        self.vars.saved.extend(met.saves.iter().cloned());
    }
}
