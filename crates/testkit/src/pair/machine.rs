//! What the pair asks of an engine.

use wsanvil_engine::{Command, Engine, Input, Time};

/// A state machine that is driven by inputs and the time. The engine is one; tests of the pair bring their own.
pub trait Machine {
    /// Begins.
    fn start(&mut self, now: Time);

    /// Something happened.
    fn handle(&mut self, now: Time, input: Input<'_>);

    /// The next command.
    fn poll(&mut self) -> Option<Command>;

    /// When a tick is due at the latest.
    fn deadline(&self) -> Option<Time>;

    /// Whether it came to its end.
    fn finished(&self) -> bool;
}

impl Machine for Engine {
    fn start(&mut self, now: Time) {
        Engine::start(self, now);
    }

    fn handle(&mut self, now: Time, input: Input<'_>) {
        Engine::handle(self, now, input);
    }

    fn poll(&mut self) -> Option<Command> {
        Engine::poll(self)
    }

    fn deadline(&self) -> Option<Time> {
        Engine::deadline(self)
    }

    fn finished(&self) -> bool {
        Engine::finished(self)
    }
}
