//! The address of a target: a `ws` or `wss` URL, RFC 6455 section 3.

use std::fmt;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::blame::Blame;

/// A parsed `ws://` or `wss://` URL.
///
/// `Display` writes the URL without user name and password, so that it can go into reports.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    secure: bool,
    host: String,
    port: u16,
    path: String,
    credentials: Option<String>,
}

impl Address {
    /// Parses a URL (RFC 6455 section 3 with the generic syntax of RFC 3986). Octets of path and query that may not
    /// stand in a URL are percent-encoded.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://").ok_or_else(|| AddressError::MissingScheme {
            given: url.to_owned(),
        })?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "ws" => false,
            "wss" => true,
            _ => {
                return Err(AddressError::WrongScheme {
                    scheme: scheme.to_owned(),
                    rest: rest.to_owned(),
                });
            }
        };
        if rest.contains('#') {
            return Err(AddressError::Fragment);
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (credentials, host_port) = match authority.rsplit_once('@') {
            Some((user, host_port)) => (Some(percent_decode(user)?), host_port),
            None => (None, authority),
        };
        let (host, port) = split_port(host_port)?;
        let default = if secure { 443 } else { 80 };
        let port = match port {
            None | Some("") => default,
            Some(text) => parse_port(text)?,
        };
        Ok(Self {
            secure,
            host: parse_host(host)?,
            port,
            path: encode_path(path)?,
            credentials,
        })
    }

    /// Whether the scheme is `wss`.
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// `ws` or `wss`.
    pub fn scheme(&self) -> &'static str {
        if self.secure { "wss" } else { "ws" }
    }

    /// Host name or IP address, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, 1 to 65535; 80 or 443 when the URL names none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the `Host` field carries: the host, in brackets when it is an IPv6 address, and the port unless it is the
    /// default of the scheme (RFC 6455 section 4.1, number 4).
    pub fn authority(&self) -> String {
        let brackets = self.host.contains(':');
        let host = if brackets {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.port == if self.secure { 443 } else { 80 } {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// Resource name: path and query, at least `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The `Authorization` field that user name and password of the URL stand for (RFC 7617).
    pub fn authorization(&self) -> Option<String> {
        self.credentials.as_ref().map(|credentials| {
            let pair = if credentials.contains(':') {
                credentials.clone()
            } else {
                format!("{credentials}:")
            };
            format!("Basic {}", STANDARD.encode(pair))
        })
    }

    /// Whether the host is this machine by its name or address: `localhost`, 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        let name = self.host.trim_end_matches('.');
        name.eq_ignore_ascii_case("localhost")
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority(), self.path)
    }
}

/// Like `Display`: a password must not get into a log.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// What is wrong with a URL. The blame is always the user's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No `://`.
    #[error("the address {given:?} has no scheme")]
    MissingScheme {
        /// What was given.
        given: String,
    },
    /// Another scheme than `ws` and `wss`.
    #[error("{scheme}:// is not a WebSocket address")]
    WrongScheme {
        /// The scheme.
        scheme: String,
        /// What stands behind `://`.
        rest: String,
    },
    /// Nothing between `://` and the path.
    #[error("the address names no host")]
    MissingHost,
    /// A host that is neither name nor address.
    #[error("{host:?} is not a host name or address")]
    BadHost {
        /// The host.
        host: String,
    },
    /// A port outside 1 to 65535.
    #[error("{port:?} is not a port")]
    BadPort {
        /// The port.
        port: String,
    },
    /// A fragment, which RFC 6455 section 3 forbids.
    #[error("a WebSocket address has no fragment (RFC 6455 section 3)")]
    Fragment,
    /// A control character, or a percent sign without two digits in user name or password.
    #[error("the address has a character that cannot stand in a URL")]
    BadCharacter,
}

impl AddressError {
    /// Who is to blame.
    pub fn blame(&self) -> Blame {
        Blame::Usage
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::MissingScheme { given } => format!("use ws://{given}"),
            Self::WrongScheme { scheme, rest } => match scheme.to_ascii_lowercase().as_str() {
                "https" | "http+tls" => format!("use wss://{}", without_credentials(rest)),
                "http" => format!("use ws://{}", without_credentials(rest)),
                _ => "use ws:// or, for TLS, wss://".to_owned(),
            },
            Self::MissingHost => "write it as ws://HOST:PORT/PATH".to_owned(),
            Self::BadHost { host } if host.matches(':').count() > 1 => {
                "an IPv6 address stands in brackets: ws://[::1]:9001/".to_owned()
            }
            Self::BadHost { .. } => {
                "a host name has letters, digits, dots and hyphens; write other scripts as xn-- labels"
                    .to_owned()
            }
            Self::BadPort { .. } => "a port is a number from 1 to 65535".to_owned(),
            Self::Fragment => "write # as %23, or leave it out with what follows".to_owned(),
            Self::BadCharacter => "percent-encode it: a space is %20, a percent sign %25".to_owned(),
        }
    }
}

fn without_credentials(rest: &str) -> &str {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest[..end].rfind('@').map_or(rest, |at| &rest[at + 1..])
}

/// Splits `host:port`; colons inside brackets belong to the host.
fn split_port(text: &str) -> Result<(&str, Option<&str>), AddressError> {
    if text.starts_with('[') {
        let close = text.find(']').ok_or_else(|| AddressError::BadHost {
            host: text.to_owned(),
        })?;
        let (host, after) = text.split_at(close + 1);
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(AddressError::BadHost {
                host: text.to_owned(),
            }),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(AddressError::BadHost {
            host: text.to_owned(),
        }),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

fn parse_port(text: &str) -> Result<u16, AddressError> {
    let bad = || AddressError::BadPort {
        port: text.to_owned(),
    };
    // `parse` alone would take a plus sign.
    if !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(bad());
    }
    text.parse().ok().filter(|port| *port != 0).ok_or_else(bad)
}

fn parse_host(text: &str) -> Result<String, AddressError> {
    if text.is_empty() {
        return Err(AddressError::MissingHost);
    }
    let bad = || AddressError::BadHost {
        host: text.to_owned(),
    };
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return inner
            .parse::<Ipv6Addr>()
            .map(|address| address.to_string())
            .map_err(|_| bad());
    }
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    if text.bytes().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(bad())
    }
}

fn encode_path(text: &str) -> Result<String, AddressError> {
    let mut path = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') {
        path.push('/');
    }
    for octet in text.bytes() {
        match octet {
            0..=0x1f | 0x7f => return Err(AddressError::BadCharacter),
            b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => {
                let _ = write!(path, "%{octet:02X}");
            }
            _ => path.push(char::from(octet)),
        }
    }
    Ok(path)
}

fn percent_decode(text: &str) -> Result<String, AddressError> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (high, low) = (digit(), digit());
            let (Some(high), Some(low)) = (high, low) else {
                return Err(AddressError::BadCharacter);
            };
            octets.push((high * 16 + low) as u8);
        } else {
            octets.push(octet);
        }
    }
    String::from_utf8(octets).map_err(|_| AddressError::BadCharacter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts() {
        for (url, scheme, host, port, authority, path) in [
            ("ws://localhost", "ws", "localhost", 80, "localhost", "/"),
            (
                "ws://localhost:9001/",
                "ws",
                "localhost",
                9001,
                "localhost:9001",
                "/",
            ),
            ("WSS://Example.org", "wss", "Example.org", 443, "Example.org", "/"),
            (
                "wss://example.org:443/a/b?c=d",
                "wss",
                "example.org",
                443,
                "example.org",
                "/a/b?c=d",
            ),
            (
                "wss://example.org:80",
                "wss",
                "example.org",
                80,
                "example.org:80",
                "/",
            ),
            ("ws://[::1]:9001/x", "ws", "::1", 9001, "[::1]:9001", "/x"),
            (
                "ws://[2001:DB8::0:1]",
                "ws",
                "2001:db8::1",
                80,
                "[2001:db8::1]",
                "/",
            ),
            ("ws://h?q=1", "ws", "h", 80, "h", "/?q=1"),
            ("ws://h:/x", "ws", "h", 80, "h", "/x"),
            ("ws://h/é x", "ws", "h", 80, "h", "/%C3%A9%20x"),
            ("ws://h/a@b:c", "ws", "h", 80, "h", "/a@b:c"),
        ] {
            let address = Address::parse(url).unwrap();
            let parts = (address.scheme(), address.host(), address.port(), address.path());
            assert_eq!(parts, (scheme, host, port, path), "{url}");
            assert_eq!(address.authority(), authority, "{url}");
            assert_eq!(address.authorization(), None, "{url}");
        }
    }

    #[test]
    fn credentials_become_a_field_and_are_shown_nowhere() {
        let address = Address::parse("ws://Aladdin:open%20sesame@h:1/").unwrap();
        // The example of RFC 7617 section 2.
        assert_eq!(
            address.authorization().unwrap(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(address.to_string(), "ws://h:1/");
        assert_eq!(format!("{address:?}"), "Address(ws://h:1/)");
        assert_eq!(
            Address::parse("ws://a@h").unwrap().authorization().unwrap(),
            "Basic YTo="
        );
        let error = Address::parse("http://user:secret@h/").unwrap_err();
        assert!(!format!("{error} {}", error.hint()).contains("secret"));
    }

    #[test]
    fn mistakes_have_a_hint() {
        for (url, error, hint) in [
            ("localhost:9001", "no scheme", "ws://localhost:9001"),
            ("http://h/x", "http:// is not", "ws://h/x"),
            ("https://h", "https:// is not", "wss://h"),
            ("ftp://h", "ftp:// is not", "wss://"),
            ("ws://", "no host", "ws://HOST"),
            ("ws://:80/", "no host", "ws://HOST"),
            ("ws:///x", "no host", "ws://HOST"),
            ("ws://::1/", "not a host", "brackets"),
            ("ws://[::1", "not a host", "brackets"),
            ("ws://[::g]/", "not a host", "brackets"),
            ("ws://h h/", "not a host", "letters"),
            ("ws://h:0/", "not a port", "1 to 65535"),
            ("ws://h:65536/", "not a port", "1 to 65535"),
            ("ws://h:+80/", "not a port", "1 to 65535"),
            ("ws://h/#x", "fragment", "%23"),
            ("ws://h/\r\nx", "character", "percent-encode"),
            ("ws://a%2@h/", "character", "percent-encode"),
        ] {
            let found = Address::parse(url).unwrap_err();
            assert!(found.to_string().contains(error), "{url}: {found}");
            assert!(found.hint().contains(hint), "{url}: {}", found.hint());
        }
    }

    #[test]
    fn loopback() {
        for (url, loopback) in [
            ("ws://localhost", true),
            ("ws://127.9.9.9", true),
            ("ws://[::1]", true),
            ("ws://localhost.example", false),
            ("ws://10.0.0.1", false),
        ] {
            assert_eq!(Address::parse(url).unwrap().is_loopback(), loopback, "{url}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_errs(text in "(ws://)?\\PC{0,40}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert_eq!(Address::parse(&address.to_string()).unwrap().to_string(), address.to_string());
                prop_assert!(address.path().bytes().all(|octet| (0x21..0x7f).contains(&octet)));
            }
        }
    }
}
