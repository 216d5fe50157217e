//! The two ends of a WebSocket connection.

/// Which end of the connection an endpoint is (RFC 6455 section 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The end that sent the opening request; it masks every frame it sends.
    Client,
    /// The end that answered the opening request; it never masks.
    Server,
}

impl Role {
    /// The other end.
    pub const fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// Whether this end masks the frames it sends (RFC 6455 section 5.1).
    pub const fn masks(self) -> bool {
        matches!(self, Self::Client)
    }

    /// The word for it: `client` or `server`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}
