//! Laws of the header lists that the opening handshake negotiates with: extensions, subprotocols, parameters.

use proptest::prelude::*;
use wsanvil_wire::deflate::{Agreed, DeflateRule, Params, ServerPolicy, accept_offers, check_answer};
use wsanvil_wire::extension::{self, Extension, Param};
use wsanvil_wire::subprotocol::{self, SubprotocolError};

const TOKEN: &str = "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,10}";

fn extension_list() -> impl Strategy<Value = Vec<Extension>> {
    let param = (TOKEN, prop::option::of((TOKEN, any::<bool>()))).prop_map(|(name, value)| match value {
        None => Param {
            name,
            value: None,
            quoted: false,
        },
        Some((value, quoted)) => Param {
            name,
            value: Some(value),
            quoted,
        },
    });
    let one =
        (TOKEN, prop::collection::vec(param, 0..4)).prop_map(|(name, params)| Extension { name, params });
    prop::collection::vec(one, 1..5)
}

/// The same list in another spelling: whitespace where it may be, quoted octets escaped.
fn respelled(extension: &Extension, space: &str, escape: bool) -> String {
    let mut parts = vec![extension.name.clone()];
    for param in &extension.params {
        parts.push(format!("{space};{space}{}", param.name));
        let Some(value) = &param.value else { continue };
        parts.push(format!("{space}={space}"));
        parts.push(match (param.quoted, escape) {
            (true, true) => format!(
                "\"{}\"",
                value.chars().flat_map(|one| ['\\', one]).collect::<String>()
            ),
            (true, false) => format!("\"{value}\""),
            (false, _) => value.clone(),
        });
    }
    parts.concat()
}

fn params() -> impl Strategy<Value = Params> {
    (
        any::<bool>(),
        any::<bool>(),
        prop::option::of(8..=15_u8),
        prop::option::of(prop::option::of(8..=15_u8)),
    )
        .prop_map(|(server, client, server_bits, client_bits)| Params {
            server_no_context_takeover: server,
            client_no_context_takeover: client,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
        })
}

prop_compose! {
    fn policy()(server: bool, client: bool, server_bits in 9..=15_u8, client_bits in 8..=15_u8) -> ServerPolicy {
        ServerPolicy {
            server_no_context_takeover: server,
            client_no_context_takeover: client,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
        }
    }
}

proptest! {
    #[test]
    fn an_extension_list_reads_back_in_any_spelling(
        list in extension_list(),
        space in "[ \t]{0,2}",
        escape: bool,
        empties in prop::collection::vec(0..3_usize, 1..4),
        fields in 1..4_usize,
    ) {
        let plain = list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(extension::parse_list(plain.as_bytes()), Ok(list.clone()));

        let parts = list.iter().zip(empties.iter().cycle()).map(|(extension, empties)| {
            let nothing = format!("{space},").repeat(*empties);
            format!("{nothing}{space}{}{space},", respelled(extension, &space, escape))
        });
        let value: String = parts.collect();
        prop_assert_eq!(extension::parse_list(value.as_bytes()), Ok(list.clone()), "{}", value);

        // RFC 6455 section 9.1: several fields are one list.
        let per_field = list.len().div_ceil(fields);
        let values: Vec<String> = list
            .chunks(per_field)
            .map(|part| part.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            .collect();
        prop_assert_eq!(extension::parse_fields(values.iter().map(String::as_bytes)), Ok(list));
    }

    #[test]
    fn what_parses_reads_back_the_same(value in "[a-c;=, \"\\\\\t]{0,24}") {
        if let Ok(list) = extension::parse_list(value.as_bytes()) {
            let again = list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(extension::parse_list(again.as_bytes()), Ok(list));
        }
    }

    #[test]
    fn a_subprotocol_list_reads_back_in_any_spelling(
        names in prop::collection::hash_set(TOKEN, 1..6),
        space in "[ \t]{0,2}",
        empties in 0..3_usize,
        fields in 1..4_usize,
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let comma = format!("{space},{}", format!("{space},").repeat(empties));
        prop_assert_eq!(subprotocol::parse_list(names.join(&comma).as_bytes()).unwrap(), names.clone());
        let values: Vec<String> = names.chunks(names.len().div_ceil(fields)).map(|part| part.join(",")).collect();
        prop_assert_eq!(subprotocol::parse_fields(values.iter().map(String::as_bytes)).unwrap(), names.clone());
        // RFC 6455 section 4.1, item 10: no name twice.
        let twice = format!("{},{}", names.join(","), names[0]);
        prop_assert_eq!(subprotocol::parse_list(twice.as_bytes()), Err(SubprotocolError::Repeated(names[0].clone())));
    }

    #[test]
    fn a_name_that_is_no_token_is_refused(name in TOKEN, octet in prop::sample::select(b"()<>@;:\\\"/[]?={} \t\x01\x7F\xE9".to_vec()), at: usize) {
        let mut octets = name.into_bytes();
        // Not at the ends, where whitespace means nothing.
        octets.insert(octets.len().min(1), b'x');
        octets.push(b'y');
        let at = 1 + at % (octets.len() - 1);
        octets.insert(at, octet);
        let text = String::from_utf8_lossy(&octets).into_owned();
        prop_assert_eq!(subprotocol::parse_list(&octets), Err(SubprotocolError::NotToken(text)));
    }

    #[test]
    fn parameters_read_back(params in params()) {
        let list = extension::parse_list(params.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&list, &[params.to_extension()]);
        prop_assert_eq!(Params::from_offer(&list[0]), Ok(params));
        prop_assert_eq!(Params::try_from(&list[0]), Ok(params));
        // RFC 7692 section 7.1.2.2: an answer needs the value.
        let answer = Params::from_answer(&list[0]);
        if params.client_max_window_bits == Some(None) {
            prop_assert_eq!(answer, Err(DeflateRule::ValueMissing("client_max_window_bits")));
        } else {
            prop_assert_eq!(answer, Ok(params));
        }
    }

    #[test]
    fn what_a_server_answers_a_client_takes(
        offers in prop::collection::vec(params(), 1..4),
        policy in policy(),
        unknown: bool,
    ) {
        let mut list: Vec<Extension> = offers.iter().map(|offer| offer.to_extension()).collect();
        if unknown {
            list.insert(0, Extension::new("x-unknown").with("a", Some("1")));
            list.insert(0, Extension::new("permessage-deflate").with("x", None));
        }
        match accept_offers(&list, &policy) {
            None => prop_assert!(offers.iter().all(|offer| offer.server_max_window_bits == Some(8))),
            Some((answer, agreed)) => {
                prop_assert_eq!(check_answer(&offers, &answer), Ok(agreed));
                prop_assert_eq!(agreed, Agreed::from(&answer));
                let written = extension::parse_list(answer.to_string().as_bytes()).unwrap();
                prop_assert_eq!(Params::from_answer(&written[0]), Ok(answer));
                // The policy is kept wherever RFC 7692 lets the server say so.
                prop_assert!(agreed.server_window <= policy.server_max_window_bits);
                prop_assert!(!(policy.server_no_context_takeover && agreed.server_takeover));
                prop_assert!(!(policy.client_no_context_takeover && agreed.client_takeover));
                if answer.client_max_window_bits.is_some() {
                    prop_assert!(agreed.client_window <= policy.client_max_window_bits);
                }
            }
        }
    }

    #[test]
    fn an_answer_is_held_against_each_offer(offers in prop::collection::vec(params(), 0..3), answer in params()) {
        // RFC 7692 sections 7.1.1 and 7.1.2, the sentence about each parameter.
        let broken = |offer: &Params| {
            if offer.server_no_context_takeover && !answer.server_no_context_takeover {
                return Some(DeflateRule::ServerTakeoverMissing);
            }
            if let Some(offered) = offer.server_max_window_bits {
                match answer.server_max_window_bits {
                    None => return Some(DeflateRule::ServerWindowMissing { offered }),
                    Some(answered) if answered > offered => {
                        return Some(DeflateRule::ServerWindowLarger { offered, answered });
                    }
                    Some(_) => {}
                }
            }
            (answer.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none())
                .then_some(DeflateRule::ClientWindowNotOffered)
        };
        let expected = if answer.client_max_window_bits == Some(None) {
            Err(DeflateRule::ValueMissing("client_max_window_bits"))
        } else if offers.iter().any(|offer| broken(offer).is_none()) {
            Ok(Agreed::from(&answer))
        } else {
            Err(offers.first().and_then(broken).unwrap_or(DeflateRule::NotOffered))
        };
        prop_assert_eq!(check_answer(&offers, &answer), expected);
    }

    #[test]
    fn only_the_numbers_8_to_15_are_windows(text in "[0-9+. -]{1,4}|[0-9]{1,3}") {
        let bits = (8..=15_u8).find(|bits| text == bits.to_string());
        for name in ["server_max_window_bits", "client_max_window_bits"] {
            let offer = Extension::new("permessage-deflate").with(name, Some(&text));
            let read = Params::from_offer(&offer).map(|params| {
                let client = params.client_max_window_bits.flatten();
                (params.server_max_window_bits, client)
            });
            let expected = match bits {
                Some(_) if name.starts_with("server") => Ok((bits, None)),
                Some(_) => Ok((None, bits)),
                None => Err(DeflateRule::ValueInvalid { name, value: text.clone() }),
            };
            prop_assert_eq!(read, expected);
        }
    }
}

#[test]
fn a_client_window_without_value_means_the_largest() {
    let params = Params {
        client_max_window_bits: Some(None),
        ..Params::default()
    };
    assert_eq!(Agreed::from(&params), Agreed::default());
}

#[test]
fn each_rule_about_parameters_names_its_requirement() {
    let value = "x".to_owned();
    let client = "client_max_window_bits";
    let server = "server_max_window_bits";
    let rules = [
        (DeflateRule::Name("x".into()), "7692-5-17"),
        (DeflateRule::NotOffered, "7692-5-17"),
        (DeflateRule::UnknownParameter("x".into()), "7692-7-5"),
        (DeflateRule::DuplicateParameter(server), "7692-7-7"),
        (
            DeflateRule::ValueForbidden("server_no_context_takeover"),
            "7692-7.1.1.1-2",
        ),
        (
            DeflateRule::ValueForbidden("client_no_context_takeover"),
            "7692-7.1.1.2-3",
        ),
        (DeflateRule::ValueMissing(client), "7692-7.1.2.2-2"),
        (DeflateRule::ValueMissing(server), "7692-7.1.2.1-2"),
        (
            DeflateRule::ValueInvalid {
                name: client,
                value: value.clone(),
            },
            "7692-7.1.2.2-2",
        ),
        (
            DeflateRule::ValueInvalid { name: server, value },
            "7692-7.1.2.1-2",
        ),
        (DeflateRule::ClientWindowNotOffered, "7692-7.1.2.2-5"),
        (DeflateRule::ServerWindowMissing { offered: 9 }, "7692-7.1.2.1-4"),
        (
            DeflateRule::ServerWindowLarger {
                offered: 9,
                answered: 10,
            },
            "7692-7.1.2.1-4",
        ),
        (DeflateRule::ServerTakeoverMissing, "7692-7.1.1.1-3"),
    ];
    for (rule, requirement) in rules {
        assert_eq!(rule.requirement(), requirement, "{rule}");
    }
    assert_eq!(
        Params::from_offer(&Extension::new("x-webkit-deflate-frame")),
        Err(DeflateRule::Name("x-webkit-deflate-frame".into()))
    );
}
