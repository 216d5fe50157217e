//! A socket in memory for peers that read and write by themselves, and futures driven by hand: everything is always
//! ready, so no runtime is needed and none is measured.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A connection on which `input` arrives and then nothing more, not even the end; what is sent is appended to `output`.
#[derive(Debug)]
pub struct Socket<'a> {
    input: &'a [u8],
    output: &'a mut Vec<u8>,
}

impl<'a> Socket<'a> {
    /// A connection with all of the input there.
    pub fn new(input: &'a [u8], output: &'a mut Vec<u8>) -> Self {
        Self { input, output }
    }

    fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.input.split_at(most.min(self.input.len()));
        self.input = rest;
        taken
    }
}

/// Drives a future that waits for nothing but a [`Socket`].
///
/// # Panics
/// When the future waits all the same.
pub fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..8 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("waits for something that is not the socket");
}

impl tokio::io::AsyncRead for Socket<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let taken = self.take(buf.remaining());
        if taken.is_empty() {
            return Poll::Pending;
        }
        buf.put_slice(taken);
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Socket<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.output.extend_from_slice(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures::io::AsyncRead for Socket<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let taken = self.take(buf.len());
        if taken.is_empty() {
            return Poll::Pending;
        }
        buf[..taken.len()].copy_from_slice(taken);
        Poll::Ready(Ok(taken.len()))
    }
}

impl futures::io::AsyncWrite for Socket<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.output.extend_from_slice(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl wtx::stream::StreamReader for Socket<'_> {
    async fn read(&mut self, bytes: &mut [u8]) -> wtx::Result<usize> {
        let taken = self.take(bytes.len());
        bytes[..taken.len()].copy_from_slice(taken);
        Ok(taken.len())
    }
}

impl wtx::stream::StreamWriter for Socket<'_> {
    async fn write_all(&mut self, bytes: &[u8]) -> wtx::Result<()> {
        self.output.extend_from_slice(bytes);
        Ok(())
    }

    async fn write_all_vectored(&mut self, bytes: &[&[u8]]) -> wtx::Result<()> {
        for part in bytes {
            self.output.extend_from_slice(part);
        }
        Ok(())
    }
}
