//! Servers that use what the texts leave open: every one of them keeps every rule, and no case may fail any.
//!
//! A [`Lawful`] is the strict reference endpoint in another manner: what it sends is rewritten on its way out, some
//! requests and messages are refused that a server need not take. It is data; the work is done by one peer.

mod answer;
mod manner;
mod opening;
mod peer;
mod table;
mod traffic;

use std::fmt;
use std::sync::Arc;

use wsanvil_echo::Config;
use wsanvil_engine::App;

use crate::Peer;
use manner::Manner;
use peer::LawfulPeer;

pub use table::lawful_servers;

/// A server of the table.
#[derive(Clone, Copy)]
pub struct Lawful {
    /// Name in kebab case.
    pub name: &'static str,
    /// What it does and where the texts leave that open.
    pub describe: &'static str,
    /// Whether it serves few connections, so that instances on several of them come to no verdict.
    pub few_connections: bool,
    /// Whether its application sends messages back.
    pub app: App,
    /// The case that may call it nonstrict, which is no failure.
    pub nonstrict_in: Option<&'static str>,
    manner: Manner,
}

impl Lawful {
    /// This server, whose configuration is otherwise this one.
    pub fn start(&'static self, mut config: Config) -> Server {
        (self.manner.configure)(&mut config);
        Server {
            manner: self.manner,
            config,
            connections: Arc::default(),
        }
    }
}

/// A running server of the table.
pub struct Server {
    manner: Manner,
    config: Config,
    connections: Arc<()>,
}

impl Server {
    /// Its nth connection.
    pub fn connect(&self, nth: usize) -> Box<dyn Peer> {
        Box::new(LawfulPeer::new(
            self.manner,
            self.config.clone(),
            nth,
            Arc::clone(&self.connections),
        ))
    }
}

impl fmt::Debug for Lawful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The entry of this name.
pub fn by_name(name: &str) -> Option<&'static Lawful> {
    lawful_servers().find(|lawful| lawful.name == name)
}
