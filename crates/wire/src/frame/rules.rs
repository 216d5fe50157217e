//! The rules that a frame header alone can break, given where in the stream it stands.

use super::{Header, LengthForm};
use crate::{Role, Rule};

/// What a reader has to know beside the header to judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Who sent the frame.
    pub sender: Role,
    /// Whether RSV1 has a meaning on the first frame of a message (permessage-deflate is agreed).
    pub rsv1: bool,
    /// Whether a fragmented message is in progress.
    pub in_message: bool,
}

/// Every rule that `header` breaks, in a fixed order: reserved bits, opcode, mask, length form, control size, control
/// FIN, fragment order.
pub fn broken_rules(header: &Header, at: Position) -> impl Iterator<Item = Rule> {
    [
        reserved_bits(header, at.rsv1),
        header
            .opcode
            .is_reserved()
            .then(|| Rule::ReservedOpcode(header.opcode.get())),
        mask(header, at.sender),
        length(header),
        (header.opcode.is_control() && header.payload_len > 125).then_some(Rule::ControlTooLong {
            len: header.payload_len,
        }),
        (header.opcode.is_control() && !header.fin).then_some(Rule::ControlFragmented),
        order(header, at.in_message),
    ]
    .into_iter()
    .flatten()
}

/// Whether `header` breaks no rule; the cheap question asked of every frame.
#[inline]
pub(super) fn is_legal(header: &Header, at: Position) -> bool {
    let op = header.opcode.get();
    let rsv_legal = header.rsv == 0 || (header.rsv == 0b100 && at.rsv1 && matches!(op, 1 | 2));
    let order_legal = match op {
        0 => at.in_message,
        1 | 2 => !at.in_message,
        8..=10 => header.fin && header.payload_len <= 125,
        _ => false,
    };
    rsv_legal
        && order_legal
        && header.mask.is_some() == at.sender.masks()
        && header.form == LengthForm::minimal_for(header.payload_len)
        && header.payload_len >> 63 == 0
}

fn reserved_bits(header: &Header, rsv1: bool) -> Option<Rule> {
    match header.rsv {
        0 => None,
        0b100 if rsv1 && header.opcode.is_control() => Some(Rule::Rsv1OnControl),
        0b100 if rsv1 && header.opcode.get() == 0 => Some(Rule::Rsv1OnContinuation),
        0b100 if rsv1 => None,
        rsv => Some(Rule::ReservedBits { rsv }),
    }
}

fn mask(header: &Header, sender: Role) -> Option<Rule> {
    match (sender.masks(), header.mask.is_some()) {
        (true, false) => Some(Rule::MaskMissing),
        (false, true) => Some(Rule::MaskPresent),
        _ => None,
    }
}

fn length(header: &Header) -> Option<Rule> {
    if header.payload_len >> 63 != 0 {
        Some(Rule::LengthTopBit)
    } else if header.form != LengthForm::minimal_for(header.payload_len) {
        Some(Rule::LengthNotMinimal)
    } else {
        None
    }
}

fn order(header: &Header, in_message: bool) -> Option<Rule> {
    if header.opcode.is_control() {
        None
    } else if header.opcode.get() == 0 {
        (!in_message).then_some(Rule::ContinuationOrphan)
    } else {
        in_message.then_some(Rule::MessageInterleaved)
    }
}
