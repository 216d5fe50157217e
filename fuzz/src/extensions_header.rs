//! `Sec-WebSocket-Extensions`: what is read writes back, and our answer to any offer is one that our client takes.

use wsanvil_wire::deflate::{Params, ServerPolicy, accept_offers, check_answer};
use wsanvil_wire::extension::{parse_fields, parse_list};
use wsanvil_wire::http::is_token;
use wsanvil_wire::subprotocol;

use crate::chunking::head;

/// Octets 0 and 1: what the server wants; then field values, one on a line.
pub fn check(data: &[u8]) {
    let Some(([wants, windows], text)) = head(data) else {
        return;
    };
    let values: Vec<&[u8]> = text.split(|&octet| octet == b'\n').collect();
    protocols(&values);
    let list = match parse_fields(values.iter().copied()) {
        Ok(list) => list,
        Err(error) => {
            let longest = values.iter().map(|value| value.len()).max();
            assert!(error.offset() <= longest.unwrap_or(0));
            assert!(!error.requirement().is_empty());
            return;
        }
    };
    assert!(!list.is_empty());
    for extension in &list {
        assert!(is_token(extension.name.as_bytes()));
        for param in &extension.params {
            assert!(is_token(param.name.as_bytes()));
            let value = param.value.as_ref();
            assert!(value.is_none_or(|value| is_token(value.as_bytes())));
        }
    }
    let written: Vec<String> = list.iter().map(ToString::to_string).collect();
    assert_eq!(parse_list(written.join(", ").as_bytes()), Ok(list.clone()));

    let policy = ServerPolicy {
        server_no_context_takeover: wants & 1 != 0,
        client_no_context_takeover: wants & 2 != 0,
        server_max_window_bits: windows & 0xF,
        client_max_window_bits: windows >> 4,
    };
    let Some((answer, agreed)) = accept_offers(&list, &policy) else {
        return;
    };
    assert!((9..=15).contains(&agreed.server_window) && (8..=15).contains(&agreed.client_window));
    assert_eq!(Params::from_answer(&answer.to_extension()), Ok(answer));
    let offers: Vec<Params> = list
        .iter()
        .filter_map(|offer| Params::from_offer(offer).ok())
        .collect();
    assert_eq!(check_answer(&offers, &answer), Ok(agreed));
}

fn protocols(values: &[&[u8]]) {
    let Ok(names) = subprotocol::parse_fields(values.iter().copied()) else {
        return;
    };
    assert!(!names.is_empty() && names.iter().all(|name| is_token(name.as_bytes())));
    assert_eq!(subprotocol::parse_list(names.join(", ").as_bytes()), Ok(names));
}

/// Offers as clients make them, and edges of the grammar.
pub fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=8; server_max_window_bits=\"10\"",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=8, permessage-deflate",
        "permessage-deflate\nx-webkit-deflate-frame",
        "foo; a=\"b\"; c, , bar\t;\td = e",
        "chat, superchat",
        "foo; a=\"b\\c\"",
        "foo; a=\"b",
        ", ,",
    ];
    let wants = [[0, 0xFF], [3, 0x9A]];
    let cross = texts
        .iter()
        .flat_map(|text| wants.map(|wants| [&wants[..], text.as_bytes()].concat()));
    cross.collect()
}
