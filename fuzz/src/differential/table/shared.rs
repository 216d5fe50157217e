//! Disagreements that come in the same form with several implementations.

use wsanvil_wire::{Role, Rule};

use super::super::account::{End, Sent, What};
use super::super::dispute::{About, Dispute, Next};
use super::super::peers::{LIMIT, Peer};
use super::{Disagreement, Right};

/// We fail the connection inside a frame; they do at its end, or wait for it. `judged` says which rules they look at
/// that late.
pub(super) fn late(dispute: Dispute<'_>, judged: fn(&Rule) -> bool) -> Option<Next> {
    let (rule, _, frame) = dispute.at_fault().filter(|(rule, ..)| judged(rule))?;
    let end = Dispute::end_of(frame);
    match dispute.about {
        About::When => {
            let (_, theirs) = dispute.they_fail()?;
            let (_, ours) = dispute.we_fail()?;
            (theirs == end && ours < end).then_some(Next::GoOn)
        }
        About::Told(_) => {
            let waits = dispute.they_wait() && !frame.is_whole();
            let taken =
                frame.header.payload_len <= LIMIT as u64 || matches!(rule, Rule::MessageTooBig { .. });
            (waits && taken).then_some(Next::Stop)
        }
        _ => None,
    }
}

/// A frame of more than `least` octets whose header breaks a rule: we name the rule, they the size.
pub(super) fn limit_first(dispute: Dispute<'_>, least: u64) -> Option<Next> {
    let (rule, _, frame) = dispute.at_fault()?;
    let of_header = matches!(
        rule,
        Rule::ReservedBits { .. }
            | Rule::ReservedOpcode(_)
            | Rule::MaskMissing
            | Rule::MaskPresent
            | Rule::ControlTooLong { .. }
            | Rule::ControlFragmented
            | Rule::ContinuationOrphan
            | Rule::MessageInterleaved
    );
    let ((_, ours), theirs) = (dispute.we_fail()?, dispute.they_fail()?);
    (of_header && frame.header.payload_len >= least && theirs == (1009, ours)).then_some(Next::Stop)
}

/// A length with its top bit set, as a disagreement with this implementation.
pub(super) const fn top_bit(peer: Peer) -> Disagreement {
    Disagreement {
        id: "top-bit-is-too-big",
        peer,
        role: Role::Server,
        example: b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0",
        what: "takes a length with its top bit set for a frame over its limit",
        section: "RFC 6455 5.2",
        right: Right::Ours,
        why: "the top bit must be 0, which no limit changes; both fail the connection",
        explains: is_top_bit,
    }
}

/// A length with its top bit set is illegal to us and too big to them.
fn is_top_bit(dispute: Dispute<'_>) -> Option<Next> {
    let (rule, ..) = dispute.at_fault()?;
    let ((_, ours), theirs) = (dispute.we_fail()?, dispute.they_fail()?);
    (*rule == Rule::LengthTopBit && theirs == (1009, ours)).then_some(Next::Stop)
}

/// A Close with two faults, as a disagreement with this implementation.
pub(super) const fn reason_first(peer: Peer) -> Disagreement {
    Disagreement {
        id: "reason-before-code",
        peer,
        role: Role::Server,
        example: b"\x88\x83\0\0\0\0\x03\xed\xff",
        what: "names the reason of a Close that is not UTF-8, though its code is wrong as well",
        section: "RFC 6455 5.5.1, 7.4",
        right: Right::Both,
        why: "of several faults any can be named",
        explains: is_reason_first,
    }
}

/// A Close with a code that must not be sent and a reason that is not UTF-8: we name the code, they the reason.
fn is_reason_first(dispute: Dispute<'_>) -> Option<Next> {
    let (rule, _, frame) = dispute.at_fault()?;
    let ((_, ours), theirs) = (dispute.we_fail()?, dispute.they_fail()?);
    let reason_is_bad = std::str::from_utf8(frame.payload().get(2..)?).is_err();
    (matches!(rule, Rule::CloseCode(_)) && reason_is_bad && theirs == (1007, ours)).then_some(Next::Stop)
}

/// Both fail the connection; we send a Close, they do not.
pub(super) fn silent(dispute: Dispute<'_>) -> Option<Next> {
    let (End::Failed { code, .. }, End::Failed { .. }) = (&dispute.ours.end, &dispute.theirs().end) else {
        return None;
    };
    let closes = |sent: &&Sent| matches!(sent, Sent::Close(_));
    let ours = dispute.ours.sent.iter().find(closes);
    let theirs = dispute.theirs().sent.iter().find(closes);
    let holds = dispute.about == About::Close && ours == Some(&Sent::Close(Some(*code))) && theirs.is_none();
    holds.then_some(Next::GoOn)
}

/// Whether we tell of a Close with the code 1014.
pub(super) fn we_tell_1014(dispute: &Dispute<'_>) -> bool {
    dispute
        .we_tell()
        .is_some_and(|heard| matches!(heard.what, What::Close(Some(1014), _)))
}
