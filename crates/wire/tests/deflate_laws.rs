//! Laws of compressor and inflater, with zlib as the second opinion.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use proptest::prelude::*;
use wsanvil_wire::deflate::{Compressor, InflateError, Inflater, Options, Strategy as Blocks, TokenWriter};

const LIMIT: usize = 1 << 24;

/// Messages that compress: runs, repeats of earlier parts, noise.
fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let part = prop_oneof![
        (any::<u8>(), 1..600_usize).prop_map(|(octet, times)| vec![octet; times]),
        prop::collection::vec(any::<u8>(), 0..200),
        ("[a-f ]{1,40}", 1..30_usize).prop_map(|(text, times)| text.repeat(times).into_bytes()),
    ];
    prop::collection::vec(
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat()),
        1..5,
    )
}

fn options() -> impl Strategy<Value = Options> {
    let strategy = prop_oneof![Just(Blocks::Default), Just(Blocks::Stored), Just(Blocks::Fixed)];
    (0..10_u32, strategy, any::<bool>(), prop::option::of(1..500_usize)).prop_map(
        |(level, strategy, bfinal, flush_every)| Options {
            level,
            strategy,
            bfinal,
            flush_every,
            keep_tail: false,
        },
    )
}

fn push_in_pieces(
    inflater: &mut Inflater,
    payload: &[u8],
    sizes: &[usize],
    out: &mut Vec<u8>,
) -> Result<(), InflateError> {
    let mut rest = payload;
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(size.min(rest.len()));
        inflater.push(piece, out, LIMIT)?;
        rest = after;
    }
    Ok(())
}

/// What zlib makes of a raw stream: output, and whether it failed or met a final block.
fn oracle(stream: &[u8]) -> (Vec<u8>, Result<Status, ()>) {
    let mut zlib = Decompress::new(false);
    let mut out = Vec::new();
    loop {
        out.reserve(1 << 16);
        let before = (zlib.total_in(), zlib.total_out());
        let rest = &stream[usize::try_from(zlib.total_in()).expect("a short stream")..];
        match zlib.decompress_vec(rest, &mut out, FlushDecompress::Sync) {
            Err(_) => return (out, Err(())),
            Ok(Status::StreamEnd) => return (out, Ok(Status::StreamEnd)),
            Ok(_) if before == (zlib.total_in(), zlib.total_out()) => return (out, Ok(Status::BufError)),
            Ok(_) => {}
        }
    }
}

/// Our inflater against zlib over the same octets.
fn agrees_with_zlib(stream: &[u8], sizes: &[usize]) -> Result<(), TestCaseError> {
    let (expected, verdict) = oracle(stream);
    let mut out = Vec::new();
    let result = push_in_pieces(&mut Inflater::new(15, true), stream, sizes, &mut out);
    match verdict {
        Err(()) => prop_assert!(result.is_err(), "zlib refuses, we do not"),
        // Behind a final block we go on, zlib stops.
        Ok(Status::StreamEnd) => prop_assert!(out.starts_with(&expected)),
        // A code length code without codes is refused at once; zlib reads on until its zeros end no block.
        Ok(_) if result == Err(InflateError::CodeLengths) => {
            let longer = [stream, &[0; 64]].concat();
            prop_assert_eq!(oracle(&longer).1, Err(()));
        }
        Ok(_) => {
            prop_assert_eq!(result, Ok(()));
            prop_assert!(out == expected, "lengths {} and {}", out.len(), expected.len());
        }
    }
    Ok(())
}

#[derive(Debug, Clone)]
enum Token {
    Literal(u8),
    Reference(u16, u16),
    Stored(Vec<u8>),
}

fn tokens() -> impl Strategy<Value = Vec<Token>> {
    let distance = prop_oneof![1..20_u16, 1..600_u16, 1..=32768_u16];
    let token = prop_oneof![
        4 => any::<u8>().prop_map(Token::Literal),
        4 => (3..=258_u16, distance).prop_map(|(length, distance)| Token::Reference(length, distance)),
        1 => prop::collection::vec(any::<u8>(), 0..3000).prop_map(Token::Stored),
    ];
    prop::collection::vec(token, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_compressed_inflates_again(
        messages in messages(),
        options in options(),
        window in 8..=15_u8,
        takeover: bool,
        sizes in prop::collection::vec(1..300_usize, 1..5),
    ) {
        let mut compressor = Compressor::with_options(window, takeover, options);
        let mut inflater = Inflater::new(window, takeover);
        for message in &messages {
            let mut payload = Vec::new();
            compressor.compress(message, &mut payload);
            let mut out = b"kept".to_vec();
            prop_assert_eq!(push_in_pieces(&mut inflater, &payload, &sizes, &mut out), Ok(()));
            prop_assert_eq!(inflater.finish(&mut out, LIMIT), Ok(()));
            prop_assert!(&out[4..] == message.as_slice());
            prop_assert!(!inflater.window_exceeded(), "{:?}", inflater.facts());
            let facts = inflater.facts();
            prop_assert!(takeover && !options.bfinal || facts.reach_before == 0);
            prop_assert!(facts.ends_flushed && !facts.padding_set);
            prop_assert_eq!(facts.bfinal, options.bfinal);
            prop_assert_eq!(facts.inflated, message.len() as u64);
            prop_assert_eq!(facts.payload, payload.len() as u64);
            match options.strategy {
                Blocks::Stored => prop_assert_eq!((facts.blocks_dynamic, facts.max_distance), (0, 0)),
                Blocks::Fixed => prop_assert_eq!(facts.blocks_dynamic, 0),
                Blocks::Default => {}
            }
        }
    }

    #[test]
    fn parts_make_the_same_message(
        messages in messages(),
        options in options(),
        window in 9..=15_u8,
        takeover: bool,
        sizes in prop::collection::vec(1..300_usize, 1..5),
    ) {
        let mut compressor = Compressor::with_options(window, takeover, options);
        let mut inflater = Inflater::new(window, takeover);
        for message in &messages {
            let (mut payload, mut rest) = (Vec::new(), message.as_slice());
            for &size in sizes.iter().cycle() {
                let (part, after) = rest.split_at(size.min(rest.len()));
                compressor.push(part, &mut payload);
                if size % 3 == 0 {
                    compressor.flush(&mut payload);
                }
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            compressor.finish(&mut payload);
            let mut out = Vec::new();
            prop_assert_eq!(push_in_pieces(&mut inflater, &payload, &sizes, &mut out), Ok(()));
            prop_assert_eq!(inflater.finish(&mut out, LIMIT), Ok(()));
            prop_assert!(&out == message);
            prop_assert!(!inflater.window_exceeded(), "{:?}", inflater.facts());
        }
    }

    #[test]
    fn zlib_with_the_same_window_reads_what_we_write(
        messages in messages(),
        options in options(),
        window in 9..=15_u8,
        takeover: bool,
    ) {
        let mut compressor = Compressor::with_options(window, takeover, Options { bfinal: false, ..options });
        let mut zlib = Decompress::new_with_window_bits(false, window);
        for message in &messages {
            let mut payload = Vec::new();
            compressor.compress(message, &mut payload);
            payload.extend_from_slice(&[0, 0, 0xFF, 0xFF]);
            let (before, mut out) = (zlib.total_in(), Vec::with_capacity(message.len() + 64));
            let status = zlib.decompress_vec(&payload, &mut out, FlushDecompress::Sync);
            prop_assert!(matches!(status, Ok(Status::Ok)), "{:?}", status);
            prop_assert_eq!(zlib.total_in() - before, payload.len() as u64);
            prop_assert!(&out == message);
            if !takeover {
                zlib.reset(false);
            }
        }
    }

    #[test]
    fn what_zlib_writes_is_read(
        messages in messages(),
        level in 0..=9_u32,
        window in 9..=15_u8,
        takeover: bool,
        sizes in prop::collection::vec(1..300_usize, 1..5),
    ) {
        let mut zlib = Compress::new_with_window_bits(Compression::new(level), false, window);
        let mut inflater = Inflater::new(window, takeover);
        for message in &messages {
            let mut payload = Vec::with_capacity(2 * message.len() + 64);
            let status = zlib.compress_vec(message, &mut payload, FlushCompress::Sync);
            prop_assert!(matches!(status, Ok(Status::Ok | Status::BufError)), "{:?}", status);
            // A flush behind a flush writes nothing (RFC 7692 section 7.2.3.6).
            match payload.strip_suffix(&[0, 0, 0xFF, 0xFF]) {
                Some(stripped) => payload.truncate(stripped.len()),
                None => payload.push(0),
            }
            let mut out = Vec::new();
            prop_assert_eq!(push_in_pieces(&mut inflater, &payload, &sizes, &mut out), Ok(()));
            prop_assert_eq!(inflater.finish(&mut out, LIMIT), Ok(()));
            prop_assert!(&out == message);
            prop_assert!(!inflater.window_exceeded(), "{:?}", inflater.facts());
            if !takeover {
                prop_assert_eq!(inflater.facts().reach_before, 0);
                zlib.reset();
            }
        }
    }

    #[test]
    fn any_tokens_mean_what_they_say(tokens in tokens(), sizes in prop::collection::vec(1..300_usize, 1..5)) {
        let mut writer = TokenWriter::new();
        let (mut model, mut farthest, mut inside) = (Vec::new(), 0, false);
        for token in &tokens {
            if inside && matches!(token, Token::Stored(_)) {
                writer.end_block();
            }
            if !inside && !matches!(token, Token::Stored(_)) {
                writer.begin_fixed(false);
            }
            inside = !matches!(token, Token::Stored(_));
            match token {
                Token::Literal(octet) => {
                    writer.literal(*octet);
                    model.push(*octet);
                }
                Token::Stored(octets) => {
                    writer.stored(octets, false);
                    model.extend_from_slice(octets);
                }
                Token::Reference(length, distance) => {
                    let distance = usize::from(*distance).min(model.len());
                    if distance == 0 {
                        continue;
                    }
                    writer.reference(*length, u16::try_from(distance).unwrap());
                    farthest = farthest.max(distance);
                    for _ in 0..*length {
                        model.push(model[model.len() - distance]);
                    }
                }
            }
        }
        if inside {
            writer.end_block();
        }
        let payload = writer.end_message(false);
        agrees_with_zlib(&payload, &sizes)?;
        for sizes in [&sizes[..], &[usize::MAX]] {
            let mut inflater = Inflater::new(15, false);
            let mut out = Vec::new();
            prop_assert_eq!(push_in_pieces(&mut inflater, &payload, sizes, &mut out), Ok(()));
            prop_assert_eq!(inflater.finish(&mut out, LIMIT), Ok(()));
            prop_assert!(out == model);
            prop_assert_eq!(inflater.facts().max_distance as usize, farthest);
            prop_assert_eq!(inflater.facts().reach_before, 0);
        }
    }

    #[test]
    fn damaged_streams_are_judged_as_zlib_judges_them(
        messages in messages(),
        options in options(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in any::<prop::sample::Index>(),
        sizes in prop::collection::vec(1..300_usize, 1..5),
    ) {
        let mut compressor = Compressor::with_options(15, true, Options { keep_tail: true, ..options });
        let mut stream = Vec::new();
        for message in &messages {
            compressor.compress(message, &mut stream);
        }
        for (index, octet) in damage {
            let at = index.index(stream.len());
            stream[at] ^= octet;
        }
        stream.truncate(cut.index(stream.len() + 1).max(stream.len() / 2));
        agrees_with_zlib(&stream, &sizes)?;
        agrees_with_zlib(&stream, &[usize::MAX])?;
    }

    #[test]
    fn noise_is_judged_as_zlib_judges_it(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        agrees_with_zlib(&noise, &[usize::MAX])?;
        agrees_with_zlib(&noise, &[1])?;
    }

    #[test]
    fn cuts_change_nothing(
        stream in prop::collection::vec(any::<u8>(), 0..200),
        sizes in prop::collection::vec(1..20_usize, 1..5),
    ) {
        let mut whole = Vec::new();
        let mut pieces = Vec::new();
        let one = Inflater::new(15, true).push(&stream, &mut whole, LIMIT);
        let other = push_in_pieces(&mut Inflater::new(15, true), &stream, &sizes, &mut pieces);
        prop_assert_eq!(one, other);
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn the_payload_does_not_depend_on_the_buffer(messages in messages(), spare in 0..200_usize) {
        let mut fresh = Compressor::new(15, true);
        let mut reused = Compressor::new(15, true);
        let mut buffer = Vec::with_capacity(spare);
        for message in &messages {
            let mut payload = Vec::new();
            fresh.compress(message, &mut payload);
            buffer.clear();
            reused.compress(message, &mut buffer);
            prop_assert_eq!(&payload, &buffer);
        }
    }
}

/// Octets whose frequencies halve from one to the next give codes of up to 15 bits, which need second tables.
#[test]
fn long_codes_are_read() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let message: Vec<u8> = (0..300_000)
        .map(|_| {
            let random = next();
            u8::try_from(random.trailing_zeros()).unwrap() * 3 + u8::try_from(random >> 62).unwrap() % 3
        })
        .collect();
    for level in [1, 6, 9] {
        let mut payload = Vec::new();
        Compressor::with_level(15, true, level).compress(&message, &mut payload);
        for chunk in [payload.len(), 4096, 7] {
            let mut inflater = Inflater::new(15, true);
            let mut out = Vec::new();
            for piece in payload.chunks(chunk) {
                inflater.push(piece, &mut out, LIMIT).unwrap();
            }
            inflater.finish(&mut out, LIMIT).unwrap();
            assert!(out == message, "level {level} chunk {chunk}");
            // zlib's first level uses the fixed code only.
            assert!(level == 1 || inflater.facts().blocks_dynamic > 0);
        }
    }
}

/// Repeats as far apart as each window allows, and one octet farther than its half of the next: what is agreed is
/// used, and never exceeded.
#[test]
fn every_window_is_used_and_kept() {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..40_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    for window in 9..=15_u8 {
        // zlib looks back over its window less 262 octets at most.
        let period = (1 << window) - 262;
        let message: Vec<u8> = noise
            .iter()
            .take(period)
            .cycle()
            .take(4 * period)
            .copied()
            .collect();
        for takeover in [true, false] {
            let mut compressor = Compressor::new(window, takeover);
            let mut inflater = Inflater::new(window, takeover);
            for round in 0..3 {
                let mut payload = Vec::new();
                compressor.compress(&message, &mut payload);
                let mut out = Vec::new();
                for piece in payload.chunks(100) {
                    inflater.push(piece, &mut out, LIMIT).unwrap();
                }
                inflater.finish(&mut out, LIMIT).unwrap();
                assert!(out == message, "{window} {takeover}");
                let facts = inflater.facts();
                assert_eq!(facts.max_distance as usize, period, "{window} {takeover}");
                assert!(!inflater.window_exceeded());
                assert_eq!(
                    facts.reach_before > 0,
                    takeover && round > 0,
                    "{window} {takeover} {round}"
                );
            }
        }
    }
}
