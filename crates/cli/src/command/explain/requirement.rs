//! A requirement in words, and who checks it.

use std::fmt::Write as _;

use wsanvil_case::Library;
use wsanvil_cases::SpecRow;
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
    if !any {
        let _ = writeln!(text, "  no case");
    }
    text
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
    text
}

/// Id, place, level, wording and grading of a requirement.
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
}
