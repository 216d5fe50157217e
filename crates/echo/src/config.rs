//! What the echo endpoint is told at its start.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsanvil_wire::deflate::ServerPolicy;

use crate::{Defects, Neighbours};

/// Settings of one echo endpoint.
#[derive(Debug, Clone)]
pub struct Config {
    /// Sub-protocols spoken, as a server; offered, as a client. Names are compared case-sensitively.
    pub subprotocols: Vec<String>,
    /// A text message that is not echoed but starts the closing handshake with 1000.
    pub close_trigger: Option<String>,
    /// Whether permessage-deflate is accepted, or offered.
    pub deflate: bool,
    /// What a server answers to offers of permessage-deflate.
    pub deflate_policy: ServerPolicy,
    /// Longest message and frame taken, in octets after inflation.
    pub max_message: u64,
    /// Longest head of request or response taken, in octets.
    pub max_header: usize,
    /// The only origins admitted when there is a list; a request from another one is refused with 403. A request
    /// without Origin does not come from a browser and is admitted.
    pub origin: Option<Vec<String>>,
    /// User and password asked for by HTTP Basic authentication.
    pub auth: Option<(String, String)>,
    /// How long a connection may be idle before the server closes it.
    pub idle: Option<Duration>,
    /// How often the server sends a Ping. A peer that has sent nothing since the last one is dropped.
    pub ping_interval: Option<Duration>,
    /// What is broken on purpose.
    pub defects: Defects,
    /// The other connections of the same server: those whose configuration is a clone of this one.
    pub neighbours: Neighbours,
}

impl Config {
    /// What the `[target]` table of a tester would declare about a server with this configuration.
    pub fn declared(&self) -> impl Iterator<Item = (&'static str, String)> {
        let credentials = self.auth.as_ref().map(|(user, password)| {
            let token = STANDARD.encode(format!("{user}:{password}"));
            format!("Basic {token}")
        });
        [
            ("max_message", Some(self.max_message.to_string())),
            ("max_frame", Some(self.max_message.to_string())),
            ("max_header", Some(self.max_header.to_string())),
            ("subprotocol", self.subprotocols.first().cloned()),
            ("close_trigger", self.close_trigger.clone()),
            (
                "origin",
                self.origin.as_ref().and_then(|origins| origins.first().cloned()),
            ),
            ("auth", credentials),
            ("idle_ms", self.idle.map(|idle| idle.as_millis().to_string())),
            (
                "ping_interval_ms",
                self.ping_interval
                    .map(|interval| interval.as_millis().to_string()),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl Default for Config {
    /// No sub-protocols, permessage-deflate on, messages of 64 MiB, heads of 64 KiB, everybody admitted, no defects.
    fn default() -> Self {
        Self {
            subprotocols: Vec::new(),
            close_trigger: None,
            deflate: true,
            deflate_policy: ServerPolicy::default(),
            max_message: 64 << 20,
            max_header: 64 << 10,
            origin: None,
            auth: None,
            idle: None,
            ping_interval: None,
            defects: Defects::default(),
            neighbours: Neighbours::default(),
        }
    }
}
