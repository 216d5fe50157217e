//! What became of a `ClientHello` that the target need not like.

use std::io;

use rustls::{AlertDescription, Error};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::alert;
use super::failure::TlsFailure;

/// Why no TLS came of a [`Hello`](super::Hello).
#[derive(Debug)]
pub enum HelloFailure {
    /// The target refused it.
    Refused(Refusal),
    /// We refused what the target answered, or it is no TLS.
    Failed(TlsFailure),
    /// The `ClientHello` cannot be made.
    Setup(String),
}

/// A target that refused TLS, and the TCP connection that it has to end now (RFC 6455 section 4.2.2).
#[derive(Debug)]
pub struct Refusal {
    /// Its fatal alert (RFC 8446 section 6) as code and name; `None`: it ended TCP without one.
    pub alert: Option<(u8, String)>,
    tcp: TcpStream,
    /// How TCP ended, when that is known already.
    ended: Option<io::Result<()>>,
}

impl Refusal {
    /// Reads until TCP ends: in order, or with the error of a reset.
    pub async fn end(&mut self) -> io::Result<()> {
        if let Some(ended) = self.ended.take() {
            return ended;
        }
        let mut sink = [0; 1024];
        while self.tcp.read(&mut sink).await? > 0 {}
        Ok(())
    }
}

impl HelloFailure {
    /// What the error of a handshake for `name` over `tcp` means.
    pub(super) fn of(error: &io::Error, name: &str, tcp: TcpStream) -> Self {
        let refused = |alert, ended| Self::Refused(Refusal { alert, tcp, ended });
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::AlertReceived(alert)) => refused(Some(named(*alert)), None),
            Some(_) => Self::Failed(TlsFailure::from_io(error, name)),
            None if error.kind() == io::ErrorKind::UnexpectedEof => refused(None, Some(Ok(()))),
            None => refused(None, Some(Err(error.kind().into()))),
        }
    }
}

fn named(alert: AlertDescription) -> (u8, String) {
    (u8::from(alert), alert::name(alert))
}
