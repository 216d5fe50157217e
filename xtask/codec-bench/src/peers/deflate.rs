//! Peers in the groups `deflate`: each takes messages, or payloads, one after the other and shows what comes out.
//!
//! All at zlib's level 6 with a window of 15 bits. Buffers that a peer's interface lets us keep are kept.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::{Compression, FlushCompress, FlushDecompress};
use futures::SinkExt;
use miniz_oxide::deflate::core::{CompressionStrategy, CompressorOxide};
use miniz_oxide::inflate::stream::InflateState;
use miniz_oxide::{DataFormat, MZFlush};
use sockudo_ws::deflate::{DEFAULT_WINDOW_BITS, DeflateDecoder, DeflateEncoder};
use wsanvil_wire::deflate::{Compressor, Inflater};
use wsanvil_wire::frame::{Header, Opcode};
use wsanvil_wire::mask;
use wtx::web_socket::DeflateConfig;
use wtx::web_socket::compression::{CompressionLevel, Flate2, NegotiatedCompression, WindowBits};

use super::memory::ready;

/// Where the result is shown.
pub type Show<'a> = &'a mut dyn FnMut(&[u8]);

/// What a sender leaves out at the end of a message (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// zlib's level, for all.
const LEVEL: u8 = 6;

/// The most octets that a message may have; more than any here.
const LIMIT: usize = 1 << 20;

/// Octets of a buffer in which every result has room.
const ROOM: usize = 128 << 10;

/// Ours.
pub fn ours_compress(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut compressor = Compressor::new(15, takeover);
    let mut out = Vec::new();
    move |message, show| {
        out.clear();
        compressor.compress(message, &mut out);
        show(&out);
    }
}

/// Ours.
pub fn ours_inflate(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut inflater = Inflater::new(15, takeover);
    let mut out = Vec::new();
    move |payload, show| {
        out.clear();
        let taken = inflater
            .push(payload, &mut out, LIMIT)
            .and_then(|()| inflater.finish(&mut out, LIMIT));
        taken.expect("well-formed");
        show(&out);
    }
}

/// flate2, which runs on zlib-rs here.
pub fn flate2_compress(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut zlib = flate2::Compress::new(Compression::new(u32::from(LEVEL)), false);
    // Not `compress_vec`, which fills all of the room with zeros first.
    let mut out = vec![0; ROOM];
    move |message, show| {
        let before = zlib.total_out();
        let status = zlib.compress(message, &mut out, FlushCompress::Sync);
        let written = &out[..(zlib.total_out() - before) as usize];
        assert!(status.is_ok() && written.len() < ROOM && written.ends_with(&TAIL));
        if !takeover {
            zlib.reset();
        }
        show(&written[..written.len() - TAIL.len()]);
    }
}

/// flate2, which runs on zlib-rs here.
pub fn flate2_inflate(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut zlib = flate2::Decompress::new(false);
    let mut with_tail = Vec::with_capacity(ROOM);
    let mut out = vec![0; ROOM];
    move |payload, show| {
        tail_put_back(payload, &mut with_tail);
        let before = (zlib.total_in(), zlib.total_out());
        let status = zlib.decompress(&with_tail, &mut out, FlushDecompress::Sync);
        assert!(status.is_ok() && zlib.total_in() - before.0 == with_tail.len() as u64);
        let written = (zlib.total_out() - before.1) as usize;
        if !takeover {
            zlib.reset(false);
        }
        show(&out[..written]);
    }
}

/// `miniz_oxide`, on its own.
pub fn miniz_compress(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut compressor = Box::new(CompressorOxide::with_params(
        DataFormat::Raw,
        LEVEL,
        CompressionStrategy::Default,
        15,
    ));
    let mut out = vec![0; ROOM];
    move |message, show| {
        let result = miniz_oxide::deflate::stream::deflate(&mut compressor, message, &mut out, MZFlush::Sync);
        assert!(result.status.is_ok() && result.bytes_consumed == message.len());
        let written = &out[..result.bytes_written];
        assert!(written.len() < ROOM && written.ends_with(&TAIL));
        if !takeover {
            compressor.reset();
        }
        show(&written[..written.len() - TAIL.len()]);
    }
}

/// `miniz_oxide`, on its own.
pub fn miniz_inflate(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut inflater = InflateState::new_boxed(DataFormat::Raw);
    let mut with_tail = Vec::with_capacity(ROOM);
    let mut out = vec![0; ROOM];
    move |payload, show| {
        tail_put_back(payload, &mut with_tail);
        let result =
            miniz_oxide::inflate::stream::inflate(&mut inflater, &with_tail, &mut out, MZFlush::Sync);
        assert!(result.status.is_ok() && result.bytes_consumed == with_tail.len());
        if !takeover {
            inflater.reset(DataFormat::Raw);
        }
        show(&out[..result.bytes_written]);
    }
}

/// A copy of the payload with what the sender left out behind it: one call of an inflater is faster than two.
fn tail_put_back(payload: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(payload);
    out.extend_from_slice(&TAIL);
}

/// sockudo-ws: its encoder.
pub fn sockudo_compress(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut encoder = DeflateEncoder::new(DEFAULT_WINDOW_BITS, !takeover, u32::from(LEVEL), 0);
    move |message, show| {
        let payload = encoder.compress(message).expect("compressed");
        show(&payload.expect("smaller than the message"));
    }
}

/// sockudo-ws: its decoder.
pub fn sockudo_inflate(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let mut decoder = DeflateDecoder::new(DEFAULT_WINDOW_BITS, !takeover);
    move |payload, show| show(&decoder.decompress(payload, LIMIT).expect("well-formed"))
}

/// wtx: what it agrees on with an offer, always without context takeover.
fn wtx_agreed() -> impl NegotiatedCompression {
    let config = DeflateConfig {
        client_max_window_bits: WindowBits::Fifteen,
        compression_level: CompressionLevel::Six,
        server_max_window_bits: WindowBits::Fifteen,
    };
    let offer = httparse::Header {
        name: "Sec-WebSocket-Extensions",
        value: b"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    };
    let agreed = <Flate2 as wtx::web_socket::Compression<false>>::negotiate(
        Flate2::from(config),
        std::iter::once(offer),
    );
    agreed.expect("agreed")
}

/// wtx into a buffer that has room for everything; its own connection grows one.
pub fn wtx_compress() -> impl FnMut(&[u8], Show<'_>) {
    let mut agreed = wtx_agreed();
    let mut out = vec![0; ROOM];
    move |message, show| {
        let written = agreed.compress(
            message,
            &mut out,
            |out| Ok(out.as_mut_slice()),
            |out, written| Ok(&mut out[written..]),
        );
        let written = written.expect("compressed");
        show(&out[..written - TAIL.len()]);
    }
}

/// wtx into a buffer that has room for everything; its own connection grows one, and puts the tail behind the payload
/// where that lies.
pub fn wtx_inflate() -> impl FnMut(&[u8], Show<'_>) {
    let mut agreed = wtx_agreed();
    let mut with_tail = Vec::with_capacity(ROOM);
    let mut out = vec![0; ROOM];
    move |payload, show| {
        tail_put_back(payload, &mut with_tail);
        let written = agreed.decompress(
            &with_tail,
            &mut out,
            |out| Ok(out.as_mut_slice()),
            |out, written| Ok(&mut out[written..]),
        );
        show(&out[..written.expect("well-formed")]);
    }
}

/// yawc, which compresses only what it sends: a server's connection.
pub fn yawc_compress(takeover: bool) -> impl FnMut(&[u8], Show<'_>) {
    let socket = Socket::default();
    let sent = Rc::clone(&socket.sent);
    let mut connection = yawc_connection(socket, takeover);
    move |message, show| {
        sent.borrow_mut().clear();
        let frame = yawc::Frame::binary(Bytes::copy_from_slice(message));
        ready(connection.send(frame)).expect("sent");
        let sent = sent.borrow();
        let (header, length) = Header::parse(&sent).expect("a frame");
        assert!(header.fin && header.rsv == 0b100 && sent.len() as u64 == length as u64 + header.payload_len);
        show(&sent[length..]);
    }
}

/// yawc, which inflates only what it receives: a server's connection on which the payloads arrive in masked frames,
/// over and over.
pub fn yawc_inflate(takeover: bool, payloads: &[Vec<u8>]) -> impl FnMut(&[u8], Show<'_>) + use<> {
    let mut arriving = Vec::new();
    for payload in payloads {
        let header = Header {
            rsv: 0b100,
            mask: Some([0x37, 0xFA, 0x21, 0x3D]),
            ..Header::new(Opcode::BINARY, payload.len() as u64)
        };
        header.write(&mut arriving);
        mask::apply_copy([0x37, 0xFA, 0x21, 0x3D], 0, payload, &mut arriving);
    }
    let socket = Socket {
        arriving,
        ..Socket::default()
    };
    let mut connection = yawc_connection(socket, takeover);
    move |_, show| show(ready(connection.next_frame()).expect("well-formed").payload())
}

fn yawc_connection(socket: Socket, takeover: bool) -> yawc::WebSocket<Socket> {
    let agreed = if takeover {
        "permessage-deflate"
    } else {
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    };
    let options = yawc::Options::default().with_compression_level(Compression::new(u32::from(LEVEL)));
    let connection =
        yawc::WebSocket::from_stream_with_extensions(socket, yawc::Role::Server, Some(agreed), options);
    connection.expect("a connection")
}

/// A connection on which the same octets arrive again and again.
#[derive(Debug, Default)]
struct Socket {
    arriving: Vec<u8>,
    position: usize,
    sent: Rc<RefCell<Vec<u8>>>,
}

impl tokio::io::AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.arriving[self.position..];
        let taken = rest.len().min(buf.remaining());
        if taken == 0 {
            return Poll::Pending;
        }
        buf.put_slice(&rest[..taken]);
        self.position = (self.position + taken) % self.arriving.len();
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.sent.borrow_mut().extend_from_slice(octets);
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
