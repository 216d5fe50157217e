//! A requirement in words, and who checks it.

use std::fmt::Write as _;

use wsanvil_case::Library;
use wsanvil_cases::{Ambiguity, Erratum, Exception, SpecRow};
use wsanvil_report::Place;
use wsanvil_run::StandingCase;

use crate::terminal::{escape, style, wrap};

/// Explains a requirement of the inventory.
pub(super) fn explain(row: &SpecRow, library: &Library, width: usize) -> String {
    let mut text = String::new();
    let h = style::HEAD;
    let _ = writeln!(text, "{h}{}{h:#}", row.id);
    let place = Place::of(row.id);
    let shown = place
        .as_ref()
        .map_or_else(|| row.id.to_owned(), ToString::to_string);
    let _ = writeln!(text, "  {shown}, {} for the {}", row.level, row.actor);
    if let Some(address) = place.and_then(|place| place.address) {
        let _ = writeln!(text, "  {address}");
    }
    text.push('\n');
    text.push_str(&wrap(row.requirement, width, 2));
    let _ = writeln!(text, "\n{h}how it is judged{h:#}");
    text.push_str(&wrap(row.how, width, 2));
    for erratum in errata(row.id) {
        let _ = writeln!(text, "\n{h}erratum {}{h:#} ({})", erratum.number, erratum.status);
        text.push_str(&wrap(erratum.says, width, 2));
        let _ = writeln!(text, "  {}", erratum.address());
    }
    unclear(&mut text, &[row.id.to_owned()], width);
    let _ = writeln!(text, "\n{h}checked by{h:#}");
    let mut any = false;
    let cases = library
        .cases()
        .filter(|case| case.spec.iter().any(|id| id == row.id));
    for case in cases {
        any = true;
        let main = if case.spec.first().is_some_and(|id| id == row.id) {
            ""
        } else {
            " (among others)"
        };
        let _ = writeln!(
            text,
            "  {}: {}{main}",
            escape(&case.id),
            escape(&case.general_title())
        );
    }
    for rule in wsanvil_run::standing_cases().filter(|rule| rule.spec.iter().any(|id| id == row.id)) {
        any = true;
        let _ = writeln!(text, "  {}: {} (in every case)", rule.id, rule.title);
    }
    if let Some(exception) = exception(row.id) {
        text.push_str(&wrap(
            &format!("no case ({}): {}", exception.kind, exception.reason),
            width,
            2,
        ));
    } else if !any {
        let _ = writeln!(text, "  no case");
    }
    text
}

/// The errata that touch a requirement.
pub(super) fn errata(id: &str) -> impl Iterator<Item = &'static Erratum> {
    let all = wsanvil_cases::errata().iter();
    all.filter(move |erratum| erratum.requirements.contains(&id))
}

/// The ambiguous places that a requirement rests on.
pub(super) fn ambiguities(id: &str) -> impl Iterator<Item = &'static Ambiguity> {
    let all = wsanvil_cases::ambiguities().iter();
    all.filter(move |place| place.requirements.contains(&id))
}

/// Why a requirement has no case.
pub(super) fn exception(id: &str) -> Option<&'static Exception> {
    let mut all = wsanvil_cases::exceptions().iter();
    all.find(|exception| exception.requirement == id)
}

/// Explains a rule that holds in every case.
pub(super) fn standing(rule: &StandingCase, width: usize) -> String {
    let mut text = String::new();
    let h = style::HEAD;
    let _ = writeln!(text, "{h}{}{h:#}", rule.id);
    text.push_str(&wrap(&rule.title, width, 2));
    let _ = writeln!(text, "\n{h}why{h:#}");
    text.push_str(&wrap(rule.why, width, 2));
    let _ = writeln!(
        text,
        "\n{h}judged{h:#}\n  a miss is {}",
        match rule.level {
            wsanvil_model::Level::Must => "a fail (MUST)",
            wsanvil_model::Level::Should => "nonstrict (SHOULD)",
            wsanvil_model::Level::May => "only a note (MAY)",
        }
    );
    let _ = writeln!(text, "\n{h}rests on{h:#}");
    for id in &rule.spec {
        paragraph(&mut text, id, width);
    }
    unclear(&mut text, &rule.spec, width);
    text
}

/// Id, place, level, wording, grading and errata of a requirement.
pub(super) fn paragraph(text: &mut String, id: &str, width: usize) {
    let dim = style::DIM;
    let Some(row) = wsanvil_case::requirement(id) else {
        let _ = writeln!(text, "  {}", escape(id));
        return;
    };
    let place = Place::of(id).map_or_else(String::new, |place| format!(" ({place})"));
    let _ = writeln!(text, "  {id}{place}: {}", row.level);
    text.push_str(&wrap(row.requirement, width, 4));
    let _ = write!(
        text,
        "{dim}{}{dim:#}",
        wrap(&format!("judged: {}", row.how), width, 4)
    );
    for erratum in errata(id) {
        let said = format!(
            "erratum {} ({}): {}",
            erratum.number, erratum.status, erratum.says
        );
        let _ = write!(text, "{dim}{}{dim:#}", wrap(&said, width, 4));
    }
}

/// The ambiguous places that these requirements rest on, each once.
pub(super) fn unclear(text: &mut String, ids: &[String], width: usize) {
    let h = style::HEAD;
    let places = wsanvil_cases::ambiguities().iter();
    for place in places.filter(|place| ids.iter().any(|id| place.requirements.contains(&id.as_str()))) {
        let _ = writeln!(text, "\n{h}unclear in the texts{h:#} ({})", place.slug);
        text.push_str(&wrap(place.unclear, width, 2));
        text.push_str(&wrap(&format!("Therefore: {}", place.graded), width, 2));
    }
}
