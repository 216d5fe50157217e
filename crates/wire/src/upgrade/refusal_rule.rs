//! The rules a final response other than 101 can break: what its status demands of its fields.

use crate::http::{Fields, ResponseHead, list_elements};
use thiserror::Error;

/// The rule that a refusal breaks. The server is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RefusalRule {
    /// 426 without Upgrade (RFC 9110 section 15.5.22).
    #[error("426 has no Upgrade field")]
    UpgradeMissing,
    /// 405 without Allow (RFC 9110 section 15.5.6).
    #[error("405 has no Allow field")]
    AllowMissing,
    /// 401 without a challenge (RFC 9110 section 15.5.2).
    #[error("401 has no WWW-Authenticate field")]
    ChallengeMissing,
    /// Sec-WebSocket-Version is not a list of versions (RFC 6455 section 4.3).
    #[error("Sec-WebSocket-Version {0:?} is not a list of versions")]
    VersionGrammar(String),
    /// Upgrade without the option of that name in Connection (RFC 9110 section 7.8).
    #[error("there is an Upgrade field, and Connection lacks the option upgrade")]
    ConnectionOption,
}

impl RefusalRule {
    /// The id of the broken requirement in the inventory.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::UpgradeMissing => "9110-15.5.22-1",
            Self::AllowMissing => "9110-15.5.6-1",
            Self::ChallengeMissing => "9110-15.5.2-1",
            Self::VersionGrammar(_) => "6455-4.3-6",
            Self::ConnectionOption => "9110-7.8-8",
        }
    }

    /// Does the fault harm nobody? An Upgrade that Connection does not name is advice for a later connection; the
    /// option only keeps intermediaries from passing it on.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::ConnectionOption)
    }
}

/// Checks a final response other than 101 and lists every rule it breaks.
pub fn check_refusal(head: &ResponseHead) -> Vec<RefusalRule> {
    let fields = &head.fields;
    let needed = match head.status {
        426 => Some(("Upgrade", RefusalRule::UpgradeMissing)),
        405 => Some(("Allow", RefusalRule::AllowMissing)),
        401 => Some(("WWW-Authenticate", RefusalRule::ChallengeMissing)),
        _ => None,
    };
    let mut broken: Vec<_> = needed
        .filter(|(name, _)| fields.get(name).is_none())
        .map(|(_, rule)| rule)
        .into_iter()
        .collect();
    if let Some(bad) = fields
        .get_all("Sec-WebSocket-Version")
        .find(|value| !is_version_list(value))
    {
        let text = String::from_utf8_lossy(bad).into_owned();
        broken.push(RefusalRule::VersionGrammar(text));
    }
    if names_protocol(fields) && !fields.has_token("Connection", "upgrade") {
        broken.push(RefusalRule::ConnectionOption);
    }
    broken
}

fn names_protocol(fields: &Fields) -> bool {
    fields
        .get_all("Upgrade")
        .any(|list| list_elements(list).next().is_some())
}

/// `1#version`, each a number from 0 to 255 without leading zeros.
fn is_version_list(value: &[u8]) -> bool {
    let version = |element: &[u8]| {
        let digits = element.iter().all(u8::is_ascii_digit) && element.len() <= 3;
        let text = std::str::from_utf8(element).unwrap_or_default();
        digits && (element.len() == 1 || element.first() != Some(&b'0')) && text.parse::<u8>().is_ok()
    };
    list_elements(value).next().is_some() && list_elements(value).all(version)
}

#[cfg(test)]
mod tests {
    use super::{RefusalRule, check_refusal};
    use crate::http::parse_response;

    fn broken(head: &str) -> Vec<RefusalRule> {
        let octets = format!("HTTP/1.1 {head}\r\n\r\n");
        check_refusal(&parse_response(octets.as_bytes(), 8192).unwrap().unwrap())
    }

    #[test]
    fn a_status_demands_its_fields() {
        assert_eq!(broken("426 U"), [RefusalRule::UpgradeMissing]);
        assert_eq!(broken("405 M"), [RefusalRule::AllowMissing]);
        assert_eq!(broken("401 A"), [RefusalRule::ChallengeMissing]);
        for fine in [
            "426 U\r\nUpgrade: websocket\r\nConnection: Upgrade",
            "405 M\r\nAllow:",
            "401 A\r\nWWW-Authenticate: Basic",
            "400 B",
            "200 OK",
        ] {
            assert_eq!(broken(fine), [], "{fine}");
        }
    }

    #[test]
    fn an_advertised_upgrade_is_named_in_connection() {
        assert_eq!(
            broken("426 U\r\nUpgrade: websocket\r\nConnection: close"),
            [RefusalRule::ConnectionOption]
        );
        assert!(RefusalRule::ConnectionOption.is_harmless());
        assert_eq!(broken("200 OK\r\nUpgrade:"), []);
    }

    #[test]
    fn versions_are_numbers_in_a_list() {
        for fine in ["13", "13, 8", "8,7 , 13", "0", "255", ",13"] {
            assert_eq!(
                broken(&format!("400 B\r\nSec-WebSocket-Version: {fine}")),
                [],
                "{fine}"
            );
        }
        for bad in ["", "v13", "13;8", "013", "256", "13 8", "\"13\"", "13.0"] {
            assert_eq!(
                broken(&format!("400 B\r\nSec-WebSocket-Version: {bad}")),
                [RefusalRule::VersionGrammar(bad.to_owned())]
            );
        }
    }
}
