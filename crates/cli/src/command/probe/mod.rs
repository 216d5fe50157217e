//! `wsanvil probe`: steps of a case file typed on the command line or at a prompt, and everything that crosses the wire.

mod input;
mod prompt;
mod save;
mod steps;
mod talk;
mod words;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use wsanvil_engine::StandingHit;
use wsanvil_model::{Closer, Entry};
use wsanvil_report::{Place, redact_transcript};

use self::steps::Steps;
use self::talk::{Audience, Manners, Next, Talk, talk};
use super::run::Interrupts;
use super::run::target::Wanted;
use crate::cli::{ProbeArgs, RunArgs};
use crate::exit_code;
use crate::failure::Failure;
use crate::secrets::Secrets;
use crate::terminal::{self, style};

const PATIENCE: Duration = Duration::from_secs(5);
const QUIET_FOR: Duration = Duration::from_millis(500);

/// Talks to a server.
pub(super) fn probe(args: &ProbeArgs) -> Result<u8, Failure> {
    let mut secrets = Secrets::default();
    let mut run = RunArgs {
        url: Some(args.url.clone()),
        ..RunArgs::default()
    };
    args.reach.apply(&mut run);
    let wanted = Wanted::of(&run, &mut secrets)?;
    let steps = Steps::of(&args.steps)?;
    let instance = steps.instance()?;
    if let Some(path) = &args.save {
        save::try_out(path, args.force)?;
    }
    let clean = |failure: Failure| secrets.clean(&failure);
    let connector = wanted.connector(&args.url).map_err(clean)?;
    let manners = Manners {
        facts: Arc::new(wanted.facts(connector.address(), std::collections::BTreeMap::new())),
        patience: args.reach.timeout.unwrap_or(PATIENCE),
        quiet_for: args.quiet_for.unwrap_or(QUIET_FOR),
        seed: super::run::new_seed(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit_code::TARGET, format!("cannot start: {error}")))?;
    if args.steps.is_empty() {
        return runtime.block_on(async {
            let mut interrupts = Interrupts::new()?;
            tokio::select! {
                code = prompt::prompt(&manners, connector, &secrets) => code,
                () = interrupts.next() => Ok(exit_code::INTERRUPTED),
            }
        });
    }
    let mut show = Show {
        secrets: &secrets,
        entries: Vec::new(),
        live: !args.json,
    };
    let talk = runtime.block_on(async {
        let mut interrupts = Interrupts::new()?;
        tokio::select! {
            talk = talk(instance, &manners, connector, &mut show) => talk.map_err(clean),
            () = interrupts.next() => Err(Failure::told(exit_code::INTERRUPTED)),
        }
    });
    let Show { entries, .. } = show;
    let talk = talk?;
    if args.json {
        terminal::say(&as_json(args, &talk, &entries, &secrets)?)?;
    } else {
        terminal::say(&summary(&talk, &entries, &secrets))?;
    }
    if let Some(path) = &args.save {
        save::save(path, args, &steps, &talk, &entries)?;
        if !args.json {
            terminal::say(&format!(
                "saved: {}\n",
                terminal::escape(&path.display().to_string())
            ))?;
        }
    }
    Ok(if talk.is_bad() {
        exit_code::FINDINGS
    } else {
        exit_code::OK
    })
}

/// Shows what happens, and keeps it.
struct Show<'s> {
    secrets: &'s Secrets,
    entries: Vec<Entry>,
    live: bool,
}

impl Audience for Show<'_> {
    fn saw(&mut self, entry: Entry) {
        let mut shown = [entry];
        redact_transcript(&mut shown, self.secrets.list());
        let [entry] = shown;
        if self.live {
            // Who reads no more of it still wants the conversation to end in order.
            let _ = terminal::say(&words::entry(&entry));
        }
        self.entries.push(entry);
    }

    fn broke(&mut self, hit: &StandingHit) {
        if self.live {
            let _ = terminal::say(&self.secrets.hide(&words::broken(hit)));
        }
    }

    fn next(&mut self) -> Next {
        Next::EndWhenQuiet
    }
}

/// How it went, in a few lines.
fn summary(talk: &Talk, entries: &[Entry], secrets: &Secrets) -> String {
    let outcome = &talk.outcome;
    let mut text = "\n".to_owned();
    if let Some(finding) = talk.finding() {
        let error = style::ERROR;
        let _ = writeln!(text, "{error}miss{error:#}: {}", terminal::escape(finding));
    }
    for note in talk.notes(entries) {
        let _ = writeln!(text, "note: {}", terminal::escape(&note));
    }
    let _ = match outcome.standing.len() {
        0 => write!(text, "no rule broken"),
        1 => write!(text, "1 rule broken"),
        many => write!(text, "{many} rules broken"),
    };
    let code = outcome
        .close
        .code
        .map(|code| format!("{code} ({})", words::meaning(code)));
    let _ = match (outcome.close.by, code) {
        (Closer::Tester, Some(code)) => write!(text, "; closed by wsanvil, answered with {code}"),
        (Closer::Tester, None) => write!(text, "; closed by wsanvil"),
        (Closer::Target, Some(code)) => write!(text, "; closed by the target with {code}"),
        (Closer::Target, None) => write!(text, "; ended by the target"),
        (Closer::Nobody, _) => write!(text, "; not closed"),
    };
    let _ = writeln!(text, "; {:.0} ms", talk.took_for.as_secs_f64() * 1000.0);
    secrets.hide(&text)
}

/// The transcript as JSON; described in docs/probe.md.
fn as_json(args: &ProbeArgs, talk: &Talk, entries: &[Entry], secrets: &Secrets) -> Result<String, Failure> {
    let outcome = &talk.outcome;
    let broken = |hit: &StandingHit| {
        json!({
            "rule": hit.rule,
            "level": hit.level,
            "requirement": hit.finding.requirement,
            "place": Place::of(&hit.finding.requirement).map(|place| place.to_string()),
            "observed": secrets.hide(&hit.finding.observed),
            "on": hit.finding.on,
            "offset": hit.finding.offset,
        })
    };
    let value = json!({
        "schema_version": 1,
        "url": secrets.hide(&args.url),
        "steps": args.steps.iter().map(|step| secrets.hide(step)).collect::<Vec<_>>(),
        "broken": outcome.standing.iter().map(broken).collect::<Vec<_>>(),
        "miss": talk.finding().map(|finding| secrets.hide(finding)),
        "notes": talk.notes(entries).iter().map(|note| secrets.hide(note)).collect::<Vec<_>>(),
        "close": outcome.close,
        "transcript": entries,
    });
    let mut text = serde_json::to_string_pretty(&value)
        .map_err(|error| Failure::new(exit_code::OUTPUT, format!("cannot write JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}
