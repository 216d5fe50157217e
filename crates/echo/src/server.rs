//! The server's opening handshake: strict about the request, exact about the refusal (RFC 6455 section 4.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsanvil_wire::deflate::{self, Agreed};
use wsanvil_wire::http::{HeadError, RequestHead};
use wsanvil_wire::upgrade::{self, ResponseSpec};

use crate::{Config, Defect, Defects, faulty};

/// 101, or the octets of the refusal.
pub(crate) type Outcome = Result<Accepted, Vec<u8>>;

/// What a 101 response says.
pub(crate) struct Accepted {
    pub(crate) response: Vec<u8>,
    pub(crate) deflate: Option<Agreed>,
}

/// Answers a request whose head could be read.
pub(crate) fn answer(head: &RequestHead, config: &Config) -> Outcome {
    let repaired = faulty::without_malformed_elements(head, config.defects);
    let head = repaired.as_ref().unwrap_or(head);
    let request = faulty::check_request(head, config.defects)
        .unwrap_or_else(|| upgrade::check_request(head))
        .map_err(|refusal| finish(refusal.response(), &refusal.rule.to_string(), config))?;
    admit(head, request.origin.as_deref(), config)?;

    let mut response = request.response();
    let known = |name: &&String| config.subprotocols.iter().any(|spoken| spoken == *name);
    if let Some(name) = request.protocols.iter().find(known) {
        response.add("Sec-WebSocket-Protocol", name);
    }
    let mut agreed = None;
    if config.deflate
        && let Some((answer, terms)) = accept_offers(&request, config)
    {
        response.add("Sec-WebSocket-Extensions", answer.to_string());
        agreed = Some(terms);
    }
    if !config.defects.is_empty() {
        faulty::spoil_response(&mut response, &mut agreed, &request, head, config);
    }
    let mut octets = response.write();
    faulty::spoil_octets(&mut octets, head, config.defects);
    Ok(Accepted {
        response: octets,
        deflate: agreed,
    })
}

/// The answer to the offers of permessage-deflate, and what it agrees on.
fn accept_offers(request: &upgrade::Accepted, config: &Config) -> Option<(deflate::Params, Agreed)> {
    if config.defects.is_empty() {
        return deflate::accept_offers(&request.extensions, &config.deflate_policy);
    }
    let offers = faulty::misread_offers(&request.extensions, config.defects);
    deflate::accept_offers(&offers, &config.deflate_policy)
}

/// Answers a request whose head breaks the grammar of HTTP.
pub(crate) fn malformed(error: &HeadError, config: &Config) -> Vec<u8> {
    let mut response = ResponseSpec::new(error.status(), "");
    response.add("Connection", "close");
    finish(response, &error.to_string(), config)
}

/// Origin and credentials, when the configuration asks for them (RFC 6455 sections 10.2 and 10.5).
fn admit(head: &RequestHead, origin: Option<&[u8]>, config: &Config) -> Result<(), Vec<u8>> {
    if let (Some(admitted), Some(origin)) = (&config.origin, origin) {
        let known = admitted.iter().any(|known| known.as_bytes() == origin);
        // RFC 6454 section 7.3: there is one Origin at most.
        let alone = head.fields.count("Origin") == 1 || config.defects.has(Defect::OriginFirstFieldOnly);
        if !(known && alone || faulty::admits_origin(origin, admitted, config.defects)) {
            if let Some(octets) = faulty::refuses_late(head, config.defects) {
                return Err(octets);
            }
            let mut response = ResponseSpec::new(403, "");
            response.add("Connection", "close");
            return Err(finish(response, "this origin is not admitted", config));
        }
    }
    if let Some((user, password)) = &config.auth
        && !has_credentials(head, user, password, config.defects)
    {
        let mut response = ResponseSpec::new(401, "");
        response.add("Connection", "close");
        faulty::challenge(&mut response, config.defects);
        return Err(finish(response, "credentials are needed", config));
    }
    Ok(())
}

/// HTTP Basic (RFC 7617 section 2); the scheme is compared without regard to case.
fn has_credentials(head: &RequestHead, user: &str, password: &str, defects: Defects) -> bool {
    let expected = STANDARD.encode(format!("{user}:{password}"));
    if !defects.is_empty() && faulty::admits_credentials(head, expected.as_bytes(), defects) {
        return true;
    }
    let Some((scheme, token)) = head
        .fields
        .get("Authorization")
        .and_then(|value| value.split_at_checked(6))
    else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"basic ")
        && token.trim_ascii() == expected.as_bytes()
        && head.fields.count("Authorization") == 1
}

/// Puts the reason into the body, for the person who reads it.
fn finish(mut response: ResponseSpec, reason: &str, config: &Config) -> Vec<u8> {
    let body = format!("{reason}\n");
    response.set("Content-Type", "text/plain; charset=utf-8");
    response.set("Content-Length", body.len().to_string());
    response.body = body.into_bytes();
    faulty::spoil_refusal(&mut response, config.defects);
    response.write()
}
