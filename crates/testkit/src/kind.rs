//! Everything that can stand at the other end.

use wsanvil_echo::{Config, Defect};
use wsanvil_wire::Role;

use crate::hostile::Hostile;
use crate::{EchoPeer, Peer};

/// A kind of peer.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// The strict reference endpoint, permessage-deflate included.
    Reference,
    /// The reference endpoint with one defect.
    Defect(Defect),
    /// A peer of the hostile table: always a server.
    Hostile(&'static Hostile),
}

impl Kind {
    /// A server for one connection.
    pub fn server(self) -> Box<dyn Peer> {
        self.peer(Role::Server, 0)
    }

    /// The peer of the nth connection, of this role where the kind has both.
    pub fn peer(self, role: Role, nth: usize) -> Box<dyn Peer> {
        self.peer_with(Config::default(), role, nth)
    }

    /// As [`Kind::peer`], with this configuration where the kind has one.
    pub fn peer_with(self, config: Config, role: Role, nth: usize) -> Box<dyn Peer> {
        let config = match self {
            Self::Reference => config,
            Self::Defect(defect) => Config {
                defects: defect.into(),
                ..config
            },
            Self::Hostile(hostile) => return (hostile.make)(),
        };
        Box::new(match role {
            Role::Server => EchoPeer::server(config),
            Role::Client => EchoPeer::client(config, nth),
        })
    }
}
