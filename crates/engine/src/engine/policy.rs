//! What a target may refuse for reasons of its own: messages beyond a limit that nobody declared, and work when it is
//! busy. Such an answer breaks no rule (RFC 6455 sections 7.4.1 and 10.4, RFC 9110 section 15).

use wsanvil_case::script::{Action, Kind, Step};
use wsanvil_model::{FindingKind, Grade};

use crate::connection::Connection;
use crate::lanes::DataEvent;

use super::Engine;

/// Octets of a message from which on a limit explains that it is refused.
const LARGE: u64 = 1024;
/// Fragments of a message from which on a limit explains that it is refused.
const MANY: u64 = 64;
/// Octets of a message from which on a limit may explain even the end of TCP without a Close.
const HUGE: u64 = 64 << 10;

/// A miss that a limit explains.
pub(super) struct Excuse {
    /// What it costs all the same.
    pub(super) grade: Grade,
    /// Why.
    pub(super) note: String,
}

impl Engine {
    /// Whether a limit of the target explains that the connection ended in place of what the step expected.
    pub(super) fn excused_by_limit(
        &self,
        place: usize,
        kind: FindingKind,
        step: Option<&Step>,
    ) -> Option<Excuse> {
        if !matches!(kind, FindingKind::EndedEarly | FindingKind::WrongCloseCode) {
            return None;
        }
        let conn = self.conns.get(place)?;
        let (octets, fragments) = conn.largest_unanswered();
        let octets = octets.max(step.map_or(0, |step| self.octets_wanted(step, conn)));
        let declared = ["max_message", "max_frame"]
            .iter()
            .filter_map(|name| self.settings.target.declared.get(*name)?.parse::<u64>().ok())
            .min();
        // What the target was declared to take is no matter of a limit.
        let beyond = |least: u64| octets >= least && declared.is_none_or(|declared| octets > declared);
        let size = if fragments > MANY {
            format!("{octets} octets in {fragments} fragments")
        } else {
            format!("{octets} octets")
        };
        let code = conn.close_seen.as_ref().map(|close| close.code);
        match code {
            Some(Some(code @ (1008 | 1009))) if beyond(LARGE) || fragments > MANY => Some(Excuse {
                grade: Grade::Note,
                note: format!(
                    "refused a message of {size} with {code}; no limit is declared that forbids it"
                ),
            }),
            None if conn.end_seen.is_some() && beyond(HUGE) => Some(Excuse {
                grade: Grade::Nonstrict,
                note: format!(
                    "ended TCP over a message of {size}, without the Close 1009 that names a limit"
                ),
            }),
            _ => None,
        }
    }

    /// Octets of the message that a step waits for.
    fn octets_wanted(&self, step: &Step, conn: &Connection) -> u64 {
        let Action::Expect(expect) = &step.action else {
            return 0;
        };
        match &expect.want.kind {
            Kind::Message {
                payload: Some(payload),
                ..
            } => {
                let target = &self.settings.target;
                self.vars.expected(payload, target, &conn.vars).len()
            }
            _ => 0,
        }
    }

    /// The miss costs what its excuse leaves.
    pub(super) fn excuse(&mut self, excuse: &Excuse, expected: &str, on: &str, line: u32) {
        let cost = excuse.grade.min(self.instance.case.level.cost());
        if cost == Grade::Note {
            self.note(excuse.note.clone(), on, line);
        } else {
            let kind = FindingKind::EndedEarly;
            self.provisional = true;
            self.miss_with(cost, kind, expected, &excuse.note, on, line, None);
        }
    }

    /// Whether what came only shows that the target has no room or no time now: nothing is known about the rule then, and
    /// the case is in error. Only a refusal is what it is, whatever the reason.
    pub(super) fn is_put_off(&mut self, step: &Step, place: usize, expected: &str, name: &str) -> bool {
        let put_off = self.conns.get(place).is_some_and(Connection::is_put_off);
        if !put_off || !matches!(step.action, Action::Expect(_)) {
            return false;
        }
        let observed = "the target put the tester off: 429, 502, 503 or 504";
        let unreachable = FindingKind::Unreachable;
        self.miss_with(
            Grade::Fail,
            unreachable,
            expected,
            observed,
            name,
            step.line,
            None,
        );
        self.settle();
        true
    }
}

impl Connection {
    /// Whether the answer to the opening handshake is to try later, or that a server behind this one is not there
    /// (RFC 6585 section 4, RFC 9110 sections 15.6.3 to 15.6.5).
    pub(crate) fn is_put_off(&self) -> bool {
        matches!(self.next_data(), Some(DataEvent::Response(head)) if matches!(head.status, 429 | 502..=504))
    }

    /// Whether the target says that it has no time.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.next_data(), Some(DataEvent::Response(head)) if matches!(head.status, 429 | 503))
    }

    /// Octets and fragments of the largest message that was sent and has not come back, whole or not.
    fn largest_unanswered(&self) -> (u64, u64) {
        let whole = self.owed.iter().map(|owed| (owed.content.len(), owed.fragments));
        let all = whole.chain(self.shadow.unfinished());
        all.fold((0, 0), |most, one| (most.0.max(one.0), most.1.max(one.1)))
    }
}
