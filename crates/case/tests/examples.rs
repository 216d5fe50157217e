//! The worked examples of the format load, and mean what they say.

use std::fmt::Write as _;

use wsanvil_case::{Library, dsl};

const EXAMPLES: &str = include_str!("examples.toml");

fn examples() -> Library {
    let mut library = Library::empty();
    library
        .add_text("examples.toml", EXAMPLES, None)
        .unwrap_or_else(|errors| panic!("{}", errors[0]));
    library
}

#[test]
fn every_step_of_the_examples_reads_as_expected() {
    let mut shown = String::new();
    for instance in &examples().instances {
        if instance.name.starts_with("close/every-code") && instance.name != "close/every-code[code=3000]" {
            continue;
        }
        let case = &instance.case;
        let _ = writeln!(
            shown,
            "{} ({:?}, line {})\n  {}\n  {:?} {:?} {:?} {:?}",
            instance.name,
            case.level,
            case.line,
            instance.title,
            instance.alias,
            case.transport,
            instance.profiles,
            case.needs
        );
        for step in &instance.script.steps {
            let _ = writeln!(shown, "  {:>3} {}", step.line, dsl(step));
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn a_range_has_every_value_and_only_the_named_ones_by_default() {
    let library = examples();
    let codes: Vec<_> = library
        .instances
        .iter()
        .filter(|instance| instance.case.id == "close/every-code")
        .collect();
    assert_eq!(codes.len(), 5001);
    let default: Vec<&str> = codes
        .iter()
        .filter(|instance| instance.profiles.default)
        .map(|instance| instance.name.as_str())
        .collect();
    assert_eq!(default.len(), 6);
    assert_eq!(default[0], "close/every-code[code=1014]");
}
