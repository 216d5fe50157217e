//! Just enough of a server to answer an opening handshake; it validates nothing.

use wsanvil_wire::upgrade::accept_for;

/// Longest request collected in octets; what comes beyond is not looked at.
const LIMIT: usize = 64 << 10;

/// Collects a request up to its blank line.
#[derive(Debug, Default)]
pub(super) struct Opening {
    octets: Vec<u8>,
}

impl Opening {
    /// Takes octets; once the request is complete gives the 101 and the octets behind the request.
    pub(super) fn receive(&mut self, octets: &[u8], right_key: bool) -> Option<(Vec<u8>, Vec<u8>)> {
        if self.octets.len() < LIMIT {
            self.octets.extend_from_slice(octets);
        }
        let end = self.octets.windows(4).position(|window| window == b"\r\n\r\n")?;
        let surplus = self.octets.split_off(end + 4);
        let key = if right_key {
            self.key()
        } else {
            b"AAAAAAAAAAAAAAAAAAAAAA=="
        };
        Some((switching_protocols(key), surplus))
    }

    fn key(&self) -> &[u8] {
        const NAME: &[u8] = b"sec-websocket-key:";
        self.octets
            .split(|octet| *octet == b'\n')
            .find(|line| {
                line.get(..NAME.len())
                    .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
            })
            .map_or(b"", |line| line.split_at(NAME.len()).1.trim_ascii())
    }
}

/// A 101 for this key.
pub(super) fn switching_protocols(key: &[u8]) -> Vec<u8> {
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ".to_vec();
    head.extend_from_slice(&accept_for(key));
    head.extend_from_slice(b"\r\n\r\n");
    head
}
