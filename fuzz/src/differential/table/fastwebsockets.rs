//! Where fastwebsockets parts from us.

use wsanvil_wire::frame::Opcode;
use wsanvil_wire::{Role, Rule};

use super::super::account::{End, What};
use super::super::dispute::{About, Dispute, Next};
use super::super::peers::{LIMIT, Peer};
use super::super::reading::{Part, Place};
use super::{Disagreement, Right, shared};

const PEER: Peer = Peer::Fastwebsockets;

pub(super) const UNMASKED: Disagreement = Disagreement {
    id: "unmasked-is-taken",
    peer: PEER,
    role: Role::Server,
    example: b"\x81\x02hi",
    what: "takes frames from the client that are not masked",
    section: "RFC 6455 5.1",
    right: Right::Ours,
    why: "the server must close the connection",
    explains: |dispute| {
        dispute
            .at_fault()
            .filter(|(rule, ..)| **rule == Rule::MaskMissing)?;
        let masked = dispute.with_frames(|frames| {
            for frame in frames {
                frame.header.mask = frame.header.mask.or(Some([0; 4]));
            }
        });
        Some(Next::Instead(Box::new(masked)))
    },
};

pub(super) const MASKED: Disagreement = Disagreement {
    id: "masked-is-taken-as-it-stands",
    peer: PEER,
    role: Role::Client,
    example: b"\x82\x82\x01\x02\x03\x04ab",
    what: "takes masked frames from the server and gives their payload with the mask on",
    section: "RFC 6455 5.1",
    right: Right::Ours,
    why: "the client must close the connection",
    explains: |dispute| {
        dispute
            .at_fault()
            .filter(|(rule, ..)| **rule == Rule::MaskPresent)?;
        let bare = dispute.with_frames(|frames| {
            for frame in frames {
                frame.header.mask = None;
            }
        });
        Some(Next::Instead(Box::new(bare)))
    },
};

pub(super) const EARLY: Disagreement = Disagreement {
    id: "judged-after-two-octets",
    peer: PEER,
    role: Role::Server,
    example: b"\xc1\x82\0\0",
    what: "fails the connection for reserved bits and opcodes before the rest of the header is there",
    section: "RFC 6455 7.1.7",
    right: Right::Both,
    why: "no text says when a receiver has to notice",
    explains: |dispute| {
        let (code, theirs) = dispute.they_fail().filter(|(_, place)| place.part == Part::Two)?;
        if dispute.about == About::When {
            let (rule, _, frame) = dispute.at_fault()?;
            let judged = matches!(rule, Rule::ReservedBits { .. } | Rule::ReservedOpcode(_));
            return (judged && frame.number == theirs.frame).then_some(Next::GoOn);
        }
        let (number, tail) = dispute.hearing.reading.tail();
        let first = *tail.first()?;
        let judged = first & 0x70 != 0 || Opcode::new(first).is_reserved();
        let waits = dispute.ours.end == End::Open && dispute.we_tell().is_none();
        (judged && waits && code == 1002 && theirs.frame == number).then_some(Next::Stop)
    },
};

pub(super) const REPLACED: Disagreement = Disagreement {
    id: "unfinished-message-is-dropped",
    peer: PEER,
    role: Role::Server,
    example: b"\x01\x81\0\0\0\0a\x01\x81\0\0\0\0b\x80\x81\0\0\0\0c",
    what: "drops a message in progress when another one begins in fragments",
    section: "RFC 6455 5.4",
    right: Right::Ours,
    why: "fragments of messages must not be interleaved; content is lost without a word",
    explains: |dispute| {
        let (rule, at, frame) = dispute.at_fault()?;
        if *rule != Rule::MessageInterleaved || frame.header.fin {
            return None;
        }
        if dispute
            .they_fail()
            .is_some_and(|(_, theirs)| theirs.frame < frame.number)
        {
            // They failed inside of the message that would be taken away: another entry says why.
            return None;
        }
        let dropped = dispute.hearing.reading.message_before(at);
        let rest = dispute.with_frames(|frames| {
            for at in dropped.into_iter().rev() {
                frames.remove(at);
            }
        });
        Some(Next::Instead(Box::new(rest)))
    },
};

pub(super) const CUT_CHARACTER: Disagreement = Disagreement {
    id: "cut-character-is-dropped",
    peer: PEER,
    role: Role::Server,
    example: b"\x01\x81\0\0\0\0a\x80\x82\0\0\0\0\xe2\x82",
    what: "gives a fragmented text that ends inside a character, without that character",
    section: "RFC 6455 8.1",
    right: Right::Ours,
    why: "the text is not UTF-8, so the connection must fail; content is lost without a word",
    explains: |dispute| {
        let (rule, at, frame) = dispute.at_fault()?;
        let last = frame.header.opcode == Opcode::CONTINUATION && frame.header.fin && frame.is_whole();
        if !matches!(rule, Rule::Utf8 { .. }) || !last {
            return None;
        }
        let reading = &dispute.hearing.reading;
        let parts = reading.message_before(at);
        let text: Vec<u8> = parts
            .iter()
            .flat_map(|&at| reading.frames[at].payload())
            .collect();
        let error = std::str::from_utf8(&text)
            .err()
            .filter(|error| error.error_len().is_none())?;
        let kept = &text[..error.valid_up_to()];
        let told = dispute.they_tell()?;
        if told.what != What::Text(kept.to_vec()) || told.read != Dispute::end_of(frame) {
            return None;
        }
        let mut cut = text.len() - kept.len();
        let whole = dispute.with_frames(|frames| {
            for at in parts.into_iter().rev() {
                let taken = cut.min(frames[at].wire.len());
                frames[at].shorten(taken);
                cut -= taken;
            }
        });
        Some(Next::Instead(Box::new(whole)))
    },
};

pub(super) const UNLIMITED: Disagreement = Disagreement {
    id: "fragments-have-no-limit",
    peer: PEER,
    role: Role::Client,
    example: &long::<309>(&[(0, &[0x02, 0x7E, 0x00, 0x97]), (155, &[0x80, 0x7E, 0x00, 0x96])]),
    what: "holds each frame against its limit for messages, never their sum",
    section: "RFC 6455 10.4",
    right: Right::Ours,
    why: "limits are for messages put together too; a peer can fill the memory with fragments",
    explains: |dispute| {
        let (rule, _, frame) = dispute.at_fault()?;
        let fragment = frame.header.opcode == Opcode::CONTINUATION;
        if !matches!(rule, Rule::MessageTooBig { .. }) || !fragment {
            return None;
        }
        let mut unlimited = dispute.hearing.clone();
        unlimited.max_message = u64::MAX;
        Some(Next::Instead(Box::new(unlimited)))
    },
};

pub(super) const LONG_PONG: Disagreement = Disagreement {
    id: "long-pong-is-taken",
    peer: PEER,
    role: Role::Client,
    example: &long::<130>(&[(0, &[0x8A, 0x7E, 0x00, 0x7E])]),
    what: "takes Pongs of more than 125 octets",
    section: "RFC 6455 5.5",
    right: Right::Ours,
    why: "control frames carry at most 125 octets",
    explains: |dispute| {
        let (rule, at, frame) = dispute.at_fault()?;
        if !matches!(rule, Rule::ControlTooLong { .. }) || frame.header.opcode != Opcode::PONG {
            return None;
        }
        if !frame.is_whole() {
            return dispute.they_wait().then_some(Next::Stop);
        }
        let told = dispute.they_tell()?;
        if told.what != What::Pong(frame.payload()) || told.read != Dispute::end_of(frame) {
            return None;
        }
        let About::Told(index) = dispute.about else {
            return None;
        };
        let mut without = dispute.with_frames(|frames| {
            frames.remove(at);
        });
        without.theirs.heard.remove(index);
        Some(Next::Instead(Box::new(without)))
    },
};

pub(super) const LONG_CLOSE: Disagreement = Disagreement {
    id: "long-close-is-taken",
    peer: PEER,
    role: Role::Client,
    example: &long::<130>(&[(0, &[0x88, 0x7E, 0x00, 0x7E, 0x03, 0xE8])]),
    what: "takes a Close of more than 125 octets and sends it back",
    section: "RFC 6455 5.5",
    right: Right::Ours,
    why: "control frames carry at most 125 octets, also those that it sends",
    explains: |dispute| {
        let (rule, _, frame) = dispute.at_fault()?;
        if !matches!(rule, Rule::ControlTooLong { .. }) || frame.header.opcode != Opcode::CLOSE {
            return None;
        }
        let end = Dispute::end_of(frame);
        let tells = dispute
            .they_tell()
            .is_some_and(|told| matches!(told.what, What::Close(..)) && told.read == end);
        let fails = dispute
            .they_fail()
            .is_some_and(|(code, place)| matches!(code, 1002 | 1007) && place == end);
        let waits = dispute.they_wait() && !frame.is_whole();
        (tells || fails || waits).then_some(Next::Stop)
    },
};

pub(super) const TEXT_FIRST: Disagreement = Disagreement {
    id: "text-before-order",
    peer: PEER,
    role: Role::Server,
    example: b"\x01\x80\0\0\0\0\x81\x81\0\0\0\0\xff",
    what: "names the text that is not UTF-8, though it comes inside of another message",
    section: "RFC 6455 5.4, 8.1",
    right: Right::Both,
    why: "of several faults any can be named",
    explains: |dispute| {
        let (rule, _, frame) = dispute.at_fault()?;
        let text = frame.header.opcode == Opcode::TEXT && frame.header.fin;
        let bad = std::str::from_utf8(&frame.payload()).is_err();
        let later = dispute.they_fail()? == (1007, Dispute::end_of(frame));
        (*rule == Rule::MessageInterleaved && text && bad && later).then_some(Next::Stop)
    },
};

pub(super) const LATE: Disagreement = Disagreement {
    id: "judged-at-end-of-frame",
    peer: PEER,
    role: Role::Server,
    example: b"\x80\x82\0\0\0\0a",
    what: "looks at the order of frames and at text when the whole frame is there",
    section: "RFC 6455 7.1.7, 8.1",
    right: Right::Both,
    why: "no text says when a receiver has to notice; until then it holds what it will refuse",
    explains: |dispute| {
        shared::late(dispute, |rule| {
            matches!(
                rule,
                Rule::ContinuationOrphan | Rule::MessageInterleaved | Rule::Utf8 { .. }
            )
        })
    },
};

pub(super) const LIMIT_FIRST: Disagreement = Disagreement {
    id: "limit-before-rules",
    peer: PEER,
    role: Role::Server,
    example: b"\x80\xfe\x01\x2d\0\0\0\0",
    what: "names the size of a frame over its limit, though its order or its kind is wrong as well",
    section: "RFC 6455 5.4, 7.1.7",
    right: Right::Both,
    why: "of several faults any can be named",
    explains: |dispute| shared::limit_first(dispute, LIMIT as u64),
};

pub(super) const LIMIT_ITSELF: Disagreement = Disagreement {
    id: "limit-is-excluded",
    peer: PEER,
    role: Role::Server,
    example: b"\x82\xfe\x01\x2c\0\0\0\0",
    what: "refuses a frame that is exactly as long as its limit for messages",
    section: "RFC 6455 10.4",
    right: Right::Both,
    why: "limits are the receiver's own; its documentation names larger messages only",
    explains: |dispute| {
        let (code, place) = dispute.they_fail()?;
        let (_, frame) = dispute.hearing.reading.frame(place.frame)?;
        let header = Place {
            part: Part::Header,
            ..place
        };
        let we_go_on = dispute.we_fail().is_none_or(|(_, ours)| ours > place);
        let exact = frame.header.payload_len == LIMIT as u64;
        (code == 1009 && place == header && exact && we_go_on).then_some(Next::Stop)
    },
};

pub(super) const TOP_BIT: Disagreement = shared::top_bit(PEER);

pub(super) const REASON_FIRST: Disagreement = shared::reason_first(PEER);

pub(super) const CODE_1014: Disagreement = Disagreement {
    id: "code-1014",
    peer: PEER,
    role: Role::Server,
    example: b"\x88\x82\0\0\0\0\x03\xf6",
    what: "fails the connection for a Close with code 1014",
    section: "RFC 6455 7.4.2, IANA registry of close codes",
    right: Right::Ours,
    why: "the code is registered, as 1012 and 1013 are, which it takes",
    explains: |dispute| {
        let ours = dispute.we_tell().filter(|_| shared::we_tell_1014(&dispute))?;
        (dispute.they_fail()? == (1002, ours.read)).then_some(Next::Stop)
    },
};

pub(super) const SILENT: Disagreement = Disagreement {
    id: "fails-without-close",
    peer: PEER,
    role: Role::Server,
    example: b"\x83\x80\0\0\0\0",
    what: "sends no Close when it fails the connection, except for a close code; the application gets an error and can \
           send one",
    section: "RFC 6455 7.1.7",
    right: Right::Ours,
    why: "an endpoint should send a Close with a fitting code before it closes",
    explains: shared::silent,
};

/// So many octets: the parts where they belong, else stars.
const fn long<const N: usize>(parts: &[(usize, &[u8])]) -> [u8; N] {
    let mut octets = [b'*'; N];
    let mut part = 0;
    while part < parts.len() {
        let (at, these) = parts[part];
        let mut place = 0;
        while place < these.len() {
            octets[at + place] = these[place];
            place += 1;
        }
        part += 1;
    }
    octets
}
