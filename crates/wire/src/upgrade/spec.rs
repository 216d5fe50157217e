//! Requests and responses as ordered lists that can be edited, made wrong and written out.

/// The edits that both kinds share. Nothing is checked: what is put in is written.
macro_rules! field_edits {
    () => {
        /// Gives the field this value where it first stands and removes further ones of the name; appends it
        /// when there is none. Names match without regard to case and are written as given here.
        pub fn set(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
            let (name, value) = (name.as_ref(), value.as_ref());
            let mut placed = false;
            self.fields.retain_mut(|field| {
                if !field.0.eq_ignore_ascii_case(name) {
                    return true;
                }
                let first = !std::mem::replace(&mut placed, true);
                if first {
                    *field = (name.to_vec(), value.to_vec());
                }
                first
            });
            if placed { self } else { self.add(name, value) }
        }

        /// Appends a field, whether or not there is one of the name.
        pub fn add(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
            self.fields
                .push((name.as_ref().to_vec(), value.as_ref().to_vec()));
            self
        }

        /// Removes all fields of the name.
        pub fn remove(&mut self, name: impl AsRef<[u8]>) -> &mut Self {
            let name = name.as_ref();
            self.fields
                .retain(|field| !field.0.eq_ignore_ascii_case(name));
            self
        }

        /// Moves the named fields to the front, in this order; the others keep theirs behind them.
        pub fn order(&mut self, names: &[impl AsRef<[u8]>]) -> &mut Self {
            let rank = |name: &[u8]| {
                names
                    .iter()
                    .position(|n| n.as_ref().eq_ignore_ascii_case(name))
            };
            self.fields
                .sort_by_key(|field| rank(&field.0).unwrap_or(names.len()));
            self
        }
    };
}

/// A request to write, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestSpec {
    /// The method, `GET` when right.
    pub method: String,
    /// The request target.
    pub target: String,
    /// The version text, `HTTP/1.1` when right.
    pub version: String,
    /// Names and values, written as `name: value`.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// What ends each line, CR LF when right.
    pub eol: Vec<u8>,
    /// Write the blank line?
    pub end: bool,
    /// Raw lines to write instead of the fields.
    pub lines: Option<Vec<Vec<u8>>>,
    /// Octets behind the head.
    pub body: Vec<u8>,
}

/// A correct upgrade request (RFC 6455 section 4.1) without optional fields.
pub fn upgrade(host: &str, target: &str, key: &[u8]) -> RequestSpec {
    RequestSpec::upgrade(host, target, key)
}

impl RequestSpec {
    /// A correct upgrade request (RFC 6455 section 4.1) without optional fields. `host` carries the port
    /// unless it is the default one.
    pub fn upgrade(host: &str, target: &str, key: &[u8]) -> Self {
        let mut spec = Self {
            method: "GET".into(),
            target: target.into(),
            version: "HTTP/1.1".into(),
            fields: Vec::with_capacity(8),
            eol: b"\r\n".to_vec(),
            end: true,
            lines: None,
            body: Vec::new(),
        };
        spec.add("Host", host)
            .add("Upgrade", "websocket")
            .add("Connection", "Upgrade")
            .add("Sec-WebSocket-Key", key)
            .add("Sec-WebSocket-Version", "13");
        spec
    }

    field_edits!();

    /// Offers subprotocols, in order of preference; no field when there are none.
    pub fn subprotocols<S: AsRef<str>>(&mut self, names: &[S]) -> &mut Self {
        let list: Vec<_> = names.iter().map(AsRef::as_ref).collect();
        if list.is_empty() {
            self.remove("Sec-WebSocket-Protocol")
        } else {
            self.set("Sec-WebSocket-Protocol", list.join(", "))
        }
    }

    /// Offers extensions by a field value such as [`crate::deflate::Params`] writes.
    pub fn extensions(&mut self, value: impl AsRef<[u8]>) -> &mut Self {
        self.set("Sec-WebSocket-Extensions", value)
    }

    /// Sets the origin.
    pub fn origin(&mut self, origin: &str) -> &mut Self {
        self.set("Origin", origin)
    }

    /// The octets of the request.
    pub fn write(&self) -> Vec<u8> {
        let start = [
            self.method.as_bytes(),
            b" ",
            self.target.as_bytes(),
            b" ",
            self.version.as_bytes(),
        ];
        write_head(
            &start,
            &self.fields,
            self.lines.as_deref(),
            &self.eol,
            self.end,
            &self.body,
        )
    }
}

/// A response to write, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseSpec {
    /// The version text, `HTTP/1.1` when right.
    pub version: String,
    /// The status code as text, so that it can be malformed.
    pub status: String,
    /// The reason phrase; the space before it is always written.
    pub reason: String,
    /// Names and values, written as `name: value`.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// What ends each line, CR LF when right.
    pub eol: Vec<u8>,
    /// Write the blank line?
    pub end: bool,
    /// Raw lines to write instead of the fields.
    pub lines: Option<Vec<Vec<u8>>>,
    /// Octets behind the head.
    pub body: Vec<u8>,
}

impl ResponseSpec {
    /// A response with a status and no fields. The usual phrase stands in for an empty reason.
    pub fn new(status: u16, reason: &str) -> Self {
        let reason = if reason.is_empty() { phrase(status) } else { reason };
        Self {
            version: "HTTP/1.1".into(),
            status: format!("{status:03}"),
            reason: reason.into(),
            fields: Vec::with_capacity(6),
            eol: b"\r\n".to_vec(),
            end: true,
            lines: None,
            body: Vec::new(),
        }
    }

    field_edits!();

    /// The correct answer that opens the connection (RFC 6455 section 4.2.2). `accept` comes from
    /// [`super::accept_for`].
    pub fn switching_protocols(accept: impl AsRef<[u8]>) -> Self {
        let mut spec = Self::new(101, "");
        spec.add("Upgrade", "websocket")
            .add("Connection", "Upgrade")
            .add("Sec-WebSocket-Accept", accept);
        spec
    }

    /// The octets of the response.
    pub fn write(&self) -> Vec<u8> {
        let start = [
            self.version.as_bytes(),
            b" ",
            self.status.as_bytes(),
            b" ",
            self.reason.as_bytes(),
        ];
        write_head(
            &start,
            &self.fields,
            self.lines.as_deref(),
            &self.eol,
            self.end,
            &self.body,
        )
    }
}

/// Appends the correct answer that opens the connection to `out`: what [`ResponseSpec::switching_protocols`]
/// writes, without the detour over an editable list.
pub fn write_switching_protocols(
    accept: &[u8; 28],
    protocol: Option<&str>,
    extensions: Option<&str>,
    out: &mut Vec<u8>,
) {
    out.reserve(192);
    out.extend_from_slice(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
    );
    out.extend_from_slice(accept);
    for (name, value) in [("Protocol", protocol), ("Extensions", extensions)] {
        if let Some(value) = value {
            for part in ["\r\nSec-WebSocket-", name, ": ", value] {
                out.extend_from_slice(part.as_bytes());
            }
        }
    }
    out.extend_from_slice(b"\r\n\r\n");
}

fn phrase(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        414 => "URI Too Long",
        426 => "Upgrade Required",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

fn write_head(
    start: &[&[u8]],
    fields: &[(Vec<u8>, Vec<u8>)],
    lines: Option<&[Vec<u8>]>,
    eol: &[u8],
    end: bool,
    body: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + body.len());
    for part in start {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(eol);
    if let Some(lines) = lines {
        for line in lines {
            out.extend_from_slice(line);
            out.extend_from_slice(eol);
        }
    } else {
        for (name, value) in fields {
            out.extend_from_slice(name);
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(eol);
        }
    }
    if end {
        out.extend_from_slice(eol);
    }
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::{RequestSpec, ResponseSpec, write_switching_protocols};

    #[test]
    fn the_published_request_and_response() {
        let mut request = RequestSpec::upgrade("server.example.com", "/chat", b"dGhlIHNhbXBsZSBub25jZQ==");
        request.remove("sec-websocket-version");
        request
            .origin("http://example.com")
            .subprotocols(&["chat", "superchat"]);
        request.add("Sec-WebSocket-Version", "13");
        assert_eq!(
            request.write(),
            b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n\
              Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        let mut response = ResponseSpec::switching_protocols("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        response.set("Sec-WebSocket-Protocol", "chat");
        assert_eq!(
            response.write(),
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
        );
    }

    #[test]
    fn the_short_way_writes_the_same() {
        let accept = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let mut spec = ResponseSpec::switching_protocols(accept);
        let mut out = Vec::new();
        write_switching_protocols(accept, None, None, &mut out);
        assert_eq!(out, spec.write());
        spec.add("Sec-WebSocket-Protocol", "chat")
            .add("Sec-WebSocket-Extensions", "permessage-deflate");
        out.clear();
        write_switching_protocols(accept, Some("chat"), Some("permessage-deflate"), &mut out);
        assert_eq!(out, spec.write());
    }

    #[test]
    fn edits_do_what_they_say() {
        let mut request = RequestSpec::upgrade("h", "/", b"k");
        request
            .add("HOST", "second")
            .set("host", "only")
            .add("X", "1")
            .add("X", "2")
            .order(&["X", "Upgrade"]);
        let names: Vec<_> = request.fields.iter().map(|(name, _)| name.as_slice()).collect();
        assert_eq!(
            names,
            [
                &b"X"[..],
                b"X",
                b"Upgrade",
                b"host",
                b"Connection",
                b"Sec-WebSocket-Key",
                b"Sec-WebSocket-Version"
            ]
        );
        request.lines = Some(vec![b"raw".to_vec()]);
        request.eol = b"\n".to_vec();
        request.end = false;
        request.body = b"body".to_vec();
        assert_eq!(request.write(), b"GET / HTTP/1.1\nraw\nbody");
    }
}
