//! What the faulty peer does with compressed data that it receives.

use wsanvil_wire::deflate::{Agreed, InflateError, Inflater};
use wsanvil_wire::frame::{Header, Opcode};
use wsanvil_wire::{Role, Rule};

use crate::{Defect, Defects};

/// What a receiver appends to a message (RFC 7692 section 7.2.2).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// An inflater and the rules around it, as far as the defects leave them.
#[derive(Debug)]
pub(super) struct Inflating {
    defects: Defects,
    window: u8,
    takeover: bool,
    inflater: Inflater,
    /// A compressed message came already.
    seen: bool,
    /// The last block was final, and nothing behind it is looked at.
    over: bool,
}

impl Inflating {
    pub(super) fn new(role: Role, defects: Defects, agreed: Agreed) -> Self {
        let (window, takeover) = match role {
            Role::Client => (agreed.server_window, agreed.server_takeover),
            Role::Server => (agreed.client_window, agreed.client_takeover),
        };
        Self {
            defects,
            window,
            takeover,
            inflater: Inflater::new(window, takeover),
            seen: false,
            over: false,
        }
    }

    /// Whether the message that `first` begins is inflated.
    pub(super) fn begins(&mut self, first: &Header) -> bool {
        let marked = first.rsv & 0b100 != 0;
        self.seen |= marked;
        let passed_over = (self.has(Defect::DeflateTextOnly) && first.opcode != Opcode::TEXT)
            || (self.has(Defect::DeflateWholeOnly) && !first.fin);
        (marked && !passed_over) || (self.seen && self.has(Defect::DeflateSticky))
    }

    /// Takes payload of a compressed message.
    pub(super) fn push(&mut self, octets: &[u8], out: &mut Vec<u8>, limit: u64) -> Result<(), Rule> {
        if self.over {
            return Ok(());
        }
        let result = self.inflater.push(octets, out, size(limit));
        self.over = self.has(Defect::DeflateStopsAtFinal) && self.inflater.facts_so_far().bfinal;
        self.judge(result, limit)?;
        self.look(out)
    }

    /// A frame of a compressed message ends, another follows.
    pub(super) fn frame_ends(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<(), Rule> {
        if self.has(Defect::DeflateTailPerFrame) {
            self.push(&TAIL, out, limit)?;
        }
        if self.has(Defect::DeflateFramesApart) {
            self.renew();
        }
        Ok(())
    }

    /// The message ends: what the sender cut off is put back.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<(), Rule> {
        if self.over || self.has(Defect::DeflateNoTail) {
            return Ok(());
        }
        if self.has(Defect::DeflateRejectsEmpty) && self.inflater.facts_so_far().payload == 1 {
            return Err(Rule::DeflateData(InflateError::Unfinished));
        }
        let result = self.inflater.finish(out, size(limit));
        let failed = result.is_err();
        self.judge(result, limit)?;
        if failed {
            self.renew();
        }
        Ok(())
    }

    /// A message is complete.
    pub(super) fn message_ended(&mut self, opcode: Opcode, compressed: bool, frames: u32, octets: &[u8]) {
        let forgets = [
            (Defect::DeflateForgetsWindow, compressed),
            (Defect::DeflateForgetsAfterPlain, !compressed),
            (Defect::DeflateForgetsAfterEmpty, octets.is_empty()),
            (Defect::DeflateForgetsAfterFragments, frames > 1),
            (Defect::DeflateForgetsAfterBinary, opcode == Opcode::BINARY),
        ];
        if forgets
            .iter()
            .any(|(defect, applies)| *applies && self.has(*defect))
        {
            self.renew();
        }
        if !compressed && self.has(Defect::DeflateFeedsPlain) {
            self.remember(octets);
        }
    }

    /// A control frame is complete; `inside`: a compressed message is in progress.
    pub(super) fn control_ended(&mut self, payload: &[u8], inside: bool) {
        if !inside && self.has(Defect::DeflateForgetsAfterControl) {
            self.renew();
        }
        if inside && self.has(Defect::DeflateFeedsControl) {
            let _ = self.inflater.push(payload, &mut Vec::new(), usize::MAX);
        }
    }

    /// Puts octets into the window as if they had come compressed.
    fn remember(&mut self, octets: &[u8]) {
        let mut none = Vec::new();
        for block in octets.chunks(0xFFFF) {
            let [low, high] = u16::try_from(block.len()).unwrap_or_default().to_le_bytes();
            let head = [0, low, high, !low, !high];
            let _ = self.inflater.push(&head, &mut none, usize::MAX);
            let _ = self.inflater.push(block, &mut none, usize::MAX);
        }
        let _ = self.inflater.push(&[0], &mut none, usize::MAX);
        let _ = self.inflater.finish(&mut none, usize::MAX);
    }

    fn renew(&mut self) {
        self.inflater = Inflater::new(self.window, self.takeover);
    }

    const fn has(&self, defect: Defect) -> bool {
        self.defects.has(defect)
    }

    /// Lets errors pass that a defect does not see.
    fn judge(&self, result: Result<(), InflateError>, limit: u64) -> Result<(), Rule> {
        let Err(error) = result else { return Ok(()) };
        let unseen = match error {
            InflateError::TooLarge { .. } => return Err(Rule::MessageTooBig { limit }),
            InflateError::TooFarBack { .. } => Defect::DeflateIgnoresFarReferences,
            InflateError::StoredLength => Defect::DeflateIgnoresStoredLength,
            InflateError::Unfinished => Defect::DeflateIgnoresUnfinished,
            _ => Defect::DeflateIgnoresBadCodes,
        };
        if self.has(Defect::DeflateIgnoresErrors) || self.has(unseen) {
            Ok(())
        } else {
            Err(Rule::DeflateData(error))
        }
    }

    /// What a narrow inflater makes of legal data.
    fn look(&self, out: &mut Vec<u8>) -> Result<(), Rule> {
        let facts = self.inflater.facts_so_far();
        let window = 1_u32 << self.window;
        let narrow = [
            (Defect::DeflateWindowOneShort, facts.max_distance >= window),
            (
                Defect::DeflateWindowLess262,
                facts.max_distance > window - 262.min(window),
            ),
            (Defect::DeflateWindow4k, facts.max_distance > 4096),
            (Defect::DeflateRejectsFinal, facts.bfinal),
            (Defect::DeflateRejectsStored, facts.blocks_stored > 1),
            (Defect::DeflateRejectsFixed, facts.blocks_fixed > 0),
            (Defect::DeflateRejectsDynamic, facts.blocks_dynamic > 0),
            (
                Defect::DeflateRejectsBlocks,
                facts.blocks_dynamic + facts.blocks_fixed > 1,
            ),
        ];
        if narrow
            .iter()
            .any(|(defect, applies)| *applies && self.has(*defect))
        {
            return Err(Rule::DeflateData(InflateError::BlockType));
        }
        if self.has(Defect::DeflateBuffer32k) {
            out.truncate(32 << 10);
        }
        Ok(())
    }
}

fn size(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
