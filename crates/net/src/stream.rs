//! One open transport, plain or under TLS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// An open connection. Reading and writing are tokio's; the ways to end it are its own.
#[derive(Debug)]
pub enum Stream {
    /// TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Ends the connection with RST: what is not sent yet is lost, and no TIME-WAIT stays behind. After both FINs
    /// nothing goes out at all.
    pub fn reset(self) {
        // Fails only on a socket that is gone, and then there is nothing to reset.
        let _ = self.tcp().set_zero_linger();
    }

    /// Ends the write direction in order: TLS `close_notify` when there is TLS, then FIN. Reading goes on.
    pub async fn half_close(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_shutdown(cx)).await
    }

    /// Ends the write direction with FIN alone: a peer that speaks TLS sees a truncated stream (RFC 8446
    /// section 6.1). Reading goes on.
    pub async fn cut(&mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| self.poll_cut(cx)).await
    }

    /// [`Stream::cut`] for a caller that polls by hand.
    pub fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tcp = match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => match tls.as_mut() {
                TlsStream::Client(tls) => tls.get_mut().0,
                TlsStream::Server(tls) => tls.get_mut().0,
            },
        };
        Pin::new(tcp).poll_shutdown(cx)
    }

    /// Whether the transport is TLS: writes are taken before they are sent, so they want a flush.
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Our address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().local_addr()
    }

    /// The peer's address.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().peer_addr()
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}
