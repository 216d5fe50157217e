//! A conversation: the engine driven over a real connection, and somebody who watches it and says when it ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use wsanvil_case::Instance;
use wsanvil_case::script::Script;
use wsanvil_engine::{
    Came, Command, CompressedMessages, Engine, Input, OpenError, Outcome, Security, Seen, Settings,
    StandingHit, TargetFacts, Time, Untaken,
};
use wsanvil_model::{Direction, Entry, FindingKind, Verdict};
use wsanvil_net::{ConnectError, ConnectOptions, Connector};
use wsanvil_run::{Machine, Opening, Source};

use crate::command::run::target;
use crate::exit_code;
use crate::failure::Failure;

/// How long the engine waits where it needs to know that nothing comes.
const QUIET_WINDOW: Duration = Duration::from_millis(100);

/// Who watches a conversation and leads it.
pub(super) trait Audience {
    /// Something crossed the wire.
    fn saw(&mut self, entry: Entry);
    /// The target broke a rule.
    fn broke(&mut self, hit: &StandingHit);
    /// What is to be done next. Asked whenever the steps so far are done.
    fn next(&mut self) -> Next;
    /// Whether events are taken out of the engine as they come.
    fn takes(&self) -> bool {
        false
    }
    /// These came.
    fn took(&mut self, _events: Vec<Untaken>) {}
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Next {
    /// These steps.
    Steps(Script),
    /// Not known yet.
    Wait,
    /// Nothing more: the conversation ends when the target is quiet.
    EndWhenQuiet,
    /// Nothing more: the conversation ends now.
    End,
}

/// How a conversation goes.
#[derive(Debug, Clone)]
pub(super) struct Manners {
    /// The target as scripts see it.
    pub(super) facts: Arc<TargetFacts>,
    /// How long the target may be silent in a step, and behind the last one be anything but quiet.
    pub(super) patience: Duration,
    /// How long it is quiet before the conversation ends.
    pub(super) quiet_for: Duration,
    /// Of every random choice: keys, masks.
    pub(super) seed: u64,
}

/// What a conversation came to.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) outcome: Outcome,
    /// What came and was expected by no step.
    pub(super) untaken: Vec<Untaken>,
    /// The first rule that was broken by what was sent.
    pub(super) own_fault: Option<String>,
    pub(super) took_for: Duration,
}

/// Has the conversation. An error: no connection came about, or no WebSocket was behind it.
pub(super) async fn talk<A: Audience>(
    instance: Arc<Instance>,
    manners: &Manners,
    connector: Arc<Connector>,
    audience: &mut A,
) -> Result<Talk, Failure> {
    let settings = Settings {
        target: Arc::clone(&manners.facts),
        seed: manners.seed,
        step_deadline: manners.patience,
        quiet_window: QUIET_WINDOW,
        closing: manners.patience,
        keep_all: true,
        compressed: Arc::new(CompressedMessages::new(0)),
    };
    let door = Door {
        connector,
        closed: Mutex::new(None),
    };
    let origin = Instant::now();
    let watched = Watched {
        engine: Engine::new(instance, settings),
        audience,
        seen: Seen::default(),
        origin,
        stirred: Time::default(),
        resting: None,
        quiet_for: manners.quiet_for,
        patience: manners.patience,
        untaken: None,
        ending: false,
    };
    let mut buffer = Vec::new();
    let watched = wsanvil_run::drive(watched, &door, origin, &mut buffer).await;
    let untaken = watched.untaken.unwrap_or_else(|| watched.engine.untaken());
    let own_fault = watched.engine.own_fault();
    let outcome = watched.engine.into_outcome();
    if outcome.unreachable {
        let closed = door.closed.into_inner().unwrap_or_else(PoisonError::into_inner);
        return Err(unreachable(closed.as_ref(), &outcome, &manners.facts));
    }
    Ok(Talk {
        outcome,
        untaken,
        own_fault,
        took_for: origin.elapsed(),
    })
}

impl Talk {
    /// What a step of the user's own found, or what ended the conversation early. What came and was expected by no step
    /// is no matter here.
    pub(super) fn finding(&self) -> Option<&str> {
        let finding = self.outcome.finding.as_ref()?;
        let of_a_step = finding.line > 0;
        let left_over = matches!(
            finding.kind,
            FindingKind::UnexpectedEvent | FindingKind::EndedEarly
        );
        (of_a_step || !left_over).then_some(self.outcome.reason.as_str())
    }

    /// What a reader should know that is no broken rule. `entries` is what crossed the wire.
    pub(super) fn notes(&self, entries: &[Entry]) -> Vec<String> {
        let ended = self
            .untaken
            .iter()
            .any(|one| matches!(one.what, Came::Close { .. } | Came::End(_)));
        let mut notes: Vec<String> = self.outcome.notes.iter().map(|note| note.text.clone()).collect();
        if let Some(fault) = &self.own_fault {
            let did = if ended { "and did" } else { "and did not" };
            notes.push(format!(
                "what was sent breaks a rule ({fault}): the target has to fail the connection, {did}"
            ));
        } else if !ended && !last_ping_answered(entries) {
            notes.push("the last Ping was not answered (RFC 6455 section 5.5.2, 6455-5.5.2-2)".to_owned());
        }
        notes
    }

    /// Whether what the conversation found counts against the target.
    pub(super) fn is_bad(&self) -> bool {
        let must = |hit: &StandingHit| hit.level == wsanvil_model::Level::Must;
        let step = self
            .outcome
            .finding
            .as_ref()
            .is_some_and(|finding| finding.line > 0 && self.outcome.verdict == Verdict::Fail);
        step || self.outcome.standing.iter().any(must)
    }
}

/// The engine answers a Ping or a Close before it has noted it down. Who watches wants the question first.
fn answers_last(entries: &mut [Entry]) {
    for at in 1..entries.len() {
        let (answer, question) = (&entries[at - 1], &entries[at]);
        let opcodes = |one: &Entry, other: &Entry| {
            let of = |entry: &Entry| entry.frame.as_ref().map(|info| info.opcode);
            of(one).zip(of(other))
        };
        let pair = matches!(opcodes(answer, question), Some((8, 8) | (10, 9)));
        if pair
            && answer.dir == Direction::Out
            && question.dir == Direction::In
            && answer.t_us == question.t_us
        {
            entries.swap(at - 1, at);
        }
    }
}

/// Whether the latest Ping has its Pong: older ones need none (RFC 6455 section 5.5.3).
fn last_ping_answered(entries: &[Entry]) -> bool {
    let is = |entry: &Entry, dir, opcode| {
        entry.dir == dir && entry.frame.as_ref().is_some_and(|info| info.opcode == opcode)
    };
    let last = entries.iter().rposition(|entry| is(entry, Direction::Out, 9));
    last.is_none_or(|last| {
        let mut behind = entries[last..].iter();
        behind.any(|entry| is(entry, Direction::In, 10) && entry.hex == entries[last].hex)
    })
}

fn unreachable(closed: Option<&ConnectError>, outcome: &Outcome, facts: &TargetFacts) -> Failure {
    if let Some(error) = closed {
        return target::unreachable(error);
    }
    if let Some(error) = wsanvil_run::refusal(&outcome.transcript, facts) {
        return target::failed(&error);
    }
    let why = outcome.finding.as_ref().map(|finding| finding.observed.clone());
    Failure::new(
        exit_code::TARGET,
        why.unwrap_or_else(|| "no WebSocket connection came about".to_owned()),
    )
    .hint("check URL and path, and the target's own log")
}

/// Opens connections, and keeps the reason why one did not come about as it is.
#[derive(Debug)]
struct Door {
    connector: Arc<Connector>,
    closed: Mutex<Option<ConnectError>>,
}

impl Source for Door {
    fn open(&self, options: ConnectOptions, security: Option<Security>) -> Opening<'_> {
        if security.is_some() {
            return Source::open(&*self.connector, options, security);
        }
        Box::pin(async move {
            self.connector.connect(options).await.map_err(|error| {
                let why = OpenError::Other(error.to_string());
                *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                why
            })
        })
    }
}

/// The engine, watched.
struct Watched<'a, A> {
    engine: Engine,
    audience: &'a mut A,
    seen: Seen,
    /// What time 0 stands for.
    origin: Instant,
    /// When something happened last.
    stirred: Time,
    /// Since when the steps are done.
    resting: Option<Time>,
    quiet_for: Duration,
    patience: Duration,
    /// What no step had taken when the conversation came to its end.
    untaken: Option<Vec<Untaken>>,
    /// Nothing more is to be done.
    ending: bool,
}

impl<A: Audience> Watched<'_, A> {
    fn now(&self) -> Time {
        Time::default().after(self.origin.elapsed())
    }

    /// Tells what is new.
    fn tell(&mut self) {
        let (mut entries, hits) = self.engine.look(&mut self.seen);
        answers_last(&mut entries);
        // A rule stands right behind the frame that breaks it; others are about more than one frame.
        let mut hits: Vec<&StandingHit> = hits.iter().collect();
        for entry in entries {
            let (own, rest) = hits
                .into_iter()
                .partition(|hit| entry.dir == Direction::In && hit.finding.observed == entry.remark);
            hits = rest;
            self.audience.saw(entry);
            for hit in own {
                self.audience.broke(hit);
            }
        }
        for hit in hits {
            self.audience.broke(hit);
        }
        if self.audience.takes() && self.engine.is_resting() {
            let events = self.engine.take_untaken();
            if !events.is_empty() {
                self.audience.took(events);
            }
        }
    }

    /// Goes on with what the audience wants, when the steps so far are done.
    fn lead(&mut self) {
        while self.engine.is_resting() {
            let now = self.now();
            let since = *self.resting.get_or_insert(now);
            let over = if self.engine.is_listening() {
                match self.audience.next() {
                    Next::Steps(script) => {
                        self.resting = None;
                        self.stirred = now;
                        self.engine.insert(now, &script);
                        self.tell();
                        continue;
                    }
                    Next::Wait => {
                        self.resting = None;
                        false
                    }
                    Next::EndWhenQuiet => {
                        self.ending = true;
                        now >= self.quiet_at(since)
                    }
                    Next::End => true,
                }
            } else {
                true
            };
            if !over {
                return;
            }
            // Taken, so that nothing of it counts as left over.
            self.untaken = Some(self.engine.take_untaken());
            self.engine.wake(now);
            self.tell();
        }
    }

    /// When the conversation ends, if nothing happens until then.
    fn quiet_at(&self, since: Time) -> Time {
        let quiet = self.stirred.max(since).after(self.quiet_for);
        quiet.min(since.after(self.patience.max(self.quiet_for)))
    }
}

impl<A: Audience> Machine for Watched<'_, A> {
    fn start(&mut self, now: Time) {
        self.engine.start(now);
        self.tell();
    }

    fn handle(&mut self, now: Time, input: Input<'_>) {
        if !matches!(input, Input::Tick) {
            self.stirred = now;
        }
        self.engine.handle(now, input);
        self.tell();
    }

    fn poll(&mut self) -> Option<Command> {
        self.lead();
        self.engine.poll()
    }

    fn deadline(&self) -> Option<Time> {
        let quiet = self
            .resting
            .filter(|_| self.ending)
            .map(|since| self.quiet_at(since));
        [self.engine.deadline(), quiet].into_iter().flatten().min()
    }

    fn finished(&self) -> bool {
        self.engine.finished()
    }
}
