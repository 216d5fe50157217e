//! Laws of the frame codec, for generated input.

use proptest::prelude::*;
use wsanvil_wire::frame::{Decoder, Event, Header, LengthForm, Opcode};
use wsanvil_wire::utf8::Validator;
use wsanvil_wire::{Role, mask};

fn form() -> impl Strategy<Value = LengthForm> {
    prop_oneof![
        Just(LengthForm::Bits7),
        Just(LengthForm::Bits16),
        Just(LengthForm::Bits64)
    ]
}

prop_compose! {
    fn header()(fin: bool, rsv in 0u8..8, opcode in 0u8..16, mask: Option<[u8; 4]>, form in form(), len: u64) -> Header {
        // A length that its form can carry; what is not minimal or has the top bit set stays a lie.
        let payload_len = match form {
            LengthForm::Bits7 => len % 126,
            LengthForm::Bits16 => len & 0xFFFF,
            LengthForm::Bits64 => len,
        };
        Header { fin, rsv, opcode: Opcode::new(opcode), mask, form, payload_len }
    }
}

/// Everything a decoder says, with payload joined per frame.
fn story(sender: Role, chunks: &mut [Vec<u8>]) -> (Vec<String>, u64, bool) {
    let mut decoder = Decoder::new(sender);
    let mut said = Vec::new();
    let mut payload = Vec::new();
    for chunk in chunks {
        let mut rest = &mut chunk[..];
        while let Some(event) = decoder.next(&mut rest) {
            match event {
                Event::Payload(octets) => payload.extend_from_slice(octets),
                Event::End => said.push(format!("{:02x?} end", std::mem::take(&mut payload))),
                Event::Header { .. } => said.push(format!("{event:?}")),
            }
        }
        assert!(rest.is_empty());
    }
    said.push(format!("{payload:02x?}"));
    (said, decoder.offset(), decoder.at_boundary())
}

fn split(octets: &[u8], mut cuts: Vec<usize>) -> Vec<Vec<u8>> {
    for cut in &mut cuts {
        *cut %= octets.len() + 1;
    }
    cuts.sort_unstable();
    let mut chunks = Vec::new();
    let mut start = 0;
    for cut in cuts.into_iter().chain([octets.len()]) {
        chunks.push(octets[start..cut].to_vec());
        start = cut;
    }
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_written_header_reads_back_with_its_lies(header in header(), rest: [u8; 3]) {
        let mut wire = Vec::new();
        header.write(&mut wire);
        let len = wire.len();
        prop_assert_eq!(len, header.encoded_len());
        wire.extend_from_slice(&rest);
        prop_assert_eq!(Header::parse(&wire), Some((header, len)));
        for cut in 0..len {
            prop_assert_eq!(Header::parse(&wire[..cut]), None);
        }
    }

    #[test]
    fn any_fourteen_octets_are_a_header_that_writes_back(wire: [u8; 14]) {
        let (header, len) = Header::parse(&wire).unwrap();
        let mut out = Vec::new();
        header.write(&mut out);
        prop_assert_eq!(&out[..], &wire[..len]);
    }

    #[test]
    fn chunking_never_changes_what_is_said(
        frames in prop::collection::vec((header(), prop::collection::vec(any::<u8>(), 0..40)), 1..6),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
        client: bool,
    ) {
        let mut wire = Vec::new();
        for (mut header, payload) in frames {
            header.payload_len = payload.len() as u64;
            header.write(&mut wire);
            wire.extend_from_slice(&payload);
        }
        let sender = if client { Role::Client } else { Role::Server };
        let whole = story(sender, &mut [wire.clone()]);
        prop_assert_eq!(&story(sender, &mut split(&wire, cuts)), &whole);
        let mut octetwise: Vec<Vec<u8>> = wire.iter().map(|octet| vec![*octet]).collect();
        prop_assert_eq!(&story(sender, &mut octetwise), &whole);
        prop_assert!(whole.2);
    }

    #[test]
    fn noise_is_decoded_the_same_at_any_chunking(
        wire in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let whole = story(Role::Client, &mut [wire.clone()]);
        prop_assert_eq!(whole.1, wire.len() as u64);
        prop_assert_eq!(story(Role::Client, &mut split(&wire, cuts)), whole);
    }

    #[test]
    fn masking_twice_is_nothing_and_once_is_the_definition(
        key: [u8; 4], phase in 0usize..9, data in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let expected: Vec<u8> = data.iter().zip(phase..).map(|(octet, i)| octet ^ key[i % 4]).collect();
        let mut masked = data.clone();
        mask::apply(key, phase, &mut masked);
        prop_assert_eq!(&masked, &expected);
        let mut copied = b"before".to_vec();
        mask::apply_copy(key, phase, &data, &mut copied);
        prop_assert_eq!(&copied[6..], &expected[..]);
        mask::apply(key, phase, &mut masked);
        prop_assert_eq!(masked, data);
    }

    #[test]
    fn masking_in_pieces_is_masking_at_once(
        key: [u8; 4], data in prop::collection::vec(any::<u8>(), 0..100), at: usize,
    ) {
        let at = at % (data.len() + 1);
        let mut whole = data.clone();
        mask::apply(key, 0, &mut whole);
        let mut pieces = data;
        let (a, b) = pieces.split_at_mut(at);
        mask::apply(key, 0, a);
        mask::apply(key, at, b);
        prop_assert_eq!(pieces, whole);
    }

    #[test]
    fn validation_in_pieces_agrees_with_std(
        pieces in prop::collection::vec(
            prop_oneof![
                8 => "\\PC{0,40}".prop_map(String::into_bytes),
                1 => prop::collection::vec(any::<u8>(), 1..4),
                1 => prop::collection::vec(0x80u8..=0xFF, 1..4),
            ],
            0..8,
        ),
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        let text = pieces.concat();
        let mut validator = Validator::new();
        let mut outcome = Ok(());
        for chunk in split(&text, cuts) {
            outcome = outcome.and_then(|()| validator.push(&chunk));
        }
        outcome = outcome.and_then(|()| validator.finish());
        match (std::str::from_utf8(&text), outcome) {
            (Ok(_), Ok(())) => {}
            (Err(std), Err(ours)) => {
                prop_assert_eq!(std.valid_up_to() as u64, ours.valid_up_to);
                // std names the maximal prefix; the octet that proves it is the one behind that prefix, or itself
                // when it can begin nothing.
                let proof = match std.error_len() {
                    None => text.len(),
                    Some(len) => {
                        let first = text[std.valid_up_to()];
                        let begins_nothing = matches!(first, 0x80..=0xC1 | 0xF5..=0xFF);
                        if begins_nothing { std.valid_up_to() } else { std.valid_up_to() + len }
                    }
                };
                prop_assert_eq!(proof as u64, ours.at);
            }
            (std, ours) => prop_assert!(false, "std says {:?}, we say {:?}", std, ours),
        }
    }
}
