//! One instance against one kind of peer in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use wsanvil_case::Instance;
use wsanvil_engine::{App, Outcome};
use wsanvil_testkit::pair::{Chop, Pair};
use wsanvil_testkit::{Kind, settings};
use wsanvil_wire::Role;

/// The outcome, or the panic of a run that did not come to one.
pub(crate) fn run(instance: &Arc<Instance>, role: Role, kind: Kind, chop: Chop) -> Result<Outcome, String> {
    let pair = Pair::chopped(chop);
    let run = || {
        pair.run(Arc::clone(instance), settings(role, App::Echo), &mut |nth| {
            kind.peer(role, nth)
        })
    };
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        message.unwrap_or_else(|| format!("{} panicked", instance.name))
    })
}
