//! The rules of the opening request that a client can break, one at a time (RFC 6455 section 4.2.1).

use crate::extension::ExtensionError;
use crate::subprotocol::SubprotocolError;
use crate::upgrade::{RequestRule, RequestSpec};

/// A rule of the request broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, arbitrary::Arbitrary)]
pub enum RequestLie {
    /// Not GET.
    Method,
    /// HTTP below 1.1.
    VersionBelow,
    /// HTTP above 1.
    VersionUnknown,
    /// A target that is neither a path nor an http URI, or has a fragment.
    Target,
    /// No Host.
    HostMissing,
    /// Two Hosts.
    HostRepeated,
    /// A Host that is none.
    HostInvalid,
    /// A body is announced.
    Body,
    /// A Content-Length that is no number or contradicts itself.
    ContentLength,
    /// No Upgrade.
    UpgradeMissing,
    /// Upgrade to something else.
    UpgradeWrong,
    /// No Connection.
    ConnectionMissing,
    /// Connection without Upgrade.
    ConnectionWrong,
    /// No key.
    KeyMissing,
    /// Two keys.
    KeyRepeated,
    /// An empty key.
    KeyEmpty,
    /// A key that is no base64.
    KeyNotBase64,
    /// A key of another number of octets than 16.
    KeyLength,
    /// No version.
    VersionMissing,
    /// Two versions.
    VersionRepeated,
    /// Another version than 13.
    VersionWrong,
    /// A subprotocol that is no token.
    ProtocolNotToken,
    /// A subprotocol named twice.
    ProtocolRepeated,
    /// A list without subprotocols.
    ProtocolEmpty,
    /// A list of extensions against its grammar.
    Extension,
}

const KEY: &str = "Sec-WebSocket-Key";
const VERSION: &str = "Sec-WebSocket-Version";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

/// Malformed lists of extensions and their fault.
const GRAMMAR: [(&str, ExtensionError); 6] = [
    (
        "a=b",
        ExtensionError::Unexpected {
            offset: 1,
            octet: b'=',
        },
    ),
    (
        "permessage-deflate;",
        ExtensionError::TokenExpected { offset: 19 },
    ),
    ("", ExtensionError::Empty),
    ("a; b=\"c", ExtensionError::UnclosedQuote { offset: 5 }),
    ("a; b=\"c d\"", ExtensionError::QuotedNotToken { offset: 5 }),
    (
        "a, b/c",
        ExtensionError::Unexpected {
            offset: 4,
            octet: b'/',
        },
    ),
];

impl RequestLie {
    /// Tells the lie in a legal request, in one of several forms (modulo their number); gives the rule it breaks.
    pub fn tell(self, form: u8, spec: &mut RequestSpec) -> RequestRule {
        match self {
            Self::Method => {
                pick(form, &["POST", "get", "HEAD", "CONNECT", "G"]).clone_into(&mut spec.method);
                RequestRule::Method
            }
            Self::VersionBelow => {
                let (major, minor) = pick(form, &[(1, 0), (0, 9), (0, 0)]);
                spec.version = format!("HTTP/{major}.{minor}");
                RequestRule::VersionBelow(major, minor)
            }
            Self::VersionUnknown => {
                let (major, minor) = pick(form, &[(2, 0), (3, 0), (9, 9)]);
                spec.version = format!("HTTP/{major}.{minor}");
                RequestRule::VersionUnknown(major, minor)
            }
            Self::Target => {
                let targets = [
                    "*",
                    "chat",
                    "ws://server.example.com/chat",
                    "/a#b",
                    "http://",
                    "example.com:80",
                ];
                pick(form, &targets).clone_into(&mut spec.target);
                RequestRule::Target
            }
            Self::HostMissing => gone(spec, "Host", RequestRule::HostMissing),
            Self::HostRepeated => twice(spec, "Host", RequestRule::HostRepeated),
            Self::HostInvalid => {
                let hosts = [
                    "",
                    "a b",
                    "user@host",
                    "host:port",
                    "[::1",
                    "[::g]",
                    ":80",
                    "host:123456",
                    "a/b",
                ];
                spec.set("Host", pick(form, &hosts));
                RequestRule::HostInvalid
            }
            Self::Body => {
                let (name, value) = pick(
                    form,
                    &[
                        ("Content-Length", "5"),
                        ("Transfer-Encoding", "chunked"),
                        ("content-length", "0001"),
                    ],
                );
                spec.add(name, value);
                RequestRule::Body
            }
            Self::ContentLength => {
                let value = pick(form, &["abc", "-1", "5, 6", "", "+0", "0x0", "5"]);
                spec.add("Content-Length", value);
                if value == "5" {
                    spec.add("Transfer-Encoding", "chunked");
                }
                RequestRule::ContentLength
            }
            Self::UpgradeMissing => gone(spec, "Upgrade", RequestRule::UpgradeMissing),
            Self::UpgradeWrong => {
                spec.set(
                    "Upgrade",
                    pick(form, &["h2c", "websocketx", "", "web socket", "websocket/13"]),
                );
                RequestRule::UpgradeWrong
            }
            Self::ConnectionMissing => gone(spec, "Connection", RequestRule::ConnectionMissing),
            Self::ConnectionWrong => {
                spec.set(
                    "Connection",
                    pick(form, &["close", "x-upgrade", "up grade", "", "Upgrade;"]),
                );
                RequestRule::ConnectionWrong
            }
            Self::KeyMissing => gone(spec, KEY, RequestRule::KeyMissing),
            Self::KeyRepeated => twice(spec, KEY, RequestRule::KeyRepeated),
            Self::KeyEmpty => {
                spec.set(KEY, pick(form, &["", " ", "\t"]));
                RequestRule::KeyEmpty
            }
            Self::KeyNotBase64 => {
                let keys = [
                    "dGhlIHNhbXBsZSBub25jZQ!=",
                    "dGhlIHNhbXBsZSBub25jZQ",
                    "dGhlIHNh bXBsZSBub25jZQ==",
                    "dGhlIHNhbXBsZSBub25jZQ===",
                    "====",
                    "dGhlIHNhbXBsZSBub25jZ===",
                    "_-hlIHNhbXBsZSBub25jZQ==",
                ];
                spec.set(KEY, pick(form, &keys));
                RequestRule::KeyNotBase64
            }
            Self::KeyLength => {
                let keys = [
                    "AAAA",
                    "AA==",
                    "dGhlIHNhbXBsZSBub25jZQA=",
                    "dGhlIHNhbXBsZSBub25jZQAA",
                ];
                spec.set(KEY, pick(form, &keys));
                RequestRule::KeyLength
            }
            Self::VersionMissing => gone(spec, VERSION, RequestRule::VersionMissing),
            Self::VersionRepeated => match pick(form, &["13", "13, 8", "13,13"]) {
                "13" => twice(spec, VERSION, RequestRule::VersionRepeated),
                list => {
                    spec.set(VERSION, list);
                    RequestRule::VersionRepeated
                }
            },
            Self::VersionWrong => {
                spec.set(
                    VERSION,
                    pick(form, &["25", "013", "", "0", "8", "13.0", "+13", "14"]),
                );
                RequestRule::VersionWrong
            }
            Self::ProtocolNotToken => {
                let bad = pick(form, &["a b", "a;b", "\"a\"", "a/b", "a=b"]);
                spec.set(PROTOCOL, bad);
                RequestRule::Protocol(SubprotocolError::NotToken(bad.to_owned()))
            }
            Self::ProtocolRepeated => {
                spec.set(
                    PROTOCOL,
                    pick(form, &["twice, twice", "twice,a,b,twice", "b,twice,,twice"]),
                );
                RequestRule::Protocol(SubprotocolError::Repeated("twice".to_owned()))
            }
            Self::ProtocolEmpty => {
                spec.set(PROTOCOL, pick(form, &["", ",", " , ,"]));
                RequestRule::Protocol(SubprotocolError::Empty)
            }
            Self::Extension => {
                let (list, error) = pick(form, &GRAMMAR);
                spec.set(EXTENSIONS, list);
                RequestRule::Extension(error)
            }
        }
    }
}

/// One of the forms.
pub(super) fn pick<T: Copy, const N: usize>(form: u8, forms: &[T; N]) -> T {
    const { assert!(N > 0, "a lie has a form") };
    let [first, ..] = forms.as_slice() else {
        unreachable!()
    };
    *forms.get(usize::from(form) % N).unwrap_or(first)
}

fn gone(spec: &mut RequestSpec, name: &str, rule: RequestRule) -> RequestRule {
    spec.remove(name);
    rule
}

/// Says the field once more.
fn twice(spec: &mut RequestSpec, name: &str, rule: RequestRule) -> RequestRule {
    let mut fields = spec.fields.iter();
    let value = fields.find(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
    let value = value.map(|(_, value)| value.clone()).unwrap_or_default();
    spec.add(name, value);
    rule
}
