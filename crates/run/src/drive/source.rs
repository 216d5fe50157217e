//! Where the transports of a drive come from.

use std::future::Future;
use std::pin::Pin;

use tokio::time::timeout;
use wsanvil_engine::OpenError;
use wsanvil_net::{ConnectError, ConnectOptions, Connector, ListenError, Listener, Stream};

/// A transport that is being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Stream, OpenError>> + Send + 'a>>;

/// Opens transports.
pub trait Source {
    /// Starts opening one.
    fn open(&self, options: ConnectOptions) -> Opening<'_>;
}

/// The target is a server.
impl Source for Connector {
    fn open(&self, options: ConnectOptions) -> Opening<'_> {
        Box::pin(async move { self.connect(options).await.map_err(open_error) })
    }
}

/// The target is a client: its next connection is taken.
impl Source for Listener {
    fn open(&self, options: ConnectOptions) -> Opening<'_> {
        let accept = async move {
            let local = |error: ListenError| OpenError::Local(error.to_string());
            let incoming = self.accept().await.map_err(local)?;
            // The bound is a wish of the case; a system that refuses it still has a connection to test.
            let _ = incoming.set_buffers(options.recv_buffer, options.send_buffer);
            incoming
                .handshake()
                .await
                .map_err(|failure| OpenError::Tls(failure.to_string()))
        };
        Box::pin(async move {
            timeout(options.within, accept)
                .await
                .unwrap_or(Err(OpenError::TimedOut))
        })
    }
}

fn open_error(error: ConnectError) -> OpenError {
    match error {
        ConnectError::Refused { .. } => OpenError::Refused,
        ConnectError::TimedOut { .. } => OpenError::TimedOut,
        ConnectError::Tls { failure, .. } => OpenError::Tls(failure.to_string()),
        ConnectError::Local { cause, .. } => OpenError::Local(cause),
        error => OpenError::Other(error.to_string()),
    }
}
