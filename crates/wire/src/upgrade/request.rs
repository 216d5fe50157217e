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
    let found = Relevant::of(fields);
    request_line(head)?;
    host(&found.host)?;
    body(fields, &found)?;
    upgrade(fields, &found)?;
    let key = key(&found.key)?;
    version(&found.version)?;
    let protocols = if found.protocol.is_there() {
        subprotocol::parse_fields(fields.get_all("Sec-WebSocket-Protocol")).map_err(RequestRule::from)?
    } else {
        Vec::new()
    };
    let extensions = if found.extensions.is_there() {
        extension::parse_fields(fields.get_all("Sec-WebSocket-Extensions")).map_err(RequestRule::from)?
    } else {
        Vec::new()
    };
    Ok(Accepted {
        key,
        protocols,
        extensions,
        origin: found.origin.first.map(<[u8]>::to_vec),
        version: 13,
    })
}

/// A field by its name: the value of the first, and whether there are more.
#[derive(Default)]
struct Found<'h> {
    first: Option<&'h [u8]>,
    more: bool,
}

impl<'h> Found<'h> {
    fn is_there(&self) -> bool {
        self.first.is_some()
    }

    /// The one value; its absence or repetition is the rule broken.
    fn one(&self, missing: RequestRule, repeated: RequestRule) -> Result<&'h [u8], RequestRule> {
        match self.first {
            None => Err(missing),
            Some(_) if self.more => Err(repeated),
            Some(value) => Ok(value),
        }
    }
}

/// The fields that decide, found in one pass over the head.
#[derive(Default)]
struct Relevant<'h> {
    host: Found<'h>,
    origin: Found<'h>,
    upgrade: Found<'h>,
    connection: Found<'h>,
    content_length: Found<'h>,
    transfer_encoding: Found<'h>,
    key: Found<'h>,
    version: Found<'h>,
    protocol: Found<'h>,
    extensions: Found<'h>,
}

impl<'h> Relevant<'h> {
    fn of(fields: &'h Fields) -> Self {
        let mut found = Self::default();
        for field in fields.iter() {
            // The length leaves one name, or two that the first octet tells apart.
            let name = field.name();
            let (known, place) = match name.len() {
                4 => ("Host", &mut found.host),
                6 => ("Origin", &mut found.origin),
                7 => ("Upgrade", &mut found.upgrade),
                10 => ("Connection", &mut found.connection),
                14 => ("Content-Length", &mut found.content_length),
                17 if matches!(name.first(), Some(b't' | b'T')) => {
                    ("Transfer-Encoding", &mut found.transfer_encoding)
                }
                17 => ("Sec-WebSocket-Key", &mut found.key),
                21 => ("Sec-WebSocket-Version", &mut found.version),
                22 => ("Sec-WebSocket-Protocol", &mut found.protocol),
                24 => ("Sec-WebSocket-Extensions", &mut found.extensions),
                _ => continue,
            };
            if name.eq_ignore_ascii_case(known.as_bytes()) {
                place.more = place.is_there();
                place.first = place.first.or(Some(field.value()));
            }
        }
        found
    }
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

fn host(host: &Found<'_>) -> Result<(), RequestRule> {
    if is_host(host.one(RequestRule::HostMissing, RequestRule::HostRepeated)?) {
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

fn body(fields: &Fields, found: &Relevant<'_>) -> Result<(), RequestRule> {
    let chunked = found.transfer_encoding.is_there();
    let Some(length) = found.content_length.first else {
        return if chunked { Err(RequestRule::Body) } else { Ok(()) };
    };
    let number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    if chunked || !number || fields.get_all("Content-Length").any(|other| other != length) {
        return Err(RequestRule::ContentLength);
    }
    if length.iter().all(|&digit| digit == b'0') {
        Ok(())
    } else {
        Err(RequestRule::Body)
    }
}

fn upgrade(fields: &Fields, found: &Relevant<'_>) -> Result<(), RequestRule> {
    let has = |field: &Found<'_>, name: &str, token: &str| match field.first {
        Some(value) if !field.more => has_token(value, token),
        _ => fields.has_token(name, token),
    };
    if !found.upgrade.is_there() {
        return Err(RequestRule::UpgradeMissing);
    }
    if !has(&found.upgrade, "Upgrade", "websocket") {
        return Err(RequestRule::UpgradeWrong);
    }
    if !found.connection.is_there() {
        return Err(RequestRule::ConnectionMissing);
    }
    if has(&found.connection, "Connection", "upgrade") {
        Ok(())
    } else {
        Err(RequestRule::ConnectionWrong)
    }
}

/// Whether the list has the token, without regard to case.
fn has_token(list: &[u8], token: &str) -> bool {
    list_elements(list).any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
}

fn key(key: &Found<'_>) -> Result<[u8; 24], RequestRule> {
    let value = key.one(RequestRule::KeyMissing, RequestRule::KeyRepeated)?;
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

fn version(version: &Found<'_>) -> Result<(), RequestRule> {
    let value = version.one(RequestRule::VersionMissing, RequestRule::VersionRepeated)?;
    if value == b"13" {
        Ok(())
    } else if list_elements(value).count() > 1 {
        Err(RequestRule::VersionRepeated)
    } else {
        Err(RequestRule::VersionWrong)
    }
}
