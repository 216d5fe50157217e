//! The reference endpoint as a `[target]` table declares it, so that cases about policy are proved like all others.

use std::time::Duration;

use wsanvil_case::{Instance, Need};
use wsanvil_echo::Config;

/// Longest message of a target whose limits are the matter of the case.
const LIMIT: u64 = 5000;

/// The configuration an instance is run against: what costs other cases nothing is always there, what changes every
/// connection only where it is asked for.
pub fn declared_config(instance: &Instance) -> Config {
    let asks = |name: &str| {
        instance
            .case
            .needs
            .iter()
            .any(|need| matches!(need, Need::Declares(declared) if declared == name))
    };
    let limit = (asks("max_message") || asks("max_frame")).then_some(LIMIT);
    Config {
        max_message: limit.unwrap_or(Config::default().max_message),
        subprotocols: vec!["chat".to_owned(), "superchat".to_owned()],
        close_trigger: Some("wsanvil: close".to_owned()),
        origin: Some(vec!["https://wsanvil.example".to_owned()]),
        auth: asks("auth").then(|| ("wsanvil".to_owned(), "secret".to_owned())),
        idle: asks("idle_ms").then_some(Duration::from_secs(2)),
        ping_interval: asks("ping_interval_ms").then_some(Duration::from_secs(1)),
        ..Config::default()
    }
}
