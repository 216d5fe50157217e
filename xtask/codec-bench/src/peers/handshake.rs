//! Peers in the group `handshake`: each takes the octets of a request and appends its answer to `out`.
//!
//! Peers that read a socket by themselves copy the request into a buffer of their own. For the others [`received`]
//! makes that copy, so that it is in every number.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::{Request as TungsteniteRequest, create_response, write_response};
use wsanvil_wire::upgrade;
use wtx::web_socket::{WebSocketAcceptor, WebSocketBuffer};

use super::memory::{Socket, ready};

/// Longest request that we take, in octets.
const LIMIT: usize = 16 << 10;

/// Most fields that the crate httparse is asked for.
const FIELDS: usize = 64;

/// Ours: strict parser, every check of RFC 6455 section 4.2.1, extensions and subprotocols parsed.
pub fn ours() -> impl FnMut(&[u8], &mut Vec<u8>) {
    received(|request, out| {
        let (opening, _) = upgrade::read_opening(request, LIMIT)
            .expect("an opening handshake")
            .expect("complete");
        opening.accept(None, None, out);
    })
}

/// tungstenite without its socket: parse, check and answer, write.
pub fn tungstenite() -> impl FnMut(&[u8], &mut Vec<u8>) {
    received(|request, out| {
        let parsed = TungsteniteRequest::try_parse(request).expect("well-formed");
        let (_, request) = parsed.expect("complete");
        let response = create_response(&request).expect("an opening handshake");
        write_response(out, &response).expect("written");
    })
}

/// soketto with a buffer that it is given again each time.
pub fn soketto() -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut buffer = BytesMut::new();
    move |request, out| {
        let mut server = soketto::handshake::Server::new(Socket::new(request, out));
        server.set_buffer(std::mem::take(&mut buffer));
        let key = ready(server.receive_request())
            .expect("an opening handshake")
            .key();
        let accept = soketto::handshake::server::Response::Accept { key, protocol: None };
        ready(server.send_response(&accept)).expect("written");
        buffer = server.take_buffer();
    }
}

/// sockudo-ws: its three functions.
pub fn sockudo_ws() -> impl FnMut(&[u8], &mut Vec<u8>) {
    received(|request, out| {
        let parsed = sockudo_ws::handshake::parse_request(request).expect("an opening handshake");
        let (request, _) = parsed.expect("complete");
        let accept = sockudo_ws::handshake::generate_accept_key(request.key);
        out.extend_from_slice(&sockudo_ws::handshake::build_response(&accept, None, None));
    })
}

/// tokio-websockets as a server on a socket.
pub fn tokio_websockets() -> impl FnMut(&[u8], &mut Vec<u8>) {
    let builder = tokio_websockets::ServerBuilder::new();
    move |request, out| {
        ready(builder.accept(Socket::new(request, out))).expect("an opening handshake");
    }
}

/// wtx as a server on a socket, with buffers that it is given again each time.
pub fn wtx() -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut buffer = WebSocketBuffer::new();
    move |request, out| {
        let acceptor = WebSocketAcceptor::default().wsb(&mut buffer);
        ready(acceptor.accept(Socket::new(request, out))).expect("an opening handshake");
    }
}

/// websocket-codec checks fields that we parse with httparse, and computes the accept value.
pub fn websocket_codec() -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut accept = String::new();
    received(move |request, out| {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        assert!(head.parse(request).is_ok_and(|status| status.is_complete()));
        let checked = websocket_codec::ClientRequest::parse(|name| {
            std::str::from_utf8(field(head.headers, name)?).ok()
        });
        accept.clear();
        checked.expect("an opening handshake").ws_accept_buf(&mut accept);
        switching_protocols(accept.as_bytes(), out);
    })
}

/// fastwebsockets, which answers requests of hyper.
pub fn fastwebsockets() -> impl FnMut(&[u8], &mut Vec<u8>) {
    over_hyper(|mut request| {
        assert!(fastwebsockets::upgrade::is_upgrade_request(&request));
        let (response, _) = fastwebsockets::upgrade::upgrade(&mut request).expect("an opening handshake");
        response
    })
}

/// yawc, which answers requests of hyper.
pub fn yawc() -> impl FnMut(&[u8], &mut Vec<u8>) {
    over_hyper(|mut request| {
        let (response, _) = yawc::WebSocket::upgrade(&mut request).expect("an opening handshake");
        response
    })
}

/// The least that anyone does: httparse, the fields looked at, SHA-1, base64.
pub fn by_hand() -> impl FnMut(&[u8], &mut Vec<u8>) {
    received(|request, out| {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        assert!(head.parse(request).is_ok_and(|status| status.is_complete()));
        assert!(head.method == Some("GET") && head.version == Some(1));
        let is = |name, value: &[u8]| {
            field(head.headers, name).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        assert!(
            is("Upgrade", b"websocket") && is("Connection", b"Upgrade") && is("Sec-WebSocket-Version", b"13")
        );
        let key = field(head.headers, "Sec-WebSocket-Key").expect("a key");
        let digest = Sha1::new()
            .chain_update(key)
            .chain_update(upgrade::GUID)
            .finalize();
        let mut accept = [0; 28];
        let length = STANDARD.encode_slice(digest, &mut accept);
        assert_eq!(length, Ok(28));
        switching_protocols(&accept, out);
    })
}

/// Copies the request as a read would, then hands it on.
fn received(mut answer: impl FnMut(&[u8], &mut Vec<u8>)) -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut buffer = Vec::with_capacity(LIMIT);
    move |request, out| {
        buffer.clear();
        buffer.extend_from_slice(request);
        answer(&buffer, out);
    }
}

/// A connection of hyper per request, as a server has it.
fn over_hyper(
    answer: impl Fn(Request<Incoming>) -> Response<Empty<Bytes>>,
) -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.auto_date_header(false);
    move |request, out| {
        let service = service_fn(|request| std::future::ready(Ok::<_, Infallible>(answer(request))));
        let mut connection = builder.serve_connection(TokioIo::new(Socket::new(request, out)), service);
        ready(std::future::poll_fn(|context| {
            connection.poll_without_shutdown(context)
        }))
        .expect("served");
    }
}

fn field<'a>(fields: &[httparse::Header<'a>], name: &str) -> Option<&'a [u8]> {
    let found = fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    found.map(|field| field.value)
}

fn switching_protocols(accept: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
    );
    out.extend_from_slice(accept);
    out.extend_from_slice(b"\r\n\r\n");
}
