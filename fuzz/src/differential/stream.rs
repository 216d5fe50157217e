//! A transport in memory: gives the input in pieces and then its end, keeps what is written.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::chunking::cuts;

/// How the input is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cuts {
    /// Not at all.
    Whole,
    /// Octet by octet.
    Octets,
    /// Into pieces of two sizes in turn.
    Pieces(u8),
}

impl Cuts {
    /// The pieces.
    pub(super) fn of(self, octets: &[u8]) -> Box<dyn Iterator<Item = &[u8]> + '_> {
        match self {
            Self::Whole => Box::new(std::iter::once(octets)),
            Self::Octets => Box::new(octets.chunks(1)),
            Self::Pieces(how) => Box::new(cuts(octets, how)),
        }
    }
}

/// The transport.
pub(super) struct Stream<'a> {
    pieces: Box<dyn Iterator<Item = &'a [u8]> + 'a>,
    piece: &'a [u8],
    /// Octets read so far; shared, as some implementations never give the transport back.
    pub(super) read: Rc<Cell<usize>>,
    /// Octets written so far.
    pub(super) written: Vec<u8>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(octets: &'a [u8], cuts: Cuts) -> Self {
        Self {
            pieces: cuts.of(octets),
            piece: &[],
            read: Rc::default(),
            written: Vec::new(),
        }
    }

    /// At most `most` octets of the current piece; none at the end of the input.
    fn next(&mut self, most: usize) -> &'a [u8] {
        if self.piece.is_empty() {
            self.piece = self.pieces.next().unwrap_or_default();
        }
        let (taken, rest) = self.piece.split_at(most.min(self.piece.len()));
        self.piece = rest;
        self.read.set(self.read.get() + taken.len());
        taken
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let taken = self.next(buf.len());
        buf[..taken.len()].copy_from_slice(taken);
        Ok(taken.len())
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream<'_> {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let taken = self.get_mut().next(buf.remaining());
        buf.put_slice(taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.get_mut().write(octets))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
