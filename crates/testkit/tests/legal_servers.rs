//! Servers that answer an offer of compression in other legal ways than the reference does: no case about compression may
//! fail them. What they do not grant is skipped, never judged.

use std::sync::Arc;

use wsanvil_case::{Instance, Library};
use wsanvil_echo::Config;
use wsanvil_engine::App;
use wsanvil_model::{TargetRole, Verdict};
use wsanvil_testkit::pair::{Chop, Pair};
use wsanvil_testkit::{EchoPeer, settings};
use wsanvil_wire::Role;
use wsanvil_wire::deflate::ServerPolicy;

/// Cases about compressed messages that need no declared target and move little.
fn instances() -> Vec<Arc<Instance>> {
    let mut instances = Library::embedded()
        .unwrap_or_else(|error| panic!("{error}"))
        .instances;
    instances.retain(|instance| {
        let server = matches!(instance.case.role, TargetRole::Server | TargetRole::Both);
        server && instance.profiles.default && instance.case.area() == "deflate" && !instance.case.disruptive
    });
    instances
}

fn run(instance: &Arc<Instance>, config: &Config) -> (Verdict, String) {
    let settings = settings(Role::Server, App::Echo);
    let outcome = Pair::chopped(Chop::Whole).run(Arc::clone(instance), settings, &mut |_| {
        Box::new(EchoPeer::server(config.clone()))
    });
    (outcome.verdict, outcome.reason)
}

fn policies() -> [(&'static str, ServerPolicy); 5] {
    let plain = ServerPolicy::default();
    [
        (
            "gives up its own context unasked",
            ServerPolicy {
                server_no_context_takeover: true,
                ..plain
            },
        ),
        (
            "wants no context of the client",
            ServerPolicy {
                client_no_context_takeover: true,
                ..plain
            },
        ),
        (
            "compresses with 512 octets unasked",
            ServerPolicy {
                server_max_window_bits: 9,
                ..plain
            },
        ),
        (
            "wants small windows of the client",
            ServerPolicy {
                client_max_window_bits: 8,
                ..plain
            },
        ),
        (
            "all of it",
            ServerPolicy {
                server_no_context_takeover: true,
                client_no_context_takeover: true,
                server_max_window_bits: 10,
                client_max_window_bits: 9,
            },
        ),
    ]
}

#[test]
fn no_legal_answer_fails_a_case() {
    let instances = instances();
    assert!(instances.len() > 200, "{}", instances.len());
    let mut complaints = Vec::new();
    for (name, deflate_policy) in policies() {
        let config = Config {
            deflate_policy,
            ..Config::default()
        };
        let mut passed = 0;
        for instance in &instances {
            match run(instance, &config) {
                (Verdict::Pass, _) => passed += 1,
                (Verdict::Skip, _) => {}
                (verdict, reason) => {
                    complaints.push(format!("{name}: {} {}: {reason}", verdict.name(), instance.name));
                }
            }
        }
        assert!(passed > instances.len() / 2, "{name}: {passed}");
    }
    assert!(
        complaints.is_empty(),
        "{}\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

#[test]
fn references_into_earlier_messages_are_skipped_where_they_are_not_wanted() {
    let instances = instances();
    let wanting = instances
        .iter()
        .find(|instance| instance.case.id == "deflate/reference-to-earlier-message")
        .unwrap();
    let with = |client_no_context_takeover| Config {
        deflate_policy: ServerPolicy {
            client_no_context_takeover,
            ..ServerPolicy::default()
        },
        ..Config::default()
    };
    assert_eq!(run(wanting, &with(false)).0, Verdict::Pass);
    let (verdict, reason) = run(wanting, &with(true));
    assert_eq!(verdict, Verdict::Skip);
    assert_eq!(
        reason,
        "the target does not want references into earlier messages"
    );
}
