//! Published frame vectors and tables, read back and written byte for byte.

use wsanvil_wire::close::{CodeClass, classify, parse_body};
use wsanvil_wire::frame::{Decoder, Event, Header, LengthForm, Opcode};
use wsanvil_wire::{Role, Rule, mask};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// RFC 6455 section 5.7 (errata 3432 for the masked Pong): sender, frame, header, payload.
fn published() -> Vec<(Role, Vec<u8>, Header, Vec<u8>)> {
    let masked = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
    let hello = b"Hello".to_vec();
    let plain = |opcode, payload: &[u8]| Header::new(opcode, payload.len() as u64);
    let with_key = |opcode| Header {
        mask: Some(KEY),
        ..Header::new(opcode, 5)
    };
    let concat = |head: &[u8], tail: &[u8]| [head, tail].concat();
    vec![
        (
            Role::Server,
            concat(&[0x81, 0x05], b"Hello"),
            plain(Opcode::TEXT, &hello),
            hello.clone(),
        ),
        (
            Role::Client,
            concat(&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], &masked),
            with_key(Opcode::TEXT),
            hello.clone(),
        ),
        (
            Role::Server,
            concat(&[0x01, 0x03], b"Hel"),
            Header {
                fin: false,
                ..plain(Opcode::TEXT, b"Hel")
            },
            b"Hel".to_vec(),
        ),
        (
            Role::Server,
            concat(&[0x89, 0x05], b"Hello"),
            plain(Opcode::PING, &hello),
            hello.clone(),
        ),
        (
            Role::Client,
            concat(&[0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d], &masked),
            with_key(Opcode::PONG),
            hello.clone(),
        ),
        (
            Role::Server,
            concat(&[0x82, 0x7e, 0x01, 0x00], &[7; 256]),
            plain(Opcode::BINARY, &[7; 256]),
            vec![7; 256],
        ),
        (
            Role::Server,
            concat(&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], &vec![9; 65536]),
            plain(Opcode::BINARY, &vec![9; 65536]),
            vec![9; 65536],
        ),
    ]
}

#[test]
fn published_frames_are_read() {
    for (sender, mut wire, expected, payload) in published() {
        let mut decoder = Decoder::new(sender);
        let mut rest = &mut wire[..];
        let first = decoder.next(&mut rest).unwrap();
        assert_eq!(
            first,
            Event::Header {
                header: expected,
                offset: 0,
                broken: None
            }
        );
        let Some(Event::Payload(octets)) = decoder.next(&mut rest) else {
            panic!("payload expected")
        };
        assert_eq!(octets, payload);
        assert_eq!(decoder.next(&mut rest), Some(Event::End));
        assert_eq!(decoder.next(&mut rest), None);
        assert!(decoder.at_boundary());
    }
}

#[test]
fn published_frames_are_written() {
    for (_, wire, header, payload) in published() {
        let mut out = Vec::new();
        header.write(&mut out);
        mask::apply_copy(header.mask.unwrap_or_default(), 0, &payload, &mut out);
        assert_eq!(out, wire);
    }
}

#[test]
fn the_second_fragment_continues_the_first() {
    let mut wire = [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f];
    let mut decoder = Decoder::new(Role::Server);
    let mut rest = &mut wire[..];
    let mut text = Vec::new();
    while let Some(event) = decoder.next(&mut rest) {
        match event {
            Event::Header { broken, .. } => assert_eq!(broken, None),
            Event::Payload(octets) => text.extend_from_slice(octets),
            Event::End => {}
        }
    }
    assert_eq!(text, b"Hello");
    assert!(!decoder.in_message());
}

#[test]
fn boundaries_of_the_length_forms() {
    let table = [
        (0, LengthForm::Bits7, 2),
        (1, LengthForm::Bits7, 2),
        (125, LengthForm::Bits7, 2),
        (126, LengthForm::Bits16, 4),
        (127, LengthForm::Bits16, 4),
        (65535, LengthForm::Bits16, 4),
        (65536, LengthForm::Bits64, 10),
        (i64::MAX.cast_unsigned(), LengthForm::Bits64, 10),
    ];
    for (len, form, octets) in table {
        let header = Header::new(Opcode::BINARY, len);
        assert_eq!((header.form, header.encoded_len()), (form, octets), "{len}");
    }
}

fn only_rule(sender: Role, rsv1: bool, prefix: &[u8], wire: &[u8]) -> Option<Rule> {
    let mut decoder = Decoder::new(sender);
    decoder.set_rsv1(rsv1);
    let mut before = prefix.to_vec();
    let mut rest = &mut before[..];
    while decoder.next(&mut rest).is_some() {}
    let mut octets = wire.to_vec();
    let mut rest = &mut octets[..];
    match decoder.next(&mut rest) {
        Some(Event::Header { broken, .. }) => broken,
        other => panic!("header expected, got {other:?}"),
    }
}

/// Whether RSV1 is agreed, frames before, the frame, the rule it breaks.
type Judged<'a> = (bool, &'a [u8], &'a [u8], Option<Rule>);

#[test]
fn every_rule_of_the_header_is_named() {
    let begun: &[u8] = &[0x01, 0x00];
    let server: &[Judged<'_>] = &[
        (false, b"", &[0x81, 0x00], None),
        (false, b"", &[0xC1, 0x00], Some(Rule::ReservedBits { rsv: 4 })),
        (false, b"", &[0xF1, 0x00], Some(Rule::ReservedBits { rsv: 7 })),
        (true, b"", &[0xC1, 0x00], None),
        (true, b"", &[0xE1, 0x00], Some(Rule::ReservedBits { rsv: 6 })),
        (true, b"", &[0x91, 0x00], Some(Rule::ReservedBits { rsv: 1 })),
        (true, b"", &[0xC9, 0x00], Some(Rule::Rsv1OnControl)),
        (true, begun, &[0xC0, 0x00], Some(Rule::Rsv1OnContinuation)),
        (false, b"", &[0x83, 0x00], Some(Rule::ReservedOpcode(3))),
        (false, b"", &[0x8F, 0x00], Some(Rule::ReservedOpcode(15))),
        (false, b"", &[0x81, 0x80, 0, 0, 0, 0], Some(Rule::MaskPresent)),
        (
            false,
            b"",
            &[0x82, 0x7e, 0x00, 0x7d],
            Some(Rule::LengthNotMinimal),
        ),
        (
            false,
            b"",
            &[0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0x7d],
            Some(Rule::LengthNotMinimal),
        ),
        (
            false,
            b"",
            &[0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            Some(Rule::LengthNotMinimal),
        ),
        (
            false,
            b"",
            &[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0],
            Some(Rule::LengthTopBit),
        ),
        (
            false,
            b"",
            &[0x89, 0x7e, 0x00, 0x7e],
            Some(Rule::ControlTooLong { len: 126 }),
        ),
        (false, b"", &[0x09, 0x00], Some(Rule::ControlFragmented)),
        (false, b"", &[0x80, 0x00], Some(Rule::ContinuationOrphan)),
        (false, begun, &[0x80, 0x00], None),
        (false, begun, &[0x89, 0x00], None),
        (false, begun, &[0x81, 0x00], Some(Rule::MessageInterleaved)),
    ];
    for (rsv1, prefix, wire, expected) in server {
        assert_eq!(
            &only_rule(Role::Server, *rsv1, prefix, wire),
            expected,
            "{wire:02x?}"
        );
    }
    assert_eq!(
        only_rule(Role::Client, false, b"", &[0x81, 0x00]),
        Some(Rule::MaskMissing)
    );
    assert_eq!(
        only_rule(Role::Client, false, b"", &[0x81, 0x80, 0, 0, 0, 0]),
        None
    );
}

#[test]
fn the_decoder_reads_on_behind_broken_frames() {
    // RSV set, reserved opcode, interleaved message, orphan: still four frames and the right octets.
    let mut wire = [
        0xF1, 1, b'a', 0x83, 1, b'b', 0x01, 0, 0x81, 1, b'c', 0x80, 1, b'd', 0x80, 1, b'e',
    ];
    let mut decoder = Decoder::new(Role::Server);
    let mut rest = &mut wire[..];
    let (mut octets, mut rules) = (Vec::new(), Vec::new());
    while let Some(event) = decoder.next(&mut rest) {
        match event {
            Event::Header { broken, .. } => rules.extend(broken.map(|rule| rule.name())),
            Event::Payload(part) => octets.extend_from_slice(part),
            Event::End => {}
        }
    }
    assert_eq!(octets, b"abcde");
    assert_eq!(
        rules,
        [
            "reserved-bits",
            "reserved-opcode",
            "message-interleaved",
            "continuation-orphan"
        ]
    );
}

#[test]
fn close_codes_have_their_class() {
    let table = [
        (0..=999, CodeClass::BelowRange),
        (1000..=1003, CodeClass::Usable),
        (1004..=1004, CodeClass::Reserved),
        (1005..=1006, CodeClass::NeverOnWire),
        (1007..=1011, CodeClass::Usable),
        (1012..=1014, CodeClass::Registered),
        (1015..=1015, CodeClass::NeverOnWire),
        (1016..=2999, CodeClass::Reserved),
        (3000..=4999, CodeClass::Usable),
        (5000..=65535, CodeClass::AboveRange),
    ];
    let mut next = 0;
    for (codes, class) in table {
        for code in codes {
            assert_eq!(u32::from(code), next, "the table has a gap");
            assert_eq!(classify(code), class, "{code}");
            next += 1;
        }
    }
    assert_eq!(next, 65536);
}

#[test]
fn close_bodies() {
    let with = |code: u16, reason: &[u8]| [&code.to_be_bytes()[..], reason].concat();
    assert_eq!(parse_body(b"").unwrap().code, None);
    assert_eq!(parse_body(b"\x03"), Err(Rule::CloseBodyOneOctet));
    assert_eq!(parse_body(&with(1005, b"")), Err(Rule::CloseCode(1005)));
    assert_eq!(parse_body(&with(5000, b"")), Err(Rule::CloseCode(5000)));
    let body = with(4000, "κόσμε".as_bytes());
    assert_eq!(
        parse_body(&body).map(|body| (body.code, body.reason)),
        Ok((Some(4000), "κόσμε"))
    );
    let body = with(
        1000,
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    );
    assert_eq!(parse_body(&body), Err(Rule::CloseReasonUtf8 { at: 12 }));
    let body = with(1000, b"\xce");
    assert_eq!(parse_body(&body), Err(Rule::CloseReasonUtf8 { at: 1 }));
}

#[test]
fn requirement_ids_tell_the_forbidden_codes_apart() {
    let id = |code| Rule::CloseCode(code).requirement();
    let ids = [999, 1004, 1005, 1006, 1015, 1016, 5000].map(id);
    for (i, a) in ids.iter().enumerate() {
        assert!(!ids[..i].contains(a), "{a} twice");
    }
}
