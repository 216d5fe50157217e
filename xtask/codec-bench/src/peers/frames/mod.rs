//! Peers in the groups `decode`, `encode` and `echo`, one module per crate.

mod fastwebsockets;
mod sockudo_ws;
mod soketto;
mod tokio_websockets;
mod transport;
mod tungstenite;
mod web_socket;
mod websocket_codec;
mod websocket_sans_io;
mod wtx;
mod yawc;

pub use fastwebsockets::{FastDecoder, FastEcho, FastEncoder};
pub use sockudo_ws::{SockudoDecoder, SockudoEcho, SockudoEncoder};
pub use soketto::{SokettoDecoder, SokettoEcho, SokettoEncoder};
pub use tokio_websockets::{TokioDecoder, TokioEcho, TokioEncoder};
pub use tungstenite::{TungsteniteDecoder, TungsteniteEcho, TungsteniteEncoder};
pub use web_socket::{WebSocketDecoder, WebSocketEcho, WebSocketEncoder};
pub use websocket_codec::{CodecDecoder, CodecEcho, CodecEncoder};
pub use websocket_sans_io::{SansIoDecoder, SansIoEcho, SansIoEncoder};
pub use wtx::{WtxDecoder, WtxEcho, WtxEncoder};
pub use yawc::{YawcDecoder, YawcEcho, YawcEncoder};

use crate::Remark;

/// What contenders do differently.
pub const NOTES: &[Remark] = &[
    (
        "decode",
        "fastwebsockets",
        "`WebSocket::read_frame`; checks neither masks nor the order of frames",
    ),
    (
        "decode",
        "sockudo-ws",
        "`FrameParser`; does not check the order of frames",
    ),
    (
        "decode",
        "soketto",
        "`base::Codec` over a buffer of the bench; checks neither masks nor the order of frames",
    ),
    (
        "decode",
        "web-socket",
        "reads straight from the transport, three to four reads a frame, each payload into a box of its own",
    ),
    (
        "decode",
        "websocket-sans-io",
        "checks nothing by itself, the bench calls `is_reasonable`; neither masks nor the order of frames are checked",
    ),
    (
        "decode",
        "yawc",
        "`codec::Decoder`; checks neither lengths nor the order of frames",
    ),
    ("decode", "tokio-websockets", "gives messages"),
    ("decode", "tungstenite", "gives messages"),
    (
        "decode",
        "websocket-codec",
        "gives messages; does not check masks",
    ),
    (
        "decode",
        "wtx",
        "gives messages; later versions need a later Rust",
    ),
    ("encode", "wsanvil-wire", "`Header::write_frame`; any frame"),
    (
        "encode",
        "wsanvil-wire endpoint",
        "for comparison: what an endpoint sends, which refuses what the protocol forbids; its keys come from a boxed source",
    ),
    (
        "encode",
        "fastwebsockets",
        "`Frame::fmt_head` and `unmask` over a buffer of the bench; any frame",
    ),
    ("encode", "sockudo-ws", "`encode_frame`; any frame"),
    (
        "encode",
        "soketto",
        "`base::Codec` over a buffer of the bench; any frame",
    ),
    (
        "encode",
        "tungstenite",
        "as a server `Frame::format`, any frame; as a client `WebSocket::write`, which has a buffer of its own (one copy more) and keys of its own",
    ),
    (
        "encode",
        "web-socket",
        "writes head and payload to the transport at once; as a client each frame has a buffer of its own, and keys are its own",
    ),
    (
        "encode",
        "websocket-sans-io",
        "`WebsocketFrameEncoder` over a buffer of the bench; any frame",
    ),
    (
        "encode",
        "wtx",
        "writes head and payload to the transport at once; as a client it masks the payload in place, and the bench copies it first",
    ),
    ("encode", "yawc", "`codec::Encoder`; any frame"),
    (
        "encode",
        "tokio-websockets",
        "writes heads and payloads of many messages to the transport at once; as a client each payload has a buffer of its own, and keys are its own",
    ),
    (
        "encode",
        "websocket-codec",
        "`MessageCodec`, with keys of its own",
    ),
    (
        "echo",
        "fastwebsockets",
        "`FragmentCollector`, which does not check masks; writes each message to the transport",
    ),
    ("echo", "sockudo-ws", "`Protocol`; the bench answers Pings"),
    (
        "echo",
        "soketto",
        "does not validate UTF-8, the bench does, with `std` or simdutf8, whichever is faster for the length; does not check masks",
    ),
    (
        "echo",
        "tokio-websockets",
        "writes heads and payloads of many messages to the transport at once",
    ),
    (
        "echo",
        "tungstenite",
        "writes through a buffer of its own: one copy more",
    ),
    (
        "echo",
        "web-socket",
        "the bench puts fragments together, validates UTF-8 (as for soketto) and answers Pings",
    ),
    (
        "echo",
        "websocket-codec",
        "`MessageCodec`, which does not check masks; the bench answers Pings",
    ),
    (
        "echo",
        "websocket-sans-io",
        "the bench puts fragments together, validates UTF-8 (as for soketto) and answers Pings; order and masks are not checked",
    ),
    ("echo", "wtx", "writes each message to the transport"),
    (
        "echo",
        "yawc",
        "`WebSocket` with UTF-8 checked at the end of a message; writes through a buffer of its own: one copy more",
    ),
];

/// Who is missing where, and why.
pub const NOT_COMPARED: &[Remark] = &[
    (
        "decode/mixed",
        "tokio-websockets",
        "gives whole messages; its codec of frames is private",
    ),
    (
        "decode/mixed",
        "tungstenite",
        "gives whole messages; `FrameSocket` gives frames, but leaves them masked, and the mask function is private",
    ),
    (
        "decode/mixed",
        "websocket-codec",
        "gives whole messages; `FrameHeaderCodec` gives heads, but the mask function is private",
    ),
    ("decode/mixed", "wtx", "gives whole messages"),
    (
        "encode/server-mixed",
        "tokio-websockets",
        "cuts messages by itself; no Ping can be put between fragments",
    ),
    (
        "encode/client-mixed",
        "tokio-websockets",
        "cuts messages by itself; no Ping can be put between fragments",
    ),
    (
        "encode/client-mixed",
        "websocket-codec",
        "sends whole messages; `FrameHeaderCodec` writes heads, but the mask function is private",
    ),
];

/// Text checked for a peer that leaves it to its caller; below 128 octets the standard library is faster.
///
/// # Panics
/// When it is not UTF-8, which nobody sends here.
#[inline]
fn validated(text: &[u8]) -> &str {
    if text.len() < 128 {
        std::str::from_utf8(text).expect("the text is UTF-8")
    } else {
        simdutf8::basic::from_utf8(text).expect("the text is UTF-8")
    }
}
