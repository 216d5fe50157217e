//! What proves a case: the instances that can be run in memory, one run of them, and whether it finds a defect. Those that
//! speak TLS in a way of their own are proved over real sockets, with the program.

mod elsewhere;
pub mod traffic;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use wsanvil_case::{Instance, Library, Transport};
use wsanvil_echo::Defect;
use wsanvil_engine::{App, Outcome};
use wsanvil_model::{FindingKind, Level, TargetRole, Verdict};
use wsanvil_wire::Role;

pub use elsewhere::{Elsewhere, elsewhere};

use crate::pair::{Chop, Pair};
use crate::{Kind, declared_config, declared_settings};

/// Instances that move more octets are left to real runs.
const TRAFFIC: u64 = 1 << 20;

/// What can be run in memory: HTTP/1.1, one target, little traffic, no TLS of its own, the profiles default and full.
pub fn candidates(library: &Library) -> Vec<Arc<Instance>> {
    let mut instances = library.instances.clone();
    instances.retain(|instance| {
        let profiles = instance.profiles;
        (profiles.default || profiles.full)
            && matches!(instance.case.transport, Transport { h1: true, .. })
            && !instance.script.chooses_tls()
            && !roles(instance).is_empty()
            && traffic::of(instance) < TRAFFIC
    });
    instances
}

/// Roles of the target that the instance is for. The engine plays the client; targets that are clients come with it.
pub fn roles(instance: &Instance) -> &'static [Role] {
    match instance.case.role {
        TargetRole::Server | TargetRole::Both => &[Role::Server],
        TargetRole::Client | TargetRole::Proxy => &[],
    }
}

/// Whether the target, a server, has to fail the connection, level may left out.
pub fn is_negative(instance: &Instance) -> bool {
    roles(instance).contains(&Role::Server)
        && instance.case.level != Level::May
        && traffic::expects_failure(&instance.script.steps)
}

/// The outcome of an instance on a kind of peer in memory, or the panic of a run that did not come to one.
pub fn trial(instance: &Arc<Instance>, role: Role, kind: Kind, chop: Chop) -> Result<Outcome, String> {
    let pair = Pair::chopped(chop);
    let config = declared_config(instance);
    let run = || {
        let settings = declared_settings(role, App::Echo, &config);
        pair.run(Arc::clone(instance), settings, &mut |nth| {
            kind.peer_with(config.clone(), role, nth)
        })
    };
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        message.unwrap_or_else(|| format!("{} panicked", instance.name))
    })
}

/// Why an instance did not pass, when it did not. An error proves nothing: the case was not judged.
pub fn finding(outcome: &Outcome) -> Option<FindingKind> {
    let failed = matches!(
        outcome.verdict,
        Verdict::Fail | Verdict::Nonstrict | Verdict::Crash
    );
    let found = outcome.finding.as_ref().filter(|_| failed);
    found.map(|finding| finding.kind)
}

/// Why the instance does not pass on the defect, if it does not.
pub fn finds(instance: &Arc<Instance>, role: Role, defect: Defect) -> Option<FindingKind> {
    let outcome = trial(instance, role, Kind::Defect(defect), Chop::Whole).ok()?;
    finding(&outcome)
}
