//! Defects of the opening handshake.

use std::fmt::Write as _;

use wsanvil_wire::deflate::{self, Agreed};
use wsanvil_wire::http::{Fields, RequestHead, parse_request};
use wsanvil_wire::upgrade::{self, Accepted, Refusal, RequestRule, RequestSpec, ResponseSpec};

use crate::{Config, Defect, Defects, server};

/// Whether requests are taken without looking at them.
pub(crate) fn takes_any_request(defects: Defects) -> bool {
    defects.has(Defect::AcceptsAnyRequest) || defects.has(Defect::AnswersBeforeEnd)
}

/// Answers whatever stands in `octets` and says how many of them it took; `None` waits for more.
pub(crate) fn answer_any(octets: &[u8], config: &Config) -> Option<(server::Outcome, usize)> {
    let end = end_of_head(octets);
    if end.is_none() && config.defects.has(Defect::AnswersBeforeEnd) && naive_key(octets).is_some() {
        return Some((Ok(naive_answer(octets)), octets.len()));
    }
    let end = end.or((octets.len() > config.max_header).then_some(octets.len()))?;
    let head = octets.get(..end)?;
    let outcome = match parse_request(head, config.max_header) {
        Ok(Some(request)) => server::answer(&request, config),
        _ => Err(Vec::new()),
    };
    Some((outcome.or_else(|_| Ok(naive_answer(head))), end))
}

/// A check that is too strict or too lax, when a defect asks for one.
pub(crate) fn check_request(head: &RequestHead, defects: Defects) -> Option<Result<Accepted, Refusal>> {
    let fields = &head.fields;
    if defects.has(Defect::RefusesEveryRequest) {
        return Some(Err(RequestRule::Target.into()));
    }
    if defects.has(Defect::ExactTokens) && fields.get("Upgrade") != Some(b"websocket") {
        return Some(Err(RequestRule::UpgradeWrong.into()));
    }
    if defects.has(Defect::ExactTokens) && fields.get("Connection") != Some(b"Upgrade") {
        return Some(Err(RequestRule::ConnectionWrong.into()));
    }
    if defects.has(Defect::SingleFieldLine) && is_split(fields) {
        return Some(Err(RequestRule::ConnectionWrong.into()));
    }
    None
}

/// Makes a correct 101 response wrong.
pub(crate) fn spoil_response(
    response: &mut ResponseSpec,
    agreed: &mut Option<Agreed>,
    request: &Accepted,
    config: &Config,
) {
    let defects = config.defects;
    if config.deflate {
        spoil_deflate(response, agreed, request, defects);
    }
    if defects.has(Defect::BadAccept) {
        response.set("Sec-WebSocket-Accept", upgrade::accept_for(b"another key"));
    }
    if defects.has(Defect::WrongStatus200) {
        "200".clone_into(&mut response.status);
        "OK".clone_into(&mut response.reason);
    }
    if defects.has(Defect::ExtraExtension) {
        response.add("Sec-WebSocket-Extensions", "x-not-offered");
    }
    if defects.has(Defect::ExtraSubprotocol) {
        response.set("Sec-WebSocket-Protocol", "not-offered");
    }
    if defects.has(Defect::SubprotocolIgnoresCase) {
        let known = |name: &&String| {
            config
                .subprotocols
                .iter()
                .find(|own| own.eq_ignore_ascii_case(name))
        };
        if let Some(name) = request.protocols.iter().find_map(|name| known(&name)) {
            response.set("Sec-WebSocket-Protocol", name);
        }
    }
    if defects.has(Defect::ResponseLacksUpgrade) {
        response.remove("Upgrade");
    }
    if defects.has(Defect::ResponseLacksConnection) {
        response.remove("Connection");
    }
    if defects.has(Defect::ResponseRepeatsAccept) {
        response.add("Sec-WebSocket-Accept", upgrade::accept_for(&request.key));
    }
    if defects.has(Defect::ResponseBareLf) {
        response.eol = b"\n".to_vec();
    }
}

/// Makes a correct refusal wrong.
pub(crate) fn spoil_refusal(response: &mut ResponseSpec, defects: Defects) {
    if defects.has(Defect::BareRefusal) {
        for name in ["Sec-WebSocket-Version", "Upgrade", "Allow", "WWW-Authenticate"] {
            response.remove(name);
        }
        response.set("Connection", "close");
    }
}

/// Makes a correct request wrong.
pub(crate) fn spoil_request(request: &mut RequestSpec, defects: Defects) {
    if defects.has(Defect::RequestLacksHost) {
        request.remove("Host");
    }
    if defects.has(Defect::TalksBeforeResponse) {
        // A Ping, masked with key zero.
        request.body = vec![0x89, 0x80, 0, 0, 0, 0];
    }
}

fn spoil_deflate(
    response: &mut ResponseSpec,
    agreed: &mut Option<Agreed>,
    request: &Accepted,
    defects: Defects,
) {
    let offer = request
        .extensions
        .iter()
        .find(|offer| offer.name.eq_ignore_ascii_case(deflate::NAME));
    let Some(offer) = offer else { return };
    let offers = |name: &str| {
        offer
            .params
            .iter()
            .any(|param| param.name.eq_ignore_ascii_case(name))
    };
    let mut answer = |value: &str| {
        response.set("Sec-WebSocket-Extensions", value);
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

/// Whether a list that may be split over lines is.
fn is_split(fields: &Fields) -> bool {
    [
        "Connection",
        "Upgrade",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
    ]
    .iter()
    .any(|name| fields.count(name) > 1)
}

fn naive_answer(head: &[u8]) -> server::Accepted {
    let key = naive_key(head).unwrap_or_default();
    let response = ResponseSpec::switching_protocols(upgrade::accept_for(key)).write();
    server::Accepted {
        response,
        deflate: None,
    }
}

/// The first blank line, at any spelling of line ends.
fn end_of_head(octets: &[u8]) -> Option<usize> {
    let ends = [&b"\r\n\r\n"[..], b"\n\n", b"\r\r"];
    let found = ends.iter().filter_map(|end| {
        octets
            .windows(end.len())
            .position(|window| window == *end)
            .map(|at| at + end.len())
    });
    found.min()
}

fn naive_key(head: &[u8]) -> Option<&[u8]> {
    head.split(|octet| *octet == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(line.iter().position(|octet| *octet == b':')?)?;
        name.trim_ascii()
            .eq_ignore_ascii_case(b"sec-websocket-key")
            .then(|| value.get(1..).unwrap_or_default().trim_ascii())
    })
}
