//! Scheduling of wsanvil cases: jobs, liveness, retries; emits the event stream.
//!
//! [`run`] drives one engine per instance over real transports, several at once, and never trusts a verdict that a dead
//! target could have made: what rests on the end of a connection is confirmed by a later conversation, and what died is
//! found by running the suspects singly.

mod contact;
mod convert;
mod drive;
mod evidence;
mod needs;
mod pace;
mod plan;
mod pulse;
mod reference;
mod schedule;
mod standing;
mod usage;
mod worker;

pub use contact::refusal;
pub use drive::{Machine, Opening, Source, drive};
pub use plan::{Plan, RunError, Stop};
pub use reference::serve;
pub use schedule::run;
pub use standing::{StandingCase, standing_cases};

impl Machine for wsanvil_engine::Engine {
    fn start(&mut self, now: wsanvil_engine::Time) {
        Self::start(self, now);
    }

    fn handle(&mut self, now: wsanvil_engine::Time, input: wsanvil_engine::Input<'_>) {
        Self::handle(self, now, input);
    }

    fn poll(&mut self) -> Option<wsanvil_engine::Command> {
        Self::poll(self)
    }

    fn deadline(&self) -> Option<wsanvil_engine::Time> {
        Self::deadline(self)
    }

    fn finished(&self) -> bool {
        Self::finished(self)
    }
}
