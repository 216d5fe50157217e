//! Defects of the opening handshake.

use base64::Engine as _;
use base64::engine::general_purpose::{
    GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE,
};
use wsanvil_wire::deflate::{self, Agreed};
use wsanvil_wire::http::{Fields, RequestHead, list_elements, parse_request};
use wsanvil_wire::upgrade::{self, Accepted, Refusal, RequestRule, RequestSpec, ResponseSpec};

use super::{narrow, negotiation};
use crate::{Config, Defect, Defects, server};

/// Standard base64 that takes set pad bits.
const STANDARD_LOOSE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

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
    if defects.has(Defect::SubprotocolRejectsSeveral)
        && fields
            .get_all("Sec-WebSocket-Protocol")
            .flat_map(list_elements)
            .nth(1)
            .is_some()
    {
        return Some(Err(RequestRule::Target.into()));
    }
    if defects.has(Defect::ExtensionRefusesUnknown)
        && let Ok(request) = upgrade::check_request(head)
        && request.extensions.iter().any(|offer| offer.name != deflate::NAME)
    {
        return Some(Err(RequestRule::Target.into()));
    }
    if defects.has(Defect::DeflateRejectsHintValue)
        && fields
            .get_all("Sec-WebSocket-Extensions")
            .any(|value| contains(value, b"client_max_window_bits="))
    {
        return Some(Err(RequestRule::Target.into()));
    }
    if let Some(rule) = narrow::refuses(head, defects) {
        return Some(Err(rule.into()));
    }
    if defects.has(Defect::SingleFieldLine) && is_split(fields) {
        return Some(Err(RequestRule::ConnectionWrong.into()));
    }
    None
}

/// Octets around the head of a 101, and line ends inside it.
pub(crate) fn spoil_octets(response: &mut Vec<u8>, head: &RequestHead, defects: Defects) {
    if defects.has(Defect::ResponseLacksSpace) {
        let end = response
            .iter()
            .position(|octet| *octet == b'\r')
            .unwrap_or_default();
        response.splice(..end, *b"HTTP/1.1 101");
    }
    if defects.has(Defect::InjectsQuery) {
        let field = [
            b"X-Query: ",
            unescaped_query(head.target()).as_slice(),
            b"\r\n\r\n",
        ]
        .concat();
        response.splice(response.len().saturating_sub(2).., field);
    }
    if defects.has(Defect::FrameBeforeResponse) {
        response.splice(..0, [0x89, 0x00]);
    }
    if defects.has(Defect::ContinueBehindResponse) && head.fields.has_token("Expect", "100-continue") {
        response.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
}

/// The query of a target, its ends of lines no longer escaped.
fn unescaped_query(target: &[u8]) -> Vec<u8> {
    let query = target.split(|octet| *octet == b'?').nth(1).unwrap_or_default();
    let text = String::from_utf8_lossy(query);
    text.replace("%0D", "\r").replace("%0A", "\n").into_bytes()
}

/// The accept value as a defect makes it, if one does.
fn wrong_accept(key: &[u8], defects: Defects) -> Option<String> {
    let accept = upgrade::accept_for(key);
    let digest = STANDARD.decode(accept).unwrap_or_default();
    if defects.has(Defect::AcceptOverDecodedKey) {
        // Pad bits may be set.
        let octets = STANDARD_LOOSE.decode(key).unwrap_or_default();
        return Some(String::from_utf8_lossy(&upgrade::accept_for(&octets)).into_owned());
    }
    if defects.has(Defect::AcceptOverLowerKey) {
        let accept = upgrade::accept_for(&key.to_ascii_lowercase());
        return Some(String::from_utf8_lossy(&accept).into_owned());
    }
    if defects.has(Defect::AcceptDropsZeros) {
        let zeros = digest.iter().take_while(|octet| **octet == 0).count();
        return Some(STANDARD.encode(digest.get(zeros..).unwrap_or_default()));
    }
    if defects.has(Defect::AcceptTrimsDigest) {
        let white = |octet: &&u8| **octet == 0 || octet.is_ascii_whitespace();
        let white = digest.iter().rev().take_while(white).count();
        return Some(STANDARD.encode(digest.get(..digest.len() - white).unwrap_or_default()));
    }
    if defects.has(Defect::AcceptUrlAlphabet) {
        return Some(URL_SAFE.encode(digest));
    }
    if defects.has(Defect::AcceptUnpadded) {
        return Some(STANDARD_NO_PAD.encode(digest));
    }
    None
}

/// Makes a correct 101 response wrong.
pub(crate) fn spoil_response(
    response: &mut ResponseSpec,
    agreed: &mut Option<Agreed>,
    request: &Accepted,
    head: &RequestHead,
    config: &Config,
) {
    let defects = config.defects;
    if config.deflate {
        negotiation::spoil_deflate(response, agreed, request, defects);
    }
    negotiation::spoil_extensions(response, request, defects);
    negotiation::spoil_subprotocol(response, request, config);
    if defects.has(Defect::BadAccept) {
        response.set("Sec-WebSocket-Accept", upgrade::accept_for(b"another key"));
    }
    if defects.has(Defect::WrongStatus200) {
        "200".clone_into(&mut response.status);
        "OK".clone_into(&mut response.reason);
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
    if let Some(accept) = wrong_accept(&request.key, defects) {
        response.set("Sec-WebSocket-Accept", accept);
    }
    if defects.has(Defect::ResponseHttp10) {
        "HTTP/1.0".clone_into(&mut response.version);
    }
    if defects.has(Defect::ResponseHasLength) {
        response.add("Content-Length", "0");
    }
    if defects.has(Defect::ResponseHasCoding) {
        response.add("Transfer-Encoding", "chunked");
    }
    if defects.has(Defect::ResponseFolded) {
        response.add("Server", "wsanvil\r\n echo");
    }
    if defects.has(Defect::ResponseEmptyElement) {
        response.set("Connection", "Upgrade,");
    }
    if defects.has(Defect::ResponseKeepAlive) {
        response.set("Connection", "keep-alive");
    }
    if defects.has(Defect::ResponseNamesFirst)
        && let Some(first) = head.fields.get_all("Upgrade").flat_map(list_elements).next()
    {
        response.set("Upgrade", first);
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
    if defects.has(Defect::FramesBehindBareRefusal) {
        response.remove("Content-Length").remove("Connection");
        response.body.clear();
    }
    if defects.has(Defect::RefusalLacksVersion) {
        response.remove("Sec-WebSocket-Version");
    }
    if defects.has(Defect::RefusalLacksAllow) {
        response.remove("Allow");
    }
    if defects.has(Defect::RefusalLacksUpgrade) {
        response.remove("Upgrade");
    }
    if defects.has(Defect::RefusalVersionMalformed) {
        response.set("Sec-WebSocket-Version", "v13; v8");
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

fn contains(value: &[u8], part: &[u8]) -> bool {
    value.windows(part.len()).any(|window| window == part)
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
