//! `wsanvil run`: from options to a plan, from events to reports and an exit code.

mod baseline;
mod embedded;
mod events;
mod github;
mod interrupt;
mod judgement;
mod replay;
pub(super) mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wsanvil_case::{Instance, Library, ProfileName, Selection};
use wsanvil_engine::App;
use wsanvil_model::{Event, Report, ToolInfo};
use wsanvil_net::{Connector, Launch, Launched};
use wsanvil_report::{CaseMeta, Collector, Context, Gate};
use wsanvil_run::{Plan, RunError, Stop};

use self::baseline::Accepted;
use self::embedded::Embedded;
use self::events::Events;
pub(super) use self::interrupt::Interrupts;
pub(in crate::command) use self::judgement::exit_code as exit_code_of;
use self::target::Wanted;
use super::library;
use super::reports::{self, Reports};
use crate::cli::{AppArg, FailOn, OnFlaky, RunArgs};
use crate::exit_code;
use crate::failure::{Failure, warn};
use crate::secrets::Secrets;
use crate::terminal::{self, Progress};

const JOBS_HERE: u32 = 32;
const JOBS_ELSEWHERE: u32 = 4;
const STEP_DEADLINE: Duration = Duration::from_secs(5);
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Runs the selected cases and writes the reports. `declared` is the `[target]` table.
pub(super) fn run(args: &RunArgs, declared: BTreeMap<String, String>) -> Result<u8, Failure> {
    let reports = Reports::of(&args.report)?;
    with_report(args, declared, reports)?.conclude()
}

/// Runs the selected cases and gives the report, which is written nowhere and holds no secrets.
pub(super) fn observe(args: &RunArgs, declared: BTreeMap<String, String>) -> Result<Report, Failure> {
    with_report(args, declared, Reports::default())?.into_report()
}

fn with_report(
    args: &RunArgs,
    declared: BTreeMap<String, String>,
    reports: Reports,
) -> Result<Ended<'_>, Failure> {
    let mut secrets = Secrets::default();
    if let Some(auth) = declared.get("auth") {
        secrets.credentials(auth);
    }
    let wanted = Wanted::of(args, &mut secrets)?;
    let library = library::load(&args.cases)?;
    let instances = select(args, &library)?;
    let accepted = Accepted::of(args, &library)?;
    reports.try_out()?;
    let events = Events::open(args.events.as_deref(), tool())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit_code::TARGET, format!("cannot start: {error}")))?;
    let job = Job {
        args,
        wanted,
        declared,
        secrets,
        reports,
        events,
        accepted,
        instances,
    };
    let result = runtime.block_on(job.run());
    // Tasks of a run that was given up are not waited for.
    runtime.shutdown_background();
    result
}

fn select(args: &RunArgs, library: &Library) -> Result<Vec<Arc<Instance>>, Failure> {
    let selection = Selection {
        include: args.case.clone(),
        exclude: args.exclude.clone(),
        profile: args.selects,
    };
    let mut instances = selection
        .select(library)
        .map_err(|error| library::unselected(&error))?;
    if let Some(shard) = args.shard {
        let all = instances.len();
        instances.retain(|instance| shard.holds(&instance.name));
        if instances.is_empty() {
            warn(&format!(
                "shard {shard} holds none of the {all} instances selected"
            ));
        }
    }
    Ok(instances)
}

struct Job<'a> {
    args: &'a RunArgs,
    wanted: Wanted,
    declared: BTreeMap<String, String>,
    secrets: Secrets,
    reports: Reports,
    events: Events,
    accepted: Option<Accepted>,
    instances: Vec<Arc<Instance>>,
}

/// The target is there.
struct Ready {
    connector: Arc<Connector>,
    launch: Option<(Launch, Launched)>,
    /// Serves until it is dropped.
    reference: Option<Embedded>,
    here: bool,
}

impl<'a> Job<'a> {
    async fn run(mut self) -> Result<Ended<'a>, Failure> {
        let mut interrupts = Interrupts::new()?;
        // With a low limit fewer connections fit; cases that need more say so.
        let _ = wsanvil_net::raise_descriptor_limit();
        let ready = tokio::select! {
            ready = self.make_ready() => ready.map_err(|failure| self.secrets.clean(&failure))?,
            () = interrupts.next() => {
                return Err(before_the_run());
            }
        };
        let seed = self.args.seed.unwrap_or_else(new_seed);
        let command_line = replay::CommandLine::of(self.args, &self.wanted, seed);
        let mut collector = self.collector();
        let mut progress = Progress::new(self.args.quiet.unwrap_or(false), self.secrets.clone());
        let Ready {
            connector,
            launch,
            reference,
            here,
        } = ready;
        if reference.is_some() {
            self.declared.extend(Embedded::declared());
        }
        let plan = Plan {
            instances: self.instances.clone(),
            facts: self
                .wanted
                .facts(connector.address(), std::mem::take(&mut self.declared)),
            connector,
            launch,
            app: self.args.app.map(|app| match app {
                AppArg::Echo => App::Echo,
                AppArg::None => App::None,
            }),
            agent: self
                .args
                .agent
                .clone()
                .or_else(|| reference.as_ref().map(|_| embedded::AGENT.to_owned())),
            target_version: self.args.target_version.clone(),
            command: (!self.args.command.is_empty()).then(|| replay::quoted(&self.args.command)),
            profile: self
                .args
                .profile
                .clone()
                .unwrap_or_else(|| ProfileName::default().name().to_owned()),
            jobs: self
                .args
                .jobs
                .unwrap_or(if here { JOBS_HERE } else { JOBS_ELSEWHERE }),
            seed,
            shard: self.args.shard,
            step_deadline: self.args.timeout.unwrap_or(STEP_DEADLINE),
            max_time: self.args.max_time,
            retries: self.args.retries.unwrap_or(0),
            disruptive: self.args.disruptive.unwrap_or(false),
            keep_all: self.args.keep_transcripts.unwrap_or(false),
            selective: !self.args.case.is_empty(),
            replay: command_line.head(),
        };
        let stop = Stop::default();
        let began = AtomicBool::new(false);
        let (events, secrets) = (&mut self.events, &self.secrets);
        let accepted = &mut self.accepted;
        let mut sink = |mut event: Event| {
            began.store(true, Ordering::SeqCst);
            if let Event::Finished { instance, .. } = &mut event {
                command_line.complete(&mut instance.replay);
            }
            if let Some(accepted) = accepted {
                accepted.mark(&mut event);
            }
            progress.event(&event);
            events.write(&event, secrets.list());
            collector.fold(event);
        };
        let result = {
            let mut running = pin!(wsanvil_run::run(plan, stop.clone(), &mut sink));
            loop {
                tokio::select! {
                    result = &mut running => break result,
                    () = interrupts.next() => {
                        // Returning drops the run, and with it the process of the target.
                        if stop.is_asked() {
                            return Err(Failure::told(exit_code::INTERRUPTED));
                        }
                        if !began.load(Ordering::SeqCst) {
                            return Err(before_the_run());
                        }
                        stop.stop();
                        warn("interrupted: writing the reports; once more to leave at once");
                    }
                }
            }
        };
        progress.end();
        drop(reference);
        Ok(Ended {
            job: self,
            collector,
            result,
            interrupted: stop.is_asked(),
        })
    }

    async fn make_ready(&self) -> Result<Ready, Failure> {
        if self.wanted.url.is_none() {
            let reference = Embedded::start()?;
            let connector = self.wanted.connector(reference.url())?;
            return Ok(Ready {
                connector,
                launch: None,
                reference: Some(reference),
                here: true,
            });
        }
        let within = self.args.timeout.unwrap_or(STEP_DEADLINE);
        if self.args.command.is_empty() {
            let connector = self.wanted.connector(self.wanted.url())?;
            let here = connector
                .is_loopback(within)
                .await
                .map_err(|error| target::unreachable(&error))?;
            return Ok(Ready {
                connector,
                launch: None,
                reference: None,
                here,
            });
        }
        let mut launch = Launch::new(self.args.command.clone(), self.wanted.url());
        launch.options = self.wanted.options.clone();
        launch.headers.clone_from(&self.wanted.headers);
        launch.ready_within = self.args.ready_timeout.unwrap_or(READY_WITHIN);
        let launched = launch
            .clone()
            .start()
            .await
            .map_err(|error| target::unstartable(&error))?;
        let connector = self.wanted.connector(&launched.address.to_string())?;
        let here = connector
            .is_loopback(within)
            .await
            .map_err(|error| target::unreachable(&error))?;
        Ok(Ready {
            connector,
            launch: Some((launch, launched)),
            reference: None,
            here,
        })
    }

    fn collector(&self) -> Collector {
        let mut seen = BTreeSet::new();
        let mut cases = Vec::new();
        for instance in &self.instances {
            let case = &instance.case;
            if seen.insert(&case.id) {
                cases.push(CaseMeta {
                    id: case.id.clone(),
                    title: case.general_title(),
                    area: case.area().to_owned(),
                    role: case.role,
                    level: case.level,
                    spec: case.spec.clone(),
                    why: case.general_why(),
                    file: library::shown_file(&case.file),
                });
            }
        }
        let mut collector = Collector::new(tool(), cases);
        for rule in wsanvil_run::standing_cases() {
            collector.add_case(CaseMeta {
                id: rule.id,
                title: rule.title,
                area: "standing".to_owned(),
                role: wsanvil_model::TargetRole::Both,
                level: rule.level,
                spec: rule.spec,
                why: Some(rule.why.to_owned()),
                file: String::new(),
            });
        }
        collector
    }

    /// Writes the reports and says how it went.
    fn conclude(
        mut self,
        collector: Collector,
        result: Result<(), RunError>,
        interrupted: bool,
    ) -> Result<u8, Failure> {
        let failure = result
            .err()
            .map(|error| self.secrets.clean(&target::failed(&error)));
        if collector.summary().total() == 0
            && let Some(failure) = failure
        {
            return Err(failure);
        }
        let mut report = collector.finish();
        report.run.interrupted |= interrupted;
        let instances = report.cases.iter().flat_map(|case| &case.instances);
        let warnings =
            judgement::warnings(instances.map(|instance| (instance.verdict, instance.reason.as_str())));
        report.run.warnings.extend(warnings);
        wsanvil_report::redact(&mut report, self.secrets.list());
        let gate = self.gate();
        let (strictly, rewritten) = self.accept(&mut report, gate, failure.is_none());
        let requirement = reports::requirement;
        let context = Context {
            requirement: &requirement,
            gate,
        };
        let (written, mut unwritten) = self.reports.write(&report, &context);
        let summary = terminal::summary(&report, &written, terminal::stdout_width());
        let (rewritten, refused) = rewritten.map_or_else(|error| (None, Some(error)), |text| (text, None));
        let summary = summary + &rewritten.unwrap_or_default();
        unwritten.extend(refused);
        unwritten.extend(self.events.finish().err());
        let said = if events::takes_stdout(self.args.events.as_deref()) {
            terminal::complain(&summary);
            Ok(())
        } else {
            terminal::say(&summary)
        };
        if self.args.github.unwrap_or_else(github::is_here) {
            unwritten.extend(github::tell(&report, &context).err());
        }
        for failure in unwritten.iter().chain(&failure) {
            failure.tell();
        }
        said?;
        let code = match judgement::exit_code(&report, gate) {
            exit_code::OK if strictly => exit_code::FINDINGS,
            code => code,
        };
        Ok(if !unwritten.is_empty() {
            exit_code::OUTPUT
        } else if report.run.interrupted {
            exit_code::INTERRUPTED
        } else if failure.is_some() {
            exit_code::TARGET
        } else {
            code
        })
    }

    /// Holds the report against the baseline, which is rewritten when that is wanted and the run came to its end. Gives
    /// whether `--strict-baseline` fails, and what is to be said about the file.
    fn accept(
        &mut self,
        report: &mut Report,
        gate: Gate,
        ended: bool,
    ) -> (bool, Result<Option<String>, Failure>) {
        let Some(accepted) = &mut self.accepted else {
            return (false, Ok(None));
        };
        let mut said = Ok(None);
        if accepted.is_updated() {
            let judged = judgement::exit_code(report, gate) != exit_code::TARGET;
            said = if judged && ended && !report.run.interrupted {
                accepted.rewrite(report, gate).map(Some)
            } else {
                let text =
                    "the baseline is left as it was: the run did not judge the target to its end".to_owned();
                report.run.warnings.push(text);
                Ok(None)
            };
        }
        let strictly = accepted.review(report);
        wsanvil_report::redact(report, self.secrets.list());
        (strictly, said)
    }

    /// What counts against the target.
    fn gate(&self) -> Gate {
        Gate {
            nonstrict: self.args.fail_on == Some(FailOn::Nonstrict),
            forgive_flaky: self.args.flaky == Some(OnFlaky::Pass),
        }
    }
}

/// A run that has come to its end.
struct Ended<'a> {
    job: Job<'a>,
    collector: Collector,
    result: Result<(), RunError>,
    interrupted: bool,
}

impl Ended<'_> {
    fn conclude(self) -> Result<u8, Failure> {
        self.job.conclude(self.collector, self.result, self.interrupted)
    }

    /// The whole report; a run that did not come to its own end gives none.
    fn into_report(self) -> Result<Report, Failure> {
        let secrets = &self.job.secrets;
        if self.interrupted {
            return Err(Failure::told(exit_code::INTERRUPTED));
        }
        self.result
            .map_err(|error| secrets.clean(&target::failed(&error)))?;
        let mut report = self.collector.finish();
        wsanvil_report::redact(&mut report, secrets.list());
        Ok(report)
    }
}

fn tool() -> ToolInfo {
    ToolInfo {
        name: "wsanvil".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn before_the_run() -> Failure {
    Failure::new(
        exit_code::INTERRUPTED,
        "interrupted before the first case: there is nothing to report",
    )
}

/// A seed that is short enough to be typed.
pub(super) fn new_seed() -> u64 {
    RandomState::new().hash_one(std::process::id()) & 0xffff_ffff
}
