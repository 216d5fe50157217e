//! The published payloads of RFC 7692 section 7.2.3 and the corners around them.

use wsanvil_wire::Role;
use wsanvil_wire::deflate::{
    Agreed, Compressor, InflateError, Inflater, Options, Strategy, StreamFacts, TokenWriter,
};
use wsanvil_wire::endpoint::{Config, Endpoint, Event};

const LIMIT: usize = 1 << 20;

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .map(|octet| u8::from_str_radix(octet, 16).expect("hex"))
        .collect()
}

fn inflate(inflater: &mut Inflater, payload: &[u8]) -> Result<Vec<u8>, InflateError> {
    let mut out = Vec::new();
    inflater.push(payload, &mut out, LIMIT)?;
    inflater.finish(&mut out, LIMIT)?;
    Ok(out)
}

fn alone(payload: &str) -> Result<(Vec<u8>, StreamFacts), InflateError> {
    let mut inflater = Inflater::new(15, false);
    let message = inflate(&mut inflater, &hex(payload))?;
    Ok((message, *inflater.facts()))
}

#[test]
fn each_published_payload_inflates_to_hello() {
    for (section, payload) in [
        ("7.2.3.1", "f2 48 cd c9 c9 07 00"),
        ("7.2.3.3", "00 05 00 fa ff 48 65 6c 6c 6f 00"),
        ("7.2.3.4", "f3 48 cd c9 c9 07 00 00"),
        ("7.2.3.5", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
    ] {
        let (message, facts) = alone(payload).unwrap();
        assert_eq!(message, b"Hello", "{section}");
        assert!(
            facts.ends_flushed && !facts.tail_kept && !facts.padding_set,
            "{section}"
        );
        // The same in two messages of one connection, and with every cut.
        for cut in 0..hex(payload).len() {
            let mut inflater = Inflater::new(15, true);
            let mut out = Vec::new();
            let octets = hex(payload);
            inflater.push(&octets[..cut], &mut out, LIMIT).unwrap();
            inflater.push(&octets[cut..], &mut out, LIMIT).unwrap();
            inflater.finish(&mut out, LIMIT).unwrap();
            assert_eq!(out, b"Hello", "{section} cut at {cut}");
            assert_eq!(
                inflate(&mut inflater, &octets).unwrap(),
                b"Hello",
                "{section} again"
            );
        }
    }
}

#[test]
fn facts_tell_how_each_payload_was_made() {
    let facts = |payload| alone(payload).unwrap().1;
    let one = facts("f2 48 cd c9 c9 07 00");
    assert_eq!(
        (
            one.blocks_stored,
            one.blocks_fixed,
            one.blocks_dynamic,
            one.bfinal
        ),
        (0, 1, 0, false)
    );
    assert_eq!(
        (one.payload, one.inflated, one.max_distance, one.reach_before),
        (7, 5, 0, 0)
    );
    let stored = facts("00 05 00 fa ff 48 65 6c 6c 6f 00");
    assert_eq!((stored.blocks_stored, stored.blocks_fixed), (1, 0));
    assert!(facts("f3 48 cd c9 c9 07 00 00").bfinal);
    let two = facts("f2 48 05 00 00 00 ff ff ca c9 c9 07 00");
    assert_eq!((two.blocks_stored, two.blocks_fixed), (1, 2));
    // RFC 7692 section 7.2.1 wants the tail off; left on, the message still inflates.
    let kept = facts("f2 48 cd c9 c9 07 00 00 00 ff ff 00");
    assert_eq!((kept.tail_kept, kept.inflated), (false, 5));
    let kept = alone("f2 48 cd c9 c9 07 00 00 00 ff ff");
    assert_eq!(kept, Err(InflateError::Unfinished));
}

#[test]
fn a_second_message_may_refer_to_the_first() {
    // RFC 7692 section 7.2.3.2.
    let mut inflater = Inflater::new(15, true);
    assert_eq!(
        inflate(&mut inflater, &hex("f2 48 cd c9 c9 07 00")).unwrap(),
        b"Hello"
    );
    assert_eq!(inflater.facts().reach_before, 0);
    assert_eq!(inflate(&mut inflater, &hex("f2 00 11 00 00")).unwrap(), b"Hello");
    assert_eq!(
        (inflater.facts().max_distance, inflater.facts().reach_before),
        (5, 4)
    );

    let mut strict = Inflater::new(15, false);
    assert_eq!(
        inflate(&mut strict, &hex("f2 48 cd c9 c9 07 00")).unwrap(),
        b"Hello"
    );
    let error = InflateError::TooFarBack {
        distance: 5,
        available: 1,
    };
    assert_eq!(inflate(&mut strict, &hex("f2 00 11 00 00")), Err(error));
    assert_eq!(inflate(&mut strict, &hex("00")), Err(error), "an error stays");
}

#[test]
fn an_empty_message_is_one_octet() {
    // RFC 7692 section 7.2.3.6.
    let (message, facts) = alone("00").unwrap();
    assert_eq!((message.len(), facts.inflated, facts.blocks_stored), (0, 0, 0));
    assert_eq!(alone(""), Err(InflateError::Unfinished));
    let mut compressor = Compressor::new(15, true);
    for message in [&b""[..], b"", b"Hello", b"", b"Hello"] {
        let mut payload = Vec::new();
        compressor.compress(message, &mut payload);
        assert_eq!(payload == [0x00], message.is_empty());
    }
}

#[test]
fn the_compressor_makes_the_published_payloads() {
    let compress = |options, messages: &[&str]| {
        let mut compressor = Compressor::with_options(15, true, options);
        let payloads = messages.iter().map(|message| {
            let mut payload = Vec::new();
            compressor.compress(message.as_bytes(), &mut payload);
            payload
        });
        payloads.collect::<Vec<_>>()
    };
    let plain = Options::default();
    assert_eq!(
        compress(plain, &["Hello", "Hello"]),
        [hex("f2 48 cd c9 c9 07 00"), hex("f2 00 11 00 00")]
    );
    let stored = Options {
        strategy: Strategy::Stored,
        ..plain
    };
    assert_eq!(
        compress(stored, &["Hello"]),
        [hex("00 05 00 fa ff 48 65 6c 6c 6f 00")]
    );
    let last = Options {
        bfinal: true,
        ..plain
    };
    let payload = hex("f3 48 cd c9 c9 07 00 00");
    assert_eq!(compress(last, &["Hello", "Hello"]), [payload.clone(), payload]);
    let flushed = Options {
        flush_every: Some(2),
        ..plain
    };
    let payload = compress(flushed, &["Hello"]).remove(0);
    assert_eq!(
        payload
            .windows(4)
            .filter(|four| *four == hex("00 00 ff ff"))
            .count(),
        2
    );
    let kept = Options {
        keep_tail: true,
        ..plain
    };
    assert_eq!(
        compress(kept, &["Hello", ""]),
        [hex("f2 48 cd c9 c9 07 00 00 00 ff ff"), hex("00 00 00 ff ff")]
    );

    let mut each = Compressor::new(15, false);
    for _ in 0..2 {
        let mut payload = Vec::new();
        each.compress(b"Hello", &mut payload);
        assert_eq!(payload, hex("f2 48 cd c9 c9 07 00"));
    }
}

#[test]
fn a_message_in_parts_makes_the_published_payloads() {
    // RFC 7692 section 7.2.3.5: a flush inside the message; section 7.2.3.6: nothing is left for the last fragment.
    for (parts, whole) in [
        (&["He", "llo"][..], "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
        (&["Hello", ""], "f2 48 cd c9 c9 07 00 00 00 ff ff 00"),
    ] {
        let mut compressor = Compressor::new(15, true);
        let mut payload = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                compressor.flush(&mut payload);
            }
            compressor.push(part.as_bytes(), &mut payload);
        }
        compressor.finish(&mut payload);
        assert_eq!(payload, hex(whole), "{parts:?}");
        assert_eq!(inflate(&mut Inflater::new(15, true), &payload).unwrap(), b"Hello");
    }
}

fn connection(role: Role, takeover: bool) -> Endpoint {
    let deflate = Some(Agreed {
        server_takeover: takeover,
        client_takeover: takeover,
        ..Agreed::default()
    });
    Endpoint::new(
        role,
        Config {
            deflate,
            ..Config::default()
        },
    )
}

#[test]
fn published_frames_are_heard() {
    // RFC 7692 section 7.2.3: section, whether earlier messages may be referred to, frames, texts.
    let table: &[(&str, bool, &str, &[&str])] = &[
        ("7.2.3.1", false, "c1 07 f2 48 cd c9 c9 07 00", &["Hello"]),
        ("7.2.3.1", false, "41 03 f2 48 cd 80 04 c9 c9 07 00", &["Hello"]),
        (
            "7.2.3.2",
            true,
            "c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00",
            &["Hello", "Hello"],
        ),
        (
            "7.2.3.2",
            false,
            "c1 07 f2 48 cd c9 c9 07 00 c1 07 f2 48 cd c9 c9 07 00",
            &["Hello", "Hello"],
        ),
        (
            "7.2.3.3",
            false,
            "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00",
            &["Hello"],
        ),
        ("7.2.3.4", false, "c1 08 f3 48 cd c9 c9 07 00 00", &["Hello"]),
        (
            "7.2.3.5",
            false,
            "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
            &["Hello"],
        ),
        ("7.2.3.6", false, "c1 01 00", &[""]),
        (
            "7.2.3.6",
            false,
            "41 0b f2 48 cd c9 c9 07 00 00 00 ff ff 80 01 00",
            &["Hello"],
        ),
    ];
    for (section, takeover, frames, texts) in table {
        for size in [1, 2, 3, 64] {
            let mut client = connection(Role::Client, *takeover);
            let mut heard = Vec::new();
            for piece in hex(frames).chunks_mut(size) {
                client.receive(piece, &mut |event| match event {
                    Event::Text(text) => heard.push(text.to_owned()),
                    other => panic!("{section}: {other:?}"),
                });
            }
            assert_eq!(&heard, texts, "{section} in pieces of {size}");
        }
    }
}

#[test]
fn published_frames_are_sent() {
    for (takeover, expected) in [
        (true, "c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00 c1 01 00"),
        (
            false,
            "c1 07 f2 48 cd c9 c9 07 00 c1 07 f2 48 cd c9 c9 07 00 c1 01 00",
        ),
    ] {
        let mut server = connection(Role::Server, takeover);
        for text in ["Hello", "Hello", ""] {
            server.send_text(text).unwrap();
        }
        assert_eq!(server.take_output(), hex(expected));
    }
}

#[test]
fn invalid_payloads_are_refused_for_their_fault() {
    use InflateError::{
        BlockType, CodeLengths, CodeRepeat, Distance, StoredLength, Symbol, SymbolCount, Unfinished,
    };
    for (payload, error) in [
        ("06", BlockType),
        ("07 00", BlockType),
        ("00 05 00 fa fe 48", StoredLength),
        // The tail completes the stored block and is not a block itself.
        ("00 05 00 fa ff 48 65", BlockType),
        ("f2 48 cd", Unfinished),
        ("f2", Unfinished),
    ] {
        assert_eq!(alone(payload), Err(error), "{payload}");
    }
    let fixed = |make: &dyn Fn(&mut TokenWriter)| {
        let mut writer = TokenWriter::new();
        writer.begin_fixed(false);
        make(&mut writer);
        writer.end_block();
        let payload = writer.end_message(false);
        inflate(&mut Inflater::new(15, true), &payload)
    };
    assert_eq!(fixed(&|writer| _ = writer.symbol(286)), Err(Symbol));
    assert_eq!(fixed(&|writer| _ = writer.symbol(287)), Err(Symbol));
    assert_eq!(
        fixed(&|writer| _ = writer.literal(1).symbol(257).distance_code(30)),
        Err(Distance)
    );
    assert_eq!(
        fixed(&|writer| _ = writer.reference(3, 1)),
        Err(InflateError::TooFarBack {
            distance: 1,
            available: 0
        })
    );
    let dynamic = |fields: &[(u32, u32)]| {
        let mut writer = TokenWriter::new();
        writer.bits(0b100, 3);
        for &(value, count) in fields {
            writer.bits(value, count);
        }
        let payload = writer.end_message(false);
        inflate(&mut Inflater::new(15, true), &payload)
    };
    assert_eq!(dynamic(&[(30, 5), (0, 5), (0, 4)]), Err(SymbolCount));
    assert_eq!(dynamic(&[(0, 5), (30, 5), (0, 4)]), Err(SymbolCount));
    // Four code length codes of one bit each: too many. One alone: too few.
    assert_eq!(
        dynamic(&[(0, 5), (0, 5), (0, 4), (1, 3), (1, 3), (1, 3), (1, 3)]),
        Err(CodeLengths)
    );
    assert_eq!(
        dynamic(&[(0, 5), (0, 5), (0, 4), (1, 3), (0, 3), (0, 3), (0, 3)]),
        Err(CodeLengths)
    );
    // A repetition of the length before the first one.
    assert_eq!(
        dynamic(&[
            (0, 5),
            (0, 5),
            (0, 4),
            (1, 3),
            (1, 3),
            (0, 3),
            (0, 3),
            (0, 1),
            (0, 2)
        ]),
        Err(CodeRepeat)
    );
    // 138 zeros twice are more lengths than there are; none of them ends a block.
    assert_eq!(
        dynamic(&[
            (0, 5),
            (0, 5),
            (0, 4),
            (0, 3),
            (0, 3),
            (1, 3),
            (1, 3),
            (1, 1),
            (127, 7),
            (1, 1),
            (127, 7)
        ]),
        Err(CodeRepeat)
    );
    assert_eq!(
        dynamic(&[
            (0, 5),
            (0, 5),
            (0, 4),
            (0, 3),
            (0, 3),
            (1, 3),
            (1, 3),
            (1, 1),
            (127, 7),
            (1, 1),
            (109, 7)
        ]),
        Err(InflateError::NoEndOfBlock)
    );
}

#[test]
fn a_final_block_is_followed_by_more() {
    // RFC 7692 sections 7.2.1 and 7.2.3.4.
    let mut writer = TokenWriter::new();
    writer
        .begin_fixed(true)
        .literal(b'a')
        .end_block()
        .align()
        .begin_fixed(false)
        .reference(3, 1)
        .end_block();
    let payload = writer.end_message(false);
    let mut inflater = Inflater::new(15, false);
    assert_eq!(inflate(&mut inflater, &payload).unwrap(), b"aaaa");
    assert!(inflater.facts().bfinal);

    let mut writer = TokenWriter::new();
    writer
        .begin_fixed(true)
        .literal(b'a')
        .end_block()
        .bits(0xFF, 6)
        .align();
    let payload = writer.end_message(false);
    let mut inflater = Inflater::new(15, false);
    assert_eq!(inflate(&mut inflater, &payload).unwrap(), b"a");
    assert!(inflater.facts().padding_set);

    // Without the extra octet the tail is no block.
    assert_eq!(alone("f3 48 cd c9 c9 07 00"), Err(InflateError::Unfinished));
}

#[test]
fn references_beyond_the_declared_window_are_followed_and_told() {
    let octets: Vec<u8> = (0..40_000_u32)
        .map(|index| (index * 7 % 251).to_le_bytes()[0])
        .collect();
    let mut writer = TokenWriter::new();
    writer
        .stored(&octets, false)
        .begin_fixed(false)
        .reference(258, 32768)
        .end_block();
    let first = writer.end_message(false);
    writer.begin_fixed(false).reference(4, 300).end_block();
    let second = writer.end_message(false);
    let mut inflater = Inflater::new(8, true);
    let message = inflate(&mut inflater, &first).unwrap();
    assert_eq!(message[..40_000], octets);
    assert_eq!(message[40_000..], octets[7232..7490]);
    assert_eq!(inflater.facts().max_distance, 32768);
    assert!(inflater.window_exceeded());
    let again = inflate(&mut inflater, &second).unwrap();
    assert_eq!(again, message[message.len() - 300..][..4]);
    assert_eq!(
        (inflater.facts().max_distance, inflater.facts().reach_before),
        (300, 300)
    );
}

#[test]
fn output_is_bounded() {
    let zeros = vec![0; 1 << 22];
    let mut payload = Vec::new();
    Compressor::new(15, false).compress(&zeros, &mut payload);
    for limit in [0, 1, 257, 258, 259, 300, 65_535, 100_000, (1 << 22) - 1] {
        for chunk in [payload.len(), 1000, 1] {
            let mut inflater = Inflater::new(15, false);
            let mut out = b"before".to_vec();
            let result = payload
                .chunks(chunk)
                .try_for_each(|piece| inflater.push(piece, &mut out, limit));
            assert_eq!(
                result,
                Err(InflateError::TooLarge { limit }),
                "limit {limit} chunk {chunk}"
            );
            assert!(out.len() <= limit + 6);
            assert!(out.capacity() <= 2 * limit + (1 << 18));
        }
    }
    let mut out = Vec::new();
    let mut inflater = Inflater::new(15, false);
    inflater.push(&payload, &mut out, 1 << 22).unwrap();
    inflater.finish(&mut out, 1 << 22).unwrap();
    assert_eq!(out, zeros);
    // A stored block is bounded too.
    let mut writer = TokenWriter::new();
    writer.stored(&[1; 100], false);
    let payload = writer.end_message(false);
    let mut out = Vec::new();
    let result = Inflater::new(15, false).push(&payload, &mut out, 99);
    assert_eq!(
        (result, out.len()),
        (Err(InflateError::TooLarge { limit: 99 }), 99)
    );
}

/// A block whose code has the symbols a, end of block and length 3, and one distance code of one bit, for distance 1
/// (RFC 1951 section 3.2.7: one alone may leave its other half unused). `distance` is the bit that is written for it.
fn one_distance(distance: u32) -> Vec<u8> {
    let mut writer = TokenWriter::new();
    // A dynamic block, 258 literal codes, 1 distance code, 18 code length codes: 18 in one bit, 2 and 1 in two.
    writer.bits(0b100, 3).bits(1, 5).bits(0, 5).bits(14, 4);
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        writer.bits(length, 3);
    }
    let (zeros, two, one) = ((0, 1), (0b11, 2), (0b01, 2));
    writer.bits(zeros.0, zeros.1).bits(97 - 11, 7).bits(two.0, two.1);
    writer.bits(zeros.0, zeros.1).bits(138 - 11, 7);
    writer.bits(zeros.0, zeros.1).bits(20 - 11, 7).bits(two.0, two.1);
    writer.bits(one.0, one.1).bits(one.0, one.1);
    // a, three octets from one back, end of block.
    writer.bits(0b01, 2).bits(0, 1).bits(distance, 1).bits(0b11, 2);
    writer.end_message(false)
}

#[test]
fn one_distance_code_may_stand_alone() {
    let mut inflater = Inflater::new(15, false);
    assert_eq!(inflate(&mut inflater, &one_distance(0)).unwrap(), b"aaaa");
    assert_eq!(inflater.facts().blocks_dynamic, 1);
    assert_eq!(
        inflate(&mut Inflater::new(15, false), &one_distance(1)),
        Err(InflateError::Distance)
    );
}

#[test]
fn facts_are_there_while_a_message_is_in_progress() {
    let mut inflater = Inflater::new(10, true);
    assert_eq!(inflater.window_bits(), 10);
    let mut out = Vec::new();
    inflater.push(&hex("f2 48 cd c9"), &mut out, LIMIT).unwrap();
    let facts = inflater.facts_so_far();
    assert_eq!(
        (facts.payload, facts.inflated, facts.blocks_fixed),
        (4, out.len() as u64, 1)
    );
    assert_eq!(
        inflater.facts(),
        &StreamFacts::default(),
        "no message is finished"
    );
    inflater.push(&hex("c9 07 00"), &mut out, LIMIT).unwrap();
    inflater.finish(&mut out, LIMIT).unwrap();
    assert_eq!(inflater.facts().inflated, 5);
    assert_eq!(
        inflater.facts_so_far(),
        &StreamFacts::default(),
        "no message is begun"
    );
}

#[test]
fn each_fault_of_a_payload_names_its_requirement() {
    for (error, requirement) in [
        (InflateError::TooLarge { limit: 1 }, "7692-8-2"),
        (InflateError::Unfinished, "7692-7.2.1-1"),
        (InflateError::BlockType, "7692-7.2.2-11"),
        (InflateError::NoEndOfBlock, "7692-7.2.2-11"),
    ] {
        assert_eq!(error.requirement(), requirement, "{error}");
    }
}
