//! Driving one engine over real transports.
//!
//! One future, no tasks, no channels: the round trip of a small message costs one receive and one send, and a run has
//! hundreds of thousands of them. The connections of an instance are few, so all of them are polled on every turn;
//! tokio knows which of them are ready without a system call.

mod link;
mod source;

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::{Sleep, sleep_until};
use wsanvil_engine::{Command, ConnId, Input, Time};
use wsanvil_net::ConnectOptions;

use self::link::{Link, Read, Written};
pub use self::source::{Opening, Source};

/// Size of the buffer that all connections of a worker read into.
const BUFFER: usize = 64 * 1024;
/// Where a deadline beyond what the clock can express is put.
const FAR: Duration = Duration::from_secs(24 * 60 * 60);

/// What is driven: the engine, or a script in a test.
pub trait Machine {
    /// Begins. Called once, first.
    fn start(&mut self, now: Time);
    /// Tells what happened.
    fn handle(&mut self, now: Time, input: Input<'_>);
    /// The next command; called until there is none after `start` and after every `handle`.
    fn poll(&mut self) -> Option<Command>;
    /// When to call `handle` with [`Input::Tick`] at the latest.
    fn deadline(&self) -> Option<Time>;
    /// Whether all is said.
    fn finished(&self) -> bool;
}

/// Drives `machine` until it has finished, then releases its connections and returns it.
///
/// `origin` is the moment that [`Time`] 0 stands for. `buffer` is scratch space of the worker, grown to 64 KiB once;
/// its content means nothing. Dropping the future closes every connection.
pub async fn drive<M: Machine, S: Source>(
    machine: M,
    source: &S,
    origin: Instant,
    buffer: &mut Vec<u8>,
) -> M {
    if buffer.len() < BUFFER {
        buffer.resize(BUFFER, 0);
    }
    let mut drive = Drive {
        machine,
        source,
        origin,
        buffer,
        links: Vec::new(),
        timer: Timer::default(),
        turn: 0,
    };
    drive.machine.start(drive.now());
    poll_fn(|cx| drive.poll(cx)).await;
    for link in drive.links {
        link.release();
    }
    drive.machine
}

struct Drive<'a, M, S> {
    machine: M,
    source: &'a S,
    origin: Instant,
    buffer: &'a mut Vec<u8>,
    links: Vec<Link<'a>>,
    timer: Timer,
    /// Counts calls of `poll`; two writes of one connection never share one.
    turn: u64,
}

impl<'a, M: Machine, S: Source> Drive<'a, M, S> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.turn += 1;
        let mut ticked = false;
        loop {
            let mut moved = self.obey();
            let mut rest = false;
            for index in 0..self.links.len() {
                let (more, left) = self.advance(index, cx);
                moved |= more;
                rest |= left;
            }
            self.links.retain(|link| !link.is_gone());
            if self.machine.finished() {
                // Writes that were asked for before the end are still owed, as far as the peer takes them.
                if !moved && !rest {
                    return Poll::Ready(());
                }
            } else if self.is_due(moved, cx) {
                // A deadline that a Tick did not move is due again, but not in the same turn.
                if ticked {
                    rest = true;
                } else {
                    ticked = true;
                    moved = true;
                    self.machine.handle(self.now(), Input::Tick);
                }
            }
            if moved {
                continue;
            }
            if rest {
                yield_turn(cx);
            }
            return Poll::Pending;
        }
    }

    /// Takes all commands; whether there were any.
    fn obey(&mut self) -> bool {
        let mut any = false;
        while let Some(command) = self.machine.poll() {
            any = true;
            match command {
                Command::Open {
                    conn,
                    security,
                    recv_buffer,
                    send_buffer,
                    within,
                } => {
                    let options = ConnectOptions {
                        recv_buffer,
                        send_buffer,
                        within,
                    };
                    self.links
                        .push(Link::opening(conn, self.source.open(options, security)));
                }
                Command::Write(conn, octets) => {
                    if let Some(link) = self.link(conn) {
                        link.write(octets);
                    }
                }
                Command::End(conn, how) => {
                    if let Some(link) = self.link(conn) {
                        link.end(how);
                    }
                }
                Command::Read(conn, mode) => {
                    if let Some(link) = self.link(conn) {
                        link.read(mode);
                    }
                }
            }
        }
        any
    }
    /// Moves one connection on: whether something happened, and whether something is left for the next turn.
    fn advance(&mut self, index: usize, cx: &mut Context<'_>) -> (bool, bool) {
        let turn = self.turn;
        let conn = self.links[index].id();
        if let Some(opened) = self.links[index].poll_open(cx) {
            let input = match opened {
                Ok(()) => Input::Opened(conn),
                Err(error) => Input::OpenFailed(conn, error),
            };
            self.tell(input);
            return (true, false);
        }
        let (mut moved, mut rest) = (true, false);
        match self.links[index].poll_write(cx, turn) {
            Written::Octets(n) => self.tell(Input::Wrote(conn, n)),
            Written::Broke(why) => self.tell(Input::Reset(conn, why)),
            Written::Moved => {}
            Written::Idle => moved = false,
            Written::NextTurn => (moved, rest) = (false, true),
        }
        if self.machine.finished() {
            return (moved, rest);
        }
        match self.links[index].poll_read(cx, turn, self.buffer) {
            Read::Octets(n) => {
                let now = self.now();
                self.machine
                    .handle(now, Input::Received(conn, &mut self.buffer[..n]));
                self.obey();
                moved = true;
            }
            Read::Fin => {
                self.tell(Input::Fin(conn));
                moved = true;
            }
            Read::Cut => {
                self.tell(Input::Cut(conn));
                moved = true;
            }
            Read::Reset(why) => {
                self.tell(Input::Reset(conn, why));
                moved = true;
            }
            Read::NextTurn => rest = true,
            Read::Idle => {}
        }
        (moved, rest)
    }

    fn tell(&mut self, input: Input<'_>) {
        self.machine.handle(self.now(), input);
        self.obey();
    }

    fn link(&mut self, conn: ConnId) -> Option<&mut Link<'a>> {
        self.links.iter_mut().find(|link| link.id() == conn)
    }

    fn now(&self) -> Time {
        Time::default().after(self.origin.elapsed())
    }

    /// Whether the deadline has passed. When there is time to sleep, the timer is set.
    fn is_due(&mut self, busy: bool, cx: &mut Context<'_>) -> bool {
        let Some(due) = self.machine.deadline() else {
            return false;
        };
        if busy {
            due <= self.now()
        } else {
            self.timer.poll(self.origin, due, cx)
        }
    }
}

/// The one timer of a drive. Deadlines move with every octet, nearly always back; so the timer is left where it is
/// when it is early, and set anew only when it has fired.
#[derive(Default)]
struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// What it is set to, until it fires.
    armed: Option<Time>,
}

impl Timer {
    /// Whether `due` has passed; otherwise the task is woken then at the latest.
    fn poll(&mut self, origin: Instant, due: Time, cx: &mut Context<'_>) -> bool {
        loop {
            if due <= Time::default().after(origin.elapsed()) {
                return true;
            }
            let at = || {
                let at = origin.checked_add(Duration::from_micros(due.0));
                at.unwrap_or_else(|| Instant::now() + FAR).into()
            };
            let sleep = self.sleep.get_or_insert_with(|| {
                self.armed = Some(due);
                Box::pin(sleep_until(at()))
            });
            if self.armed.is_none_or(|armed| due < armed) {
                self.armed = Some(due);
                sleep.as_mut().reset(at());
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.armed = None;
        }
    }
}

/// Comes back after the event loop has looked at its sockets and other tasks have run.
fn yield_turn(cx: &mut Context<'_>) {
    // The first poll of this future hands the waker to the scheduler, which is all that is wanted of it.
    let _ = pin!(tokio::task::yield_now()).poll(cx);
}

#[cfg(test)]
mod tests;
