//! Control frames of the peer, and the tester's own answers.

use bytes::Bytes;
use wsanvil_model::Closer;
use wsanvil_wire::Rule;
use wsanvil_wire::close::parse_body;

use crate::lanes::{CloseSeen, ControlEvent, DataEvent};
use crate::standing;

use super::mangled::is_mangled;
use super::{Connection, Observed, Shared};

/// Control events kept for expectations; a flood of them is counted, not kept.
const KEPT_CONTROL: usize = 4096;

/// Remark on the Pong of the tester's own barrier.
pub(super) const BARRIER: &str = "barrier";

/// Remark on a Pong that nobody asked for.
const UNSOLICITED: &str = "unsolicited";

/// Pings remembered to know which Pong answers which.
const KEPT_PINGS: usize = 1024;

impl Connection {
    /// A Ping came.
    pub(super) fn ping(&mut self, payload: Bytes, shared: &mut Shared<'_>) {
        // A peer that sends everything back sends back our barrier. To answer that would be to answer ourselves.
        let own = self
            .barrier
            .as_ref()
            .is_some_and(|barrier| barrier.nonce == payload);
        if self.auto_pong && self.is_open() && !self.sender.is_inside_frame() && !own {
            self.send_pong(payload.clone(), shared);
        }
        self.keep_control(ControlEvent::Ping(payload));
    }

    /// A Pong came. Gives the remark for the transcript.
    pub(super) fn pong(&mut self, payload: Bytes, offset: u64, shared: &mut Shared<'_>) -> &'static str {
        self.sender.pong_came(&payload, shared.now);
        let mut remark = "";
        if let Some(barrier) = &mut self.barrier
            && barrier.answered.is_none()
            && barrier.nonce == payload
        {
            barrier.answered = Some(shared.now);
            if !barrier.of_script {
                return BARRIER;
            }
            remark = "serves as barrier";
        } else if self.is_barrier_nonce(&payload) {
            // Late, or once more.
            return BARRIER;
        }
        if let Some(index) = self.pings_sent.iter().position(|ping| *ping == payload) {
            for passed in self.pings_sent.drain(..=index).take(index) {
                self.pings_passed.push_back(passed);
            }
            self.pings_answered.push_back(payload.clone());
            for kept in [&mut self.pings_passed, &mut self.pings_answered] {
                let surplus = kept.len().saturating_sub(KEPT_PINGS);
                kept.drain(..surplus);
            }
        } else if let Some(index) = self.pings_passed.iter().position(|ping| *ping == payload) {
            self.pings_passed.remove(index);
            shared.hit(standing::pong_order(&self.name, offset));
        } else {
            remark = UNSOLICITED;
            if self.is_mangled_answer(&payload) {
                shared.hit(standing::pong_payload(&self.name, offset));
            }
        }
        // A Pong that answers nothing, while only a barrier is open, may be its answer, mangled: no event of the script.
        let open = self
            .barrier
            .as_ref()
            .is_some_and(|barrier| !barrier.of_script && barrier.answered.is_none());
        if !(open && remark == UNSOLICITED && self.pings_sent.is_empty()) {
            self.observed.push(Observed::Pong(payload.clone()));
        }
        self.keep_control(ControlEvent::Pong(payload));
        remark
    }

    /// Whether a Pong that answers nothing was made from a Ping that waits for its answer. A Ping that broke a rule, or came
    /// behind one, is owed none; one answered already may be answered again, as any Pong may be sent.
    fn is_mangled_answer(&self, pong: &Bytes) -> bool {
        let barrier = self
            .barrier
            .iter()
            .filter(|barrier| barrier.answered.is_none())
            .map(|barrier| &barrier.nonce);
        self.shadow.broken().is_none()
            && !self.pings_answered.contains(pong)
            && barrier.chain(&self.pings_sent).any(|ping| is_mangled(ping, pong))
    }

    /// Keeps the latest events: what a script waits for is not the oldest of thousands it passed over.
    fn keep_control(&mut self, event: ControlEvent) {
        if self.lanes.control.len() >= KEPT_CONTROL {
            self.lanes.control.pop_front();
        }
        self.lanes.control.push_back(event);
    }

    /// A Ping went out.
    pub(super) fn ping_went(&mut self, payload: Bytes) {
        self.pings_sent.push_back(payload);
        if self.pings_sent.len() > KEPT_PINGS {
            self.pings_sent.pop_front();
        }
    }

    /// A Close came.
    pub(super) fn close(
        &mut self,
        body: Bytes,
        offset: u64,
        broken_header: Option<Rule>,
        shared: &mut Shared<'_>,
    ) {
        let broken = parse_body(&body).err();
        if let Some(rule) = &broken {
            self.violated = true;
            shared.hit(standing::frame(rule, &self.name, offset));
        }
        let code = body.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
        if broken_header.is_none() {
            self.last_close_code = code;
        }
        if self.close_seen.is_some() {
            shared.hit(standing::frame(&Rule::CloseTwice, &self.name, offset));
            return;
        }
        let close = CloseSeen {
            body,
            code,
            legal: broken.is_none(),
            broken_header,
            at: shared.now,
            offset,
        };
        if self.closer == Closer::Nobody {
            self.closer = Closer::Target;
        }
        if self.auto_close && self.close_sent.is_none() && self.can_send() && !self.sender.is_inside_frame() {
            // The code is echoed when it is one that may be sent (RFC 6455 5.5.1).
            let code = if close.legal { code } else { Some(1002) };
            self.send_close(code, &[], shared, "answer");
        }
        self.close_seen = Some(close.clone());
        self.lanes.data.push_back(DataEvent::Close(close));
    }
}
