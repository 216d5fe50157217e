//! The end of an instance: what is left over, the closing handshake, the release of all connections.

use std::sync::Arc;
use std::time::Duration;

use wsanvil_case::End;
use wsanvil_model::{FindingKind, Grade};

use crate::connection::{Connection, Stage};
use crate::io::{Command, EndHow, Time};
use crate::lanes::DataEvent;

use super::{Engine, Phase, Waiting};

/// How long the peer's Close and the end of TCP are waited for when nothing depends on them: long enough to tell a
/// peer that ends TCP after 1 s from one that never does.
pub const CLOSING: Duration = Duration::from_millis(1250);

impl Engine {
    /// Looks at what the current step waits for. Says whether the step is over.
    pub(super) fn look_at_wait(&mut self) -> bool {
        let Some(mut waiting) = self.waiting.take() else {
            return true;
        };
        let done = match &mut waiting {
            Waiting::Open { conns, until } => self.look_at_open(conns, *until),
            Waiting::Written {
                conns,
                until,
                blocked_ok,
                began,
            } => self.look_at_written(conns, *until, *blocked_ok, *began),
            Waiting::Expect { conns, began, left } => self.look_at_expect(conns, *began, left),
            Waiting::Pause { until } => self.now >= *until,
            Waiting::Slow {
                conns,
                octets,
                every,
                next,
                until,
            } => self.look_at_slow(conns, *octets, *every, next, *until),
        };
        if !done && self.phase == Phase::Running {
            self.waiting = Some(waiting);
        }
        done
    }

    /// When the current step has to be looked at again.
    pub(super) fn step_deadline(&self) -> Option<Time> {
        match self.waiting.as_ref()? {
            Waiting::Open { until, .. } => {
                // TCP may come late and the handshake has its own time behind it.
                Some(if self.now < *until {
                    *until
                } else {
                    self.handshake_until(*until)
                })
            }
            Waiting::Written { conns, began, .. } => Some(self.blocked_at(conns, *began)),
            Waiting::Expect { conns, began, .. } => self.expect_deadline(conns, *began),
            Waiting::Pause { until } => Some(*until),
            Waiting::Slow { next, until, .. } => Some((*next).min(*until)),
        }
    }

    /// When an opening handshake is over. Octets put it off, because TCP may come late and a request may go out in
    /// pieces, but only once: an answer that drips must not hold up the run.
    pub(super) fn handshake_until(&self, until: Time) -> Time {
        let patience = self.settings.step_deadline;
        self.moved.after(patience).clamp(until, until.after(patience))
    }

    /// Events that no step asked for are a miss at the end of the script.
    pub(super) fn check_leftovers(&mut self) {
        if self.grade == Grade::Fail || self.skip.is_some() {
            return;
        }
        let found = self.conns.iter().enumerate().find_map(|(place, conn)| {
            if conn.dropped {
                return None;
            }
            // An end that has its cause is no event of its own: a Close that went either way, a half that was closed,
            // an HTTP exchange that is over.
            let caused = conn.close_sent.is_some() || conn.close_seen.is_some() || conn.half_closed;
            let event = conn.lanes.data.iter().find(|event| match event {
                DataEvent::Close(_) => conn.close_sent.is_none(),
                DataEvent::End(_) => !caused && !conn.answered_in_http,
                _ => true,
            })?;
            let kind = match event {
                DataEvent::Close(_) | DataEvent::End(_) => FindingKind::EndedEarly,
                _ => FindingKind::UnexpectedEvent,
            };
            Some((place, kind, event.describe(), Arc::clone(&conn.name)))
        });
        if let Some((place, kind, observed, name)) = found {
            if let Some(excuse) = self.excused_by_limit(place, kind, None) {
                self.excuse(&excuse, "nothing more", &name, 0);
                return;
            }
            self.fail(kind, "nothing more", &observed, &name, 0, None);
        }
    }

    /// The script is over, one way or the other.
    pub(super) fn settle(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        self.waiting = None;
        // A late failure still counts for the second judge.
        let linger = self.grade == Grade::Fail && !self.timed_out && self.skip.is_none() && !self.error;
        self.phase = Phase::Lingering(if linger {
            self.now.after(self.settings.quiet_window)
        } else {
            self.now
        });
    }

    pub(super) fn begin_closing(&mut self) {
        let patience = if self.timed_out {
            self.settings.quiet_window
        } else {
            CLOSING
        };
        let patience = patience
            .min(self.settings.step_deadline)
            .min(self.settings.closing);
        let absolute = self
            .started
            .after(Duration::from_millis(self.instance.case.deadline_ms));
        self.phase = Phase::Closing(self.now.after(patience).min(absolute.max(self.now)));
        let end = self.instance.case.end;
        for place in 0..self.conns.len() {
            let Some(conn) = self.conns.get_mut(place) else {
                continue;
            };
            conn.release_joined();
            if conn.is_open()
                && end == End::Close
                && !conn.sender.is_inside_frame()
                && !conn.sender.stream_spoiled()
            {
                let id = conn.id;
                self.with(id, |conn, shared| {
                    conn.send_close(Some(1000), &[], shared, "end of the case");
                });
            }
        }
    }

    /// Whether nothing more is waited for.
    pub(super) fn closing_done(&mut self, until: Time) -> bool {
        if self.conns.iter().any(|conn| conn.flooded) {
            return true;
        }
        let waits = |conn: &Connection| {
            let closing = conn.close_sent.is_some() || conn.close_seen.is_some();
            conn.stage == Stage::Frames && closing && !conn.dropped
        };
        if !self.conns.iter().any(waits) {
            return true;
        }
        if self.now < until {
            return false;
        }
        let patience = self.settings.step_deadline.min(self.settings.closing);
        if self.timed_out || patience < CLOSING {
            // The wait was too short to say anything.
            return true;
        }
        let mut late = Vec::new();
        for conn in self.conns.iter().filter(|conn| waits(conn)) {
            let what = if conn.close_seen.is_none() {
                "the closing handshake was not answered within 1 s"
            } else {
                "TCP was still open 1 s after the closing handshake"
            };
            late.push((what, Arc::clone(&conn.name)));
        }
        self.late_end = !late.is_empty();
        for (what, name) in late {
            self.note(what, &name, 0);
        }
        true
    }

    /// All connections are let go and the last look is taken.
    pub(super) fn finish(&mut self) {
        self.phase = Phase::Running;
        self.check_leftovers();
        self.phase = Phase::Done;
        for conn in &self.conns {
            if conn.stage != Stage::Unopened {
                self.commands.push_back(Command::End(conn.id, EndHow::Release));
            }
        }
    }
}
