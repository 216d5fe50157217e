//! Defects of what the 101 response agrees on: sub-protocol and extensions.

use std::fmt::Write as _;

use wsanvil_wire::deflate::{self, Agreed};
use wsanvil_wire::extension::{self, Extension, Param};
use wsanvil_wire::http::{RequestHead, list_elements, parse_request};
use wsanvil_wire::upgrade::{Accepted, ResponseSpec};

use crate::{Config, Defect, Defects};

const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";

/// The request without what its lists have no grammar for, when a defect passes that over.
pub(crate) fn without_malformed_elements(head: &RequestHead, defects: Defects) -> Option<RequestHead> {
    let extensions = defects.has(Defect::ExtensionTakesMalformed);
    let protocols = defects.has(Defect::SubprotocolTakesMalformed);
    if !extensions && !protocols {
        return None;
    }
    let mut octets = Vec::new();
    for line in head.octets().split_inclusive(|octet| *octet == b'\n') {
        let name = line.split(|octet| *octet == b':').next().unwrap_or_default();
        let value = line.get(name.len() + 1..).unwrap_or_default();
        if extensions && name.eq_ignore_ascii_case(EXTENSIONS.as_bytes()) {
            octets.extend_from_slice(b"Sec-WebSocket-Extensions: x-nothing");
            for element in list_elements(value).filter_map(readable) {
                octets.extend_from_slice(format!(", {element}").as_bytes());
            }
            octets.extend_from_slice(b"\r\n");
        } else if protocols && name.eq_ignore_ascii_case(PROTOCOL.as_bytes()) {
            octets.extend_from_slice(b"Sec-WebSocket-Protocol: x-nothing");
            let names = value.split(|octet| b" \t,;\"\r\n()".contains(octet));
            for name in names.filter(|name| wsanvil_wire::http::is_token(name)) {
                octets.extend_from_slice(b", ");
                octets.extend_from_slice(name);
            }
            octets.extend_from_slice(b"\r\n");
        } else {
            octets.extend_from_slice(line);
        }
    }
    parse_request(&octets, octets.len()).ok().flatten()
}

/// The part of an element that can be read: its name, and its parameters when they are well formed.
fn readable(element: &[u8]) -> Option<Extension> {
    let whole = extension::parse_list(element).ok();
    let name = element.split(|octet| b"; ".contains(octet)).next();
    let list = whole.or_else(|| extension::parse_list(name?).ok())?;
    list.into_iter().next()
}

/// The sub-protocols that the response names, with a defect that chooses wrongly.
pub(super) fn spoil_subprotocol(response: &mut ResponseSpec, request: &Accepted, config: &Config) {
    let has = |defect| config.defects.has(defect);
    let offered = &request.protocols;
    let own = &config.subprotocols;
    let known = || offered.iter().filter(|name| own.contains(name));
    let mut choose = |name: Option<&String>| {
        if let Some(name) = name {
            response.set(PROTOCOL, name);
        }
    };
    if has(Defect::ExtraSubprotocol) {
        choose(Some(&"not-offered".to_owned()));
    }
    if has(Defect::SubprotocolTakesFirst) {
        choose(offered.first());
    }
    if has(Defect::SubprotocolOwnChoice) && !offered.is_empty() {
        choose(own.first());
    }
    if has(Defect::SubprotocolUnasked) && offered.is_empty() {
        choose(own.first());
    }
    let alike = |alike: fn(&str, &str) -> bool| {
        offered
            .iter()
            .find_map(|name| own.iter().find(|own| alike(name, own)))
    };
    if has(Defect::SubprotocolIgnoresCase) {
        choose(alike(str::eq_ignore_ascii_case));
    }
    if has(Defect::SubprotocolByPrefix) {
        choose(alike(|name, own| name.starts_with(own)));
    }
    if has(Defect::SubprotocolBySubstring) {
        choose(alike(|name, own| name.contains(own)));
    }
    if has(Defect::SubprotocolAnswersAll) && known().nth(1).is_some() {
        let list: Vec<&str> = known().map(String::as_str).collect();
        choose(Some(&list.join(", ")));
    }
    if has(Defect::SubprotocolEchoesOffer) && !offered.is_empty() {
        choose(Some(&offered.join(", ")));
    }
    if has(Defect::SubprotocolAnswersTwice)
        && let Some(name) = known().next()
    {
        response.add(PROTOCOL, name);
    }
    if has(Defect::SubprotocolAnswersEmpty) && known().next().is_none() {
        response.set(PROTOCOL, "");
    }
}

/// Extensions beside permessage-deflate, with a defect that agrees to them.
pub(super) fn spoil_extensions(response: &mut ResponseSpec, request: &Accepted, defects: Defects) {
    if defects.has(Defect::ExtraExtension) {
        response.add(EXTENSIONS, "x-not-offered");
    }
    if defects.has(Defect::ExtensionEchoesOffer) && !request.extensions.is_empty() {
        let list: Vec<String> = request.extensions.iter().map(ToString::to_string).collect();
        response.set(EXTENSIONS, list.join(", "));
    }
    if defects.has(Defect::ExtensionAnswersEmpty)
        && response
            .fields
            .iter()
            .all(|(name, _)| name != EXTENSIONS.as_bytes())
    {
        response.add(EXTENSIONS, "");
    }
}

/// The offers as a defect reads them, so that the strict rules behind it take what they should not.
pub(crate) fn misread_offers(offers: &[Extension], defects: Defects) -> Vec<Extension> {
    let mut offers = offers.to_vec();
    if defects.has(Defect::ExtensionBySubstring)
        && offers
            .iter()
            .any(|offer| offer.to_string().contains(deflate::NAME))
    {
        offers.push(Extension::new(deflate::NAME));
    }
    if defects.has(Defect::ExtensionByPrefix) {
        for offer in &mut offers {
            if offer.name.starts_with(deflate::NAME) {
                deflate::NAME.clone_into(&mut offer.name);
            }
        }
    }
    if defects.has(Defect::DeflateDeclinesFlags) {
        let flag = |param: &Param| param.name == "server_no_context_takeover";
        offers.retain(|offer| !offer.params.iter().any(flag));
    }
    for offer in &mut offers {
        if offer.name == deflate::NAME {
            misread_parameters(&mut offer.params, defects);
        }
    }
    offers
}

fn misread_parameters(params: &mut Vec<Param>, defects: Defects) {
    let is_flag = |param: &Param| param.name.ends_with("_no_context_takeover");
    let is_window = |param: &Param| param.name.ends_with("_max_window_bits");
    if defects.has(Defect::DeflateTakesUnknownParameters) {
        params.retain(|param| is_flag(param) || is_window(param));
    }
    if defects.has(Defect::DeflateTakesRepeats) {
        let mut seen: Vec<String> = Vec::new();
        params.retain(|param| {
            let fresh = !seen.contains(&param.name);
            seen.push(param.name.clone());
            fresh
        });
    }
    for param in params.iter_mut() {
        if is_flag(param) && defects.has(Defect::DeflateTakesFlagValues) {
            param.value = None;
        }
        if !is_window(param) {
            continue;
        }
        let server = param.name.starts_with("server");
        if server && param.value.is_none() && defects.has(Defect::DeflateTakesBareWindow) {
            param.value = Some("15".to_owned());
        }
        let Some(value) = &mut param.value else { continue };
        if defects.has(Defect::DeflateReadsLooseNumbers)
            && let Ok(bits) = value.parse::<i64>()
        {
            *value = bits.to_string();
        }
        if defects.has(Defect::DeflateTruncatesWindow)
            && let Ok(bits) = value.parse::<i128>()
        {
            *value = (bits.rem_euclid(256)).to_string();
        }
        if defects.has(Defect::DeflateClampsWindow)
            && let Ok(bits) = value.parse::<u8>()
        {
            *value = bits.clamp(8, 15).to_string();
        }
        if !server && defects.has(Defect::DeflateTakesAnyClientWindow) {
            "15".clone_into(value);
        }
        if server && value == "8" && defects.has(Defect::DeflateAnswersNineForEight) {
            "9".clone_into(value);
        }
    }
}

/// A correct answer about permessage-deflate made wrong.
pub(super) fn spoil_deflate(
    response: &mut ResponseSpec,
    agreed: &mut Option<Agreed>,
    request: &Accepted,
    defects: Defects,
) {
    let Some(offer) = request
        .extensions
        .iter()
        .find(|offer| offer.name.eq_ignore_ascii_case(deflate::NAME))
    else {
        return;
    };
    let offers = |name: &str| {
        offer
            .params
            .iter()
            .any(|param| param.name.eq_ignore_ascii_case(name))
    };
    if defects.has(Defect::DeflateActiveWhenDeclined) && agreed.is_none() {
        *agreed = Some(Agreed::default());
    }
    if defects.has(Defect::DeflateAnsweredOnly) {
        *agreed = None;
    }
    if defects.has(Defect::DeflateSwapsWindows) {
        swap_in_answer(response, "server_max_window_bits", "client_max_window_bits");
    }
    if defects.has(Defect::DeflateAnswersZeroPadded) {
        edit_answer(response, |answer| answer.replace("bits=", "bits=0"));
    }
    if defects.has(Defect::DeflateAnswersFlagValues) {
        edit_answer(response, |answer| {
            answer.replace("_no_context_takeover", "_no_context_takeover=true")
        });
    }
    if defects.has(Defect::DeflateBareClientWindow) && offers("client_max_window_bits") && agreed.is_some() {
        edit_answer(response, |answer| {
            let (kept, _) = answer
                .split_once("; client_max_window_bits")
                .unwrap_or((&answer, ""));
            format!("{kept}; client_max_window_bits")
        });
    }
    if defects.has(Defect::DeflateMixesOffers) && agreed.is_some() && offers("client_max_window_bits") {
        edit_answer(response, |answer| {
            let (kept, _) = answer
                .split_once("; client_max_window_bits")
                .unwrap_or((&answer, ""));
            format!("{kept}; client_max_window_bits=15")
        });
    }
    let mut answer = |value: &str| {
        response.set(EXTENSIONS, value);
    };
    if defects.has(Defect::DeflateAcceptsBadOffers) && agreed.is_none() {
        answer(deflate::NAME);
        *agreed = Some(Agreed::default());
    }
    if defects.has(Defect::DeflateOmitsParameters) && agreed.is_some() {
        answer(deflate::NAME);
        *agreed = Some(Agreed::default());
    }
    if defects.has(Defect::DeflateTakesHints)
        && let Some(terms) = agreed
    {
        // What was agreed stays as it would be with an answer that takes the hints up.
        let mut value = deflate::NAME.to_owned();
        if !terms.server_takeover {
            value.push_str("; server_no_context_takeover");
        }
        if terms.server_window < 15 {
            let _ = write!(value, "; server_max_window_bits={}", terms.server_window);
        }
        answer(&value);
    }
    if defects.has(Defect::DeflateUnaskedWindow) && agreed.is_some() && !offers("client_max_window_bits") {
        answer("permessage-deflate; client_max_window_bits=15");
    }
    if defects.has(Defect::DeflateAnswersTwice) && agreed.is_some() {
        answer("permessage-deflate, permessage-deflate");
    }
    if defects.has(Defect::DeflateWindowBeyondOffer) && offers("server_max_window_bits") {
        answer("permessage-deflate; server_max_window_bits=15");
        *agreed = Some(Agreed::default());
    }
}

fn swap_in_answer(response: &mut ResponseSpec, one: &str, other: &str) {
    edit_answer(response, |answer| {
        answer.replace(one, "\0").replace(other, one).replace('\0', other)
    });
}

/// Changes the Sec-WebSocket-Extensions that the response has.
fn edit_answer(response: &mut ResponseSpec, edit: impl FnOnce(String) -> String) {
    let field = response
        .fields
        .iter_mut()
        .find(|(name, _)| name == EXTENSIONS.as_bytes());
    if let Some((_, value)) = field {
        *value = edit(String::from_utf8_lossy(value).into_owned()).into_bytes();
    }
}
