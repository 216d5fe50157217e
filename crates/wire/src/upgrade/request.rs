//! The server's side: is this request an opening handshake (RFC 6455 section 4.2.1)?

use super::accept::accept_for;
use super::judge::{StartLine, judge};
use super::relevant::Relevant;
use super::request_rule::RequestRule;
use super::spec::ResponseSpec;
use crate::extension::Extension;
use crate::http::RequestHead;

/// A request that keeps all rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The key as it was sent.
    pub key: [u8; 24],
    /// The subprotocols offered, in order of preference.
    pub protocols: Vec<String>,
    /// The extensions offered, in order of preference.
    pub extensions: Vec<Extension>,
    /// The origin, when the client names one.
    pub origin: Option<Vec<u8>>,
    /// The protocol version, 13.
    pub version: u8,
}

impl Accepted {
    /// The correct answer, to which subprotocol and extensions can be added.
    pub fn response(&self) -> ResponseSpec {
        ResponseSpec::switching_protocols(accept_for(&self.key))
    }
}

/// A request that breaks a rule, and how to refuse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status to answer with.
    pub status: u16,
    /// The first rule broken.
    pub rule: RequestRule,
    /// Must the answer name the versions spoken here (RFC 6455 section 4.4)?
    pub needs_version_field: bool,
}

impl Refusal {
    /// The correct refusal: status, the fields that status demands, and no further use of the connection.
    pub fn response(&self) -> ResponseSpec {
        let mut response = ResponseSpec::new(self.status, "");
        match self.status {
            // RFC 9110 sections 15.5.22 and 7.8: 426 names the protocol and says so in Connection.
            426 => {
                response
                    .add("Upgrade", "websocket")
                    .add("Connection", "Upgrade, close");
            }
            405 => {
                response.add("Allow", "GET").add("Connection", "close");
            }
            _ => {
                response.add("Connection", "close");
            }
        }
        if self.needs_version_field {
            response.add("Sec-WebSocket-Version", "13");
        }
        response.add("Content-Length", "0");
        response
    }
}

impl From<RequestRule> for Refusal {
    fn from(rule: RequestRule) -> Self {
        let needs_version_field = matches!(
            rule,
            RequestRule::VersionMissing
                | RequestRule::VersionWrong
                | RequestRule::VersionRepeated
                | RequestRule::UpgradeMissing
                | RequestRule::UpgradeWrong
        );
        Self {
            status: rule.status(),
            rule,
            needs_version_field,
        }
    }
}

/// Checks a request strictly. The first rule broken, in the order of RFC 6455 section 4.2.1, is named.
///
/// For octets that are all there [`super::read_opening`] says the same without a copy of them.
pub fn check_request(head: &RequestHead) -> Result<Accepted, Refusal> {
    let start = StartLine {
        method: head.method(),
        target: head.target(),
        version: head.version,
    };
    let opening = judge(start, Relevant::of(&head.fields))?;
    Ok(Accepted {
        key: opening.key,
        extensions: opening.extensions(),
        origin: opening.origin.map(<[u8]>::to_vec),
        version: 13,
        protocols: opening.protocols,
    })
}
