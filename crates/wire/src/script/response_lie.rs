//! The rules of the opening response that a server can break, one at a time (RFC 6455 section 4.1, RFC 7692
//! section 7.1).

use super::Response;
use super::request_lie::pick;
use crate::deflate::DeflateRule;
use crate::extension::{Extension, ExtensionError, parse_list};
use crate::upgrade::{ResponseRule, ResponseSpec, accept_for, key_from_nonce};

/// A rule of the response broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, arbitrary::Arbitrary)]
pub enum ResponseLie {
    /// Another status than 101, which alone is a refusal.
    Status,
    /// HTTP below 1.1 or above 1.
    Version,
    /// No Upgrade.
    UpgradeMissing,
    /// Upgrade to something else.
    UpgradeWrong,
    /// Upgrade to websocket among others; disputed.
    UpgradeList,
    /// No Connection.
    ConnectionMissing,
    /// Connection without Upgrade.
    ConnectionWrong,
    /// A list with an empty element.
    EmptyElement,
    /// A Content-Length.
    ContentLength,
    /// A Transfer-Encoding.
    TransferEncoding,
    /// No proof.
    AcceptMissing,
    /// Two proofs.
    AcceptRepeated,
    /// A wrong proof.
    AcceptWrong,
    /// A subprotocol that was not offered.
    ProtocolNotOffered,
    /// Two fields of subprotocols.
    ProtocolRepeated,
    /// A subprotocol that is no token.
    ProtocolGrammar,
    /// An extension that was not offered.
    ExtensionNotOffered,
    /// An extension accepted twice.
    ExtensionRepeated,
    /// A list of extensions against its grammar.
    ExtensionGrammar,
    /// Parameters of permessage-deflate that are wrong, alone or for the offer.
    Deflate,
}

const ACCEPT: &str = "Sec-WebSocket-Accept";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

/// Longer than any name that is generated, so that nobody offers it.
const UNKNOWN: &str = "a-name-that-nobody-offers";

impl ResponseLie {
    /// Tells the lie in a response, in one of several forms (modulo their number); gives what is written and the rule
    /// it breaks. The request may change so that the lie is one.
    pub fn tell(self, form: u8, response: &mut Response) -> (ResponseSpec, ResponseRule) {
        self.prepare(response);
        let mut spec = response.spec();
        let rule = match self {
            Self::Status => {
                let status = pick(form, &[200, 301, 400, 401, 426, 503, 0, 999]);
                spec.status = format!("{status:03}");
                ResponseRule::Status(status)
            }
            Self::Version => {
                let (major, minor) = pick(form, &[(1, 0), (0, 9), (2, 0)]);
                spec.version = format!("HTTP/{major}.{minor}");
                ResponseRule::Version(major, minor)
            }
            Self::UpgradeMissing => gone(&mut spec, "Upgrade", ResponseRule::UpgradeMissing),
            Self::UpgradeWrong => {
                let value = pick(form, &["h2c", "websocketx", "", "web socket"]);
                spec.set("Upgrade", value);
                ResponseRule::UpgradeWrong(value.to_owned())
            }
            Self::UpgradeList => {
                let value = pick(form, &["websocket, x", "h2c,WebSocket", "websocket,websocket"]);
                spec.set("Upgrade", value);
                ResponseRule::UpgradeList(value.to_owned())
            }
            Self::ConnectionMissing => gone(&mut spec, "Connection", ResponseRule::ConnectionMissing),
            Self::ConnectionWrong => {
                let value = pick(form, &["close", "keep-alive", "", "x-upgrade"]);
                spec.set("Connection", value);
                ResponseRule::ConnectionWrong(value.to_owned())
            }
            Self::EmptyElement => {
                spec.set("Connection", pick(form, &[",Upgrade", "Upgrade, ,x", "upgrade,"]));
                ResponseRule::EmptyElement("Connection")
            }
            Self::ContentLength => {
                spec.add("Content-Length", pick(form, &["0", "5", "x"]));
                ResponseRule::ContentLength
            }
            Self::TransferEncoding => {
                spec.add("Transfer-Encoding", pick(form, &["chunked", "identity", ""]));
                ResponseRule::TransferEncoding
            }
            Self::AcceptMissing => gone(&mut spec, ACCEPT, ResponseRule::AcceptMissing),
            Self::AcceptRepeated => {
                spec.add(ACCEPT, accept_for(&key_from_nonce(response.request.nonce)));
                ResponseRule::AcceptRepeated
            }
            Self::AcceptWrong => wrong_accept(form, response, &mut spec),
            Self::ProtocolNotOffered => {
                spec.set(PROTOCOL, UNKNOWN);
                ResponseRule::ProtocolNotOffered(UNKNOWN.to_owned())
            }
            Self::ProtocolRepeated => {
                let offered = response.request.protocols.first().cloned().unwrap_or_default();
                spec.set(PROTOCOL, &offered).add(PROTOCOL, &offered);
                ResponseRule::ProtocolRepeated
            }
            Self::ProtocolGrammar => {
                let value = pick(form, &["a, b", "", "a b", "\"a\"", "a;"]);
                spec.set(PROTOCOL, value);
                ResponseRule::ProtocolGrammar(value.to_owned())
            }
            Self::ExtensionNotOffered => {
                spec.set(EXTENSIONS, UNKNOWN);
                ResponseRule::ExtensionNotOffered(UNKNOWN.to_owned())
            }
            Self::ExtensionRepeated => {
                spec.set(
                    EXTENSIONS,
                    pick(form, &["x-twice, x-twice", "x-twice;a,x-twice;b"]),
                );
                ResponseRule::ExtensionRepeated("x-twice".to_owned())
            }
            Self::ExtensionGrammar => {
                let (list, error) = pick(
                    form,
                    &[
                        ("", ExtensionError::Empty),
                        ("x;", ExtensionError::TokenExpected { offset: 2 }),
                        ("x; a=\"b", ExtensionError::UnclosedQuote { offset: 5 }),
                        (
                            "x y",
                            ExtensionError::Unexpected {
                                offset: 2,
                                octet: b'y',
                            },
                        ),
                    ],
                );
                spec.set(EXTENSIONS, list);
                ResponseRule::ExtensionGrammar(error)
            }
            Self::Deflate => deflate(form, response, &mut spec),
        };
        (spec, rule)
    }

    /// What the request has to offer.
    fn prepare(self, response: &mut Response) {
        let request = &mut response.request;
        match self {
            Self::ProtocolRepeated if request.protocols.is_empty() => {
                request.protocols.push("chat".to_owned());
            }
            Self::ExtensionRepeated => request.extensions = vec![Extension::new("x-twice")],
            _ => {}
        }
    }
}

fn gone(spec: &mut ResponseSpec, name: &str, rule: ResponseRule) -> ResponseRule {
    spec.remove(name);
    rule
}

fn wrong_accept(form: u8, response: &Response, spec: &mut ResponseSpec) -> ResponseRule {
    let key = key_from_nonce(response.request.nonce);
    let accept = accept_for(&key);
    let expected = String::from_utf8_lossy(&accept).into_owned();
    let other = response.request.nonce.map(|octet| !octet);
    let got = match form % 5 {
        // Unlike the rest of the handshake this value counts letter by letter; all digits is once in 10^22.
        0 => expected
            .chars()
            .map(|one| {
                if one.is_ascii_lowercase() {
                    one.to_ascii_uppercase()
                } else {
                    one.to_ascii_lowercase()
                }
            })
            .collect(),
        1 => expected.trim_end_matches('=').to_owned(),
        2 => format!("{expected}="),
        3 => String::new(),
        _ => String::from_utf8_lossy(&accept_for(&key_from_nonce(other))).into_owned(),
    };
    spec.set(ACCEPT, &got);
    ResponseRule::AcceptWrong { expected, got }
}

/// Offer, answer and the rule it breaks.
fn deflate(form: u8, response: &mut Response, spec: &mut ResponseSpec) -> ResponseRule {
    use DeflateRule::{
        ClientWindowNotOffered, DuplicateParameter, ServerTakeoverMissing, ServerWindowLarger,
        ServerWindowMissing, UnknownParameter, ValueForbidden, ValueInvalid, ValueMissing,
    };
    const CLIENT: &str = "client_max_window_bits";
    const SERVER: &str = "server_max_window_bits";
    const TAKEOVER: &str = "server_no_context_takeover";
    let invalid = |value: &str| ValueInvalid {
        name: SERVER,
        value: value.to_owned(),
    };
    let (offer, answer, rule) = match form % 11 {
        0 => ("", "; client_max_window_bits=10", ClientWindowNotOffered),
        1 => (
            "; server_max_window_bits=10",
            "",
            ServerWindowMissing { offered: 10 },
        ),
        2 => {
            let (offered, answered) = (9, 15);
            let rule = ServerWindowLarger { offered, answered };
            ("; server_max_window_bits=9", "; server_max_window_bits=15", rule)
        }
        3 => ("; server_no_context_takeover", "", ServerTakeoverMissing),
        4 => ("", "; unknown", UnknownParameter("unknown".to_owned())),
        5 => (
            "",
            "; server_no_context_takeover; server_no_context_takeover",
            DuplicateParameter(TAKEOVER),
        ),
        6 => ("", "; server_no_context_takeover=1", ValueForbidden(TAKEOVER)),
        7 => (
            "; client_max_window_bits",
            "; client_max_window_bits",
            ValueMissing(CLIENT),
        ),
        8 => ("", "; server_max_window_bits=16", invalid("16")),
        9 => ("", "; server_max_window_bits=08", invalid("08")),
        _ => ("", "; server_max_window_bits", ValueMissing(SERVER)),
    };
    let offer = format!("{}{offer}", crate::deflate::NAME);
    response.request.extensions = parse_list(offer.as_bytes()).unwrap_or_default();
    spec.set(EXTENSIONS, format!("{}{answer}", crate::deflate::NAME));
    ResponseRule::Deflate(rule)
}
