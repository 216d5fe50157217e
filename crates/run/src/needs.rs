//! What an instance needs of the target, and why it is skipped without.

use wsanvil_case::{Instance, Need};
use wsanvil_engine::{App, TargetFacts};
use wsanvil_model::TargetRole;

/// What is known about the target beside its facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    /// wsanvil started it.
    pub(crate) launched: bool,
    /// It is on this machine, was launched, or the user agreed.
    pub(crate) harm_allowed: bool,
}

/// Whether an instance is about servers at all.
pub(crate) fn is_for_servers(instance: &Instance) -> bool {
    matches!(instance.case.role, TargetRole::Server | TargetRole::Both)
}

/// Why an instance cannot run, when it cannot. permessage-deflate shows only in the handshake.
pub(crate) fn missing(instance: &Instance, facts: &TargetFacts, around: Around) -> Option<String> {
    if !is_for_servers(instance) {
        return Some("it is not about servers".to_owned());
    }
    if !instance.case.transport.h1 {
        return Some("it needs HTTP/2".to_owned());
    }
    if instance.case.disruptive && !around.harm_allowed {
        return Some("it could do harm: --disruptive runs it against a target elsewhere".to_owned());
    }
    instance.case.needs.iter().find_map(|need| match need {
        Need::Echo => (facts.app == App::None)
            .then(|| "the target does not send messages back (--app echo if it should)".to_owned()),
        Need::Deflate => None,
        Need::Launched => {
            (!around.launched).then(|| "wsanvil has to start the target: -- COMMAND".to_owned())
        }
        Need::Driven | Need::Reconnects => Some("it needs a client as target".to_owned()),
        Need::Tls => (facts.scheme != "wss").then(|| "it needs TLS (wss://)".to_owned()),
        Need::H2 => Some("it needs HTTP/2".to_owned()),
        Need::Declares(name) => (!facts.declared.contains_key(name))
            .then(|| format!("the [target] table of wsanvil.toml does not declare {name}")),
    })
}
