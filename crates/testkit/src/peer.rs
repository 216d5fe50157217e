//! The other end of a connection, without I/O.

use std::time::Duration;

use wsanvil_echo::{Config, Echo, Opening};
use wsanvil_engine::Time;
use wsanvil_wire::endpoint::Keys;

use crate::pair::split_mix;

/// What a test puts at the other end of a connection.
///
/// Whoever drives it calls [`Peer::tick`] once when the connection opens, then feeds it what arrives, and takes its
/// output whenever the transport has room for more: a peer without end gives a bounded piece each time.
pub trait Peer {
    /// Octets arrived.
    fn receive(&mut self, now: Time, octets: &[u8]);

    /// The tester ended its direction in order.
    fn fin(&mut self);

    /// The tester broke the connection; nothing the peer sends arrives any more.
    fn reset(&mut self);

    /// The next octets to send; empty when there are none now.
    fn take_output(&mut self) -> Vec<u8>;

    /// Whether and how the peer ends the transport, once its output is taken.
    fn ended(&self) -> Option<PeerEnd>;

    /// When it wants to be woken.
    fn wake(&self) -> Option<Time> {
        None
    }

    /// The connection opened, or the moment of [`Peer::wake`] came.
    fn tick(&mut self, now: Time) {
        let _ = now;
    }

    /// Whether it reads; else octets pile up in front of it.
    fn wants_read(&mut self) -> bool {
        true
    }

    /// Whether the connection comes about at all; else it is refused.
    fn listens(&self) -> bool {
        true
    }
}

/// How a peer ends the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerEnd {
    /// In order.
    Fin,
    /// By RST.
    Rst,
}

/// The reference echo endpoint, or one of its defects, as a peer.
pub struct EchoPeer(pub Echo);

impl EchoPeer {
    /// A server.
    pub fn server(config: Config) -> Self {
        Self(Echo::server(config))
    }

    /// The nth client; nonce and masking keys are drawn from that number.
    pub fn client(config: Config, nth: usize) -> Self {
        let mut state = nth as u64;
        let mut nonce = [0; 16];
        for half in nonce.chunks_mut(8) {
            half.copy_from_slice(&split_mix(&mut state).to_le_bytes());
        }
        let opening = Opening {
            host: "127.0.0.1:9001".to_owned(),
            target: "/".to_owned(),
            nonce,
            keys: Keys::from_source(move || {
                let [a, b, c, d, ..] = split_mix(&mut state).to_le_bytes();
                [a, b, c, d]
            }),
        };
        Self(Echo::client(config, opening))
    }
}

impl Peer for EchoPeer {
    fn receive(&mut self, now: Time, octets: &[u8]) {
        self.0.receive(octets);
        self.tick(now);
    }

    fn fin(&mut self) {
        self.0.eof();
    }

    fn reset(&mut self) {
        self.0.eof();
    }

    fn take_output(&mut self) -> Vec<u8> {
        self.0.output()
    }

    fn ended(&self) -> Option<PeerEnd> {
        self.0.wants_close().then_some(PeerEnd::Fin)
    }

    fn wants_read(&mut self) -> bool {
        self.0.wants_read()
    }

    fn wake(&self) -> Option<Time> {
        let wake = self.0.wake()?;
        Some(Time(u64::try_from(wake.as_micros()).unwrap_or(u64::MAX)))
    }

    fn tick(&mut self, now: Time) {
        self.0.tick(Duration::from_micros(now.0));
    }
}
