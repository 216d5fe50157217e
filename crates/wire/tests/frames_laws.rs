//! Laws of frame header and decoder, for generated input.

mod pieces;

use proptest::prelude::*;
use wsanvil_wire::deflate::InflateError;
use wsanvil_wire::frame::{Decoder, Event, Header, LengthForm, Opcode, Position, broken_rules};
use wsanvil_wire::{Role, Rule, mask};

fn form() -> impl Strategy<Value = LengthForm> {
    prop_oneof![
        Just(LengthForm::Bits7),
        Just(LengthForm::Bits16),
        Just(LengthForm::Bits64)
    ]
}

/// Lengths of every size, those at the edges of the forms more often.
fn length() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..=130_u64,
        65_500..=65_600_u64,
        prop::sample::select(vec![
            125,
            126,
            127,
            128,
            65_535,
            65_536,
            i64::MAX.cast_unsigned(),
            1 << 63,
            u64::MAX
        ]),
        any::<u64>(),
    ]
}

prop_compose! {
    /// Every combination of fields, lies included: a form that is too small or too large, reserved bits and opcodes,
    /// the top bit.
    fn header()(fin: bool, rsv in 0u8..8, opcode in 0u8..16, mask: Option<[u8; 4]>, form in form(), payload_len in length()) -> Header {
        Header { fin, rsv, opcode: Opcode::new(opcode), mask, form, payload_len }
    }
}

prop_compose! {
    /// A frame with any lie but one about its size, so that the stream stays in step.
    fn frame()(mut header in header(), len in prop_oneof![40 => 0..140_usize, 1 => 65_530..65_540_usize], fill: u8) -> (Header, Vec<u8>) {
        let shortest = LengthForm::minimal_for(len as u64);
        if header.form.extra_len() < shortest.extra_len() {
            header.form = shortest;
        }
        header.payload_len = len as u64;
        (header, (0..len).map(|at| at.to_le_bytes()[0] ^ fill).collect())
    }
}

prop_compose! {
    /// A frame that is legal in the right place.
    fn legal_frame()(
        opcode in prop::sample::select(vec![Opcode::TEXT, Opcode::BINARY, Opcode::PING, Opcode::PONG, Opcode::CLOSE]),
        fin: bool,
        rsv1: bool,
        len in prop_oneof![40 => 0..140_usize, 1 => 65_530..65_540_usize],
        fill: u8,
    ) -> (Header, Vec<u8>) {
        let len = if opcode.is_control() { len.min(125) } else { len };
        let mut header = Header::new(opcode, len as u64);
        if !opcode.is_control() {
            (header.fin, header.rsv) = (fin, if rsv1 { 4 } else { 0 });
        }
        (header, vec![fill; len])
    }
}

fn sender() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Client), Just(Role::Server)]
}

/// The picture of RFC 6455 section 5.2, bit by bit.
fn drawn(header: &Header) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![header.fin];
    let mut put = |value: u64, count: u32| {
        for place in (0..count).rev() {
            bits.push(value >> place & 1 != 0);
        }
    };
    put(header.rsv.into(), 3);
    put(header.opcode.get().into(), 4);
    put(header.mask.is_some().into(), 1);
    match header.form {
        LengthForm::Bits7 => put(header.payload_len, 7),
        LengthForm::Bits16 => {
            put(126, 7);
            put(header.payload_len, 16);
        }
        LengthForm::Bits64 => {
            put(127, 7);
            put(header.payload_len, 64);
        }
    }
    for octet in header.mask.into_iter().flatten() {
        put(octet.into(), 8);
    }
    bits.chunks(8)
        .map(|octet| octet.iter().fold(0, |value, bit| value << 1 | u8::from(*bit)))
        .collect()
}

/// What a header breaks, rule by rule as the RFC words it, by name and in the order in which they are named.
fn judged(header: &Header, at: Position) -> Vec<&'static str> {
    let (rsv, opcode, len) = (header.rsv, header.opcode.get(), header.payload_len);
    let control = opcode >= 8;
    let only_rsv1 = rsv == 4 && at.rsv1;
    let shortest = if len <= 125 {
        LengthForm::Bits7
    } else if len <= 65_535 {
        LengthForm::Bits16
    } else {
        LengthForm::Bits64
    };
    let begins = !control && opcode != 0;
    let rules = [
        (rsv != 0 && !only_rsv1, "reserved-bits"),
        (only_rsv1 && control, "rsv1-on-control"),
        (only_rsv1 && opcode == 0, "rsv1-on-continuation"),
        ((3..=7).contains(&opcode) || opcode >= 11, "reserved-opcode"),
        (at.sender == Role::Client && header.mask.is_none(), "mask-missing"),
        (at.sender == Role::Server && header.mask.is_some(), "mask-present"),
        (len >= 1 << 63, "length-top-bit"),
        (len < 1 << 63 && header.form != shortest, "length-not-minimal"),
        (control && len > 125, "control-too-long"),
        (control && !header.fin, "control-fragmented"),
        (opcode == 0 && !at.in_message, "continuation-orphan"),
        (begins && at.in_message, "message-interleaved"),
    ];
    rules
        .into_iter()
        .filter(|(broken, _)| *broken)
        .map(|(_, name)| name)
        .collect()
}

/// What was said, header by header and payload by payload; offset and octets owed; at a boundary, in a message.
type Story = (Vec<(String, Vec<u8>)>, [u64; 2], [bool; 2]);

/// Everything a decoder says, with payload joined per frame, and where it stands in the end.
fn story(sender: Role, chunks: &mut [Vec<u8>]) -> Story {
    let mut decoder = Decoder::new(sender);
    decoder.set_rsv1(true);
    let mut said = Vec::new();
    let mut payload = Vec::new();
    for chunk in chunks {
        let mut rest = &mut chunk[..];
        while let Some(event) = decoder.next(&mut rest) {
            match event {
                Event::Payload(octets) => {
                    assert!(!octets.is_empty());
                    payload.extend_from_slice(octets);
                }
                Event::End => said.push(("end".to_owned(), std::mem::take(&mut payload))),
                Event::Header { .. } => said.push((format!("{event:?}"), Vec::new())),
            }
        }
        assert!(rest.is_empty());
    }
    said.push((String::new(), payload));
    (
        said,
        [decoder.offset(), decoder.owed()],
        [decoder.at_boundary(), decoder.in_message()],
    )
}

/// The same, with frames taken whole where they are.
fn story_of_whole_frames(sender: Role, chunks: &mut [Vec<u8>]) -> Story {
    let mut decoder = Decoder::new(sender);
    decoder.set_rsv1(true);
    let mut said = Vec::new();
    let mut payload = Vec::new();
    for chunk in chunks {
        let mut rest = &mut chunk[..];
        loop {
            let offset = decoder.offset();
            if let Some(frame) = decoder.whole_frame(&mut rest) {
                let (header, broken) = (frame.header, None::<Rule>);
                let event = Event::Header {
                    header,
                    offset,
                    broken,
                };
                said.push((format!("{event:?}"), Vec::new()));
                said.push(("end".to_owned(), frame.payload.to_vec()));
                assert!(decoder.at_boundary());
                continue;
            }
            assert_eq!(decoder.offset(), offset, "nothing is taken");
            match decoder.next(&mut rest) {
                None => break,
                Some(Event::Payload(octets)) => payload.extend_from_slice(octets),
                Some(Event::End) => said.push(("end".to_owned(), std::mem::take(&mut payload))),
                Some(event) => said.push((format!("{event:?}"), Vec::new())),
            }
        }
        assert!(rest.is_empty());
    }
    said.push((String::new(), payload));
    (
        said,
        [decoder.offset(), decoder.owed()],
        [decoder.at_boundary(), decoder.in_message()],
    )
}

fn write((header, payload): &(Header, Vec<u8>), wire: &mut Vec<u8>) {
    header.write(wire);
    match header.mask {
        Some(key) => mask::apply_copy(key, 0, payload, wire),
        None => wire.extend_from_slice(payload),
    }
}

proptest! {
    #[test]
    fn a_header_is_written_as_the_rfc_draws_it(header in header()) {
        let mut wire = b"before".to_vec();
        header.write(&mut wire);
        prop_assert_eq!(&wire[6..], &drawn(&header)[..]);
        let (octets, len) = header.encode();
        prop_assert_eq!(&octets[..len], &wire[6..]);
        prop_assert_eq!(len, header.encoded_len());
    }

    #[test]
    fn a_frame_is_written_as_its_header_and_its_payload(
        header in header(),
        payload in prop_oneof![20 => prop::collection::vec(any::<u8>(), 0..300), 1 => prop::collection::vec(any::<u8>(), 9000)],
    ) {
        let mut parts = b"before".to_vec();
        write(&(header, payload.clone()), &mut parts);
        let mut whole = b"before".to_vec();
        header.write_frame(&payload, &mut whole);
        prop_assert!(whole == parts);
    }

    #[test]
    fn a_written_header_reads_back_with_its_lies(header in header(), rest: [u8; 3]) {
        let carried = match header.form {
            LengthForm::Bits7 => header.payload_len & 0x7F,
            LengthForm::Bits16 => header.payload_len & 0xFFFF,
            LengthForm::Bits64 => header.payload_len,
        };
        let mut wire = Vec::new();
        header.write(&mut wire);
        let len = wire.len();
        if header.form == LengthForm::Bits7 && carried >= 126 {
            // There these are the markers of the other forms, and the header reads as another one.
            wire.extend_from_slice(&[0; 12]);
            let form = if carried == 126 { LengthForm::Bits16 } else { LengthForm::Bits64 };
            prop_assert_eq!(Header::parse(&wire).map(|(read, _)| read.form), Some(form));
            return Ok(());
        }
        wire.extend_from_slice(&rest);
        prop_assert_eq!(Header::parse(&wire), Some((Header { payload_len: carried, ..header }, len)));
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
    fn a_header_is_judged_as_the_rfc_words_it(header in header(), sender in sender(), rsv1: bool, in_message: bool) {
        let at = Position { sender, rsv1, in_message };
        let named: Vec<_> = broken_rules(&header, at).map(|rule| rule.name()).collect();
        prop_assert_eq!(named, judged(&header, at));
    }

    #[test]
    fn frames_come_out_as_they_were_written(
        frames in prop::collection::vec(frame(), 1..6),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
        sender in sender(),
        rsv1: bool,
        lenient: bool,
    ) {
        let mut wire = Vec::new();
        let starts: Vec<u64> = frames
            .iter()
            .map(|frame| {
                let start = wire.len() as u64;
                write(frame, &mut wire);
                start
            })
            .collect();
        let mut decoder = Decoder::new(sender);
        decoder.set_rsv1(rsv1);
        decoder.set_allow_non_minimal(lenient);
        let mut at = Position { sender, rsv1, in_message: false };
        let (mut read, mut open) = (Vec::new(), None);
        for mut piece in pieces::cut(&wire, cuts) {
            let mut rest = &mut piece[..];
            while let Some(event) = decoder.next(&mut rest) {
                match event {
                    Event::Header { header, offset, broken } => {
                        prop_assert_eq!(offset, starts[read.len()]);
                        let mut expected = judged(&header, at);
                        expected.retain(|rule| !lenient || *rule != "length-not-minimal");
                        prop_assert_eq!(broken.map(|rule| rule.name()), expected.first().copied());
                        match header.opcode.get() {
                            0 if at.in_message => at.in_message = !header.fin,
                            1..=7 if !at.in_message => at.in_message = !header.fin,
                            _ => {}
                        }
                        prop_assert_eq!(decoder.in_message(), at.in_message);
                        prop_assert!(!decoder.at_boundary());
                        open = Some((header, Vec::new()));
                    }
                    Event::Payload(octets) => {
                        let (header, payload) = open.as_mut().unwrap();
                        payload.extend_from_slice(octets);
                        prop_assert_eq!(decoder.owed() + payload.len() as u64, header.payload_len);
                    }
                    Event::End => {
                        read.extend(open.take());
                        prop_assert_eq!(decoder.owed(), 0);
                    }
                }
            }
        }
        prop_assert_eq!(read, frames);
        prop_assert!(decoder.at_boundary());
        prop_assert_eq!(decoder.offset(), wire.len() as u64);
    }

    #[test]
    fn behind_a_top_bit_everything_is_payload(
        header in header(),
        behind in prop::collection::vec(any::<u8>(), 0..100),
        cuts in prop::collection::vec(any::<usize>(), 0..4),
    ) {
        let header = Header { form: LengthForm::Bits64, payload_len: header.payload_len | 1 << 63, ..header };
        let mut wire = Vec::new();
        write(&(header, behind.clone()), &mut wire);
        let mut decoder = Decoder::new(Role::Client);
        let mut payload = Vec::new();
        for mut piece in pieces::cut(&wire, cuts) {
            let mut rest = &mut piece[..];
            while let Some(event) = decoder.next(&mut rest) {
                match event {
                    Event::Header { header: read, .. } => prop_assert_eq!(read, header),
                    Event::Payload(octets) => payload.extend_from_slice(octets),
                    Event::End => prop_assert!(false, "no stream holds that much"),
                }
            }
        }
        prop_assert_eq!(payload, behind.clone());
        prop_assert_eq!(decoder.owed(), header.payload_len - behind.len() as u64);
    }

    #[test]
    fn chunking_never_changes_what_is_said(
        frames in prop::collection::vec(frame(), 1..6),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
        lost: usize,
        sender in sender(),
    ) {
        let mut wire = Vec::new();
        for frame in &frames {
            write(frame, &mut wire);
        }
        let whole = story(sender, &mut [wire.clone()]);
        prop_assert!(whole.2[0]);
        // Also when the stream ends somewhere inside.
        wire.truncate(wire.len() - lost % 20 % wire.len());
        let whole = story(sender, &mut [wire.clone()]);
        prop_assert_eq!(&story(sender, &mut pieces::cut(&wire, cuts.clone())), &whole);
        prop_assert_eq!(&story(sender, &mut pieces::single(&wire)), &whole);
        prop_assert_eq!(&story_of_whole_frames(sender, &mut [wire.clone()]), &whole);
        prop_assert_eq!(&story_of_whole_frames(sender, &mut pieces::cut(&wire, cuts)), &whole);
    }

    #[test]
    fn whole_frames_say_what_steps_say(
        frames in prop::collection::vec(legal_frame(), 1..8),
        cuts in prop::collection::vec(any::<usize>(), 0..4),
        sender in sender(),
    ) {
        let mut wire = Vec::new();
        let mut in_message = false;
        for (mut header, payload) in frames {
            header.mask = sender.masks().then_some([7, 77, 177, 207]);
            if !header.opcode.is_control() {
                if in_message {
                    (header.opcode, header.rsv) = (Opcode::CONTINUATION, 0);
                }
                in_message = !header.fin;
            }
            write(&(header, payload), &mut wire);
        }
        let whole = story(sender, &mut [wire.clone()]);
        prop_assert!(whole.0.iter().all(|(line, _)| !line.contains("broken: Some")));
        prop_assert_eq!(&story_of_whole_frames(sender, &mut [wire.clone()]), &whole);
        prop_assert_eq!(&story_of_whole_frames(sender, &mut pieces::cut(&wire, cuts)), &whole);
        let mut buffer = wire.clone();
        let (mut rest, mut decoder) = (&mut buffer[..], Decoder::new(sender));
        decoder.set_rsv1(true);
        while decoder.whole_frame(&mut rest).is_some() {}
        prop_assert!(rest.is_empty(), "all of them can be taken whole");
    }

    #[test]
    fn noise_is_decoded_the_same_at_any_chunking(
        wire in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
        sender in sender(),
    ) {
        let whole = story(sender, &mut [wire.clone()]);
        prop_assert_eq!(whole.1[0], wire.len() as u64);
        prop_assert_eq!(&story(sender, &mut pieces::cut(&wire, cuts.clone())), &whole);
        prop_assert_eq!(&story(sender, &mut pieces::single(&wire)), &whole);
        prop_assert_eq!(&story_of_whole_frames(sender, &mut [wire.clone()]), &whole);
        prop_assert_eq!(&story_of_whole_frames(sender, &mut pieces::cut(&wire, cuts)), &whole);
    }
}

#[test]
fn the_short_way_to_say_legal_agrees_with_the_list_of_rules() {
    // All first octets, both masks, every form, the lengths at the edges, everywhere a frame can stand.
    let lengths = [0, 1, 125, 126, 65_535, 65_536, i64::MAX.cast_unsigned(), 1 << 63];
    let forms = [LengthForm::Bits7, LengthForm::Bits16, LengthForm::Bits64];
    let mut legal = 0;
    for first in 0..=255_u8 {
        for (payload_len, form, flags) in lengths
            .iter()
            .flat_map(|len| forms.iter().map(move |form| (*len, *form)))
            .flat_map(|(len, form)| (0..16).map(move |flags| (len, form, flags)))
        {
            let header = Header {
                fin: first & 0x80 != 0,
                rsv: first >> 4 & 7,
                opcode: Opcode::new(first),
                mask: (flags & 1 != 0).then_some([9, 8, 7, 6]),
                form,
                payload_len,
            };
            // A form that cannot carry the length writes another header.
            if form.extra_len() < LengthForm::minimal_for(payload_len).extra_len() {
                continue;
            }
            let sender = if flags & 2 == 0 {
                Role::Client
            } else {
                Role::Server
            };
            let at = Position {
                sender,
                rsv1: flags & 4 != 0,
                in_message: flags & 8 != 0,
            };
            let mut decoder = Decoder::new(sender);
            decoder.set_rsv1(at.rsv1);
            if at.in_message {
                begin_message(&mut decoder, sender);
            }
            let (mut octets, len) = header.encode();
            let mut rest = &mut octets[..len];
            let Some(Event::Header { broken, .. }) = decoder.next(&mut rest) else {
                panic!("{header:?} is not read")
            };
            assert_eq!(broken, broken_rules(&header, at).next(), "{header:?} {at:?}");
            legal += usize::from(broken.is_none());
        }
    }
    // Between messages two opcodes with both FINs and seven lengths, twice with RSV1 agreed; inside one opcode the same
    // way; everywhere three control frames with three lengths; all that for two senders.
    assert_eq!(legal, 2 * ((28 + 9) + (56 + 9) + 2 * (14 + 9)));
}

fn begin_message(decoder: &mut Decoder, sender: Role) {
    let header = Header {
        fin: false,
        mask: sender.masks().then_some([0; 4]),
        ..Header::new(Opcode::BINARY, 0)
    };
    let (mut octets, len) = header.encode();
    let mut rest = &mut octets[..len];
    while let Some(event) = decoder.next(&mut rest) {
        assert!(!matches!(event, Event::Header { broken: Some(_), .. }));
    }
    assert!(decoder.in_message());
}

#[test]
fn every_rule_says_where_it_is_written_and_how_to_fail() {
    let rules = [
        Rule::ReservedBits { rsv: 1 },
        Rule::ReservedOpcode(3),
        Rule::MaskMissing,
        Rule::MaskPresent,
        Rule::LengthNotMinimal,
        Rule::LengthTopBit,
        Rule::ControlTooLong { len: 126 },
        Rule::ControlFragmented,
        Rule::ContinuationOrphan,
        Rule::MessageInterleaved,
        Rule::Rsv1OnContinuation,
        Rule::Rsv1OnControl,
        Rule::Utf8 { at: 1 },
        Rule::CloseBodyOneOctet,
        Rule::CloseCode(1005),
        Rule::CloseReasonUtf8 { at: 1 },
        Rule::DeflateData(InflateError::BlockType),
        Rule::FrameTooBig { limit: 1 },
        Rule::MessageTooBig { limit: 1 },
        Rule::DataAfterClose { opcode: 1 },
        Rule::CloseTwice,
    ];
    let mut names = std::collections::BTreeSet::new();
    for rule in rules {
        assert!(names.insert(rule.name()), "{} twice", rule.name());
        // RFC 6455 sections 7.4.1 and 8.1: wrong data 1007, too much 1009, else 1002.
        let code = match rule.name() {
            "utf8" | "close-reason-utf8" | "deflate-data" => 1007,
            "frame-too-big" | "message-too-big" => 1009,
            _ => 1002,
        };
        assert_eq!(rule.close_code(), code, "{}", rule.name());
        // A requirement is RFC, section, number; the section is the one named to people, or a part of it.
        let mut id = rule.requirement().splitn(3, '-');
        let (rfc, section) = (id.next().unwrap(), id.next().unwrap());
        assert!(id.next().unwrap().parse::<u32>().is_ok(), "{}", rule.name());
        let shown = rule.section().strip_prefix("RFC ").unwrap();
        assert!(shown.starts_with(rfc), "{}: {shown} and {rfc}", rule.name());
        assert!(!section.is_empty() && !rule.to_string().is_empty());
    }
}

#[test]
fn roles_and_opcodes_have_one_name_each() {
    assert_eq!([Role::Client.name(), Role::Server.name()], ["client", "server"]);
    for role in [Role::Client, Role::Server] {
        assert_ne!(role.masks(), role.peer().masks());
        assert_eq!(role.peer().peer(), role);
    }
    let mut names = std::collections::BTreeSet::new();
    for value in 0..16 {
        let opcode = Opcode::new(value | 0xA0);
        assert_eq!(opcode.get(), value);
        assert!(names.insert(opcode.to_string()), "{opcode} twice");
        // RFC 6455 section 11.8: what has no meaning is called by its number.
        let reserved = format!("reserved-{value}");
        assert_eq!(opcode.is_reserved(), opcode.name() == reserved, "{opcode}");
    }
    let known = [
        (Opcode::CONTINUATION, "continuation"),
        (Opcode::TEXT, "text"),
        (Opcode::BINARY, "binary"),
        (Opcode::CLOSE, "close"),
        (Opcode::PING, "ping"),
        (Opcode::PONG, "pong"),
    ];
    for (opcode, name) in known {
        assert_eq!(opcode.name(), name);
    }
}
