//! Settings of an engine that tests a peer in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_engine::{App, CompressedMessages, Settings, TargetFacts};
use wsanvil_wire::Role;

/// Settings for a target of `role` whose application does `app`; seed 1, whole transcripts, the deadlines of a run
/// on loopback.
pub fn settings(role: Role, app: App) -> Settings {
    Settings {
        target: Arc::new(TargetFacts {
            role,
            host: "127.0.0.1:9001".to_owned(),
            path: "/".to_owned(),
            scheme: "ws".to_owned(),
            headers: Vec::new(),
            origin: None,
            subprotocols: Vec::new(),
            app,
            declared: BTreeMap::new(),
        }),
        seed: 1,
        step_deadline: Duration::from_secs(5),
        quiet_window: Duration::from_millis(20),
        keep_all: true,
        compressed: Arc::new(CompressedMessages::new(1 << 20)),
    }
}
