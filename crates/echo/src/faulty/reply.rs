//! What the faulty peer sends.

use wsanvil_wire::Role;
use wsanvil_wire::close;
use wsanvil_wire::deflate::Agreed;
use wsanvil_wire::endpoint::Keys;
use wsanvil_wire::frame::{Header, LengthForm, Opcode};
use wsanvil_wire::mask;

use super::deflating::Deflating;
use crate::{Defect, Defects};

/// The sending half: legal frames, but for the defects.
#[derive(Debug)]
pub(super) struct Reply {
    role: Role,
    defects: Defects,
    keys: Keys,
    compressor: Option<Deflating>,
    /// The longest Pong so far, as a buffer that is reused holds it.
    stale: Vec<u8>,
    /// Echoes held back until the read at hand is done.
    held: Vec<(Opcode, Vec<u8>)>,
    pub(super) output: Vec<u8>,
}

impl Reply {
    pub(super) fn new(role: Role, defects: Defects, deflate: Option<Agreed>, keys: Keys) -> Self {
        Self {
            role,
            defects,
            keys,
            compressor: Deflating::new(role, defects, deflate),
            stale: Vec::new(),
            held: Vec::new(),
            output: Vec::new(),
        }
    }

    /// Sends a message back, at once or when the read is done.
    pub(super) fn echo(&mut self, opcode: Opcode, octets: &[u8]) {
        if self.defects.has(Defect::EchoBehindClose) || self.defects.has(Defect::EchoesShortFirst) {
            self.held.push((opcode, octets.to_vec()));
        } else {
            self.echo_now(opcode, octets);
        }
    }

    /// Sends what was held back.
    pub(super) fn release(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        if self.defects.has(Defect::EchoesShortFirst) {
            held.sort_by_key(|(_, octets)| octets.len());
        }
        for (opcode, octets) in held {
            self.echo_now(opcode, &octets);
        }
    }

    fn echo_now(&mut self, opcode: Opcode, octets: &[u8]) {
        if self.defects.has(Defect::NoEcho) {
            return;
        }
        let mut octets = octets.to_vec();
        self.spoil(opcode, &mut octets);
        let mut opcode = opcode;
        for (defect, wrong) in [
            (Defect::TypeLost, Opcode::BINARY),
            (Defect::SendsReservedOpcode, Opcode::new(3)),
            (Defect::SendsOrphan, Opcode::CONTINUATION),
        ] {
            if self.defects.has(defect) {
                opcode = wrong;
            }
        }
        self.message(opcode, &octets);
        if self.defects.has(Defect::EchoTwice) {
            self.message(opcode, &octets);
        }
    }

    /// Sends a Pong for a Ping with `payload`.
    pub(super) fn pong(&mut self, payload: &[u8]) {
        let mut payload = payload.to_vec();
        if self.defects.has(Defect::PongEmpty) {
            payload.clear();
        }
        if self.defects.has(Defect::PongWrongPayload) {
            match payload.first_mut() {
                Some(octet) => *octet ^= 1,
                None => payload.push(b'x'),
            }
        }
        if self.defects.has(Defect::PongLossy) {
            payload = String::from_utf8_lossy(&payload).into_owned().into_bytes();
            payload.truncate(125);
        }
        if self.defects.has(Defect::PongEndsAtNul) {
            ends_at_nul(&mut payload);
        }
        if self.defects.has(Defect::PongStaleTail) {
            payload.extend_from_slice(self.stale.get(payload.len()..).unwrap_or_default());
            self.stale.clone_from(&payload);
        }
        if self.defects.has(Defect::SendsLongControl) {
            payload.resize(payload.len().max(126), 0);
        }
        let fin = !self.defects.has(Defect::SendsFragmentedControl);
        let mut rsv = if self.defects.has(Defect::SetsRsvOnPong) {
            0b010
        } else {
            0
        };
        if let Some(compressor) = &mut self.compressor {
            if self.defects.has(Defect::DeflateCompressesControl) {
                payload = compressor.message(Opcode::PONG, &payload).concat();
            }
            if self.defects.has(Defect::DeflateCompressesControl)
                || self.defects.has(Defect::DeflateRsv1OnPong)
            {
                rsv = 0b100;
            }
        }
        self.frame(
            Header {
                fin,
                rsv,
                ..Header::new(Opcode::PONG, payload.len() as u64)
            },
            &payload,
        );
    }

    /// Sends a Close, with an empty body for no code.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str) {
        if !self.defects.has(Defect::EchoBehindClose) {
            self.release();
        }
        let mut body = Vec::new();
        if let Some(code) = code {
            close::write_body(code, reason, &mut body);
        }
        if self.defects.has(Defect::CloseOneOctet) {
            body = vec![0x03];
        }
        if self.defects.has(Defect::CloseBadReason) {
            body = vec![0x03, 0xE8, 0xFF];
        }
        self.raw(Opcode::CLOSE, &body);
        if self.defects.has(Defect::CloseTwice) {
            self.raw(Opcode::CLOSE, &body);
        }
        if self.defects.has(Defect::TextAfterClose) {
            self.raw(Opcode::TEXT, b"one more thing");
        }
    }

    /// Sends a final frame that no defect of messages touches.
    pub(super) fn raw(&mut self, opcode: Opcode, payload: &[u8]) {
        self.frame(Header::new(opcode, payload.len() as u64), payload);
    }

    /// Sends a frame under the header given; masking follows the role.
    pub(super) fn frame(&mut self, mut header: Header, payload: &[u8]) {
        if self.defects.has(Defect::NonMinimalLength) {
            header.form = LengthForm::Bits64;
        }
        if self.defects.has(Defect::NonMinimalAtLimit) {
            header.form = match header.payload_len {
                125 => LengthForm::Bits16,
                65535 => LengthForm::Bits64,
                _ => header.form,
            };
        }
        if self.defects.has(Defect::EchoWithoutFin) && !header.opcode.is_control() {
            header.fin = false;
        }
        header.mask = None;
        let wrong = self.defects.has(Defect::MasksItsFrames)
            || (header.opcode == Opcode::PONG && self.defects.has(Defect::MasksItsPongs));
        if self.role.masks() != wrong {
            let key = self.keys.next_key();
            header.mask = Some(if self.defects.has(Defect::FixedMaskKey) {
                [7, 7, 7, 7]
            } else {
                key
            });
        }
        header.write(&mut self.output);
        mask::apply_copy(header.mask.unwrap_or_default(), 0, payload, &mut self.output);
    }

    fn spoil(&self, opcode: Opcode, octets: &mut Vec<u8>) {
        if self.defects.has(Defect::EchoFlipsByte) {
            flip_middle(octets);
        }
        if self.defects.has(Defect::LargeFrameCorrupt) && octets.len() > 0xFFFF {
            flip_middle(octets);
        }
        if self.defects.has(Defect::EchoTruncates) {
            octets.pop();
        }
        if opcode == Opcode::TEXT {
            if self.defects.has(Defect::Utf8StripsBom) && octets.starts_with(b"\xEF\xBB\xBF") {
                octets.drain(..3);
            }
            if self.defects.has(Defect::Utf8Replaces) {
                *octets = String::from_utf8_lossy(octets).into_owned().into_bytes();
            }
            if self.defects.has(Defect::TextEndsAtNul) {
                ends_at_nul(octets);
            }
            for (defect, from, to) in [
                (Defect::TextLineEnds, "\r\n", "\n"),
                (Defect::TextStripsFeff, "\u{FEFF}", ""),
            ] {
                if self.defects.has(defect) {
                    *octets = String::from_utf8_lossy(octets).replace(from, to).into_bytes();
                }
            }
            if self.defects.has(Defect::EchoesBadUtf8) {
                octets.push(0xFF);
            }
        }
    }

    fn message(&mut self, opcode: Opcode, octets: &[u8]) {
        let stray = if self.defects.has(Defect::SetsRsv) {
            0b010
        } else {
            0
        };
        if self.compressor.is_none() && octets.len() > 1000 && self.defects.has(Defect::EchoRepeatsOpcode) {
            let (first, last) = octets.split_at(1000);
            let header = Header {
                fin: false,
                ..Header::new(opcode, first.len() as u64)
            };
            self.frame(header, first);
            return self.frame(Header::new(opcode, last.len() as u64), last);
        }
        if self.compressor.is_some() && self.defects.has(Defect::DeflateMarksPlain) {
            let header = Header {
                rsv: 0b100,
                ..Header::new(opcode, octets.len() as u64)
            };
            return self.frame(header, octets);
        }
        let parts = match &mut self.compressor {
            Some(compressor) if !self.defects.has(Defect::DeflateUncompressed) => {
                compressor.message(opcode, octets)
            }
            _ => {
                let header = Header {
                    rsv: stray,
                    ..Header::new(opcode, octets.len() as u64)
                };
                return self.frame(header, octets);
            }
        };
        let last = parts.len() - 1;
        for (index, payload) in parts.iter().enumerate() {
            let marked = match index {
                _ if self.defects.has(Defect::DeflateForgetsRsv1) => false,
                _ if self.defects.has(Defect::DeflateRsv1OnContinuation) => true,
                index => index == 0,
            };
            let opcode = if index == 0 { opcode } else { Opcode::CONTINUATION };
            let header = Header {
                fin: index == last,
                rsv: stray | if marked { 0b100 } else { 0 },
                ..Header::new(opcode, payload.len() as u64)
            };
            self.frame(header, payload);
        }
    }
}

fn ends_at_nul(octets: &mut Vec<u8>) {
    octets.truncate(
        octets
            .iter()
            .position(|octet| *octet == 0)
            .unwrap_or(octets.len()),
    );
}

fn flip_middle(octets: &mut [u8]) {
    let middle = octets.len() / 2;
    if let Some(octet) = octets.get_mut(middle) {
        *octet ^= 1;
    }
}
