//! A written header reads back with its lies, and what was read writes back octet for octet.

use arbitrary::{Arbitrary, Unstructured};
use wsanvil_wire::frame::{Header, LengthForm, MAX_HEADER_LEN, Opcode};

#[derive(Debug, Arbitrary)]
struct Fields {
    fin: bool,
    rsv: u8,
    opcode: u8,
    mask: Option<[u8; 4]>,
    form: u8,
    payload_len: u64,
}

/// A header of any fields with the rest as payload, then the input itself as a header.
pub fn check(data: &[u8]) {
    let mut rest = Unstructured::new(data);
    if let Ok(fields) = Fields::arbitrary(&mut rest) {
        let header = fields.header();
        writes_and_reads(header);
        writes_frames(header, rest.take_rest());
    }
    reads_and_writes(data);
}

impl Fields {
    fn header(&self) -> Header {
        Header {
            fin: self.fin,
            rsv: self.rsv & 7,
            opcode: Opcode::new(self.opcode),
            mask: self.mask,
            form: [LengthForm::Bits7, LengthForm::Bits16, LengthForm::Bits64][usize::from(self.form % 3)],
            payload_len: self.payload_len,
        }
    }
}

/// A frame written in one go is its header and its payload, masked octet for octet, whatever the header announces.
fn writes_frames(header: Header, payload: &[u8]) {
    let mut expected = b"before".to_vec();
    header.write(&mut expected);
    let key = header.mask.unwrap_or_default().into_iter().cycle();
    expected.extend(payload.iter().zip(key).map(|(octet, key)| octet ^ key));
    let mut frame = b"before".to_vec();
    header.write_frame(payload, &mut frame);
    assert_eq!(frame, expected);
}

fn writes_and_reads(header: Header) {
    let mut wire = Vec::new();
    header.write(&mut wire);
    assert_eq!(wire.len(), header.encoded_len());
    let (octets, len) = header.encode();
    assert_eq!(wire, octets[..len]);
    let (carried, form_lies) = match header.form {
        LengthForm::Bits7 => (header.payload_len & 0x7F, header.payload_len & 0x7F > 125),
        LengthForm::Bits16 => (header.payload_len & 0xFFFF, false),
        LengthForm::Bits64 => (header.payload_len, false),
    };
    let len = wire.len();
    wire.extend([0; MAX_HEADER_LEN]);
    let (read, taken) = Header::parse(&wire).expect("more than 14 octets");
    assert_eq!(
        (read.fin, read.rsv, read.opcode, read.mask.is_some()),
        (header.fin, header.rsv, header.opcode, header.mask.is_some())
    );
    if !form_lies {
        let expected = Header {
            payload_len: carried,
            ..header
        };
        assert_eq!((read, taken), (expected, len));
        assert!((0..len).all(|cut| Header::parse(&wire[..cut]).is_none()));
    }
}

fn reads_and_writes(data: &[u8]) {
    let Some((header, len)) = Header::parse(data) else {
        assert!(data.len() < MAX_HEADER_LEN);
        return;
    };
    let mut wire = Vec::new();
    header.write(&mut wire);
    assert_eq!(wire, data[..len]);
}

/// Headers at the edges of each form.
pub fn seeds() -> Vec<Vec<u8>> {
    let lens = [0, 125, 126, 127, 0xFFFF, 0x1_0000, 1 << 63, u64::MAX];
    let headers = lens.into_iter().map(|len| Header::new(Opcode::BINARY, len));
    let with_key = headers.flat_map(|header| {
        let masked = Header {
            mask: Some([0xFF, 0, 0x7F, 0x80]),
            ..header
        };
        [header, masked]
    });
    with_key
        .map(|header| {
            let mut seed = Vec::new();
            header.write(&mut seed);
            seed
        })
        .collect()
}
