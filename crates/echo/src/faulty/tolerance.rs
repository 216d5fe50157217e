//! Which rules of frame headers the defects switch off.

use wsanvil_wire::Rule;
use wsanvil_wire::frame::{Header, LengthForm, Opcode};

use crate::{Defect, Defects};

/// What the peer knows of the connection when a header comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Frames before this one.
    pub(super) frames: u64,
    /// Messages that are complete.
    pub(super) messages: u64,
    /// Fragmented ones among them.
    pub(super) fragmented: u64,
    /// Type of the unfinished message.
    pub(super) message: Option<Opcode>,
    /// Whether the unfinished message has no octets so far.
    pub(super) empty: bool,
    /// Whether permessage-deflate is agreed.
    pub(super) deflate: bool,
    /// The masking key of the frame before.
    pub(super) last_key: Option<[u8; 4]>,
}

/// Whether a header that breaks `rule` is taken all the same.
pub(super) fn takes(defects: Defects, header: &Header, rule: &Rule, at: &Place) -> bool {
    let any = |list: &[(Defect, bool)]| {
        list.iter()
            .any(|(defect, matches)| *matches && defects.has(*defect))
    };
    let control = header.opcode.is_control();
    let in_message = at.message.is_some();
    let empty = header.payload_len == 0;
    let pong = header.opcode == Opcode::PONG;
    let close = header.opcode == Opcode::CLOSE;
    let continues = header.opcode == Opcode::CONTINUATION;
    match rule {
        // RFC 6455 section 5.2 binds the sender only.
        Rule::LengthNotMinimal => true,
        Rule::ReservedBits { rsv } => any(&[
            (Defect::IgnoresRsv, true),
            (Defect::CloseIgnoresRsv, close),
            (Defect::IgnoresRsvOnControl, control),
            (Defect::IgnoresRsvOnContinuation, continues),
            (Defect::IgnoresRsvInMessage, in_message),
            (Defect::IgnoresRsvWhenEmpty, empty),
            (Defect::IgnoresRsv2And3, rsv & 0b100 == 0),
            (Defect::IgnoresRsv1, *rsv == 0b100),
            (Defect::ChecksRsvOnce, at.frames > 0),
            (Defect::DeflateAcceptsOtherBits, at.deflate),
            (Defect::DeflateTakesUnagreed, *rsv == 0b100 && !at.deflate),
        ]),
        Rule::ReservedOpcode(_) => {
            passes_reserved(defects, header, at)
                || any(&[
                    (Defect::EchoesReserved, true),
                    (Defect::ReservedContinues, in_message && !control),
                ])
        }
        Rule::MaskMissing | Rule::MaskPresent => any(&[
            (Defect::AcceptsUnmasked, true),
            (Defect::CloseAcceptsUnmasked, close),
            (Defect::AcceptsUnmaskedControl, control),
            (Defect::AcceptsUnmaskedEmpty, empty),
            (Defect::AcceptsUnmaskedContinuation, continues),
            (Defect::ChecksMaskOnce, at.frames > 0),
        ]),
        Rule::LengthTopBit => any(&[(Defect::AcceptsTopBit, true)]),
        Rule::ControlTooLong { len } => any(&[
            (Defect::AcceptsLongControl, true),
            (Defect::ControlLimit126, *len <= 126),
            (Defect::ControlLimit255, *len <= 255),
            (Defect::AcceptsLongPong, pong),
            (Defect::AcceptsLongControlInMessage, in_message),
        ]),
        Rule::ControlFragmented => any(&[
            (Defect::AcceptsFragmentedControl, true),
            (Defect::CloseAcceptsFragmented, close),
            (Defect::AcceptsFragmentedPong, pong),
            (Defect::AcceptsFragmentedInMessage, in_message),
            (Defect::AcceptsFragmentedEmpty, empty),
        ]),
        Rule::ContinuationOrphan => {
            passes_orphan(defects, header)
                || any(&[
                    (Defect::OrphanContinuationAccepted, true),
                    (Defect::OrphanAfterMessage, at.messages > 0),
                ])
        }
        Rule::MessageInterleaved => {
            let reserved = header.opcode.is_reserved();
            (reserved && passes_reserved(defects, header, at))
                || any(&[
                    (Defect::ReservedContinues, reserved),
                    (Defect::InterleavedAccepted, true),
                    (Defect::InterleavedReplaces, true),
                    (Defect::InterleavedAfterEmpty, at.empty),
                    (Defect::InterleavedOtherType, at.message != Some(header.opcode)),
                    (Defect::InterleavedLater, at.fragmented > 0),
                ])
        }
        Rule::Rsv1OnContinuation => any(&[
            (Defect::IgnoresRsv, true),
            (Defect::DeflateAcceptsRsv1Continuation, true),
        ]),
        Rule::Rsv1OnControl => any(&[
            (Defect::IgnoresRsv, true),
            (Defect::DeflateAcceptsRsv1Control, true),
        ]),
        _ => false,
    }
}

/// The header as it is read when its length is kept in too few bits.
pub(super) fn cut_length(defects: Defects, header: &Header) -> Option<Header> {
    let bits = [(Defect::TruncatesLength16, 16), (Defect::TruncatesLength32, 32)]
        .into_iter()
        .find_map(|(defect, bits)| defects.has(defect).then_some(bits))?;
    let payload_len = header.payload_len & ((1 << bits) - 1);
    (payload_len != header.payload_len).then(|| Header {
        payload_len,
        form: LengthForm::minimal_for(payload_len),
        ..*header
    })
}

/// Whether a frame with a reserved opcode is passed over.
pub(super) fn passes_reserved(defects: Defects, header: &Header, at: &Place) -> bool {
    let control = header.opcode.is_control();
    let list = [
        (Defect::IgnoresReservedOpcodes, true),
        (Defect::IgnoresReservedControl, control),
        (Defect::IgnoresReservedData, !control),
        (Defect::IgnoresReservedEmpty, header.payload_len == 0),
        (Defect::IgnoresReservedInMessage, at.message.is_some()),
        (Defect::IgnoresReservedLater, at.messages > 0),
        (Defect::ReservedOffByOne, matches!(header.opcode.get(), 0x3 | 0xB)),
    ];
    list.iter()
        .any(|(defect, matches)| *matches && defects.has(*defect))
}

/// Whether a continuation with nothing to continue is passed over.
pub(super) fn passes_orphan(defects: Defects, header: &Header) -> bool {
    defects.has(Defect::IgnoresOrphans)
        || (defects.has(Defect::IgnoresEmptyOrphans) && header.payload_len == 0)
}

/// Whether a legal header is refused.
pub(super) fn refuses(defects: Defects, header: &Header, at: &Place) -> bool {
    let control = header.opcode.is_control();
    let first = !control && header.opcode.get() != 0;
    let compressed = header.rsv & 0b100 != 0;
    let len = header.payload_len;
    let list = [
        (Defect::RejectsLongLengths, len > 0xFFFF),
        (
            Defect::LengthSigned16,
            header.form == LengthForm::Bits16 && len > 0x7FFF,
        ),
        (Defect::RejectsZeroKey, header.mask == Some([0; 4])),
        (
            Defect::RejectsRepeatedKey,
            header.mask.is_some() && header.mask == at.last_key,
        ),
        (
            Defect::RejectsSignKey,
            header.mask.is_some_and(|key| key[0] & 0x80 != 0),
        ),
        (Defect::RejectsControlInMessage, control && at.message.is_some()),
        (
            Defect::RejectsPingPayload,
            header.opcode == Opcode::PING && len > 0,
        ),
        (Defect::ControlLimit124, control && len > 124),
        (Defect::RejectsPong, header.opcode == Opcode::PONG),
        (Defect::RejectsFragments, first && !header.fin),
        (
            Defect::RejectsEmptyFragment,
            !(control || first && header.fin) && len == 0,
        ),
        (Defect::RejectsEmptyMessage, first && header.fin && len == 0),
        (
            Defect::DeflateRejectsFragmented,
            first && !header.fin && compressed,
        ),
        (Defect::DeflateRejectsPlain, first && at.deflate && !compressed),
    ];
    list.iter()
        .any(|(defect, matches)| *matches && defects.has(*defect))
}
