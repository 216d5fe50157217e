//! One TCP connection as packets: IPv4 (RFC 791) and TCP (RFC 9293), nothing lost, everything acknowledged.

use wsanvil_model::Direction;

use super::blocks::Blocks;

const TESTER: [u8; 4] = [192, 0, 2, 1];
const TARGET: [u8; 4] = [192, 0, 2, 2];
const PORT: u16 = 80;
/// Ports of the tester begin here.
const FIRST_PORT: u16 = 1_024;
/// Octets in a packet.
const SEGMENT: usize = 32 << 10;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// What a packet carries.
#[derive(Clone, Copy, Default)]
struct Packet<'p> {
    /// From the tester, else from the target.
    tester: bool,
    flags: u8,
    payload: &'p [u8],
    /// Octets of payload that are not in the file.
    behind: u32,
    comment: &'p str,
}

/// Where both directions stand.
pub(super) struct Stream {
    tester: [u8; 4],
    port: u16,
    /// Next sequence numbers of tester and target.
    next: [u32; 2],
}

impl Stream {
    /// The `number`th connection of the file; each has an address and a port of its own.
    pub(super) fn new(number: u32) -> Self {
        let ports = u32::from(u16::MAX - FIRST_PORT) + 1;
        let [a, b, c, d] = TESTER;
        // 198.18.0.0/15 (RFC 2544) when the ports of one address do not do.
        let tester = match number / ports {
            0 => [a, b, c, d],
            more => [198, 18, (more >> 8) as u8, more as u8],
        };
        Self {
            tester,
            port: FIRST_PORT + (number % ports) as u16,
            next: [1_000, 5_000],
        }
    }

    /// The three packets that open it.
    pub(super) fn open(&mut self, blocks: &mut Blocks, at: u64, comment: &str) {
        self.packet(
            blocks,
            at,
            Packet {
                tester: true,
                flags: SYN,
                comment,
                ..Packet::default()
            },
        );
        self.packet(
            blocks,
            at,
            Packet {
                tester: false,
                flags: SYN | ACK,
                ..Packet::default()
            },
        );
        self.packet(
            blocks,
            at,
            Packet {
                tester: true,
                flags: ACK,
                ..Packet::default()
            },
        );
    }

    /// Octets, and `behind` more that are not in the file.
    pub(super) fn data(
        &mut self,
        blocks: &mut Blocks,
        at: u64,
        dir: Direction,
        octets: &[u8],
        behind: u64,
        comment: &str,
    ) {
        let tester = is_tester(dir);
        let mut said = comment;
        for segment in octets.chunks(SEGMENT) {
            self.packet(
                blocks,
                at,
                Packet {
                    tester,
                    flags: PSH | ACK,
                    payload: segment,
                    comment: said,
                    ..Packet::default()
                },
            );
            said = "";
        }
        let mut left = behind;
        // What could not be shown within a gibibyte is not worth more packets.
        while left > 0 && behind <= 1 << 30 {
            let part = left.min(SEGMENT as u64);
            self.packet(
                blocks,
                at,
                Packet {
                    tester,
                    flags: PSH | ACK,
                    behind: part as u32,
                    ..Packet::default()
                },
            );
            left -= part;
        }
    }

    pub(super) fn fin(&mut self, blocks: &mut Blocks, at: u64, dir: Direction, comment: &str) {
        self.packet(
            blocks,
            at,
            Packet {
                tester: is_tester(dir),
                flags: FIN | ACK,
                comment,
                ..Packet::default()
            },
        );
    }

    pub(super) fn reset(&mut self, blocks: &mut Blocks, at: u64, dir: Direction, comment: &str) {
        self.packet(
            blocks,
            at,
            Packet {
                tester: is_tester(dir),
                flags: RST | ACK,
                comment,
                ..Packet::default()
            },
        );
    }

    fn packet(&mut self, blocks: &mut Blocks, at: u64, packet: Packet<'_>) {
        let Packet {
            tester,
            flags,
            payload,
            behind,
            comment,
        } = packet;
        let [ours, theirs] = self.next;
        let (from, to, ports, sequence, acknowledged) = if tester {
            (self.tester, TARGET, [self.port, PORT], ours, theirs)
        } else {
            (TARGET, self.tester, [PORT, self.port], theirs, ours)
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { acknowledged };
        let length = payload.len() as u32 + behind;
        let mut tcp = Vec::with_capacity(20 + payload.len());
        for port in ports {
            tcp.extend(port.to_be_bytes());
        }
        tcp.extend(sequence.to_be_bytes());
        tcp.extend(acknowledged.to_be_bytes());
        tcp.extend([5 << 4, flags]);
        tcp.extend(u16::MAX.to_be_bytes());
        // The checksum comes last; no urgent pointer.
        tcp.extend([0; 4]);
        tcp.extend(payload);
        if behind == 0 {
            let pseudo = [&from[..], &to, &[0, 6], &(tcp.len() as u16).to_be_bytes()].concat();
            let sum = checksum(&[&pseudo, &tcp]);
            tcp[16..18].copy_from_slice(&sum.to_be_bytes());
        }
        let mut packet = Vec::with_capacity(20 + tcp.len());
        packet.extend([0x45, 0]);
        packet.extend(((40 + length) as u16).to_be_bytes());
        // No identification, not fragmented, time to live, TCP.
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        packet.extend(from);
        packet.extend(to);
        let sum = checksum(&[&packet]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        packet.extend(tcp);
        blocks.packet(at, &packet, behind, comment);
        let counted = length + u32::from(flags & (SYN | FIN) != 0);
        let next = &mut self.next[usize::from(!tester)];
        *next = next.wrapping_add(counted);
    }
}

fn is_tester(dir: Direction) -> bool {
    dir == Direction::Out
}

/// The Internet checksum (RFC 1071); every part but the last has an even number of octets.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            sum += u32::from(u16::from_be_bytes([pair[0], low]));
            sum = (sum & 0xffff) + (sum >> 16);
        }
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_of_the_example_in_rfc_1071() {
        let data = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(checksum(&[&data]), !0xddf2);
    }

    #[test]
    fn connections_do_not_share_a_port() {
        let (first, last, next) = (Stream::new(0), Stream::new(64_511), Stream::new(64_512));
        assert_eq!((first.port, last.port, next.port), (1_024, 65_535, 1_024));
        assert_ne!(first.tester, next.tester);
    }
}
