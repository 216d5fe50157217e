//! Where tungstenite parts from us.

use wsanvil_wire::{Role, Rule};

use super::super::account::{End, Sent, What};
use super::super::dispute::{About, Dispute, Next};
use super::super::peers::{LIMIT, Peer};
use super::{Disagreement, Right, shared};

const PEER: Peer = Peer::Tungstenite;

pub(super) const LATE: Disagreement = Disagreement {
    id: "judged-at-end-of-frame",
    peer: PEER,
    role: Role::Server,
    example: b"\xc1\x82\0\0\0\0a",
    what: "looks at reserved bits, mask, order, control frames and text when the whole frame is there",
    section: "RFC 6455 7.1.7, 8.1",
    right: Right::Both,
    why: "no text says when a receiver has to notice; until then it holds what it will refuse",
    explains: |dispute| {
        shared::late(dispute, |rule| {
            !matches!(
                rule,
                Rule::ReservedOpcode(_) | Rule::LengthTopBit | Rule::FrameTooBig { .. }
            )
        })
    },
};

pub(super) const LIMIT_FIRST: Disagreement = Disagreement {
    id: "limit-before-rules",
    peer: PEER,
    role: Role::Server,
    example: b"\x89\xfe\x01\x2d\0\0\0\0",
    what: "names the size of a frame over its limit, whatever else is wrong with the header",
    section: "RFC 6455 5.5, 7.1.7",
    right: Right::Both,
    why: "of several faults any can be named",
    explains: |dispute| shared::limit_first(dispute, LIMIT as u64 + 1),
};

pub(super) const TOP_BIT: Disagreement = shared::top_bit(PEER);

pub(super) const REASON_FIRST: Disagreement = shared::reason_first(PEER);

pub(super) const CODE_1014: Disagreement = Disagreement {
    id: "code-1014",
    peer: PEER,
    role: Role::Server,
    example: b"\x88\x82\0\0\0\0\x03\xf6",
    what: "takes close code 1014 for one that must not be sent, tells of 1002 and answers with it",
    section: "RFC 6455 7.4.2, IANA registry of close codes",
    right: Right::Ours,
    why: "the code is registered, as 1012 and 1013 are, which it takes",
    explains: |dispute| (shared::we_tell_1014(&dispute) && tells_violation(dispute)).then_some(Next::Stop),
};

pub(super) const CODE_ANSWERED: Disagreement = Disagreement {
    id: "bad-code-is-answered",
    peer: PEER,
    role: Role::Server,
    example: b"\x88\x84\0\0\0\0\x03\xedhi",
    what: "tells of a Close with a code that must not be sent as of one with 1002 and a reason of its own, and answers 1002",
    section: "RFC 6455 7.1.5, 7.4.1",
    right: Right::Ours,
    why: "the peer sees the same, but the application is told a code and a reason that nobody sent",
    explains: |dispute| {
        let (rule, _, frame) = dispute.at_fault()?;
        let at_end = dispute.they_tell()?.read == Dispute::end_of(frame);
        let holds = matches!(rule, Rule::CloseCode(_)) && at_end && tells_violation(dispute);
        holds.then_some(Next::Stop)
    },
};

pub(super) const BEHIND_CLOSE: Disagreement = Disagreement {
    id: "frame-behind-close",
    peer: PEER,
    role: Role::Client,
    example: b"\x88\x02\x03\xe8\x81\0",
    what: "fails the connection for a frame behind the Close that it received",
    section: "RFC 6455 1.4",
    right: Right::Ours,
    why: "what comes behind a Close is discarded",
    explains: |dispute| {
        let last = dispute.ours.heard.last()?;
        let ours_over = dispute.ours.end == End::Closed && matches!(last.what, What::Close(..));
        let (code, place) = dispute.they_fail()?;
        let next = place.frame == last.read.frame + 1 && matches!(code, 1002 | 1009);
        let heard = dispute.about == About::Told(dispute.ours.heard.len());
        (heard && ours_over && next).then_some(Next::GoOn)
    },
};

pub(super) const SILENT: Disagreement = Disagreement {
    id: "fails-without-close",
    peer: PEER,
    role: Role::Server,
    example: b"\x83\x80\0\0\0\0",
    what: "sends no Close when it fails the connection; the application gets an error and can send one",
    section: "RFC 6455 7.1.7",
    right: Right::Ours,
    why: "an endpoint should send a Close with a fitting code before it closes",
    explains: shared::silent,
};

/// Whether the last thing that they tell is their own Close with 1002, and 1002 is what they send.
fn tells_violation(dispute: Dispute<'_>) -> bool {
    let Some(heard) = dispute.they_tell() else {
        return false;
    };
    let own = What::Close(Some(1002), b"Protocol violation".to_vec());
    let theirs = dispute.theirs();
    heard.what == own
        && theirs.heard.last() == Some(heard)
        && theirs.sent.last() == Some(&Sent::Close(Some(1002)))
}
