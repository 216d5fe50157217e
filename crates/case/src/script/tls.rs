//! TLS of one connection, where a case wants it otherwise than the target in general.

use super::{Action, Script, Step, Text};

/// How a connection to a target behind `wss` is secured.
#[derive(Debug, Clone, PartialEq)]
pub enum OpenTls {
    /// Not at all: the octets of the script go over TCP as they are. What comes back and is no HTTP head is in the
    /// transcript and nowhere else.
    Off,
    /// By TLS with a `ClientHello` of the case's own. That the target refuses it is an event, not a miss.
    Hello {
        /// The server name (RFC 6066 section 3).
        sni: ServerName,
        /// The protocols offered (RFC 7301 section 3.1), the preferred one first; empty: the extension is left out;
        /// `None`: `http/1.1`.
        alpn: Option<Vec<Text>>,
        /// The lowest version offered.
        min: TlsVersion,
        /// The highest version offered.
        max: TlsVersion,
    },
}

/// The server name in a `ClientHello`.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerName {
    /// The host of the target, left out when it is an address (RFC 6066 section 3).
    Target,
    /// None.
    Absent,
    /// Another name. The certificate is still checked for the target's own.
    Other(Text),
}

/// A version of TLS that the tester speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    V1_2,
    /// TLS 1.3, RFC 8446.
    V1_3,
}

impl Script {
    /// Whether it opens connections that are secured in a way of its own.
    pub fn chooses_tls(&self) -> bool {
        choose_tls(&self.steps)
    }
}

fn choose_tls(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Open(open) => open.tls.is_some(),
        Action::Repeat(repeat) => choose_tls(&repeat.steps),
        _ => false,
    })
}
