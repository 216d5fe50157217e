//! The client's opening handshake (RFC 6455 section 4.1).

use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::Keys;
use wsanvil_wire::extension::{self, Extension};
use wsanvil_wire::http::ResponseHead;
use wsanvil_wire::upgrade::{self, Offered, RequestSpec, ResponseRule};

use crate::{Config, Defect, faulty};

/// The one offer of a client that compresses: everything the other side may want.
const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// What a client needs to open a connection.
#[derive(Debug)]
pub struct Opening {
    /// Value of Host: the port belongs to it unless it is the default one.
    pub host: String,
    /// Path and query.
    pub target: String,
    /// Sixteen random octets, fresh for each connection.
    pub nonce: [u8; 16],
    /// Where masking keys come from.
    pub keys: Keys,
}

/// What was sent and the response has to fit.
#[derive(Debug)]
pub(crate) struct SentRequest {
    key: [u8; 24],
    protocols: Vec<String>,
    extensions: Vec<Extension>,
    pub(crate) keys: Keys,
}

/// The octets of the request, and what to remember of it.
pub(crate) fn request(config: &Config, opening: Opening) -> (Vec<u8>, SentRequest) {
    let fixed = config.defects.has(Defect::FixedNonce);
    let key = upgrade::key_from_nonce(if fixed { [b'n'; 16] } else { opening.nonce });
    let mut request = RequestSpec::upgrade(&opening.host, &opening.target, &key);
    request.subprotocols(&config.subprotocols);
    let mut extensions = Vec::new();
    if config.deflate {
        request.extensions(OFFER);
        extensions = extension::parse_list(OFFER.as_bytes()).unwrap_or_default();
    }
    faulty::spoil_request(&mut request, config.defects);
    let sent = SentRequest {
        key,
        protocols: config.subprotocols.clone(),
        extensions,
        keys: opening.keys,
    };
    (request.write(), sent)
}

/// What the response agrees on: compression, or none.
pub(crate) fn check(
    head: &ResponseHead,
    sent: &SentRequest,
    config: &Config,
) -> Result<Option<Agreed>, ResponseRule> {
    let offered = Offered {
        key: &sent.key,
        protocols: &sent.protocols,
        extensions: &sent.extensions,
    };
    if config.defects.has(Defect::AcceptsAnyResponse) {
        let (agreed, _) = upgrade::check_response_all(head, &offered);
        return Ok(agreed.and_then(|agreed| agreed.deflate));
    }
    Ok(upgrade::check_response(head, &offered)?.deflate)
}
