//! The stream under contenders that do their own I/O: always ready, in memory.

use std::cell::RefCell;
use std::io::{self, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;

use crate::groups::frames::traffic::READ;

/// Gives the same octets again and again, of which one read brings 64 KiB at most, and collects what is written.
#[derive(Debug)]
pub(super) struct Transport {
    input: &'static [u8],
    read: usize,
    output: Vec<u8>,
    /// Octets that a pass writes; the next write after them begins a new pass.
    whole: usize,
    record: Record,
}

/// Where the output of a transport is when the transport is gone: not every peer gives its stream back.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Rc<RefCell<Vec<u8>>>);

impl Record {
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

/// Runs a future that never has to wait.
///
/// # Panics
/// When it waits.
#[inline]
pub(super) fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the transport is always ready"),
    }
}

impl Transport {
    pub(super) fn new(input: &'static [u8], whole: usize) -> (Self, Record) {
        let record = Record::default();
        let transport = Self {
            input,
            read: 0,
            output: Vec::with_capacity(whole),
            whole,
            record: record.clone(),
        };
        (transport, record)
    }

    #[inline]
    fn next_read(&mut self, room: usize) -> &'static [u8] {
        if self.read == self.input.len() {
            self.read = 0;
        }
        let rest = &self.input[self.read..];
        let read = &rest[..rest.len().min(room).min(READ)];
        self.read += read.len();
        read
    }

    #[inline]
    pub(super) fn read_into(&mut self, buffer: &mut [u8]) -> usize {
        let read = self.next_read(buffer.len());
        buffer[..read.len()].copy_from_slice(read);
        read.len()
    }

    #[inline]
    pub(super) fn collect(&mut self, octets: &[u8]) {
        if self.output.len() >= self.whole {
            self.output.clear();
        }
        self.output.extend_from_slice(octets);
    }

    #[inline]
    fn collect_all(&mut self, slices: &[IoSlice<'_>]) -> usize {
        slices
            .iter()
            .map(|slice| {
                self.collect(slice);
                slice.len()
            })
            .sum()
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        self.record.0.replace(std::mem::take(&mut self.output));
    }
}

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.read_into(buffer))
    }
}

impl Write for Transport {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.collect(octets);
        Ok(octets.len())
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(self.collect_all(slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tokio::io::AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.next_read(buffer.remaining());
        buffer.put_slice(read);
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.collect(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.collect_all(slices)))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures::io::AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.read_into(buffer)))
    }
}

impl futures::io::AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.collect(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.collect_all(slices)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
