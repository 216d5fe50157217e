//! `cargo xtask new-case`: a case file to begin with.

use std::fs;

use wsanvil_case::Library;

use crate::error::Error;
use crate::{Done, project};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Id of the case: its area and what it is about, such as close/my-rule
    #[arg(value_name = "AREA/SLUG")]
    id: String,

    /// The requirement it rests on; `wsanvil explain ID` shows it
    #[arg(long, value_name = "ID", default_value = "6455-5.2-3")]
    spec: String,
}

/// Writes the file, unless something of that name is there.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let Arguments { id, spec } = arguments;
    if !is_id(id) {
        return Err(Error::Usage(format!(
            "{id:?} is no id: an area and a slug of small letters, digits and hyphens, such as close/my-rule"
        )));
    }
    if wsanvil_case::requirement(spec).is_none() {
        return Err(Error::Usage(format!(
            "the inventory has no requirement {spec}; cases/spec/*.tsv holds all"
        )));
    }
    let library = Library::embedded().map_err(|error| Error::Wsanvil(error.to_string()))?;
    if library.instances.iter().any(|instance| instance.case.id == *id) {
        return Err(Error::Usage(format!("there is a case {id}")));
    }
    let path = project::root().join("cases").join(format!("{id}.toml"));
    if path.exists() {
        return Err(Error::Usage(format!("{} exists", project::shown(&path))));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| Error::Environment(cause.to_string()))?;
    }
    project::write(&path, &template(id, spec))?;
    println!(
        "{} is written. Next:\n  cargo run -- check {0}\n  cargo run -- run --case {id}",
        project::shown(&path)
    );
    Ok(())
}

fn is_id(id: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
    };
    id.split_once('/')
        .is_some_and(|(area, slug)| word(area) && word(slug))
}

fn template(id: &str, spec: &str) -> String {
    let group = id.replace('/', "-");
    format!(
        r#"[group]
id = "{group}"
title = "What these cases are about"
format = 1

[[case]]
id = "{id}"
# A sentence that is true of a target that passes. {{…}} is filled in from rows and matrix.
title = "A frame with RSV{{bit}} set fails the connection"
# For the person who gets the finding: why does it matter?
why = "No extension was agreed, so no reserved bit has a meaning."
# What the verdict rests on, the main one first.
spec = ["{spec}"]
# One instance for each; `matrix = {{ … }}` would make the product of several lists.
rows = [
  {{ name = "rsv1", bit = 1, rsv = 4 }},
  {{ name = "rsv2", bit = 2, rsv = 2 }},
  {{ name = "rsv3", bit = 3, rsv = 1 }},
]
steps = [
  {{ open = "ws" }},
  {{ send = "frame", opcode = 1, rsv = "{{rsv}}", data = "Hello" }},
  # The target has to fail the connection; another code than 1002 is a note.
  {{ expect = "fail", code = [1002] }},
]
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert!(is_id("close/my-rule2"));
        for wrong in ["close", "close/", "/x", "Close/x", "a/b/c", "../x", "a/b.c"] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_template_is_a_case() {
        let mut library = Library::embedded().unwrap();
        let text = template("close/brand-new", "6455-5.2-3");
        library
            .add_text("cases/close/brand-new.toml", &text, None)
            .unwrap();
        let new = library
            .instances
            .iter()
            .filter(|instance| instance.case.id == "close/brand-new");
        assert_eq!(new.count(), 3);
    }
}
