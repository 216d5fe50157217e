//! What holds for everything that is made from octets.
#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use wsanvil_wire::deflate::{Agreed, Options, Params, ServerPolicy, Strategy as Blocks};
use wsanvil_wire::endpoint::Config;
use wsanvil_wire::extension::{self, Extension, Param};
use wsanvil_wire::frame::{Header, LengthForm, Opcode};
use wsanvil_wire::message;
use wsanvil_wire::script::{
    Action, Chunks, Control, DeflateLie, End, Frame, IllFormed, Lie, Message, Payload, Placed, Request,
    RequestLie, RequestSpelling, Response, ResponseLie, Script,
};
use wsanvil_wire::upgrade::{RequestSpec, ResponseSpec};
use wsanvil_wire::{Role, http};

/// Makes a `T` of octets that suffice for any: it takes as many as its hint says.
fn takes_what_it_says<'a, T: Arbitrary<'a> + Debug>(octets: &'a [u8]) -> Result<(), TestCaseError> {
    let mut u = Unstructured::new(octets);
    let made = T::arbitrary(&mut u).unwrap();
    let taken = octets.len() - u.len();
    let (least, most) = T::size_hint(0);
    prop_assert!(
        least <= taken,
        "{:?} takes {} octets, not {} at least",
        made,
        taken,
        least
    );
    prop_assert!(
        most.is_none_or(|most| taken <= most),
        "{:?} takes {} octets, not {:?} at most",
        made,
        taken,
        most
    );
    // The same from the rest of an input, and from none at all.
    let _ = T::arbitrary_take_rest(Unstructured::new(octets)).unwrap();
    let _ = T::arbitrary(&mut Unstructured::new(&[])).unwrap();
    let _ = T::arbitrary(&mut Unstructured::new(octets.get(..taken / 2).unwrap())).unwrap();
    Ok(())
}

proptest! {
    #[test]
    fn everything_is_made_of_any_octets(octets in prop::collection::vec(any::<u8>(), 3000)) {
        takes_what_it_says::<Role>(&octets)?;
        takes_what_it_says::<Opcode>(&octets)?;
        takes_what_it_says::<LengthForm>(&octets)?;
        takes_what_it_says::<Header>(&octets)?;
        takes_what_it_says::<message::Message<'_>>(&octets)?;
        takes_what_it_says::<Agreed>(&octets)?;
        takes_what_it_says::<Params>(&octets)?;
        takes_what_it_says::<ServerPolicy>(&octets)?;
        takes_what_it_says::<Blocks>(&octets)?;
        takes_what_it_says::<Options>(&octets)?;
        takes_what_it_says::<Config>(&octets)?;
        takes_what_it_says::<Extension>(&octets)?;
        takes_what_it_says::<Param>(&octets)?;
        takes_what_it_says::<RequestSpec>(&octets)?;
        takes_what_it_says::<ResponseSpec>(&octets)?;
        takes_what_it_says::<Request>(&octets)?;
        takes_what_it_says::<RequestSpelling>(&octets)?;
        takes_what_it_says::<RequestLie>(&octets)?;
        takes_what_it_says::<Response>(&octets)?;
        takes_what_it_says::<ResponseLie>(&octets)?;
        takes_what_it_says::<Script>(&octets)?;
        takes_what_it_says::<Action>(&octets)?;
        takes_what_it_says::<Message>(&octets)?;
        takes_what_it_says::<Payload>(&octets)?;
        takes_what_it_says::<Control>(&octets)?;
        takes_what_it_says::<Frame>(&octets)?;
        takes_what_it_says::<Chunks>(&octets)?;
        takes_what_it_says::<End>(&octets)?;
        takes_what_it_says::<Placed>(&octets)?;
        takes_what_it_says::<Lie>(&octets)?;
        takes_what_it_says::<DeflateLie>(&octets)?;
        takes_what_it_says::<IllFormed>(&octets)?;
    }

    #[test]
    fn every_header_reads_back(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        let header = Header::arbitrary(&mut Unstructured::new(&octets)).unwrap();
        let (written, len) = header.encode();
        let (read, used) = Header::parse(&written).unwrap();
        prop_assert_eq!(used, read.encoded_len());
        let fits = LengthForm::minimal_for(header.payload_len).extra_len() <= header.form.extra_len();
        if fits {
            prop_assert_eq!((read, used), (header, len));
        }
        let (again, _) = read.encode();
        prop_assert_eq!(&again[..used], &written[..used]);
    }

    #[test]
    fn every_extension_is_within_the_grammar(octets in prop::collection::vec(any::<u8>(), 0..90)) {
        let extension = Extension::arbitrary(&mut Unstructured::new(&octets)).unwrap();
        prop_assert_eq!(extension::parse_list(extension.to_string().as_bytes()).unwrap(), [extension]);
    }

    #[test]
    fn small_inputs_make_small_scripts(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        let script = Script::arbitrary(&mut Unstructured::new(&octets)).unwrap();
        prop_assert!(script.actions.len() <= octets.len().min(64));
        // What repetition adds, and a header of 14 octets, a deflate block and a lie for each thing sent.
        let most = (1 << 17) + 70 * octets.len() + 2000;
        for sender in [Role::Client, Role::Server] {
            let sent = script.octets(sender).len();
            prop_assert!(sent <= most, "{} octets of {}", sent, octets.len());
        }
    }

    #[test]
    fn every_head_is_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut u = Unstructured::new(&octets);
        let _ = http::parse_request(&RequestSpec::arbitrary(&mut u).unwrap().write(), 1 << 14);
        let mut u = Unstructured::new(&octets);
        let _ = http::parse_response(&ResponseSpec::arbitrary(&mut u).unwrap().write(), 1 << 14);
    }
}

#[test]
fn no_octets_make_an_empty_legal_script() {
    let script = Script::arbitrary(&mut Unstructured::new(&[])).unwrap();
    assert_eq!(script, Script::default());
    assert!(script.octets(Role::Client).is_empty() && script.is_legal());
    assert_eq!(script.expected(Role::Client), Some(Vec::new()));
}

/// Legal scripts, lies and wild ones, each kind of action, each lie, each form of length: all of them come, none of them
/// nearly always.
#[test]
fn everything_comes_often_enough() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut octet = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    let mut count = |what: &str| *seen.entry(what.to_owned()).or_default() += 1;
    for round in 0..4000_usize {
        let octets: Vec<u8> = (0..40 + round % 400).map(|_| octet()).collect();
        let script = Script::arbitrary(&mut Unstructured::new(&octets)).unwrap();
        count(match (&script.lie, script.is_legal()) {
            (Some(_), _) => "lie",
            (None, true) => "legal",
            (None, false) => "wild",
        });
        if let Some(Placed { lie, .. }) = script.lie {
            let name = format!("{lie:?}");
            count(name.split(['(', ' ']).next().unwrap());
        }
        count(if script.deflate.is_some() {
            "deflate"
        } else {
            "plain"
        });
        count(match script.end {
            End::Open => "open",
            End::Eof => "eof",
            End::Cut(_) => "cut",
        });
        for action in &script.actions {
            match action {
                Action::Message(message) => {
                    let is_text = matches!(message.payload, Payload::Text(_));
                    count(if is_text { "text" } else { "binary" });
                    count(if message.fragments.is_empty() {
                        "one frame"
                    } else {
                        "fragments"
                    });
                    if !message.between.is_empty() {
                        count("interrupted");
                    }
                    count(match message.payload.octets().len() {
                        0..=125 => "7 bits",
                        126..=65_535 => "16 bits",
                        _ => "64 bits",
                    });
                }
                Action::Control(_) => count("control"),
                Action::Close(_) => count("close"),
                Action::Frame(_) => count("frame"),
                Action::Raw(_) => count("raw"),
            }
        }
    }
    let share = |what: &str| f64::from(seen[what]) / 4000.0;
    assert!((0.4..0.65).contains(&share("legal")), "{seen:?}");
    assert!((0.3..0.45).contains(&share("lie")), "{seen:?}");
    // A few of the wild are legal by chance.
    assert!((0.03..0.13).contains(&share("wild")), "{seen:?}");
    assert!((0.3..0.7).contains(&share("deflate")), "{seen:?}");
    for lie in [
        "ReservedBits",
        "ReservedOpcode",
        "Mask",
        "LengthNotMinimal",
        "LengthTopBit",
        "ControlTooLong",
        "ControlFragmented",
        "ContinuationOrphan",
        "MessageInterleaved",
        "Utf8",
        "Deflate",
        "CloseBodyOneOctet",
        "CloseCode",
        "CloseReasonUtf8",
        "AfterClose",
    ] {
        assert!(seen[lie] >= 50, "{lie}: {seen:?}");
    }
    for (what, least) in [
        ("open", 400),
        ("eof", 400),
        ("cut", 100),
        ("text", 2000),
        ("binary", 2000),
        ("one frame", 2000),
        ("fragments", 2000),
        ("interrupted", 500),
        ("7 bits", 2000),
        ("16 bits", 200),
        ("64 bits", 30),
        ("control", 1000),
        ("close", 500),
        ("frame", 100),
        ("raw", 100),
    ] {
        assert!(seen[what] >= least, "{what}: {seen:?}");
    }
}
