//! What the faulty peer makes of the messages that it compresses.

use wsanvil_wire::Role;
use wsanvil_wire::deflate::{Agreed, Compressor};
use wsanvil_wire::frame::Opcode;

use crate::{Defect, Defects};

/// What the sender of a message cuts off (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

/// A message of fewer octets is not worth compressing to a defect.
const SHORT: usize = 64;

/// A compressor and the rules around it, as far as the defects leave them.
#[derive(Debug)]
pub(super) struct Deflating {
    defects: Defects,
    /// Given up: a new compressor for each message.
    takeover: bool,
    window: u8,
    compressor: Compressor,
}

impl Deflating {
    /// `None` when nothing was agreed, and nothing is compressed all the same.
    pub(super) fn new(role: Role, defects: Defects, agreed: Option<Agreed>) -> Option<Self> {
        let unagreed = defects.has(Defect::DeflateUnagreed).then(Agreed::default);
        let agreed = agreed.or(unagreed)?;
        let own = if defects.has(Defect::DeflateSwapsSides) {
            role.peer()
        } else {
            role
        };
        let (window, takeover) = match own {
            Role::Client => (agreed.client_window, agreed.client_takeover),
            Role::Server => (agreed.server_window, agreed.server_takeover),
        };
        let window = match window {
            _ if defects.has(Defect::DeflateIgnoresWindow) => 15,
            bits if defects.has(Defect::DeflateWindowTwice) => (bits + 1).min(15),
            bits => bits,
        };
        let takeover = takeover || defects.has(Defect::DeflateIgnoresTakeover);
        Some(Self {
            defects,
            takeover,
            window,
            compressor: Compressor::new(window, true),
        })
    }

    /// Compresses a message. The parts are the payloads of its frames.
    pub(super) fn message(&mut self, opcode: Opcode, octets: &[u8]) -> Vec<Vec<u8>> {
        let forgets = !self.has(Defect::DeflateBinaryTakeover) || opcode == Opcode::TEXT;
        if !self.takeover && forgets {
            self.compressor = Compressor::new(self.window, true);
        }
        if self.has(Defect::DeflateMarksShort) && octets.len() < SHORT {
            return vec![octets.to_vec()];
        }
        if self.has(Defect::DeflateSetsPadding) {
            return vec![with_padding_set(octets)];
        }
        let mut payload = Vec::new();
        if self.has(Defect::DeflateTailPerFragment) || self.has(Defect::DeflateRsv1OnContinuation) {
            let (first, last) = octets.split_at(octets.len() / 2);
            self.compressor.push(first, &mut payload);
            self.compressor.flush(&mut payload);
            if self.has(Defect::DeflateTailPerFragment) {
                payload.truncate(payload.len().saturating_sub(TAIL.len()));
            }
            let mut rest = Vec::new();
            self.compressor.compress(last, &mut rest);
            return vec![payload, rest];
        }
        self.compressor.compress(octets, &mut payload);
        if self.has(Defect::DeflateKeepsTail) {
            payload.extend_from_slice(&TAIL);
        }
        if self.has(Defect::DeflateCutsTooMuch) {
            payload.pop();
        }
        if self.has(Defect::DeflateEmptyWithoutOctet) && octets.is_empty() {
            payload.clear();
        }
        if self.has(Defect::DeflateCorrupt) {
            // Block type 3 does not exist.
            payload.insert(0, 0x07);
        }
        if self.has(Defect::DeflateTwice) {
            let once = std::mem::take(&mut payload);
            Compressor::new(self.window, false).compress(&once, &mut payload);
        }
        vec![payload]
    }

    const fn has(&self, defect: Defect) -> bool {
        self.defects.has(defect)
    }
}

/// Stored blocks, then an empty final block of fixed codes whose padding is not zero.
fn with_padding_set(octets: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    for block in octets.chunks(0xFFFF) {
        let [low, high] = u16::try_from(block.len()).unwrap_or_default().to_le_bytes();
        payload.extend_from_slice(&[0, low, high, !low, !high]);
        payload.extend_from_slice(block);
    }
    payload.extend_from_slice(&[0x03, 0xFC, 0x00]);
    payload
}
