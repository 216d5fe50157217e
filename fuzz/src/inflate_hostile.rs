//! The inflater never gives more than its limit, says the same at any cut, and agrees with zlib.

use flate2::{Decompress, FlushDecompress, Status};
use wsanvil_wire::deflate::{
    Compressor, InflateError, Inflater, Options, Strategy, StreamFacts, TokenWriter,
};

use crate::chunking::{head, pieces};

/// More than any input of the fuzzer inflates to: DEFLATE expands at most 1032 times.
const NO_LIMIT: usize = 1 << 23;
/// What the inflater may hold beyond its output: its buffer grows in steps of 64 KiB and by doubling.
const SLACK: usize = 1 << 18;

/// Octet 0: window and context takeover; octet 1: the limit; octet 2: cuts; then the payload of one message.
pub fn check(data: &[u8]) {
    let Some(([settings, limit, how], payload)) = head(data) else {
        return;
    };
    let (window, takeover) = (8 + (settings & 7), settings & 8 != 0);
    let limit = usize::from(limit & 0xF) << (limit >> 4);
    let inflate = |cuts: Vec<Vec<u8>>, limit| message(&mut Inflater::new(window, takeover), &cuts, limit);

    let whole = inflate(vec![payload.to_vec()], NO_LIMIT);
    assert_eq!(inflate(pieces(payload, how), NO_LIMIT), whole);
    let (free, free_facts) = whole;
    let (limited, _) = inflate(pieces(payload, how), limit);
    match (&free, limited) {
        (Ok(all), Ok(some)) => assert!(some == *all && all.len() <= limit),
        (Ok(all), Err(error)) => assert!(error == InflateError::TooLarge { limit } && all.len() > limit),
        (Err(_), Ok(_)) => panic!("the limit makes a wrong payload right"),
        (Err(_), Err(_)) => {}
    }
    if let Ok(all) = &free {
        assert_eq!(free_facts.inflated, all.len() as u64);
        assert_eq!(free_facts.payload, payload.len() as u64);
        assert!(free_facts.max_distance <= 32768);
        second_message(window, takeover, payload, all);
    }
    agrees_with_zlib(payload);
}

type Outcome = (Result<Vec<u8>, InflateError>, StreamFacts);

fn message(inflater: &mut Inflater, cuts: &[Vec<u8>], limit: usize) -> Outcome {
    let mut out = Vec::new();
    let pushed = cuts
        .iter()
        .try_for_each(|piece| inflater.push(piece, &mut out, limit));
    let result = pushed.and_then(|()| inflater.finish(&mut out, limit));
    assert!(out.len() <= limit);
    assert!(
        out.capacity() <= 2 * limit + SLACK,
        "{} octets held",
        out.capacity()
    );
    if let Err(error) = result {
        assert_eq!(inflater.push(b"", &mut out, limit), Err(error));
        assert!(!error.requirement().is_empty());
    }
    (result.map(|()| out), *inflater.facts())
}

/// What stands alone inflates to the same again; the context before it can only be referred to, never missed.
fn second_message(window: u8, takeover: bool, payload: &[u8], first: &[u8]) {
    let mut inflater = Inflater::new(window, takeover);
    for _ in 0..2 {
        let (again, _) = message(&mut inflater, &[payload.to_vec()], NO_LIMIT);
        assert_eq!(again.as_deref(), Ok(first));
        assert_eq!(inflater.facts().reach_before, 0);
    }
}

fn agrees_with_zlib(stream: &[u8]) {
    let (expected, verdict) = zlib(stream);
    let mut out = Vec::new();
    let result = Inflater::new(15, true).push(stream, &mut out, NO_LIMIT);
    match verdict {
        Err(()) => assert!(result.is_err(), "zlib refuses, we do not"),
        // Behind a final block we go on, zlib stops.
        Ok(Status::StreamEnd) => assert!(out.starts_with(&expected)),
        // We refuse some codes at their head, zlib at their first use, which may still be missing.
        Ok(_) if result.is_err() => assert!(zlib(&[stream, &[0; 64]].concat()).1.is_err(), "{result:?}"),
        Ok(_) => assert_eq!(out, expected),
    }
}

/// What zlib makes of a raw stream: output, and whether it failed or met a final block.
fn zlib(stream: &[u8]) -> (Vec<u8>, Result<Status, ()>) {
    let mut zlib = Decompress::new(false);
    let mut out = Vec::new();
    loop {
        out.reserve(1 << 16);
        let before = (zlib.total_in(), zlib.total_out());
        let rest = &stream[before.0 as usize..];
        match zlib.decompress_vec(rest, &mut out, FlushDecompress::Sync) {
            Err(_) => return (out, Err(())),
            Ok(Status::StreamEnd) => return (out, Ok(Status::StreamEnd)),
            Ok(_) if before == (zlib.total_in(), zlib.total_out()) => return (out, Ok(Status::BufError)),
            Ok(_) => {}
        }
    }
}

/// Payloads of every strategy, final blocks, a bomb, references at the edges.
pub fn seeds() -> Vec<Vec<u8>> {
    let text = b"a message, a message of messages, again and again; ".repeat(6);
    let mut payloads = Vec::new();
    for strategy in [Strategy::Default, Strategy::Stored, Strategy::Fixed] {
        for (bfinal, flush_every, keep_tail) in
            [(false, None, false), (true, None, false), (false, Some(7), true)]
        {
            let options = Options {
                level: 9,
                strategy,
                bfinal,
                flush_every,
                keep_tail,
            };
            let mut payload = Vec::new();
            Compressor::with_options(15, false, options).compress(&text, &mut payload);
            payloads.push(payload);
        }
    }
    let mut bomb = Vec::new();
    Compressor::with_level(15, false, 9).compress(&vec![0; 1 << 20], &mut bomb);
    payloads.push(bomb);
    for (length, distance) in [(3, 1), (258, 1), (258, 4), (3, 5)] {
        let mut tokens = TokenWriter::new();
        tokens.begin_fixed(false);
        for octet in *b"abcd" {
            tokens.literal(octet);
        }
        tokens.reference(length, distance).end_block();
        payloads.push(tokens.end_message(false));
    }
    let settings = [0x0F, 0xF8, 0x35];
    payloads
        .iter()
        .map(|payload| [&settings[..], payload].concat())
        .collect()
}
