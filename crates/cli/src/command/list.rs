//! `wsanvil list`: what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use wsanvil_case::{Instance, Library, ProfileName, Profiles, Selection};

use super::library;
use crate::cli::ListArgs;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal::{self, fit, style};

/// Prints ids, titles and instances per profile.
pub(super) fn list(args: &ListArgs) -> Result<u8, Failure> {
    let library = library::load(&args.cases)?;
    let mut instances = select(args, &library)?;
    if let Some(shard) = args.shard {
        instances.retain(|instance| shard.holds(&instance.name));
    }
    // Standing rules are in every run and cannot be selected.
    let standing =
        args.case.is_empty() && args.exclude.is_empty() && args.profile.is_none() && args.shard.is_none();
    let cases = by_case(&instances);
    let text = if args.json {
        as_json(&cases, standing)?
    } else {
        as_text(&cases, standing)
    };
    terminal::say(&text)?;
    Ok(exit_code::OK)
}

/// What the options select; without a profile, from all there is.
fn select(args: &ListArgs, library: &Library) -> Result<Vec<Arc<Instance>>, Failure> {
    let of = |profile| {
        let selection = Selection {
            include: args.case.clone(),
            exclude: args.exclude.clone(),
            profile: Some(profile),
        };
        selection.select(library)
    };
    if let Some(profile) = args.profile {
        return of(profile).map_err(|error| library::unselected(&error));
    }
    let mut names = BTreeSet::new();
    let mut failure = None;
    for profile in ProfileName::ALL {
        match of(profile) {
            Ok(instances) => names.extend(instances.iter().map(|instance| instance.name.clone())),
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if names.is_empty() => Err(library::unselected(&error)),
        _ => Ok(library
            .instances
            .iter()
            .filter(|instance| names.contains(&instance.name))
            .cloned()
            .collect()),
    }
}

/// Instances of each case, in the order of the library.
fn by_case(instances: &[Arc<Instance>]) -> Vec<Vec<&Instance>> {
    let mut cases: Vec<Vec<&Instance>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in instances {
        let place = *places.entry(&instance.case.id).or_insert_with(|| {
            cases.push(Vec::new());
            cases.len() - 1
        });
        cases[place].push(instance);
    }
    cases
}

/// Instances of each profile.
pub(super) fn per_profile<'i>(instances: impl IntoIterator<Item = &'i Instance>) -> [usize; 5] {
    let mut counts = [0; 5];
    for instance in instances {
        for (count, profile) in counts.iter_mut().zip(ProfileName::ALL) {
            *count += usize::from(holds(instance.profiles, profile));
        }
    }
    counts
}

/// Whether an instance of these profiles runs in `profile`.
pub(super) fn holds(profiles: Profiles, profile: ProfileName) -> bool {
    match profile {
        ProfileName::Quick => profiles.quick,
        ProfileName::Default => profiles.default,
        ProfileName::Full => profiles.full,
        ProfileName::Autobahn => profiles.autobahn,
        ProfileName::Perf => profiles.perf,
    }
}

fn as_text(cases: &[Vec<&Instance>], standing: bool) -> String {
    let mut text = String::new();
    let (head, dim) = (style::HEAD, style::DIM);
    let ids = cases
        .iter()
        .map(|case| case[0].case.id.chars().count())
        .max()
        .unwrap_or(0)
        .max(24);
    let titles = terminal::stdout_width().saturating_sub(ids + 2 + 5 * 9).max(30);
    let line = |text: &mut String, id: &str, counts: [String; 5], title: &str| {
        let _ = write!(text, "{id:<ids$} ");
        for count in counts {
            let _ = write!(text, " {count:>8}");
        }
        let _ = writeln!(text, "  {}", fit(title, titles));
    };
    let names = ProfileName::ALL.map(|profile| profile.name().to_owned());
    let _ = write!(text, "{head}");
    line(&mut text, "case", names, "title");
    let _ = write!(text, "{head:#}");
    for case in cases {
        let counts = per_profile(case.iter().copied());
        let shown = counts.map(|count| {
            if count == 0 {
                "-".to_owned()
            } else {
                count.to_string()
            }
        });
        line(
            &mut text,
            &terminal::escape(&case[0].case.id),
            shown,
            &terminal::escape(&title(case)),
        );
    }
    if standing {
        let _ = writeln!(text, "\n{head}watched in every case{head:#}");
        for rule in wsanvil_run::standing_cases() {
            let _ = writeln!(text, "{:<ids$}  {}", rule.id, rule.title);
        }
    }
    let all = cases.iter().flatten().copied();
    let totals: Vec<String> = ProfileName::ALL
        .iter()
        .zip(per_profile(all))
        .map(|(profile, count)| format!("{count} {}", profile.name()))
        .collect();
    let instances: usize = cases.iter().map(Vec::len).sum();
    let _ = writeln!(
        text,
        "\n{} cases, {instances} instances{dim} ({}){dim:#}",
        cases.len(),
        totals.join(", ")
    );
    text
}

/// The title of a lone instance has its values filled in.
fn title(case: &[&Instance]) -> String {
    match case {
        [only] => only.title.clone(),
        _ => case[0].case.general_title(),
    }
}

fn as_json(cases: &[Vec<&Instance>], standing: bool) -> Result<String, Failure> {
    let listed: Vec<Value> = cases.iter().map(|case| case_json(case)).collect();
    let mut document = json!({ "cases": listed });
    if standing {
        document["standing"] = wsanvil_run::standing_cases()
            .map(|rule| json!({ "id": rule.id, "title": rule.title, "level": rule.level, "spec": rule.spec }))
            .collect();
    }
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::new(exit_code::BUG, format!("cannot make JSON: {error}")))?;
    Ok(text + "\n")
}

fn case_json(instances: &[&Instance]) -> Value {
    let case = &instances[0].case;
    let profiles: BTreeMap<&str, usize> = ProfileName::ALL
        .iter()
        .zip(per_profile(instances.iter().copied()))
        .map(|(profile, count)| (profile.name(), count))
        .collect();
    let instances: Vec<Value> = instances
        .iter()
        .map(|instance| {
            let profiles: Vec<&str> = ProfileName::ALL
                .into_iter()
                .filter(|profile| holds(instance.profiles, *profile))
                .map(ProfileName::name)
                .collect();
            json!({
                "name": instance.name,
                "title": instance.title,
                "values": instance.values,
                "alias": instance.alias,
                "profiles": profiles,
            })
        })
        .collect();
    json!({
        "id": case.id,
        "title": case.title,
        "level": case.level,
        "role": case.role,
        "spec": case.spec,
        "profiles": profiles,
        "instances": instances,
    })
}
