//! Where the transports of a drive come from.

use std::future::Future;
use std::pin::Pin;

use tokio::time::timeout;
use wsanvil_case::script::TlsVersion;
use wsanvil_engine::{OpenError, Security, TcpEnd};
use wsanvil_net::{
    ConnectError, ConnectOptions, Connector, Hello, HelloError, ListenError, Listener, Stream,
};

/// A transport that is being opened.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Stream, OpenError>> + Send + 'a>>;

/// Opens transports.
pub trait Source {
    /// Starts opening one, secured as the target's address says unless a case wants it otherwise.
    fn open(&self, options: ConnectOptions, security: Option<Security>) -> Opening<'_>;
}

/// The target is a server.
impl Source for Connector {
    fn open(&self, options: ConnectOptions, security: Option<Security>) -> Opening<'_> {
        Box::pin(async move {
            match security {
                None => self.connect(options).await.map_err(open_error),
                Some(Security::Off) => self.connect_in_the_clear(options).await.map_err(open_error),
                Some(Security::Hello {
                    name,
                    protocols,
                    versions: (min, max),
                }) => {
                    let hello = Hello {
                        name,
                        protocols,
                        tls12: min == TlsVersion::V1_2,
                        tls13: max == TlsVersion::V1_3,
                    };
                    self.connect_saying(&hello, options).await.map_err(hello_error)
                }
            }
        })
    }
}

/// The target is a client: its next connection is taken.
impl Source for Listener {
    fn open(&self, options: ConnectOptions, _security: Option<Security>) -> Opening<'_> {
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

fn hello_error(error: HelloError) -> OpenError {
    match error {
        HelloError::Connect(error) => open_error(error),
        HelloError::TimedOut => OpenError::TlsTimedOut,
        HelloError::Refused { alert, end } => OpenError::TlsRefused {
            alert,
            end: end.map(|end| if end.is_ok() { TcpEnd::Fin } else { TcpEnd::Rst }),
        },
        HelloError::Failed(failure) if failure.is_about_the_certificate() => {
            OpenError::Certificate(failure.to_string())
        }
        HelloError::Failed(failure) => OpenError::Tls(failure.to_string()),
        error => OpenError::Local(error.to_string()),
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
