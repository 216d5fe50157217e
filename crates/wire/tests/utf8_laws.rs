//! Laws of the streamed UTF-8 validation, with the standard library as the second opinion.

mod pieces;

use proptest::prelude::*;
use wsanvil_wire::utf8::{Utf8Error, Validator};

/// What the standard library says of a whole message.
///
/// It names the maximal prefix of a character; the octet that proves the fault is the one behind that prefix, or the
/// first one when that can begin nothing.
fn second_opinion(text: &[u8]) -> Result<(), Utf8Error> {
    let Err(error) = std::str::from_utf8(text) else {
        return Ok(());
    };
    let start = error.valid_up_to();
    let at = match error.error_len() {
        None => text.len(),
        Some(_) if matches!(text[start], 0x80..=0xC1 | 0xF5..=0xFF) => start,
        Some(len) => start + len,
    };
    Err(Utf8Error {
        valid_up_to: start as u64,
        at: at as u64,
    })
}

/// The verdict over pieces. On the way: it falls in the piece that holds the proof, and stands from there on.
fn verdict(pieces: &[Vec<u8>]) -> Result<(), Utf8Error> {
    let mut validator = Validator::new();
    let mut seen = 0;
    let mut failed = None;
    for piece in pieces {
        let result = validator.push(piece);
        if let Some(error) = failed {
            assert_eq!(result, Err(error), "the error stands");
        }
        match result {
            Ok(()) => assert_eq!(validator.offset(), seen + piece.len() as u64),
            Err(error) if failed.is_none() => {
                assert!(
                    error.at >= seen && error.at < seen + piece.len() as u64,
                    "{error:?} at {seen}"
                );
                assert_eq!(validator.offset(), error.at);
                failed = Some(error);
            }
            Err(_) => {}
        }
        seen += piece.len() as u64;
    }
    let result = validator.finish();
    // Only a cut character is news at the end.
    match (failed, result) {
        (Some(error), result) => assert_eq!(result, Err(error)),
        (None, Err(error)) => assert_eq!(error.at, seen),
        (None, Ok(())) => {
            assert_eq!(validator.offset(), 0, "ready for the next message");
            assert_eq!(validator.push("ß".as_bytes()), Ok(()));
        }
    }
    result
}

/// Text of all lengths of character, the edges of each and of the surrogates among them.
fn text() -> impl Strategy<Value = String> {
    let edge = prop::sample::select(vec![
        '\0',
        '\u{7F}',
        '\u{80}',
        '\u{7FF}',
        '\u{800}',
        '\u{D7FF}',
        '\u{E000}',
        '\u{FFFD}',
        '\u{FFFF}',
        '\u{10000}',
        '\u{FFFFF}',
        '\u{10FFFF}',
    ]);
    let character = prop_oneof![
        4 => prop::char::range(' ', '~'),
        2 => prop::char::range('\u{A0}', '\u{24F}'),
        2 => prop::char::range('\u{4E00}', '\u{9FFF}'),
        2 => prop::char::range('\u{1F300}', '\u{1F6FF}'),
        1 => edge,
        1 => any::<char>(),
    ];
    prop_oneof![
        prop::collection::vec(character, 0..120).prop_map(String::from_iter),
        // Long enough for the vectorised part, with runs of one kind.
        ("[ -~]{1,20}|[à-ÿ]{1,20}|[一-龥]{1,20}", 1..40_usize).prop_map(|(unit, times)| unit.repeat(times)),
    ]
}

/// One change to octets.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Truncate(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    // Octets that begin, continue or never occur in characters, more often than any octet.
    let octet = prop_oneof![
        prop::sample::select(vec![
            0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
            0xFF
        ]),
        any::<u8>(),
    ];
    prop_oneof![
        (any::<prop::sample::Index>(), octet.clone()).prop_map(|(at, octet)| Change::Replace(at, octet)),
        any::<prop::sample::Index>().prop_map(Change::Remove),
        (any::<prop::sample::Index>(), octet).prop_map(|(at, octet)| Change::Insert(at, octet)),
        any::<prop::sample::Index>().prop_map(Change::Truncate),
    ]
}

fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut octets = text.as_bytes().to_vec();
    for change in changes {
        if octets.is_empty() {
            break;
        }
        match *change {
            Change::Replace(at, octet) => {
                let at = at.index(octets.len());
                octets[at] = octet;
            }
            Change::Remove(at) => _ = octets.remove(at.index(octets.len())),
            Change::Insert(at, octet) => octets.insert(at.index(octets.len()), octet),
            Change::Truncate(at) => octets.truncate(at.index(octets.len())),
        }
    }
    octets
}

fn agrees(text: &[u8], cuts: Vec<usize>) -> Result<(), TestCaseError> {
    let expected = second_opinion(text);
    prop_assert_eq!(verdict(&[text.to_vec()]), expected);
    prop_assert_eq!(verdict(&pieces::cut(text, cuts)), expected);
    prop_assert_eq!(verdict(&pieces::single(text)), expected);
    Ok(())
}

proptest! {
    #[test]
    fn well_formed_text_passes_at_any_split(text in text(), cuts in prop::collection::vec(any::<usize>(), 0..8)) {
        prop_assert_eq!(second_opinion(text.as_bytes()), Ok(()));
        agrees(text.as_bytes(), cuts)?;
    }

    #[test]
    fn damaged_text_is_judged_as_std_judges_it(
        text in text(),
        changes in prop::collection::vec(change(), 1..4),
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        agrees(&changed(&text, &changes), cuts)?;
    }

    #[test]
    fn any_octets_are_judged_as_std_judges_them(
        octets in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(0x80..=0xFF_u8, 0..12),
        ],
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        agrees(&octets, cuts)?;
    }
}

/// Every character is taken, whole and cut at each place; so is every three-octet sequence that is none.
#[test]
fn all_characters_pass_and_nothing_beside_them() {
    let mut buffer = [0; 4];
    for character in '\0'..=char::MAX {
        let octets = character.encode_utf8(&mut buffer).as_bytes();
        for at in 0..octets.len() {
            let mut validator = Validator::new();
            let (front, back) = octets.split_at(at);
            let result = validator.push(front).and_then(|()| validator.push(back));
            assert_eq!(
                result.and_then(|()| validator.finish()),
                Ok(()),
                "{octets:02x?} cut at {at}"
            );
        }
    }
    for first in 0xC0..=0xFF_u8 {
        for second in (0x70..=0xFF_u8).step_by(1) {
            for third in [0x00, 0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xFF] {
                let text = [first, second, third];
                assert_eq!(
                    verdict(&pieces::single(&text)),
                    second_opinion(&text),
                    "{text:02x?}"
                );
            }
        }
    }
}
