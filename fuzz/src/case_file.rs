//! Any text is a case file or is refused with a place in it; nothing of it makes the loader panic.

use std::sync::LazyLock;

use wsanvil_case::{Library, dsl, lint_text};

static EMPTY: LazyLock<Library> = LazyLock::new(Library::empty);

/// The whole input is the text.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut library = EMPTY.clone();
    match library.add_text("fuzz.toml", text, None) {
        Ok(()) => {
            for instance in &library.instances {
                assert!(library.instance(&instance.name).is_some());
                for step in &instance.script.steps {
                    assert!(!dsl(step).is_empty());
                }
            }
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(!error.message.is_empty());
                // A terminal shows this part of the text.
                assert!(
                    error.text.get(error.span.clone()).is_some(),
                    "{error}: {:?}",
                    error.span
                );
            }
        }
    }
    let _ = lint_text(&EMPTY, "fuzz.toml", text, None);
}

/// Every case of the library, each in a file of its own.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for file in wsanvil_cases::FILES {
        let mut parts = file.text.split("[[case]]");
        let group = parts.next().unwrap_or_default();
        seeds.extend(parts.map(|case| [group, "[[case]]", case].concat().into_bytes()));
    }
    seeds
}
