//! `wsanvil replay`: findings of a report run again, or a case file.

mod compare;
mod recorded;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::FromArgMatches as _;
use wsanvil_case::Library;
use wsanvil_model::{InstanceReport, Report, Verdict};

use self::compare::Again;
use self::recorded::Recorded;
use super::{configured, library, parse, refused, report_file, run};
use crate::cli::{AppArg, Cli, Command, ReplayArgs, RunArgs};
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal::{self, escape, style};

/// What stands in a report where a secret stood.
const MASK: &str = "***";

/// Runs again what is named, and compares.
pub(super) fn replay(args: &ReplayArgs) -> Result<u8, Failure> {
    let (path, part) = file_and_part(&args.what)?;
    let again = if path.extension().is_some_and(|extension| extension == "toml") {
        if part.is_some() {
            return Err(Failure::usage("a case file is replayed as a whole").hint("leave out what follows #"));
        }
        of_cases(args, &path)?
    } else {
        of_report(args, &path, part.as_deref())?
    };
    conclude(&again)
}

/// The file, and what stands behind `#`.
fn file_and_part(what: &str) -> Result<(PathBuf, Option<String>), Failure> {
    let whole = Path::new(what);
    if whole.is_file() {
        return Ok((whole.to_owned(), None));
    }
    let parts = what
        .match_indices('#')
        .map(|(at, _)| (&what[..at], &what[at + 1..]));
    let mut parts = parts.filter(|(file, part)| Path::new(file).is_file() && !part.is_empty());
    if let Some((file, part)) = parts.next() {
        return Ok((file.into(), Some(part.to_owned())));
    }
    let file = what.split('#').next().unwrap_or(what);
    Err(Failure::usage(format!("there is no file {file}"))
        .hint("wsanvil replay wsanvil-report/report.json#NAME [URL], or wsanvil replay CASE.toml URL"))
}

fn of_report(args: &ReplayArgs, path: &Path, part: Option<&str>) -> Result<Vec<Again>, Failure> {
    let report = report_file::read(path)?;
    let findings = findings(&report, part)?;
    let mut again = Vec::new();
    for (recorded, group) in recorded::groups(&report, &findings)? {
        let new = observe(args, &recorded)?;
        again.extend(group.into_iter().map(|old| Again::of(old, find(&new, &old.name))));
    }
    Ok(again)
}

/// The findings that are meant.
fn findings<'r>(report: &'r Report, part: Option<&str>) -> Result<Vec<&'r InstanceReport>, Failure> {
    let all = || {
        report
            .cases
            .iter()
            .flat_map(|case| case.instances.iter().map(move |one| (case, one)))
    };
    let found = || all().filter(|(_, one)| one.verdict.is_finding());
    let Some(part) = part else {
        return Ok(found().map(|(_, one)| one).collect());
    };
    let meant = |case: &wsanvil_model::CaseReport, one: &InstanceReport| {
        let alias = |alias: &String| alias == part || alias.strip_prefix("autobahn:") == Some(part);
        one.name == part || case.id == part || one.alias.iter().any(alias)
    };
    let findings: Vec<&InstanceReport> = found()
        .filter(|(case, one)| meant(case, one))
        .map(|(_, one)| one)
        .collect();
    if !findings.is_empty() {
        return Ok(findings);
    }
    if let Some((_, one)) = all().find(|(case, one)| meant(case, one)) {
        let verdict = one.verdict.name();
        return Err(Failure::new(
            exit_code::NO_CASE,
            format!("{part} is no finding in that report: its verdict is {verdict}"),
        ));
    }
    let mut near: Vec<(f64, &str)> = found()
        .map(|(_, one)| (strsim::jaro_winkler(part, &one.name), one.name.as_str()))
        .filter(|(score, _)| *score > 0.7)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, name)| name).collect();
    let failure = Failure::new(exit_code::NO_CASE, format!("that report has no finding {part}"));
    Err(if near.is_empty() {
        failure.hint("without # all its findings are run again")
    } else {
        failure.hint(format!("nearest: {}", near.join(", ")))
    })
}

fn find<'r>(report: &'r Report, name: &str) -> Option<&'r InstanceReport> {
    let mut instances = report.cases.iter().flat_map(|case| &case.instances);
    instances.find(|one| one.name == name)
}

/// The cases of a file: what has a finding is reproduced, what passes is gone.
fn of_cases(args: &ReplayArgs, path: &Path) -> Result<Vec<Again>, Failure> {
    let mut own = Library::empty();
    if let Err(errors) = own.add_file(path) {
        library::tell(errors);
        return Err(Failure::usage("the case file has mistakes: nothing was run"));
    }
    let recorded = Recorded {
        words: [OsString::from("run")].into(),
        folders: vec![path.to_owned()],
        cases: own.cases().map(|case| case.id.clone()).collect(),
        app: Some(AppArg::Echo),
        needs_url: true,
    };
    let new = observe(args, &recorded)?;
    let names = own.instances.iter().map(|instance| instance.name.as_str());
    Ok(names.map(|name| Again::of_case(name, find(&new, name))).collect())
}

/// Runs what was recorded, with what the command line says now.
fn observe(args: &ReplayArgs, recorded: &Recorded) -> Result<Report, Failure> {
    let mut line: Vec<OsString> = vec!["wsanvil".into()];
    line.extend(recorded.words.iter().cloned());
    let matches = parse(<Cli as clap::CommandFactory>::command(), &line)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| refused(&error))?;
    let Some(Command::Run(run_args)) = cli.command else {
        return Err(Failure::usage("the report does not say how it was made"));
    };
    let (mut run_args, config) = configured(&line, &run_args)?;
    run_args.case.clone_from(&recorded.cases);
    run_args.cases.extend(recorded.folders.iter().cloned());
    run_args.exclude.clear();
    run_args.shard = None;
    run_args.app = run_args.app.or(recorded.app);
    if let Some(url) = &args.url {
        run_args.url = Some(url.clone());
        run_args.command.clear();
    }
    args.reach.apply(&mut run_args);
    if recorded.needs_url && run_args.url.is_none() {
        return Err(Failure::usage("a case file does not say where the target is")
            .hint("wsanvil replay CASE.toml ws://HOST:PORT/"));
    }
    holds_no_mask(&run_args)?;
    // Nothing is written: the report of the finding stays as it is.
    run_args.events = None;
    run_args.quiet = Some(true);
    run_args.github = Some(false);
    run::observe(&run_args, config.declared)
}

/// Secrets are not in reports: whoever replays must give them again.
fn holds_no_mask(args: &RunArgs) -> Result<(), Failure> {
    let hint = |text: &str| format!("give it again: {text}");
    if args.url.as_ref().is_some_and(|url| url.contains(MASK)) {
        return Err(
            Failure::usage("the URL held a secret, which the report does not hold")
                .hint(hint("wsanvil replay REPORT#NAME 'ws://user:password@host/'")),
        );
    }
    if let Some(field) = args.header.iter().find(|field| field.contains(MASK)) {
        let name = field.split(':').next().unwrap_or_default();
        return Err(Failure::usage(format!(
            "the field {name} was a secret, which the report does not hold"
        ))
        .hint(hint(&format!("--header '{name}: …'"))));
    }
    if args.command.iter().any(|word| word.contains(MASK)) {
        return Err(Failure::usage(
            "the command that started the target held a secret, which the report does not hold",
        )
        .hint("start it by yourself and give its URL: wsanvil replay REPORT#NAME URL"));
    }
    Ok(())
}

fn conclude(again: &[Again]) -> Result<u8, Failure> {
    let mut text = String::new();
    let mut counts = [0_usize; 3];
    for one in again {
        let (index, word, style) = match one.state {
            compare::State::Reproduced => (0, "reproduced", style::of(Verdict::Fail)),
            compare::State::Changed => (1, "changed", style::of(Verdict::Nonstrict)),
            compare::State::Gone => (2, "gone", style::of(Verdict::Pass)),
        };
        counts[index] += 1;
        let _ = writeln!(
            text,
            "{style}{word:<10}{style:#}  {}: {}",
            escape(&one.name),
            escape(&one.why)
        );
    }
    let [reproduced, changed, gone] = counts;
    if again.is_empty() {
        text.push_str("that report has no findings\n");
    } else {
        let _ = writeln!(text, "{reproduced} reproduced, {changed} changed, {gone} gone");
    }
    terminal::say(&text)?;
    Ok(if reproduced + changed > 0 {
        exit_code::FINDINGS
    } else {
        exit_code::OK
    })
}
