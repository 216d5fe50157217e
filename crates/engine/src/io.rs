//! What goes into the engine and what comes out.

use std::time::Duration;

use bytes::Bytes;
use wsanvil_case::script::TlsVersion;

/// A moment, in microseconds since some origin shared by all inputs of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// This moment plus a duration.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }

    /// How long after `earlier` it is; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// A connection of one engine. Numbers are given by the engine, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u32);

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The transport asked for is open.
    Opened(ConnId),
    /// It could not be opened.
    OpenFailed(ConnId, OpenError),
    /// Octets came. The engine may change them in place.
    Received(ConnId, &'a mut [u8]),
    /// The transport took so many octets of the oldest writes.
    Wrote(ConnId, usize),
    /// The peer ended its direction in order.
    Fin(ConnId),
    /// The peer ended its direction by FIN, without the TLS `close_notify` that belongs before it.
    Cut(ConnId),
    /// The transport broke: RST, a write error, TLS trouble. Nothing more will be read.
    Reset(ConnId, String),
    /// A deadline passed.
    Tick,
}

/// Why no transport came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// Nobody listens.
    Refused,
    /// No answer in time.
    TimedOut,
    /// TLS was not agreed; the text says why.
    Tls(String),
    /// TCP is open, and the handshake of TLS came to nothing in time.
    TlsTimedOut,
    /// The target refused TLS.
    TlsRefused {
        /// Its fatal alert (RFC 8446 section 6) as code and name; `None`: it ended TCP without one.
        alert: Option<(u8, String)>,
        /// How it ended TCP; `None`: not in time.
        end: Option<TcpEnd>,
    },
    /// TLS would have been agreed, but with a certificate that is not the target's own; the text says why.
    Certificate(String),
    /// Something on the tester's side, such as no descriptors left.
    Local(String),
    /// Anything else.
    Other(String),
}

/// How the peer ended TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpEnd {
    /// FIN.
    Fin,
    /// RST.
    Rst,
}

/// How a connection is secured that a case wants otherwise than the target in general.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// TCP alone.
    Off,
    /// TLS with this `ClientHello`.
    Hello {
        /// Server name: `None`: the target's own; `Some(None)`: none.
        name: Option<Option<String>>,
        /// Protocols offered; `None`: those of the target in general.
        protocols: Option<Vec<String>>,
        /// Lowest and highest version.
        versions: (TlsVersion, TlsVersion),
    },
}

/// What the driver has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Open a transport (role client of the target: take the next one that comes).
    Open {
        /// The connection.
        conn: ConnId,
        /// How it is secured; `None`: as the target's address says.
        security: Option<Security>,
        /// `SO_RCVBUF` in octets.
        recv_buffer: Option<u32>,
        /// `SO_SNDBUF` in octets.
        send_buffer: Option<u32>,
        /// How long it may take.
        within: Duration,
    },
    /// Write these octets in one write, then give the event loop a turn, and report them with [`Input::Wrote`].
    Write(ConnId, Bytes),
    /// End the transport. Behind the writes before it, except for `Rst`, which is at once.
    End(ConnId, EndHow),
    /// Change the reading side.
    Read(ConnId, ReadMode),
}

/// How a transport is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndHow {
    /// Both directions in order; what still comes is read until the peer ends, for a moment at most.
    Fin,
    /// The write direction only; reading goes on.
    Half,
    /// RST.
    Rst,
    /// FIN without TLS `close_notify`.
    Cut,
    /// The engine has seen all it wants: the descriptor can be closed in the cheapest way.
    Release,
}

/// Reading side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMode {
    /// Read nothing.
    Stop,
    /// Read all there is.
    Start,
    /// Read at most so many octets, once; the engine asks again.
    Once(u32),
}
