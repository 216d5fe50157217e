//! `wsanvil explain`: what a case does and why, or what a requirement says and which cases check it.

mod case;
mod json;
mod requirement;

use wsanvil_case::{Instance, Library, Selection};
use wsanvil_cases::SpecRow;
use wsanvil_run::StandingCase;

use super::library;
use crate::cli::ExplainArgs;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal;

/// What an id names.
enum Found<'l> {
    /// A case by its instances, with the one that was asked for, if one was.
    Case(Vec<&'l Instance>, Option<&'l Instance>),
    Requirement(&'static SpecRow),
    Standing(StandingCase),
}

/// Prints the explanation.
pub(super) fn explain(args: &ExplainArgs) -> Result<u8, Failure> {
    let library = library::load(&args.cases)?;
    let found = find(&args.id, &library)?;
    let text = if args.json {
        json::explain(&found, &library)?
    } else {
        let width = terminal::stdout_width().min(110);
        match &found {
            Found::Case(instances, chosen) => case::explain(instances, *chosen, width),
            Found::Requirement(row) => requirement::explain(row, &library, width),
            Found::Standing(rule) => requirement::standing(rule, width),
        }
    };
    terminal::say(&text)?;
    Ok(exit_code::OK)
}

fn find<'l>(id: &str, library: &'l Library) -> Result<Found<'l>, Failure> {
    let named = |instance: &&Instance| instance.name == id || instance.alias.iter().any(|alias| alias == id);
    if let Some(case) = library.case(id) {
        return Ok(Found::Case(of_case(library, &case.id).collect(), None));
    }
    if let Some(instance) = library.instances.iter().map(AsRef::as_ref).find(named) {
        let instances = of_case(library, &instance.case.id).collect();
        return Ok(Found::Case(instances, Some(instance)));
    }
    if let Some(row) = wsanvil_case::requirement(id) {
        return Ok(Found::Requirement(row));
    }
    if let Some(rule) = wsanvil_run::standing_cases().find(|rule| rule.id == id) {
        return Ok(Found::Standing(rule));
    }
    Err(unknown(id, library))
}

fn of_case<'l>(library: &'l Library, id: &str) -> impl Iterator<Item = &'l Instance> {
    library
        .instances
        .iter()
        .map(AsRef::as_ref)
        .filter(move |instance| instance.case.id == id)
}

fn unknown(id: &str, library: &Library) -> Failure {
    let selection = Selection {
        include: vec![id.to_owned()],
        ..Selection::default()
    };
    // An area or a pattern is a good selection and still no case.
    if selection.select(library).is_ok() {
        return Failure::new(exit_code::NO_CASE, format!("`{id}` names several cases")).hint(format!(
            "`wsanvil list --case {}` shows them",
            terminal::shell_quote(id)
        ));
    }
    let requirements = wsanvil_cases::requirements().iter().map(|row| row.id);
    let standing: Vec<String> = wsanvil_run::standing_cases().map(|rule| rule.id).collect();
    let names = library
        .instances
        .iter()
        // Names of instances only to who writes one: they would crowd the ids out.
        .map(|instance| {
            if id.contains('[') {
                &instance.name
            } else {
                &instance.case.id
            }
            .as_str()
        })
        .chain(
            library
                .instances
                .iter()
                .flat_map(|instance| instance.alias.iter().map(String::as_str)),
        )
        .chain(requirements)
        .chain(standing.iter().map(String::as_str));
    let mut scored: Vec<(f64, &str)> = names
        .map(|name| (strsim::jaro_winkler(id, name), name))
        .filter(|(score, _)| *score > 0.7)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.dedup_by(|left, right| left.1 == right.1);
    let nearest: Vec<&str> = scored.into_iter().take(5).map(|(_, name)| name).collect();
    let failure = Failure::new(
        exit_code::NO_CASE,
        format!("`{id}` is no case, instance, alias or requirement"),
    );
    if nearest.is_empty() {
        failure.hint("`wsanvil list` shows all cases")
    } else {
        failure.hint(format!("nearest: {}", nearest.join(", ")))
    }
}
