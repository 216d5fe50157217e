//! A case in words.

use std::fmt::Write as _;

use wsanvil_case::script::{Action, Step};
use wsanvil_case::{Case, Instance, Need, ProfileName, dsl};
use wsanvil_model::{Level, TargetRole};

use super::requirement;
use crate::command::list::{holds, per_profile};
use crate::terminal::{escape, fit, shell_quote, style, wrap};

/// Instances named; the rest is counted.
const SHOWN: usize = 12;

/// Explains the case of `instances`; with the steps of `chosen`, or of the first one.
pub(super) fn explain(instances: &[&Instance], chosen: Option<&Instance>, width: usize) -> String {
    let Some(first) = chosen.or(instances.first().copied()) else {
        return String::new();
    };
    let case = &first.case;
    let mut text = String::new();
    let h = style::HEAD;
    let whole = chosen.is_none() && instances.len() != 1;
    let title = if whole {
        case.general_title()
    } else {
        first.title.clone()
    };
    let name = if chosen.is_some() { &first.name } else { &case.id };
    let _ = writeln!(text, "{h}{}{h:#}", escape(name));
    text.push_str(&wrap(&escape(&title), width, 2));
    let why = if whole {
        case.general_why()
    } else {
        first.why.clone()
    };
    if let Some(why) = why {
        let _ = writeln!(text, "\n{h}why{h:#}");
        text.push_str(&wrap(&escape(&why), width, 2));
    }
    let _ = writeln!(text, "\n{h}judged{h:#}");
    text.push_str(&wrap(&judged(case), width, 2));
    let _ = writeln!(text, "\n{h}rests on{h:#}");
    for id in &case.spec {
        requirement::paragraph(&mut text, id, width);
    }
    requirement::unclear(&mut text, &case.spec, width);
    if instances.len() > 1 {
        list(&mut text, instances, width);
    }
    let _ = writeln!(
        text,
        "\n{h}steps{h:#}{}",
        if instances.len() > 1 {
            format!(" of {}", escape(&first.name))
        } else {
            String::new()
        }
    );
    steps(&mut text, &first.script.steps, 2);
    if !first.alias.is_empty() {
        let _ = writeln!(
            text,
            "\n{h}also known as{h:#} {}",
            escape(&first.alias.join(", "))
        );
    }
    let id = if chosen.is_some() { &first.name } else { &case.id };
    let _ = writeln!(
        text,
        "\n{h}run it{h:#}\n  wsanvil run URL --case {}",
        escape(&shell_quote(id))
    );
    text
}

/// Level, role, needs and conditions in sentences.
fn judged(case: &Case) -> String {
    let cost = match case.level {
        Level::Must => "a miss is a fail (MUST)",
        Level::Should => "a miss is nonstrict (SHOULD)",
        Level::May => "a miss is only a note (MAY)",
    };
    let role = match case.role {
        TargetRole::Server => "servers",
        TargetRole::Client => "clients",
        TargetRole::Both => "servers and clients",
        TargetRole::Proxy => "proxies",
    };
    let mut text = format!("For {role}; {cost}.");
    if !case.needs.is_empty() {
        let needs: Vec<String> = case.needs.iter().map(need).collect();
        let _ = write!(text, " Skipped unless {}.", needs.join(" and "));
    }
    if case.disruptive {
        text.push_str(" Could do harm: against other machines only with --disruptive.");
    }
    if case.serial || case.limits.is_some() {
        text.push_str(" Runs alone.");
    }
    if !case.check.is_empty() {
        let _ = write!(text, " Checks the whole exchange for {}.", case.check.join(", "));
    }
    if !case.waive.is_empty() {
        let _ = write!(text, " Breaks {} on purpose.", case.waive.join(", "));
    }
    text
}

fn need(need: &Need) -> String {
    match need {
        Need::Echo => "the target echoes".to_owned(),
        Need::Deflate => "it agrees on permessage-deflate".to_owned(),
        Need::Launched => "wsanvil started it (-- CMD)".to_owned(),
        Need::Driven => "wsanvil starts the client".to_owned(),
        Need::Reconnects => "the client connects again by itself".to_owned(),
        Need::Tls => "it speaks TLS".to_owned(),
        Need::H2 => "it speaks HTTP/2".to_owned(),
        Need::Declares(name) => format!("[target] of wsanvil.toml declares {name}"),
    }
}

fn list(text: &mut String, instances: &[&Instance], width: usize) {
    let h = style::HEAD;
    let counts: Vec<String> = ProfileName::ALL
        .iter()
        .zip(per_profile(instances.iter().copied()))
        .filter(|(_, count)| *count > 0)
        .map(|(profile, count)| format!("{count} {}", profile.name()))
        .collect();
    let _ = writeln!(
        text,
        "\n{h}instances{h:#} {} ({})",
        instances.len(),
        counts.join(", ")
    );
    for instance in instances.iter().take(SHOWN) {
        let mut line = escape(&instance.name).into_owned();
        if !holds(instance.profiles, ProfileName::Default) {
            let profile = ProfileName::ALL
                .into_iter()
                .find(|profile| holds(instance.profiles, *profile));
            let _ = write!(line, " ({} only)", profile.map_or("", ProfileName::name));
        }
        if !instance.alias.is_empty() {
            let _ = write!(line, " = {}", escape(&instance.alias.join(", ")));
        }
        let _ = writeln!(text, "  {}", fit(&line, width.saturating_sub(2)));
    }
    if instances.len() > SHOWN {
        let id = shell_quote(&instances[0].case.id).into_owned();
        let more = instances.len() - SHOWN;
        let _ = writeln!(
            text,
            "  … and {more} more: wsanvil list --json --case {}",
            escape(&id)
        );
    }
}

fn steps(text: &mut String, steps_: &[Step], indent: usize) {
    let margin = " ".repeat(indent);
    for step in steps_ {
        if let Action::Repeat(repeat) = &step.action {
            let line = dsl(step);
            let head = line.split(" {").next().unwrap_or(&line);
            let _ = writeln!(text, "{margin}{}", escape(head));
            steps(text, &repeat.steps, indent + 2);
            continue;
        }
        let _ = write!(text, "{margin}{}", escape(&dsl(step)));
        let dim = style::DIM;
        match &step.note {
            Some(note) => {
                let _ = writeln!(text, "  {dim}# {}{dim:#}", escape(note));
            }
            None => text.push('\n'),
        }
    }
}
