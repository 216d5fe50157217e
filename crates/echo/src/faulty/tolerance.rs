//! Which rules of frame headers the defects switch off.

use wsanvil_wire::Rule;
use wsanvil_wire::frame::Header;

use crate::{Defect, Defects};

/// Whether a header that breaks `rule` is taken all the same.
pub(super) fn takes(defects: Defects, rule: &Rule, deflate: bool) -> bool {
    let any = |list: &[Defect]| list.iter().any(|defect| defects.has(*defect));
    match rule {
        // RFC 6455 section 5.2 binds the sender only.
        Rule::LengthNotMinimal => true,
        Rule::ReservedBits { .. } if deflate => any(&[Defect::IgnoresRsv, Defect::DeflateAcceptsOtherBits]),
        Rule::ReservedBits { rsv: 0b100 } => any(&[Defect::IgnoresRsv, Defect::DeflateTakesUnagreed]),
        Rule::ReservedBits { .. } => any(&[Defect::IgnoresRsv]),
        Rule::ReservedOpcode(_) => any(&[Defect::IgnoresReservedOpcodes, Defect::EchoesReserved]),
        Rule::MaskMissing | Rule::MaskPresent => any(&[Defect::AcceptsUnmasked]),
        Rule::LengthTopBit => any(&[Defect::AcceptsTopBit]),
        Rule::ControlTooLong { .. } => any(&[Defect::AcceptsLongControl]),
        Rule::ControlFragmented => any(&[Defect::AcceptsFragmentedControl]),
        Rule::ContinuationOrphan => any(&[Defect::OrphanContinuationAccepted]),
        Rule::MessageInterleaved => any(&[Defect::InterleavedAccepted]),
        Rule::Rsv1OnContinuation => any(&[Defect::IgnoresRsv, Defect::DeflateAcceptsRsv1Continuation]),
        Rule::Rsv1OnControl => any(&[Defect::IgnoresRsv, Defect::DeflateAcceptsRsv1Control]),
        _ => false,
    }
}

/// Whether a legal header is refused.
pub(super) fn refuses(defects: Defects, header: &Header, in_message: bool, deflate: bool) -> bool {
    let control = header.opcode.is_control();
    let first = !control && header.opcode.get() != 0;
    let compressed = header.rsv & 0b100 != 0;
    let list = [
        (Defect::RejectsLongLengths, header.payload_len > 0xFFFF),
        (Defect::RejectsZeroKey, header.mask == Some([0; 4])),
        (Defect::RejectsControlInMessage, control && in_message),
        (
            Defect::RejectsPingPayload,
            header.opcode.get() == 0x9 && header.payload_len > 0,
        ),
        (Defect::RejectsPong, header.opcode.get() == 0xA),
        (Defect::RejectsFragments, first && !header.fin),
        (
            Defect::RejectsEmptyFragment,
            !(control || first && header.fin) && header.payload_len == 0,
        ),
        (
            Defect::RejectsEmptyMessage,
            first && header.fin && header.payload_len == 0,
        ),
        (
            Defect::DeflateRejectsFragmented,
            first && !header.fin && compressed,
        ),
        (Defect::DeflateRejectsPlain, first && deflate && !compressed),
    ];
    list.iter()
        .any(|(defect, matches)| *matches && defects.has(*defect))
}
