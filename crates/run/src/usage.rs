//! What a launched target uses while an instance runs, held against what the case allows.

use std::time::Duration;

use tokio::time::sleep;
use wsanvil_case::{Instance, Limits};
use wsanvil_engine::{Outcome, TargetFacts};
use wsanvil_model::{Finding, FindingKind, Grade, Note, Verdict};
use wsanvil_net::{Connector, Meter};

use crate::pulse::Pulse;

/// Between two looks at the target.
const EVERY: Duration = Duration::from_millis(20);

/// Looks at most before a target's memory is taken as it is, those in a row that have to agree, and the change between
/// two that counts as none.
const LOOKS: u32 = 25;
const AGREEING: u32 = 3;
const STILL_KIB: u64 = 1024;

/// Growth of the target during an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Growth {
    rss_kib: Option<u64>,
    cpu_ms: Option<u64>,
}

/// A small conversation with the target.
pub(crate) struct Greeting<'a> {
    pub(crate) facts: &'a TargetFacts,
    pub(crate) seed: u64,
    pub(crate) connector: &'a Connector,
    pub(crate) within: Duration,
}

impl Greeting<'_> {
    /// What it comes to is for others to judge.
    async fn exchange(&self) {
        let pulse = Pulse::new(self.facts, self.seed);
        let _ = pulse.ping(self.connector, self.within).await;
    }
}

/// Runs an instance and watches the target meanwhile, when the case limits what it may use. `greeting` is a small
/// conversation, before and behind it: a target that answers has come to the end of what went before.
pub(crate) async fn watched(
    instance: &Instance,
    meter: Option<Meter>,
    greeting: Greeting<'_>,
    run: impl Future<Output = Outcome>,
) -> Outcome {
    let Some(limits) = instance.case.limits else {
        return run.await;
    };
    let growth = match meter {
        Some(meter) => {
            let (outcome, growth) = measure(meter, greeting, run).await;
            return judge(instance, limits, growth, outcome);
        }
        None => Growth::default(),
    };
    judge(instance, limits, growth, run.await)
}

/// Memory is looked at again and again, and the system's own peak where it can be set back; processor time at both ends.
async fn measure(
    meter: Meter,
    greeting: Greeting<'_>,
    run: impl Future<Output = Outcome>,
) -> (Outcome, Growth) {
    greeting.exchange().await;
    let rss = settled(meter).await;
    let exact = meter.forget_peak();
    let cpu = meter.cpu_ms();
    let mut most = rss;
    let mut run = std::pin::pin!(run);
    let outcome = loop {
        tokio::select! {
            biased;
            outcome = &mut run => break outcome,
            () = sleep(EVERY) => most = most.max(meter.rss_kib()),
        }
    };
    let cpu_after = meter.cpu_ms();
    // A case may be over while the target is still taking what it was told to take.
    greeting.exchange().await;
    most = most.max(settled(meter).await);
    if exact {
        most = most.max(meter.peak_kib());
    }
    let grown = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?));
    let growth = Growth {
        rss_kib: grown(rss, most),
        cpu_ms: grown(cpu, cpu_after),
    };
    (outcome, growth)
}

/// Memory in use once it has come to rest: what the instance before took may be given back only now, and would hide as
/// much that this one takes. A target that never rests is measured from where it is.
async fn settled(meter: Meter) -> Option<u64> {
    let mut last = meter.rss_kib()?;
    let mut agreeing = 0;
    for _ in 0..LOOKS {
        sleep(EVERY).await;
        let now = meter.rss_kib()?;
        agreeing = if now.abs_diff(last) < STILL_KIB {
            agreeing + 1
        } else {
            0
        };
        last = now;
        if agreeing == AGREEING {
            break;
        }
    }
    Some(last)
}

/// What is beyond a limit costs what a miss of the case costs; what could not be measured is a remark.
fn judge(instance: &Instance, limits: Limits, growth: Growth, mut outcome: Outcome) -> Outcome {
    if outcome.verdict == Verdict::Skip {
        return outcome;
    }
    let measures = [
        (
            limits.rss_mib,
            growth.rss_kib.map(|kib| kib.div_ceil(1024)),
            "MiB of memory",
        ),
        (limits.cpu_ms, growth.cpu_ms, "ms of processor time"),
    ];
    for (limit, used, unit) in measures {
        let Some(limit) = limit else { continue };
        match used {
            None => outcome.notes.push(note(format!(
                "not measured: the target may grow by {limit} {unit}"
            ))),
            Some(used) if used > limit => exceeded(
                instance,
                &format!("the target grows by no more than {limit} {unit}"),
                &format!("it grew by {used} {unit} during this case"),
                &mut outcome,
            ),
            Some(_) => {}
        }
    }
    outcome
}

fn exceeded(instance: &Instance, expected: &str, observed: &str, outcome: &mut Outcome) {
    let verdict = match instance.case.level.cost() {
        Grade::Fail => Verdict::Fail,
        Grade::Nonstrict => Verdict::Nonstrict,
        Grade::Note | Grade::Pass => {
            outcome
                .notes
                .push(note(format!("expected that {expected}; {observed}")));
            return;
        }
    };
    if outcome.verdict >= verdict {
        // What the conversation showed weighs as much.
        outcome.notes.push(note(observed.to_owned()));
        return;
    }
    outcome.verdict = verdict;
    outcome.reason = format!("expected {expected}; {observed}");
    outcome.finding = Some(Finding {
        kind: FindingKind::Growth,
        rule: None,
        requirement: instance.case.spec.first().cloned().unwrap_or_default(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        on: "main".to_owned(),
        line: instance.case.line,
        offset: None,
    });
}

fn note(text: String) -> Note {
    Note {
        text,
        on: String::new(),
        line: 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wsanvil_case::Library;
    use wsanvil_engine::{App, CompressedMessages, Engine, Settings};
    use wsanvil_wire::Role;

    use super::*;

    const CASES: &str = r#"
        [[case]]
        id = "test/must"
        title = "a limit"
        spec = ["6455-10.4-1"]
        limits = { rss_mib = 4, cpu_ms = 100 }
        steps = [{ open = "ws" }]
        [[case]]
        id = "test/may"
        title = "a limit that costs a note"
        spec = ["6455-10.4-1"]
        level = "may"
        limits = { rss_mib = 4 }
        steps = [{ open = "ws" }]
    "#;

    fn instance(name: &str) -> Arc<Instance> {
        let mut library = Library::empty();
        library.add_text("test.toml", CASES, None).unwrap();
        Arc::clone(library.instance(name).unwrap())
    }

    /// What an instance came to that passed.
    fn passed(instance: &Arc<Instance>) -> Outcome {
        let target = Arc::new(TargetFacts {
            role: Role::Server,
            host: String::new(),
            path: String::new(),
            scheme: "ws".to_owned(),
            headers: Vec::new(),
            origin: None,
            subprotocols: Vec::new(),
            app: App::Echo,
            declared: std::collections::BTreeMap::new(),
        });
        let settings = Settings {
            target,
            seed: 1,
            step_deadline: Duration::from_secs(1),
            quiet_window: Duration::ZERO,
            closing: wsanvil_engine::CLOSING,
            keep_all: false,
            compressed: Arc::new(CompressedMessages::new(0)),
        };
        Engine::new(Arc::clone(instance), settings).into_outcome()
    }

    fn judged(name: &str, growth: Growth) -> Outcome {
        let instance = instance(name);
        let limits = instance.case.limits.unwrap();
        judge(&instance, limits, growth, passed(&instance))
    }

    const WITHIN: Growth = Growth {
        rss_kib: Some(4096),
        cpu_ms: Some(100),
    };

    #[test]
    fn growth_up_to_the_limit_is_nothing() {
        let outcome = judged("test/must", WITHIN);
        assert_eq!((outcome.verdict, outcome.notes.len()), (Verdict::Pass, 0));
    }

    #[test]
    fn growth_beyond_the_limit_costs_what_the_case_costs() {
        let more = Growth {
            rss_kib: Some(4097),
            ..WITHIN
        };
        let outcome = judged("test/must", more);
        assert_eq!(outcome.verdict, Verdict::Fail);
        assert_eq!(outcome.finding.unwrap().kind, FindingKind::Growth);
        let outcome = judged("test/may", more);
        assert_eq!((outcome.verdict, outcome.notes.len()), (Verdict::Pass, 1));
        let busy = Growth {
            cpu_ms: Some(101),
            ..WITHIN
        };
        assert!(judged("test/must", busy).reason.contains("processor time"));
    }

    #[test]
    fn what_was_not_measured_is_said() {
        let outcome = judged("test/must", Growth::default());
        assert_eq!((outcome.verdict, outcome.notes.len()), (Verdict::Pass, 2));
        assert!(outcome.notes[0].text.starts_with("not measured"));
    }
}
