//! The decoder says the same at any chunking, by steps and by whole frames, and says what a plain reading says.

use wsanvil_wire::Role;
use wsanvil_wire::frame::{Decoder, Event, Header, LengthForm, Opcode, Position, broken_rules};
use wsanvil_wire::{Rule, mask};

use crate::chunking::{head, pieces};
use crate::conversation;

/// One frame as far as it was there: its header, where it begins, the rule it breaks, its payload, whether it ended.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    header: Header,
    offset: u64,
    broken: Option<Rule>,
    payload: Vec<u8>,
    ended: bool,
}

#[derive(Debug, Clone, Copy)]
struct Settings {
    sender: Role,
    rsv1: bool,
    allow_non_minimal: bool,
}

/// Octet 0: sender, RSV1, lengths; octet 1: cuts; then the stream.
pub fn check(data: &[u8]) {
    let Some(([flags, how], stream)) = head(data) else {
        return;
    };
    let settings = Settings {
        sender: if flags & 1 == 0 {
            Role::Client
        } else {
            Role::Server
        },
        rsv1: flags & 2 != 0,
        allow_non_minimal: flags & 4 != 0,
    };
    let plain = plain_reading(settings, stream);
    for chunks in [vec![stream.to_vec()], pieces(stream, how), pieces(stream, 0)] {
        for walk in [false, true] {
            assert_eq!(decoded(settings, chunks.clone(), walk), plain, "walking: {walk}");
        }
    }
}

/// The frames as the decoder gives them; with `walk`, those that lie whole in a chunk in one step.
fn decoded(settings: Settings, chunks: Vec<Vec<u8>>, walk: bool) -> Vec<Frame> {
    let mut decoder = Decoder::new(settings.sender);
    decoder.set_rsv1(settings.rsv1);
    decoder.set_allow_non_minimal(settings.allow_non_minimal);
    let mut frames: Vec<Frame> = Vec::new();
    let mut taken = 0;
    for mut chunk in chunks {
        taken += chunk.len() as u64;
        let mut rest = &mut chunk[..];
        loop {
            let offset = decoder.offset();
            if walk && let Some(frame) = decoder.whole_frame(&mut rest) {
                assert!(decoder.at_boundary() && frames.last().is_none_or(|frame| frame.ended));
                frames.push(Frame {
                    header: frame.header,
                    offset,
                    broken: None,
                    payload: frame.payload.to_vec(),
                    ended: true,
                });
                continue;
            }
            assert_eq!(decoder.offset(), offset, "what is not taken moves nothing");
            let Some(event) = decoder.next(&mut rest) else {
                break;
            };
            match event {
                Event::Header {
                    header,
                    offset,
                    broken,
                } => {
                    assert!(frames.last().is_none_or(|frame| frame.ended));
                    frames.push(Frame {
                        header,
                        offset,
                        broken,
                        payload: Vec::new(),
                        ended: false,
                    });
                }
                Event::Payload(octets) => {
                    assert!(!octets.is_empty());
                    frames
                        .last_mut()
                        .expect("a header")
                        .payload
                        .extend_from_slice(octets);
                }
                Event::End => frames.last_mut().expect("a header").ended = true,
            }
        }
        assert!(rest.is_empty());
        assert_eq!(decoder.offset(), taken);
    }
    if decoder.owed() > 0 {
        assert!(!decoder.at_boundary());
    }
    frames
}

/// The same with the whole input at hand, by the definitions of RFC 6455 section 5.
fn plain_reading(settings: Settings, stream: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let (mut at, mut in_message) = (0, false);
    while let Some((header, len)) = Header::parse(&stream[at..]) {
        let position = Position {
            sender: settings.sender,
            rsv1: settings.rsv1,
            in_message,
        };
        let broken = broken_rules(&header, position)
            .find(|rule| !(settings.allow_non_minimal && *rule == Rule::LengthNotMinimal));
        let offset = at as u64;
        at += len;
        let there = &stream[at..];
        let announced = usize::try_from(header.payload_len).unwrap_or(usize::MAX);
        let taken = announced.min(there.len());
        let mut payload = there[..taken].to_vec();
        if let Some(key) = header.mask {
            for (octet, index) in payload.iter_mut().zip(0..) {
                let index: usize = index;
                *octet ^= key[index % 4];
            }
        }
        at += taken;
        match (header.opcode.get(), in_message) {
            (0, true) | (1..=7, false) => in_message = !header.fin,
            _ => {}
        }
        frames.push(Frame {
            header,
            offset,
            broken,
            payload,
            ended: taken == announced,
        });
    }
    frames
}

/// Conversations; then every opcode in every form of the length, masked and not, legal and not.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (flags, sender) in [(0b110, Role::Client), (0b111, Role::Server)] {
        for octets in conversation::plain(sender)
            .into_iter()
            .chain(conversation::packed(sender))
        {
            seeds.push([vec![flags, 0x42], octets].concat());
        }
    }
    for opcode in 0..16 {
        for (form, len) in [
            (LengthForm::Bits7, 5),
            (LengthForm::Bits16, 130),
            (LengthForm::Bits64, 2),
            (LengthForm::Bits64, u64::MAX),
        ] {
            let mut seed = vec![opcode & 7, opcode << 4 | 3];
            for (fin, rsv, key) in [
                (false, 0, None),
                (true, 4, Some([1, 2, 3, 4])),
                (true, 0, Some([0; 4])),
            ] {
                let header = Header {
                    fin,
                    rsv,
                    opcode: Opcode::new(opcode),
                    mask: key,
                    form,
                    payload_len: len,
                };
                header.write(&mut seed);
                let mut payload = vec![b'*'; len.min(130) as usize];
                mask::apply(key.unwrap_or_default(), 0, &mut payload);
                seed.extend(payload);
            }
            seeds.push(seed);
        }
    }
    seeds
}
