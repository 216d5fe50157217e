//! Offers and answers (RFC 7692 sections 5 and 7.1).

use super::params::Params;
use super::rule::DeflateRule;
use crate::extension::Extension;

/// What both sides keep to once permessage-deflate is in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Agreed {
    /// May the server refer back into earlier messages?
    pub server_takeover: bool,
    /// May the client refer back into earlier messages?
    pub client_takeover: bool,
    /// Base-2 logarithm of the server's window, 8 to 15.
    pub server_window: u8,
    /// Base-2 logarithm of the client's window, 8 to 15.
    pub client_window: u8,
}

impl Default for Agreed {
    /// The agreement of an answer without parameters.
    fn default() -> Self {
        Self {
            server_takeover: true,
            client_takeover: true,
            server_window: 15,
            client_window: 15,
        }
    }
}

impl From<&Params> for Agreed {
    /// What an answer means. A `client_max_window_bits` without value, which is no answer, means 15.
    fn from(answer: &Params) -> Self {
        Self {
            server_takeover: !answer.server_no_context_takeover,
            client_takeover: !answer.client_no_context_takeover,
            server_window: answer.server_max_window_bits.unwrap_or(15),
            client_window: answer.client_max_window_bits.flatten().unwrap_or(15),
        }
    }
}

/// What a server wants beyond what clients ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerPolicy {
    /// Never refer back into earlier messages, asked or not.
    pub server_no_context_takeover: bool,
    /// Forbid clients to refer back into earlier messages, hinted or not.
    pub client_no_context_takeover: bool,
    /// The largest window to compress with, 9 to 15.
    pub server_max_window_bits: u8,
    /// The largest window clients may use, 8 to 15, as far as they let the server say.
    pub client_max_window_bits: u8,
}

impl Default for ServerPolicy {
    /// Wants nothing.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: 15,
        }
    }
}

/// Answers a client: the first offer that is valid and can be kept is accepted, `None` declines them all.
///
/// A `server_max_window_bits` of 8 is declined: zlib has no such window.
pub fn accept_offers(offers: &[Extension], policy: &ServerPolicy) -> Option<(Params, Agreed)> {
    offers.iter().find_map(|offer| {
        let answer = answer(Params::from_offer(offer).ok()?, *policy)?;
        Some((answer, Agreed::from(&answer)))
    })
}

fn answer(offer: Params, policy: ServerPolicy) -> Option<Params> {
    let own = policy.server_max_window_bits.clamp(9, 15);
    if offer.server_max_window_bits.is_some_and(|bits| bits < 9) {
        return None;
    }
    let server = offer
        .server_max_window_bits
        .map(|bits| bits.min(own))
        .or((own < 15).then_some(own));
    // A hint of the client is taken up; without the parameter it can not be told (RFC 7692 section 7.1.2.2).
    let client = offer.client_max_window_bits.and_then(|hint| {
        let bits = hint.unwrap_or(15).min(policy.client_max_window_bits.clamp(8, 15));
        (bits < 15).then_some(Some(bits))
    });
    Some(Params {
        server_no_context_takeover: offer.server_no_context_takeover || policy.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover || policy.client_no_context_takeover,
        server_max_window_bits: server,
        client_max_window_bits: client,
    })
}

/// Checks a server's answer against what was offered: it has to fit one offer. When it fits none, the rule
/// it breaks of the first is named.
pub fn check_answer(offered: &[Params], answer: &Params) -> Result<Agreed, DeflateRule> {
    if answer.client_max_window_bits == Some(None) {
        return Err(DeflateRule::ValueMissing("client_max_window_bits"));
    }
    let mut first = None;
    for offer in offered {
        match fits(*offer, *answer) {
            Ok(()) => return Ok(Agreed::from(answer)),
            Err(rule) => {
                first.get_or_insert(rule);
            }
        }
    }
    Err(first.unwrap_or(DeflateRule::NotOffered))
}

fn fits(offer: Params, answer: Params) -> Result<(), DeflateRule> {
    if offer.server_no_context_takeover && !answer.server_no_context_takeover {
        return Err(DeflateRule::ServerTakeoverMissing);
    }
    match (offer.server_max_window_bits, answer.server_max_window_bits) {
        (Some(offered), None) => return Err(DeflateRule::ServerWindowMissing { offered }),
        (Some(offered), Some(answered)) if answered > offered => {
            return Err(DeflateRule::ServerWindowLarger { offered, answered });
        }
        _ => {}
    }
    if answer.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none() {
        return Err(DeflateRule::ClientWindowNotOffered);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ServerPolicy, accept_offers, check_answer};
    use crate::deflate::{Agreed, DeflateRule, Params};
    use crate::extension::parse_list;

    fn params(value: &str) -> Result<Params, DeflateRule> {
        Params::from_answer(&parse_list(value.as_bytes()).unwrap()[0])
    }

    #[test]
    fn offers_and_their_answers() {
        // RFC 7692 section 7.1.3 and the table of section 7.1.
        for (offer, expected) in [
            ("permessage-deflate", Some("permessage-deflate")),
            (
                "permessage-deflate; client_max_window_bits",
                Some("permessage-deflate"),
            ),
            (
                "permessage-deflate; client_max_window_bits=15",
                Some("permessage-deflate"),
            ),
            (
                "permessage-deflate; client_max_window_bits=8",
                Some("permessage-deflate; client_max_window_bits=8"),
            ),
            (
                "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
                Some("permessage-deflate; server_max_window_bits=10"),
            ),
            (
                "permessage-deflate; client_max_window_bits; server_max_window_bits=10, \
                 permessage-deflate; client_max_window_bits",
                Some("permessage-deflate; server_max_window_bits=10"),
            ),
            (
                "permessage-deflate; server_max_window_bits=\"10\"",
                Some("permessage-deflate; server_max_window_bits=10"),
            ),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
            ),
            ("permessage-deflate; server_max_window_bits=8", None),
            (
                "permessage-deflate; server_max_window_bits=8, permessage-deflate",
                Some("permessage-deflate"),
            ),
            ("permessage-deflate; foo", None),
            (
                "permessage-deflate; foo, permessage-deflate",
                Some("permessage-deflate"),
            ),
            ("permessage-deflate; server_no_context_takeover=1", None),
            (
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                None,
            ),
            (
                "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
                None,
            ),
            (
                "x-webkit-deflate-frame, permessage-deflate",
                Some("permessage-deflate"),
            ),
            ("x-unknown", None),
        ] {
            let got = accept_offers(&parse_list(offer.as_bytes()).unwrap(), &ServerPolicy::default());
            assert_eq!(
                got.map(|(answer, _)| answer.to_string()).as_deref(),
                expected,
                "{offer}"
            );
        }
        for value in ["7", "16", "0", "08", "010", "+9", "9.0", "abc", "100"] {
            for name in ["server_max_window_bits", "client_max_window_bits"] {
                let offer = parse_list(format!("permessage-deflate; {name}={value}").as_bytes()).unwrap();
                assert_eq!(
                    accept_offers(&offer, &ServerPolicy::default()),
                    None,
                    "{name}={value}"
                );
            }
        }
        let bare = parse_list(b"permessage-deflate; server_max_window_bits").unwrap();
        assert_eq!(accept_offers(&bare, &ServerPolicy::default()), None);
    }

    #[test]
    fn a_policy_is_stated_as_far_as_it_can_be() {
        let policy = ServerPolicy {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: 10,
            client_max_window_bits: 9,
        };
        for (offer, expected) in [
            (
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10",
            ),
            (
                "permessage-deflate; client_max_window_bits; server_max_window_bits=9",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=9; client_max_window_bits=9",
            ),
        ] {
            let offers = parse_list(offer.as_bytes()).unwrap();
            let (answer, agreed) = accept_offers(&offers, &policy).unwrap();
            assert_eq!(answer.to_string(), expected);
            let offered: Vec<_> = offers
                .iter()
                .map(|offer| Params::from_offer(offer).unwrap())
                .collect();
            assert_eq!(check_answer(&offered, &answer), Ok(agreed));
        }
    }

    #[test]
    fn answers_are_held_against_the_offer() {
        use DeflateRule::{
            ClientWindowNotOffered, DuplicateParameter, ServerTakeoverMissing, ServerWindowLarger,
            ServerWindowMissing, UnknownParameter, ValueForbidden, ValueMissing,
        };
        let check = |offer: &str, answer: &str| {
            let offers: Vec<_> = parse_list(offer.as_bytes())
                .unwrap()
                .iter()
                .map(|o| Params::from_offer(o).unwrap())
                .collect();
            check_answer(&offers, &params(answer)?)
        };
        let plain = "permessage-deflate";
        let ten = "permessage-deflate; server_max_window_bits=10";
        for (offer, answer, rule) in [
            (
                plain,
                "permessage-deflate; client_max_window_bits=10",
                ClientWindowNotOffered,
            ),
            (ten, plain, ServerWindowMissing { offered: 10 }),
            (
                ten,
                "permessage-deflate; server_max_window_bits=11",
                ServerWindowLarger {
                    offered: 10,
                    answered: 11,
                },
            ),
            (
                "permessage-deflate; server_no_context_takeover",
                plain,
                ServerTakeoverMissing,
            ),
            (plain, "permessage-deflate; foo", UnknownParameter("foo".into())),
            (
                plain,
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                DuplicateParameter("server_no_context_takeover"),
            ),
            (
                plain,
                "permessage-deflate; client_no_context_takeover=1",
                ValueForbidden("client_no_context_takeover"),
            ),
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits",
                ValueMissing("client_max_window_bits"),
            ),
        ] {
            assert_eq!(check(offer, answer), Err(rule), "{offer} -> {answer}");
        }
        // Unasked server parameters and client_no_context_takeover are legal (errata 4982).
        let unasked = check(
            plain,
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
        );
        assert_eq!(
            unasked,
            Ok(Agreed {
                server_takeover: false,
                client_takeover: false,
                server_window: 9,
                client_window: 15
            })
        );
        // The fallback offer is fitted too.
        assert!(
            check(
                "permessage-deflate; server_max_window_bits=10, permessage-deflate",
                plain
            )
            .is_ok()
        );
        assert_eq!(
            check_answer(&[], &Params::default()),
            Err(DeflateRule::NotOffered)
        );
    }
}
