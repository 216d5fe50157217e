//! Unmasking with holes: what the decoder unmasked rightly is masked again where a defect leaves it so.

use wsanvil_wire::frame::{Header, Opcode};
use wsanvil_wire::mask;

use crate::{Defect, Defects};

/// Where a piece of payload stands.
pub(super) struct Piece {
    /// Octets of the frame before it.
    pub(super) in_frame: u64,
    /// Octets of the message before the frame.
    pub(super) in_message: usize,
    /// The key of the first frame of the message.
    pub(super) first_key: [u8; 4],
}

/// Spoils a piece of payload of a frame that was unmasked rightly.
pub(super) fn spoil(defects: Defects, header: &Header, piece: &Piece, octets: &mut [u8]) {
    let Some(key) = header.mask else { return };
    let phase = (piece.in_frame % 4) as usize;
    let continues = header.opcode == Opcode::CONTINUATION;
    let wrong = |key: [u8; 4], from: usize, octets: &mut [u8]| mask::apply(key, from, octets);
    if defects.has(Defect::MaskPhaseRunsOn) && continues {
        wrong(key, phase, octets);
        wrong(key, phase + piece.in_message % 4, octets);
    }
    if defects.has(Defect::MaskKeyOfFirst) && continues {
        wrong(key, phase, octets);
        wrong(piece.first_key, phase, octets);
    }
    if defects.has(Defect::MaskPhasePerRead) {
        wrong(key, phase, octets);
        wrong(key, 0, octets);
    }
    if defects.has(Defect::MaskSkipsControl) && header.opcode.is_control() {
        wrong(key, phase, octets);
    }
    if defects.has(Defect::MaskTailForgotten) {
        let whole = (header.payload_len & !3).saturating_sub(piece.in_frame);
        let from = usize::try_from(whole).map_or(octets.len(), |whole| whole.min(octets.len()));
        if let Some(tail) = octets.get_mut(from..) {
            wrong(key, phase + from, tail);
        }
    }
}
