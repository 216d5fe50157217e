//! Headers whose length is read wrongly: they are rewritten before the decoder sees them.

use wsanvil_wire::frame::{Header, LengthForm, MAX_HEADER_LEN};

use crate::{Defect, Defects};

/// The defects that read a header as another one.
const MISREADINGS: [Defect; 6] = [
    Defect::LengthLittleEndian,
    Defect::LengthLowOctet,
    Defect::LengthLow16,
    Defect::LengthLow32,
    Defect::LengthTopBitDropped,
    Defect::KeyMissingWhenEmpty,
];

/// Follows the stream as the defects read it.
#[derive(Debug)]
pub(super) struct Misread {
    defects: Defects,
    /// Octets of a header that is not complete.
    header: Vec<u8>,
    /// Payload octets of the frame in progress that are still to come.
    owed: u64,
}

impl Misread {
    /// `None` when no defect reads headers wrongly.
    pub(super) fn new(defects: Defects) -> Option<Self> {
        MISREADINGS
            .iter()
            .any(|defect| defects.has(*defect))
            .then(|| Self {
                defects,
                header: Vec::with_capacity(MAX_HEADER_LEN),
                owed: 0,
            })
    }

    /// The octets as a decoder has to see them.
    pub(super) fn pass(&mut self, mut input: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(input.len());
        while let Some((first, rest)) = input.split_first() {
            if self.owed > 0 {
                let size = usize::try_from(self.owed).map_or(input.len(), |owed| owed.min(input.len()));
                let (payload, rest) = input.split_at(size);
                out.extend_from_slice(payload);
                self.owed -= size as u64;
                input = rest;
                continue;
            }
            self.header.push(*first);
            input = rest;
            self.keyless(&mut out);
            if let Some((mut header, _)) = Header::parse(&self.header) {
                header.payload_len = self.length(&header);
                header.write(&mut out);
                self.owed = header.payload_len;
                self.header.clear();
            }
        }
        out
    }

    /// A masked header of an empty frame is complete without its key; the decoder gets one of zeros.
    fn keyless(&mut self, out: &mut Vec<u8>) {
        if self.defects.has(Defect::KeyMissingWhenEmpty) && matches!(self.header[..], [_, 0x80]) {
            out.append(&mut self.header);
            out.extend_from_slice(&[0; 4]);
        }
    }

    fn length(&self, header: &Header) -> u64 {
        let len = header.payload_len;
        let has = |defect| self.defects.has(defect);
        match header.form {
            LengthForm::Bits16 if has(Defect::LengthLittleEndian) => u64::from((len as u16).swap_bytes()),
            LengthForm::Bits16 if has(Defect::LengthLowOctet) => len & 0xFF,
            LengthForm::Bits64 if has(Defect::LengthLittleEndian) => len.swap_bytes(),
            LengthForm::Bits64 if has(Defect::LengthLow16) => len & 0xFFFF,
            LengthForm::Bits64 if has(Defect::LengthLow32) => len & 0xFFFF_FFFF,
            LengthForm::Bits64 if has(Defect::LengthTopBitDropped) => len & (u64::MAX >> 1),
            _ => len,
        }
    }
}
