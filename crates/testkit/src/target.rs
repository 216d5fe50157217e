//! Settings of an engine that tests a peer in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wsanvil_echo::Config;
use wsanvil_engine::{App, CompressedMessages, Settings, TargetFacts};
use wsanvil_wire::Role;

/// As [`settings`] for a server with this configuration, which the `[target]` table declares; credentials go with every
/// request.
pub fn declared_settings(role: Role, app: App, config: &Config) -> Settings {
    let settings = settings(role, app);
    let declared: BTreeMap<String, String> = config
        .declared()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let headers = declared
        .get("auth")
        .map(|credentials| ("Authorization".to_owned(), credentials.clone()));
    let target = TargetFacts {
        declared,
        headers: headers.into_iter().collect(),
        ..TargetFacts::clone(&settings.target)
    };
    Settings {
        target: Arc::new(target),
        ..settings
    }
}

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
        closing: wsanvil_engine::CLOSING,
        keep_all: true,
        compressed: Arc::new(CompressedMessages::new(1 << 20)),
    }
}
