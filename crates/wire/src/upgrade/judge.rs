//! The rules of an opening request, one after the other (RFC 6455 section 4.2.1).

use super::opening::Opening;
use super::relevant::{Found, Relevant};
use super::request_rule::RequestRule;
use crate::http::list_elements;
use crate::{extension, subprotocol};

/// The request line.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartLine<'h> {
    pub(super) method: &'h [u8],
    pub(super) target: &'h [u8],
    pub(super) version: (u8, u8),
}

/// The first rule broken, or what the request asks for.
pub(super) fn judge<'h>(start: StartLine<'h>, found: Relevant<&'h [u8]>) -> Result<Opening<'h>, RequestRule> {
    request_line(start)?;
    host(&found.host)?;
    body(&found)?;
    upgrade(&found)?;
    let key = key(&found.key)?;
    version(&found.version)?;
    let protocols = if found.protocol.is_there() {
        subprotocol::parse_fields(found.protocol.iter()).map_err(RequestRule::from)?
    } else {
        Vec::new()
    };
    if found.extensions.is_there() {
        extension::check_fields(found.extensions.iter()).map_err(RequestRule::from)?;
    }
    Ok(Opening {
        key,
        target: start.target,
        origin: found.origin.first(),
        protocols,
        extensions: found.extensions,
    })
}

fn request_line(start: StartLine<'_>) -> Result<(), RequestRule> {
    if start.method != b"GET" {
        return Err(RequestRule::Method);
    }
    let (major, minor) = start.version;
    if start.version < (1, 1) {
        return Err(RequestRule::VersionBelow(major, minor));
    }
    if major > 1 {
        return Err(RequestRule::VersionUnknown(major, minor));
    }
    let target = start.target;
    let absolute = ["http://", "https://"].iter().any(|scheme| {
        target
            .split_at_checked(scheme.len())
            .is_some_and(|(start, rest)| {
                // An http URI has a host that is not empty (RFC 9110 section 4.2.1).
                let host = !matches!(rest.first(), None | Some(b'/' | b'?' | b':'));
                start.eq_ignore_ascii_case(scheme.as_bytes()) && host
            })
    });
    // A fragment is never part of a request target (RFC 9112 section 3.2, RFC 6455 section 3).
    if (target.starts_with(b"/") || absolute) && !target.contains(&b'#') {
        Ok(())
    } else {
        Err(RequestRule::Target)
    }
}

fn host(host: &Found<&[u8]>) -> Result<(), RequestRule> {
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

fn body(found: &Relevant<&[u8]>) -> Result<(), RequestRule> {
    let chunked = found.transfer_encoding.is_there();
    let Some(length) = found.content_length.first() else {
        return if chunked { Err(RequestRule::Body) } else { Ok(()) };
    };
    let number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    if chunked || !number || found.content_length.iter().any(|other| other != length) {
        return Err(RequestRule::ContentLength);
    }
    if length.iter().all(|&digit| digit == b'0') {
        Ok(())
    } else {
        Err(RequestRule::Body)
    }
}

fn upgrade(found: &Relevant<&[u8]>) -> Result<(), RequestRule> {
    if !found.upgrade.is_there() {
        return Err(RequestRule::UpgradeMissing);
    }
    if !found.upgrade.iter().any(|list| has_token(list, "websocket")) {
        return Err(RequestRule::UpgradeWrong);
    }
    if !found.connection.is_there() {
        return Err(RequestRule::ConnectionMissing);
    }
    if found.connection.iter().any(|list| has_token(list, "upgrade")) {
        Ok(())
    } else {
        Err(RequestRule::ConnectionWrong)
    }
}

/// Whether the list has the token, without regard to case.
fn has_token(list: &[u8], token: &str) -> bool {
    list_elements(list).any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
}

fn key(key: &Found<&[u8]>) -> Result<[u8; 24], RequestRule> {
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

fn version(version: &Found<&[u8]>) -> Result<(), RequestRule> {
    let value = version.one(RequestRule::VersionMissing, RequestRule::VersionRepeated)?;
    if value == b"13" {
        Ok(())
    } else if list_elements(value).count() > 1 {
        Err(RequestRule::VersionRepeated)
    } else {
        Err(RequestRule::VersionWrong)
    }
}
