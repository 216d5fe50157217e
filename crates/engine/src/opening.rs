//! Opening heads of the tester: correct ones, changed as a case says.

use wsanvil_case::script::{HeadEdit, RequestSend};
use wsanvil_wire::extension::{self, Extension};
use wsanvil_wire::http::trim_ows;
use wsanvil_wire::upgrade::RequestSpec;

use crate::settings::TargetFacts;
use crate::vars::{ConnVars, Vars};

/// An opening request and what it offers.
#[derive(Debug)]
pub(crate) struct OpeningRequest {
    /// The octets.
    pub(crate) octets: Vec<u8>,
    /// Its key, the first when there are several; `None` when it has none that is known.
    pub(crate) key: Option<Vec<u8>>,
    /// Sub-protocols offered.
    pub(crate) protocols: Vec<String>,
    /// Extensions offered, as far as the offer can be parsed.
    pub(crate) extensions: Vec<Extension>,
}

/// The request of `open = "ws"`.
pub(crate) fn open_request(
    path: Option<&str>,
    edit: &HeadEdit,
    vars: &Vars,
    target: &TargetFacts,
    conn: &ConnVars,
) -> OpeningRequest {
    let mut spec = RequestSpec::upgrade(&target.host, path.unwrap_or(&target.path), conn.key.as_bytes());
    let (protocols, extensions) = apply(&mut spec, edit, vars, target, conn);
    OpeningRequest {
        octets: spec.write(),
        key: key_of(&spec, conn),
        protocols,
        extensions,
    }
}

/// The request of `send = "request"`.
pub(crate) fn sent_request(
    send: &RequestSend,
    vars: &Vars,
    target: &TargetFacts,
    conn: &ConnVars,
) -> OpeningRequest {
    let text = |text: &_| vars.text(text, target, conn);
    let mut spec = RequestSpec::upgrade(&target.host, &target.path, conn.key.as_bytes());
    if let Some(method) = &send.method {
        spec.method = text(method);
    }
    if let Some(wanted) = &send.target {
        spec.target = text(wanted);
    }
    if let Some(version) = &send.version {
        spec.version = text(version);
    }
    let (protocols, extensions) = apply(&mut spec, &send.edit, vars, target, conn);
    spec.eol = send.eol.clone().into_bytes();
    spec.end = send.end;
    if let Some(body) = &send.body {
        spec.body = text(body).into_bytes();
    }
    OpeningRequest {
        octets: spec.write(),
        key: key_of(&spec, conn),
        protocols,
        extensions,
    }
}

fn apply(
    spec: &mut RequestSpec,
    edit: &HeadEdit,
    vars: &Vars,
    target: &TargetFacts,
    conn: &ConnVars,
) -> (Vec<String>, Vec<Extension>) {
    let text = |text: &_| vars.text(text, target, conn);
    let own = spec.fields.len();
    for (name, value) in &target.headers {
        spec.add(name, value);
    }
    if let Some(origin) = edit.origin.as_ref().map(text).or_else(|| target.origin.clone()) {
        spec.origin(&origin);
    }
    let mut protocols: Vec<String> = edit.subprotocols.iter().map(text).collect();
    if protocols.is_empty() {
        protocols.clone_from(&target.subprotocols);
    }
    spec.subprotocols(&protocols);
    let configured = spec.fields.get(own..).unwrap_or_default().to_vec();
    if let Some(offer) = &edit.deflate {
        spec.extensions(text(offer));
    }
    for (name, value) in &edit.set {
        spec.set(name, text(value));
    }
    for name in &edit.remove {
        spec.remove(name);
    }
    for (name, value) in &edit.add {
        spec.add(name, text(value));
    }
    if !edit.order.is_empty() {
        spec.order(&edit.order);
    }
    if let Some(lines) = &edit.lines {
        // Without what the user configured, credentials above all, the target would refuse for a reason of its own.
        let configured = configured
            .iter()
            .map(|(name, value)| [name.as_slice(), b": ", value.as_slice()].concat());
        let lines = lines.iter().map(|line| text(line).into_bytes());
        spec.lines = Some(lines.chain(configured).collect());
    }
    // What the target may choose from is what the octets say, however they came about.
    let protocols = offered(spec, "Sec-WebSocket-Protocol")
        .flat_map(|value| wsanvil_wire::http::list_elements(value))
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    let extensions = offered(spec, "Sec-WebSocket-Extensions")
        .flat_map(|value| extension::parse_list(value).unwrap_or_default())
        .collect();
    (protocols, extensions)
}

/// The key that a target reads, whitespace around it left out (RFC 9110 section 5.5). Where no field has one, the
/// connection's own may stand in octets that are no correct field.
fn key_of(spec: &RequestSpec, conn: &ConnVars) -> Option<Vec<u8>> {
    let field = match spec.lines {
        None => offered(spec, "Sec-WebSocket-Key").next(),
        Some(_) => None,
    };
    let own = || {
        let octets = spec.write();
        let mut places = octets.windows(conn.key.len().max(1));
        places
            .any(|window| window == conn.key.as_bytes())
            .then(|| conn.key.clone().into_bytes())
    };
    field.map(|value| trim_ows(value).to_vec()).or_else(own)
}

/// Values of all fields of this name.
fn offered<'a>(spec: &'a RequestSpec, name: &'static str) -> impl Iterator<Item = &'a Vec<u8>> {
    spec.fields
        .iter()
        .filter(move |(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value)
}
