//! Inflating: ours against zlib-rs over the same payloads, and the opening handshake.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flate2::{Decompress, FlushDecompress};
use std::hint::black_box;
use wsanvil_wire::deflate::{Compressor, Inflater};
use wsanvil_wire::http::parse_request;
use wsanvil_wire::upgrade::{accept_for, check_request, write_switching_protocols};

const LIMIT: usize = 1 << 30;

/// Octets like those of programs and people: words drawn unevenly, and some numbers.
fn text(length: usize) -> Vec<u8> {
    const WORDS: [&str; 24] = [
        "the",
        "of",
        "and",
        "message",
        "frame",
        "server",
        "client",
        "a",
        "payload",
        "is",
        "in",
        "with",
        "octets",
        "connection",
        "value",
        "when",
        "closing",
        "handshake",
        "mask",
        "extension",
        "for",
        "not",
        "must",
        "window",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut out = Vec::with_capacity(length + 32);
    while out.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let pick = usize::try_from(state >> 32 & 0xFF).unwrap_or(0)
            * usize::try_from(state >> 40 & 0xFF).unwrap_or(0);
        out.extend_from_slice(WORDS.get(pick * WORDS.len() / 65_026).unwrap_or(&"x").as_bytes());
        if state.is_multiple_of(11) {
            out.extend_from_slice(format!(" {}", state % 100_000).as_bytes());
        }
        out.push(if state.is_multiple_of(13) { b'\n' } else { b' ' });
    }
    out.truncate(length);
    out
}

fn inflating(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inflate");
    for (name, message) in [
        ("text-64", text(64)),
        ("text-1k", text(1 << 10)),
        ("text-128k", text(1 << 17)),
        ("text-1m", text(1 << 20)),
        ("zeros-1m", vec![0; 1 << 20]),
    ] {
        let mut payload = Vec::new();
        Compressor::new(15, false).compress(&message, &mut payload);
        let mut whole = payload.clone();
        whole.extend_from_slice(&[0, 0, 0xFF, 0xFF]);
        group.throughput(Throughput::Bytes(message.len() as u64));
        let mut out = Vec::with_capacity(message.len() + 65_536);
        group.bench_with_input(BenchmarkId::new("wsanvil", name), &payload, |bencher, payload| {
            let mut inflater = Inflater::new(15, false);
            bencher.iter(|| {
                out.clear();
                let pushed = inflater.push(black_box(payload), &mut out, LIMIT);
                pushed
                    .and_then(|()| inflater.finish(&mut out, LIMIT))
                    .expect("inflates");
                assert_eq!(out.len(), message.len());
            });
        });
        group.bench_with_input(BenchmarkId::new("zlib-rs", name), &whole, |bencher, whole| {
            let mut zlib = Decompress::new(false);
            bencher.iter(|| {
                out.clear();
                zlib.reset(false);
                zlib.decompress_vec(black_box(whole), &mut out, FlushDecompress::Sync)
                    .expect("inflates");
                assert_eq!(out.len(), message.len());
            });
        });
    }
    group.finish();
}

fn handshake(criterion: &mut Criterion) {
    let request =
        b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    criterion.bench_function("handshake/parse", |bencher| {
        bencher.iter(|| parse_request(black_box(request), 65_536));
    });
    criterion.bench_function("handshake/accept", |bencher| {
        bencher.iter(|| accept_for(black_box(b"dGhlIHNhbXBsZSBub25jZQ==")));
    });
    criterion.bench_function("handshake/parse-check-respond", |bencher| {
        let mut out = Vec::new();
        bencher.iter(|| {
            let head = parse_request(black_box(request), 65_536).ok().flatten();
            let accepted = head
                .and_then(|head| check_request(&head).ok())
                .expect("a correct request");
            out.clear();
            write_switching_protocols(&accept_for(&accepted.key), None, None, &mut out);
            out.len()
        });
    });
}

criterion_group!(benches, inflating, handshake);
criterion_main!(benches);
