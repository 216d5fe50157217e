//! Blocks of a pcapng file (draft-ietf-opsawg-pcapng): one section, one interface, packets.

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Packets begin with the header of IP.
const LINKTYPE_RAW: u16 = 101;
const OPTION_COMMENT: u16 = 1;
const OPTION_APPLICATION: u16 = 4;
/// Octets that an option can have.
const LONGEST_OPTION: usize = 65_532;

/// A file that grows.
pub(super) struct Blocks(Vec<u8>);

impl Blocks {
    /// A file with its section and its interface.
    pub(super) fn new(application: &str) -> Self {
        let mut file = Self(Vec::new());
        let mut section = Vec::new();
        section.extend(BYTE_ORDER_MAGIC.to_le_bytes());
        section.extend(1_u16.to_le_bytes());
        section.extend(0_u16.to_le_bytes());
        // The length of the section is not told.
        section.extend(u64::MAX.to_le_bytes());
        options(&mut section, OPTION_APPLICATION, application);
        file.block(SECTION_HEADER, &section);
        let mut interface = Vec::new();
        interface.extend(LINKTYPE_RAW.to_le_bytes());
        interface.extend(0_u16.to_le_bytes());
        // No limit to packets.
        interface.extend(0_u32.to_le_bytes());
        file.block(INTERFACE_DESCRIPTION, &interface);
        file
    }

    /// A packet that was `behind` octets longer than `octets`. `at` is in microseconds since 1970.
    pub(super) fn packet(&mut self, at: u64, octets: &[u8], behind: u32, comment: &str) {
        let mut packet = Vec::with_capacity(octets.len() + 64);
        packet.extend(0_u32.to_le_bytes());
        packet.extend(((at >> 32) as u32).to_le_bytes());
        packet.extend((at as u32).to_le_bytes());
        let captured = octets.len() as u32;
        packet.extend(captured.to_le_bytes());
        packet.extend(captured.saturating_add(behind).to_le_bytes());
        padded(&mut packet, octets);
        options(&mut packet, OPTION_COMMENT, comment);
        self.block(ENHANCED_PACKET, &packet);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let length = (body.len() as u32 + 12).to_le_bytes();
        self.0.extend(kind.to_le_bytes());
        self.0.extend(length);
        self.0.extend(body);
        self.0.extend(length);
    }
}

/// One option and the end of options; nothing when there is nothing to say.
fn options(body: &mut Vec<u8>, code: u16, value: &str) {
    if value.is_empty() {
        return;
    }
    let mut end = value.len().min(LONGEST_OPTION);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    body.extend(code.to_le_bytes());
    body.extend((end as u16).to_le_bytes());
    padded(body, &value.as_bytes()[..end]);
    body.extend(0_u32.to_le_bytes());
}

/// The octets and zeros up to a multiple of four.
fn padded(body: &mut Vec<u8>, octets: &[u8]) {
    body.extend(octets);
    body.resize(body.len().next_multiple_of(4), 0);
}
