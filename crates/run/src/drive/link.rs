//! One connection of a drive.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use wsanvil_engine::{ConnId, EndHow, OpenError, ReadMode};
use wsanvil_net::Stream;

use super::source::Opening;

/// Reads, and writes, of one connection in one turn: whoever floods must not hold up deadline and neighbours.
const PER_TURN: u32 = 16;

/// What writing came to.
pub(super) enum Written {
    /// So many octets were taken.
    Octets(usize),
    /// The transport broke, and reading has ended before.
    Broke(String),
    /// Something else was done, such as FIN.
    Moved,
    /// Nothing to do, or the peer takes nothing.
    Idle,
    /// The next write has to wait for the next turn.
    NextTurn,
}

/// What reading came to.
pub(super) enum Read {
    /// So many octets are in the buffer.
    Octets(usize),
    /// The peer ended in order.
    Fin,
    /// The peer ended by FIN, without the TLS `close_notify` before it.
    Cut,
    /// The transport broke.
    Reset(String),
    /// Nothing to read, or not asked for.
    Idle,
    /// There may be more, in the next turn.
    NextTurn,
}

/// One connection: transport, queued writes, and what was asked for.
pub(super) struct Link<'a> {
    id: ConnId,
    transport: Transport<'a>,
    queue: VecDeque<Bytes>,
    writing: Writing,
    /// TLS took octets that may not be sent yet.
    unflushed: bool,
    end: Option<EndHow>,
    mode: ReadMode,
    read_ended: bool,
    /// Turn in which the last write was completed.
    completed: u64,
    budget: Budget,
}

enum Transport<'a> {
    Opening(Opening<'a>),
    Open(Stream),
    Gone,
}

enum Writing {
    Open,
    Ended,
    Broken(io::Error),
}

#[derive(Default)]
struct Budget {
    turn: u64,
    reads: u32,
    writes: u32,
}

impl<'a> Link<'a> {
    pub(super) fn opening(id: ConnId, opening: Opening<'a>) -> Self {
        Self {
            id,
            transport: Transport::Opening(opening),
            queue: VecDeque::new(),
            writing: Writing::Open,
            unflushed: false,
            end: None,
            mode: ReadMode::Start,
            read_ended: false,
            completed: 0,
            budget: Budget::default(),
        }
    }

    pub(super) fn id(&self) -> ConnId {
        self.id
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(self.transport, Transport::Gone)
    }

    /// Queues one write. Lost when the write direction has ended.
    pub(super) fn write(&mut self, octets: Bytes) {
        if matches!(self.writing, Writing::Open) && !octets.is_empty() {
            self.queue.push_back(octets);
        }
    }

    pub(super) fn read(&mut self, mode: ReadMode) {
        self.mode = mode;
    }

    /// Ends the transport behind the queued writes; RST is at once.
    pub(super) fn end(&mut self, how: EndHow) {
        let owed = !self.queue.is_empty() || self.unflushed;
        match how {
            EndHow::Rst => self.reset(),
            EndHow::Release if !owed => self.reset(),
            how => self.end = Some(how),
        }
    }

    /// Closes the transport in the cheapest way.
    pub(super) fn release(mut self) {
        self.reset();
    }

    /// The outcome of opening, once.
    pub(super) fn poll_open(&mut self, cx: &mut Context<'_>) -> Option<Result<(), OpenError>> {
        let Transport::Opening(opening) = &mut self.transport else {
            return None;
        };
        match opening.as_mut().poll(cx) {
            Poll::Pending => None,
            Poll::Ready(Ok(stream)) => {
                self.transport = Transport::Open(stream);
                Some(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                self.transport = Transport::Gone;
                Some(Err(error))
            }
        }
    }

    /// Goes on with the oldest write, or with the end when nothing is queued.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, turn: u64) -> Written {
        let Transport::Open(stream) = &mut self.transport else {
            return Written::Idle;
        };
        let mut stream = Pin::new(stream);
        if let Some(chunk) = self.queue.front_mut() {
            if self.completed == turn || !self.budget.write(turn) {
                return Written::NextTurn;
            }
            return match stream.as_mut().poll_write(cx, chunk) {
                Poll::Pending => Written::Idle,
                Poll::Ready(Ok(0)) => self.broke(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(n)) => {
                    self.unflushed = stream.is_tls();
                    chunk.advance(n);
                    if chunk.is_empty() {
                        self.queue.pop_front();
                        self.completed = turn;
                    }
                    Written::Octets(n)
                }
                Poll::Ready(Err(error)) => self.broke(error),
            };
        }
        if self.unflushed {
            match stream.as_mut().poll_flush(cx) {
                Poll::Pending => return Written::Idle,
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => return self.broke(error),
            }
        }
        let done = match self.end {
            None => return Written::Idle,
            Some(EndHow::Release | EndHow::Rst) => {
                self.reset();
                return Written::Moved;
            }
            Some(EndHow::Cut) => stream.poll_cut(cx),
            Some(EndHow::Fin | EndHow::Half) => stream.poll_shutdown(cx),
        };
        if done.is_pending() {
            return Written::Idle;
        }
        // Fails when the peer has reset the connection, which reading shows.
        if self.end.take() == Some(EndHow::Fin) {
            self.mode = ReadMode::Start;
        }
        if matches!(self.writing, Writing::Open) {
            self.writing = Writing::Ended;
        }
        Written::Moved
    }

    /// Reads once into `buffer` when reading is asked for.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, turn: u64, buffer: &mut [u8]) -> Read {
        let Transport::Open(stream) = &mut self.transport else {
            return Read::Idle;
        };
        let limit = match self.mode {
            ReadMode::Stop => return Read::Idle,
            ReadMode::Start => buffer.len(),
            ReadMode::Once(0) => {
                self.mode = ReadMode::Stop;
                return Read::Idle;
            }
            ReadMode::Once(octets) => buffer.len().min(octets as usize),
        };
        if self.read_ended {
            return Read::Idle;
        }
        if !self.budget.read(turn) {
            return Read::NextTurn;
        }
        let mut filled = ReadBuf::new(&mut buffer[..limit]);
        match Pin::new(stream).poll_read(cx, &mut filled) {
            Poll::Pending => Read::Idle,
            Poll::Ready(Ok(())) => match filled.filled().len() {
                0 => self.ended(),
                n => {
                    if matches!(self.mode, ReadMode::Once(_)) {
                        self.mode = ReadMode::Stop;
                    }
                    Read::Octets(n)
                }
            },
            // TLS without close_notify: TCP itself ended in order.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => match self.ended() {
                Read::Fin => Read::Cut,
                reset => reset,
            },
            Poll::Ready(Err(error)) => {
                self.read_ended = true;
                self.queue.clear();
                let why = describe(&error);
                self.writing = Writing::Broken(error);
                Read::Reset(why)
            }
        }
    }

    fn reset(&mut self) {
        if let Transport::Open(stream) = std::mem::replace(&mut self.transport, Transport::Gone) {
            stream.reset();
        }
    }

    /// A write failed. Reading goes on: a Close and its echo may lie before the RST.
    fn broke(&mut self, error: io::Error) -> Written {
        self.queue.clear();
        self.unflushed = false;
        let why = describe(&error);
        self.writing = Writing::Broken(error);
        if self.read_ended {
            return Written::Broke(why);
        }
        // There is no window left that not reading could close, and the end must be seen.
        self.mode = ReadMode::Start;
        Written::Moved
    }

    /// Reading came to the end of the stream. The kernel tells of a RST once, and a write may have been told.
    fn ended(&mut self) -> Read {
        self.read_ended = true;
        match &self.writing {
            Writing::Broken(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                Read::Reset(describe(error))
            }
            _ => Read::Fin,
        }
    }
}

impl Budget {
    fn read(&mut self, turn: u64) -> bool {
        self.renew(turn);
        self.reads += 1;
        self.reads <= PER_TURN
    }

    fn write(&mut self, turn: u64) -> bool {
        self.renew(turn);
        self.writes += 1;
        self.writes <= PER_TURN
    }

    fn renew(&mut self, turn: u64) {
        if self.turn != turn {
            *self = Self {
                turn,
                reads: 0,
                writes: 0,
            };
        }
    }
}

/// The error in words, without its number.
fn describe(error: &io::Error) -> String {
    if error.raw_os_error().is_some() {
        error.kind().to_string()
    } else {
        error.to_string()
    }
}
