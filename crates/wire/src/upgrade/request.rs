//! The server's side: is this request an opening handshake (RFC 6455 section 4.2.1)?

use super::accept::accept_for;
use super::request_rule::RequestRule;
use super::spec::ResponseSpec;
use crate::extension::{self, Extension};
use crate::http::{Fields, RequestHead, list_elements};
use crate::subprotocol;

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
pub fn check_request(head: &RequestHead) -> Result<Accepted, Refusal> {
    let fields = &head.fields;
    request_line(head)?;
    host(fields)?;
    body(fields)?;
    upgrade(fields)?;
    let key = key(fields)?;
    version(fields)?;
    let protocols = match fields.get("Sec-WebSocket-Protocol") {
        None => Vec::new(),
        Some(_) => {
            subprotocol::parse_fields(fields.get_all("Sec-WebSocket-Protocol")).map_err(RequestRule::from)?
        }
    };
    let extensions = match fields.get("Sec-WebSocket-Extensions") {
        None => Vec::new(),
        Some(_) => {
            extension::parse_fields(fields.get_all("Sec-WebSocket-Extensions")).map_err(RequestRule::from)?
        }
    };
    let origin = fields.get("Origin").map(<[u8]>::to_vec);
    Ok(Accepted {
        key,
        protocols,
        extensions,
        origin,
        version: 13,
    })
}

fn request_line(head: &RequestHead) -> Result<(), RequestRule> {
    if head.method() != b"GET" {
        return Err(RequestRule::Method);
    }
    let (major, minor) = head.version;
    if head.version < (1, 1) {
        return Err(RequestRule::VersionBelow(major, minor));
    }
    if major > 1 {
        return Err(RequestRule::VersionUnknown(major, minor));
    }
    let target = head.target();
    let absolute = ["http://", "https://"].iter().any(|scheme| {
        target
            .split_at_checked(scheme.len())
            .is_some_and(|(start, rest)| start.eq_ignore_ascii_case(scheme.as_bytes()) && !rest.is_empty())
    });
    // A fragment is never part of a request target (RFC 9112 section 3.2, RFC 6455 section 3).
    if (target.starts_with(b"/") || absolute) && !target.contains(&b'#') {
        Ok(())
    } else {
        Err(RequestRule::Target)
    }
}

fn host(fields: &Fields) -> Result<(), RequestRule> {
    let mut values = fields.get_all("Host");
    let value = values.next().ok_or(RequestRule::HostMissing)?;
    if values.next().is_some() {
        return Err(RequestRule::HostRepeated);
    }
    if is_host(value) {
        Ok(())
    } else {
        Err(RequestRule::HostInvalid)
    }
}

/// `uri-host [ ":" port ]` with a host that is not empty (RFC 9110 section 7.2, RFC 3986 section 3.2.2).
fn is_host(value: &[u8]) -> bool {
    let (host, rest) = if value.first() == Some(&b'[') {
        let Some(end) = value.iter().position(|&octet| octet == b']') else {
            return false;
        };
        let (literal, rest) = value.split_at(end + 1);
        let inside = literal.get(1..end).unwrap_or_default();
        let legal = inside.iter().all(|&octet| {
            octet.is_ascii_hexdigit()
                || matches!(octet, b':' | b'.')
                || (inside.first() == Some(&b'v') && is_name_octet(octet))
        });
        if !legal {
            return false;
        }
        (inside, rest)
    } else {
        let end = value
            .iter()
            .position(|&octet| octet == b':')
            .unwrap_or(value.len());
        let (name, rest) = value.split_at(end);
        if !name.iter().all(|&octet| is_name_octet(octet)) {
            return false;
        }
        (name, rest)
    };
    let port = match rest {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    !host.is_empty() && port
}

fn is_name_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
        )
}

fn body(fields: &Fields) -> Result<(), RequestRule> {
    let mut lengths = fields.get_all("Content-Length");
    let chunked = fields.get("Transfer-Encoding").is_some();
    let Some(length) = lengths.next() else {
        return if chunked { Err(RequestRule::Body) } else { Ok(()) };
    };
    let number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    if chunked || !number || lengths.any(|other| other != length) {
        return Err(RequestRule::ContentLength);
    }
    if length.iter().all(|&digit| digit == b'0') {
        Ok(())
    } else {
        Err(RequestRule::Body)
    }
}

fn upgrade(fields: &Fields) -> Result<(), RequestRule> {
    fields.get("Upgrade").ok_or(RequestRule::UpgradeMissing)?;
    if !fields.has_token("Upgrade", "websocket") {
        return Err(RequestRule::UpgradeWrong);
    }
    fields.get("Connection").ok_or(RequestRule::ConnectionMissing)?;
    if fields.has_token("Connection", "upgrade") {
        Ok(())
    } else {
        Err(RequestRule::ConnectionWrong)
    }
}

fn key(fields: &Fields) -> Result<[u8; 24], RequestRule> {
    let mut values = fields.get_all("Sec-WebSocket-Key");
    let value = values.next().ok_or(RequestRule::KeyMissing)?;
    if values.next().is_some() {
        return Err(RequestRule::KeyRepeated);
    }
    if value.is_empty() {
        return Err(RequestRule::KeyEmpty);
    }
    let symbol = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let symbols = value.iter().take_while(|octet| symbol(octet)).count();
    let padding = value.get(symbols..).unwrap_or_default();
    if value.len() % 4 != 0 || !matches!(padding, b"" | b"=" | b"==") {
        return Err(RequestRule::KeyNotBase64);
    }
    // Pad bits may be set: the example of RFC 6455 section 4.1 itself has one (errata 3150).
    let key: [u8; 24] = value.try_into().map_err(|_| RequestRule::KeyLength)?;
    if padding.len() == 2 {
        Ok(key)
    } else {
        Err(RequestRule::KeyLength)
    }
}

fn version(fields: &Fields) -> Result<(), RequestRule> {
    let mut values = fields.get_all("Sec-WebSocket-Version");
    let value = values.next().ok_or(RequestRule::VersionMissing)?;
    if values.next().is_some() || list_elements(value).count() > 1 {
        return Err(RequestRule::VersionRepeated);
    }
    if value == b"13" {
        Ok(())
    } else {
        Err(RequestRule::VersionWrong)
    }
}
