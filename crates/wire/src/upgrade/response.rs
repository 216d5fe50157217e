//! The client's side: does this response open the connection (RFC 6455 section 4.1)?

use super::accept::accept_for;
use super::response_rule::ResponseRule;
use crate::deflate;
use crate::extension::{self, Extension};
use crate::http::{Fields, ResponseHead, is_token, list_elements, trim_ows};

/// What the client sent and the response has to fit.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// The key as it was sent.
    pub key: &'a [u8],
    /// The subprotocols offered.
    pub protocols: &'a [String],
    /// The extensions offered.
    pub extensions: &'a [Extension],
}

/// What client and server use from now on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreed {
    /// The subprotocol in use.
    pub protocol: Option<String>,
    /// permessage-deflate, when in use.
    pub deflate: Option<deflate::Agreed>,
    /// All extensions in use, as the response lists them.
    pub extensions: Vec<Extension>,
}

/// Checks a response strictly; the first rule broken is named. Disputed rules are passed over.
pub fn check_response(head: &ResponseHead, offered: &Offered<'_>) -> Result<Agreed, ResponseRule> {
    let (agreed, broken) = check_response_all(head, offered);
    match (broken.into_iter().find(|rule| !rule.is_disputed()), agreed) {
        (None, Some(agreed)) => Ok(agreed),
        (Some(rule), _) => Err(rule),
        (None, None) => Err(ResponseRule::Status(head.status)),
    }
}

/// Checks a response and lists every rule it breaks. What was agreed is there whenever the status is 101,
/// as far as it can be made out, so that a tester can go on. With another status only that is listed.
pub fn check_response_all(head: &ResponseHead, offered: &Offered<'_>) -> (Option<Agreed>, Vec<ResponseRule>) {
    let mut broken = Vec::new();
    if head.status != 101 {
        broken.push(ResponseRule::Status(head.status));
        return (None, broken);
    }
    let fields = &head.fields;
    if !matches!(head.version, (1, 1..)) {
        broken.push(ResponseRule::Version(head.version.0, head.version.1));
    }
    upgrade(fields, &mut broken);
    if let Err(rule) = accept(fields, offered.key) {
        broken.push(rule);
    }
    let mut agreed = Agreed {
        protocol: protocol(fields, offered.protocols, &mut broken),
        ..Agreed::default()
    };
    extensions(fields, offered.extensions, &mut agreed, &mut broken);
    (Some(agreed), broken)
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn joined(fields: &Fields, name: &str) -> String {
    fields.get_all(name).map(text).collect::<Vec<_>>().join(", ")
}

fn upgrade(fields: &Fields, broken: &mut Vec<ResponseRule>) {
    if fields.get("Upgrade").is_none() {
        broken.push(ResponseRule::UpgradeMissing);
    } else if !names_websocket(fields) {
        broken.push(ResponseRule::UpgradeWrong(joined(fields, "Upgrade")));
    } else if !fields.has_token("Upgrade", "websocket")
        || fields.get_all("Upgrade").flat_map(list_elements).nth(1).is_some()
    {
        broken.push(ResponseRule::UpgradeList(joined(fields, "Upgrade")));
    }
    if fields.get("Connection").is_none() {
        broken.push(ResponseRule::ConnectionMissing);
    } else if !fields.has_token("Connection", "upgrade") {
        broken.push(ResponseRule::ConnectionWrong(joined(fields, "Connection")));
    }
    for name in ["Upgrade", "Connection", "Sec-WebSocket-Extensions"] {
        if fields.get_all(name).any(has_empty_element) {
            broken.push(ResponseRule::EmptyElement(name));
        }
    }
    if fields.get("Content-Length").is_some() {
        broken.push(ResponseRule::ContentLength);
    }
    if fields.get("Transfer-Encoding").is_some() {
        broken.push(ResponseRule::TransferEncoding);
    }
}

/// Whether a protocol of the Upgrade field is websocket, with a version or without (RFC 9110 section 7.8).
fn names_websocket(fields: &Fields) -> bool {
    fields.get_all("Upgrade").flat_map(list_elements).any(|protocol| {
        let name = protocol.split(|octet| *octet == b'/').next();
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"websocket"))
    })
}

/// Whether a comma list has more commas than its elements need. Commas inside quoted strings are none.
fn has_empty_element(list: &[u8]) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    let elements = list.split(|octet| {
        let separates = *octet == b',' && !quoted;
        quoted ^= *octet == b'"' && !escaped;
        escaped = quoted && *octet == b'\\' && !escaped;
        separates
    });
    // A value without a comma is a list of one element, or none.
    list.contains(&b',') && elements.map(trim_ows).any(<[u8]>::is_empty)
}

fn accept(fields: &Fields, key: &[u8]) -> Result<(), ResponseRule> {
    let mut values = fields.get_all("Sec-WebSocket-Accept");
    let value = values.next().ok_or(ResponseRule::AcceptMissing)?;
    let expected = accept_for(key);
    if value != expected {
        return Err(ResponseRule::AcceptWrong {
            expected: text(&expected),
            got: text(value),
        });
    }
    if values.next().is_some() {
        Err(ResponseRule::AcceptRepeated)
    } else {
        Ok(())
    }
}

fn protocol(fields: &Fields, offered: &[String], broken: &mut Vec<ResponseRule>) -> Option<String> {
    let mut values = fields.get_all("Sec-WebSocket-Protocol");
    let value = values.next()?;
    if values.next().is_some() {
        broken.push(ResponseRule::ProtocolRepeated);
    }
    if !is_token(value) {
        broken.push(ResponseRule::ProtocolGrammar(text(value)));
        return None;
    }
    let value = text(value);
    if !offered.contains(&value) {
        broken.push(ResponseRule::ProtocolNotOffered(value.clone()));
    }
    Some(value)
}

fn extensions(fields: &Fields, offered: &[Extension], agreed: &mut Agreed, broken: &mut Vec<ResponseRule>) {
    const NAME: &str = "Sec-WebSocket-Extensions";
    if fields.get(NAME).is_none() {
        return;
    }
    let list = match extension::parse_fields(fields.get_all(NAME)) {
        Ok(list) => list,
        Err(error) => {
            broken.push(error.into());
            return;
        }
    };
    for (index, element) in list.iter().enumerate() {
        if list
            .iter()
            .take(index)
            .any(|earlier| earlier.name == element.name)
        {
            broken.push(ResponseRule::ExtensionRepeated(element.name.clone()));
        } else if !offered.iter().any(|offer| offer.name == element.name) {
            broken.push(ResponseRule::ExtensionNotOffered(element.name.clone()));
        } else if element.name == deflate::NAME {
            match deflate_agreed(offered, element) {
                Ok(parameters) => agreed.deflate = Some(parameters),
                Err(rule) => {
                    broken.push(rule.into());
                    agreed.deflate = Some(deflate_meant(element));
                }
            }
        }
    }
    agreed.extensions = list;
}

fn deflate_agreed(
    offered: &[Extension],
    element: &Extension,
) -> Result<deflate::Agreed, deflate::DeflateRule> {
    // An offer that is wrong on purpose can not be accepted by anyone: it is left out.
    let offers: Vec<_> = offered
        .iter()
        .filter(|offer| offer.name == deflate::NAME)
        .filter_map(|offer| deflate::Params::from_offer(offer).ok())
        .collect();
    deflate::check_answer(&offers, &deflate::Params::from_answer(element)?)
}

/// What an answer means that accepts permessage-deflate in a wrong way: the server compresses all the same, and the
/// parameters that can be read say how.
fn deflate_meant(element: &Extension) -> deflate::Agreed {
    let mut meant = deflate::Params::default();
    for param in &element.params {
        let alone = Extension {
            name: element.name.clone(),
            params: vec![param.clone()],
        };
        let Ok(read) = deflate::Params::from_answer(&alone) else {
            continue;
        };
        meant.server_no_context_takeover |= read.server_no_context_takeover;
        meant.client_no_context_takeover |= read.client_no_context_takeover;
        meant.server_max_window_bits = read.server_max_window_bits.or(meant.server_max_window_bits);
        meant.client_max_window_bits = read.client_max_window_bits.or(meant.client_max_window_bits);
    }
    deflate::Agreed::from(&meant)
}

#[cfg(test)]
mod tests {
    use super::{Offered, ResponseRule, check_response_all};
    use crate::deflate::Agreed;
    use crate::extension::parse_list;
    use crate::http::parse_response;

    fn broken(upgrade: &str, connection: &str, more: &str) -> Vec<ResponseRule> {
        let octets = format!(
            "HTTP/1.1 101 S\r\nUpgrade: {upgrade}\r\nConnection: {connection}\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{more}\r\n"
        );
        let offered = Offered {
            key: b"dGhlIHNhbXBsZSBub25jZQ==",
            protocols: &[],
            extensions: &[crate::extension::Extension {
                name: "x".into(),
                params: Vec::new(),
            }],
        };
        check_response_all(
            &parse_response(octets.as_bytes(), 8192).unwrap().unwrap(),
            &offered,
        )
        .1
    }

    #[test]
    fn lists_have_no_empty_elements() {
        assert_eq!(broken("websocket", "keep-alive, Upgrade", ""), []);
        for bad in ["keep-alive,, Upgrade", ", Upgrade", "Upgrade,", "Upgrade, ,"] {
            assert_eq!(
                broken("websocket", bad, ""),
                [ResponseRule::EmptyElement("Connection")]
            );
        }
        let quoted = "Sec-WebSocket-Extensions: x; a=\"\\,,\\\"\"\r\n";
        let empty = |rule: &ResponseRule| matches!(rule, ResponseRule::EmptyElement(_));
        assert!(!broken("websocket", "Upgrade", quoted).iter().any(empty));
        let missing = "Sec-WebSocket-Extensions: x, ,x\r\n";
        assert!(broken("websocket", "Upgrade", missing).iter().any(empty));
    }

    #[test]
    fn a_wrong_answer_to_an_offer_still_agrees_on_compression() {
        let agreed = |offer: &str, answer: &str| {
            let octets = format!(
                "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
                 Sec-WebSocket-Extensions: {answer}\r\n\r\n"
            );
            let offered = Offered {
                key: b"dGhlIHNhbXBsZSBub25jZQ==",
                protocols: &[],
                extensions: &parse_list(offer.as_bytes()).unwrap(),
            };
            let head = parse_response(octets.as_bytes(), 8192).unwrap().unwrap();
            let (agreed, broken) = check_response_all(&head, &offered);
            (agreed.unwrap().deflate, broken.len())
        };
        let all = Some(Agreed::default());
        assert_eq!(agreed("permessage-deflate", "permessage-deflate"), (all, 0));
        assert_eq!(
            agreed(
                "permessage-deflate; server_max_window_bits=15",
                "permessage-deflate"
            ),
            (all, 1)
        );
        let small = Agreed {
            server_takeover: false,
            server_window: 10,
            ..Agreed::default()
        };
        assert_eq!(
            agreed(
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; x=1; client_no_context_takeover=yes"
            ),
            (Some(small), 1)
        );
        assert_eq!(agreed("x", "permessage-deflate"), (None, 1));
    }

    #[test]
    fn a_version_behind_the_protocol_is_disputed() {
        let rules = broken("websocket/13", "Upgrade", "");
        assert!(rules.iter().all(ResponseRule::is_disputed) && rules.len() == 1);
        assert!(!broken("websocketx/13", "Upgrade", "")[0].is_disputed());
    }
}
