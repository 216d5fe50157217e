//! Engine and reference endpoint talk in memory: one verdict however the reads are cut, and none of the hostile peers
//! gets a pass it did not earn.

use std::sync::Arc;

use wsanvil_case::{Instance, Library};
use wsanvil_engine::{App, Outcome};
use wsanvil_model::Verdict;
use wsanvil_testkit::hostile::{HOSTILE, Hostile, by_name};
use wsanvil_testkit::pair::{Chop, Pair};
use wsanvil_testkit::{Kind, settings};
use wsanvil_wire::Role;

const CASES: &str = r#"
[group]
id = "dialogue"
title = "Dialogues of the testkit"
format = 1

[[case]]
id = "dialogue/echo"
title = "A {kind} message of {len} octets comes back"
spec = ["6455-5.6-1"]
needs = ["echo"]
matrix = { kind = ["text", "binary"], len = [0, 1, 125, 126, 65535, 65536] }
steps = [
  { open = "ws" },
  { send = "{kind}", fill = "wsanvil ", len = "{len}" },
  { expect = "echo" },
]

[[case]]
id = "dialogue/many"
title = "Fragments, Pings between them and octets one by one"
spec = ["6455-5.4-1"]
needs = ["echo"]
steps = [
  { open = "ws" },
  { send = "text", fin = false, data = "Grüße, ", chunk = 1 },
  { send = "ping", data = "between" },
  { expect = "pong", data = "between" },
  { send = "continuation", data = "Welt" },
  { expect = "echo" },
  { repeat = 20, var = "i", steps = [
    { send = "text", data = "message {i}" },
    { expect = "echo" },
  ] },
  { close = 1000 },
]

[[case]]
id = "dialogue/alive"
title = "A Ping is answered"
spec = ["6455-5.5.2-2"]
steps = [
  { open = "ws" },
  { expect = "alive" },
]

[[case]]
id = "dialogue/two"
title = "Two connections do not mix"
spec = ["6455-5.4-1"]
needs = ["echo"]
steps = [
  { open = "ws", on = "a" },
  { open = "ws", on = "b" },
  { send = "text", on = "a", data = "to a" },
  { send = "binary", on = "b", data = "to b" },
  { expect = "echo", on = "b" },
  { expect = "echo", on = "a" },
]

[[case]]
id = "dialogue/reserved-bits"
title = "A frame with reserved bits {rsv} fails the connection"
spec = ["6455-5.2-3"]
matrix = { rsv = [1, 2, 7] }
steps = [
  { open = "ws" },
  { send = "frame", opcode = 1, rsv = "{rsv}", data = "Hello" },
  { expect = "fail", code = [1002] },
]

[[case]]
id = "dialogue/bad-text"
title = "Text that is not UTF-8 fails the connection"
spec = ["6455-8.1-1"]
steps = [
  { open = "ws" },
  { send = "text", hex = "48 69 ff" },
  { expect = "fail", code = [1007] },
]

[[case]]
id = "dialogue/bad-request"
title = "A request without key is refused"
spec = ["6455-4.2.1-1"]
role = "server"
steps = [
  { open = "tcp" },
  { send = "request", remove = ["Sec-WebSocket-Key"] },
  { expect = "refused", status = [400] },
]
"#;

fn instances() -> Vec<Arc<Instance>> {
    let mut library = Library::empty();
    if let Err(errors) = library.add_text("dialogue.toml", CASES, None) {
        panic!(
            "{}",
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        );
    }
    library.instances
}

/// Whether the target has to fail or refuse the connection.
fn negative(instance: &Instance) -> bool {
    ["reserved-bits", "bad-text", "bad-request"]
        .iter()
        .any(|slug| instance.name.contains(slug))
}

fn on(instance: &Arc<Instance>, kind: Kind, chop: Chop) -> Outcome {
    let settings = settings(Role::Server, App::Echo);
    Pair::chopped(chop).run(Arc::clone(instance), settings, &mut |_| kind.server())
}

fn on_reference(instance: &Arc<Instance>, chop: Chop) -> Outcome {
    on(instance, Kind::Reference, chop)
}

fn on_hostile(instance: &Arc<Instance>, hostile: &'static Hostile) -> Outcome {
    on(instance, Kind::Hostile(hostile), Chop::Whole)
}

#[test]
fn the_reference_passes_however_the_reads_are_cut() {
    for instance in instances() {
        for chop in [Chop::Whole, Chop::Octet, Chop::Seeded(1), Chop::Seeded(2)] {
            let outcome = on_reference(&instance, chop);
            assert_eq!(
                outcome.verdict,
                Verdict::Pass,
                "{} {chop:?}: {}",
                instance.name,
                outcome.reason
            );
            assert_eq!(outcome.notes, [], "{} {chop:?}", instance.name);
            assert_eq!(outcome.standing, [], "{} {chop:?}", instance.name);
        }
    }
}

#[test]
fn no_hostile_peer_passes_where_a_message_is_owed() {
    for instance in instances().iter().filter(|instance| !negative(instance)) {
        for hostile in HOSTILE {
            let outcome = on_hostile(instance, hostile);
            // One that sends every octet back echoes correctly, but masked: that is the finding of a standing rule. Over
            // a large message the end of TCP may be a limit.
            let large = instance.name.contains("len=65536") && outcome.verdict == Verdict::Nonstrict;
            let found = matches!(outcome.verdict, Verdict::Fail | Verdict::Error | Verdict::Crash)
                || large
                || outcome.standing.iter().any(|hit| hit.rule == "mask");
            assert!(found, "{} on {hostile:?}: {:?}", instance.name, outcome.verdict);
        }
    }
}

#[test]
fn silence_death_and_echo_of_everything_are_no_failed_connection() {
    for instance in instances().iter().filter(|instance| negative(instance)) {
        for name in [
            "silent",
            "stalls-in-handshake",
            "slow-drip",
            "mute",
            "echo-all",
            "unfinished-frame",
        ] {
            let outcome = on_hostile(instance, by_name(name).unwrap());
            assert_ne!(
                outcome.verdict,
                Verdict::Pass,
                "{} on {name}: {}",
                instance.name,
                outcome.reason
            );
        }
        for hostile in HOSTILE
            .iter()
            .filter(|hostile| hostile.name.contains("ends-") || hostile.name.contains("resets-"))
        {
            // The end of TCP may be a failed connection; only a fresh handshake can tell, and the verdict says so.
            let outcome = on_hostile(instance, hostile);
            assert!(
                outcome.verdict != Verdict::Pass || outcome.provisional,
                "{} on {hostile:?}: {}",
                instance.name,
                outcome.reason
            );
        }
    }
}

#[test]
fn our_own_ping_come_back_is_no_answer() {
    let all = instances();
    let alive = all
        .iter()
        .find(|instance| instance.name == "dialogue/alive")
        .unwrap();
    let outcome = on_hostile(alive, by_name("echo-all").unwrap());
    assert_eq!(outcome.verdict, Verdict::Fail, "{}", outcome.reason);
}

#[test]
fn a_run_is_a_function_of_script_seed_and_peer() {
    for instance in instances() {
        assert_eq!(
            on_reference(&instance, Chop::Seeded(3)),
            on_reference(&instance, Chop::Seeded(3))
        );
    }
}
