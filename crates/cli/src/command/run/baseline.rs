//! The baseline of a run: read before anything runs, reviewed and, if wanted, rewritten behind it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wsanvil_case::{Instance, Library, Selection, Severity};
use wsanvil_model::{Event, Report, TargetRole};
use wsanvil_report::baseline::{Baseline, Date, Mistake, Named, Scope, updated};
use wsanvil_report::{Gate, write_atomic};

use crate::cli::RunArgs;
use crate::command::reports::try_out;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;
use crate::terminal::snippet::Snippet;

/// The file that is used when none is named.
const NAME: &str = "wsanvil-baseline.toml";
/// A baseline larger than this is none.
const MAX_FILE: u64 = 16 << 20;

/// What is expected of the target.
#[derive(Debug)]
pub(super) struct Accepted {
    path: PathBuf,
    text: String,
    baseline: Baseline,
    scope: Scope,
    strict: bool,
    update: bool,
    /// The day of the run.
    today: Date,
}

impl Accepted {
    /// The baseline that is named, else the one in this folder; `None` when there is none.
    pub(super) fn of(args: &RunArgs, library: &Library) -> Result<Option<Self>, Failure> {
        let update = args.update_baseline.unwrap_or(false);
        let path = args.baseline.clone().unwrap_or_else(|| PathBuf::from(NAME));
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && update => String::new(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && args.baseline.is_none() => {
                return Ok(None);
            }
            Err(error) => {
                let shown = path.display();
                return Err(
                    Failure::usage(format!("the baseline {shown} cannot be read: {error}"))
                        .hint("--baseline names a TOML file; --update-baseline makes it"),
                );
            }
        };
        let baseline = Baseline::parse(&text).map_err(|mistakes| tell(&path, &text, mistakes))?;
        if update {
            try_out(&path).map_err(|error| unwritten(&path, &error.to_string()))?;
        }
        Ok(Some(Self {
            scope: scope(args, library)?,
            path,
            text,
            baseline,
            strict: args.strict_baseline.unwrap_or(false),
            update,
            today: Date::new(1970, 1, 1),
        }))
    }

    /// Marks a result when it is expected.
    pub(super) fn mark(&mut self, event: &mut Event) {
        match event {
            Event::Started { run, .. } => self.today = Date::of(&run.started).unwrap_or(self.today),
            Event::Finished { case, instance } => self.baseline.mark(case, instance, self.today),
            _ => {}
        }
    }

    /// Whether the file is to be rewritten.
    pub(super) fn is_updated(&self) -> bool {
        self.update
    }

    /// Writes what fits the report, and marks it anew.
    pub(super) fn rewrite(&mut self, report: &mut Report, gate: Gate) -> Result<String, Failure> {
        let new = updated(&self.text, report, &self.scope, gate, self.today)
            .map_err(|mistakes| tell(&self.path, &self.text, mistakes))?;
        if new.text != self.text {
            write_atomic(&self.path, new.text.as_bytes())
                .map_err(|error| unwritten(&self.path, &error.to_string()))?;
        }
        self.baseline =
            Baseline::parse(&new.text).map_err(|mistakes| tell(&self.path, &new.text, mistakes))?;
        self.text = new.text;
        for case in &mut report.cases {
            for instance in &mut case.instances {
                self.baseline.mark(&case.id, instance, self.today);
            }
        }
        Ok(format!(
            "baseline: {}: {} added, {} removed, {} changed\n",
            self.path.display(),
            new.added,
            new.removed,
            new.changed
        ))
    }

    /// Says in the report which entries say nothing true any more. True: `--strict-baseline` fails because of one.
    pub(super) fn review(&self, report: &mut Report) -> bool {
        let remarks = self.baseline.review(report, &self.scope, self.today);
        for remark in &remarks {
            let warning = format!("{}:{}: {remark}", self.path.display(), remark.line);
            report.run.warnings.push(warning);
        }
        self.strict && remarks.iter().any(wsanvil_report::baseline::Remark::is_strict)
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_FILE {
        return Err(std::io::Error::other("more than 16 MiB"));
    }
    std::fs::read_to_string(path)
}

/// Prints mistakes with their place.
fn tell(path: &Path, text: &str, mistakes: Vec<Mistake>) -> Failure {
    let text: Arc<str> = text.into();
    for mistake in mistakes {
        let snippet = Snippet {
            severity: Severity::Error,
            file: path.display().to_string(),
            line: mistake.line,
            column: mistake.column,
            message: mistake.message,
            hint: Some(mistake.hint),
            text: Arc::clone(&text),
            span: mistake.span,
        };
        terminal::complain(&snippet.render());
    }
    Failure::usage("the baseline has mistakes: nothing was run")
}

fn unwritten(path: &Path, cause: &str) -> Failure {
    Failure::new(
        exit_code::OUTPUT,
        format!("cannot write the baseline {}: {cause}", path.display()),
    )
}

/// What an entry can be about. Standing rules are judged by whole runs only.
fn scope(args: &RunArgs, library: &Library) -> Result<Scope, Failure> {
    let standing: Vec<Named> = wsanvil_run::standing_cases()
        .map(|rule| Named {
            case: rule.id.clone(),
            name: rule.id,
        })
        .collect();
    let profile = Selection {
        profile: args.selects,
        ..Selection::default()
    };
    let whole = profile
        .select(library)
        .map_err(|error| super::library::unselected(&error))?;
    let for_servers =
        |instance: &&Arc<Instance>| matches!(instance.case.role, TargetRole::Server | TargetRole::Both);
    let picked = !args.case.is_empty() || !args.exclude.is_empty() || args.shard.is_some();
    let mut whole: Vec<Named> = whole
        .iter()
        .filter(for_servers)
        .map(|instance| named(instance))
        .collect();
    if !picked {
        whole.extend(standing.iter().cloned());
    }
    let all = library.instances.iter().map(|instance| named(instance));
    Ok(Scope {
        library: all.chain(standing).collect(),
        whole,
    })
}

fn named(instance: &Instance) -> Named {
    Named {
        case: instance.case.id.clone(),
        name: instance.name.clone(),
    }
}
