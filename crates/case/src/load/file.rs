//! A case file: `[group]` and its cases.

use std::path::Path;
use std::sync::Arc;

use super::case;
use super::fields::Fields;
use super::grammar::{CASE, FILE, Field, GROUP_OWN};
use super::lines::Lines;
use super::scope::Scope;
use super::sets::Sets;
use super::tree::{self, Node, Table};
use crate::error::{Fault, LoadError};
use crate::types::Instance;

/// Where a case comes from.
pub(crate) struct Source<'s> {
    pub(crate) path: &'s str,
    pub(crate) lines: &'s Lines,
    /// Folder of the file; `None` for the embedded library.
    pub(crate) folder: Option<&'s Path>,
}

/// The instances of a file, or everything that is wrong with it.
pub(crate) fn load(
    path: &str,
    text: &str,
    folder: Option<&Path>,
    sets: &Sets,
) -> Result<Vec<Arc<Instance>>, Vec<LoadError>> {
    let lines = Lines::of(text);
    let source = Source {
        path,
        lines: &lines,
        folder,
    };
    read(text, &source, sets).map_err(|faults| placed(path, text, &lines, faults))
}

/// The sets of a file.
pub(crate) fn load_sets(path: &str, text: &str, sets: &mut Sets) -> Result<(), Vec<LoadError>> {
    tree::parse(text)
        .and_then(|document| sets.add(&document))
        .map_err(|fault| placed(path, text, &Lines::of(text), vec![fault]))
}

/// Gives faults their place in a file, in the order of the file.
pub(crate) fn placed(path: &str, text: &str, lines: &Lines, mut faults: Vec<Fault>) -> Vec<LoadError> {
    faults.sort_by_key(|fault| fault.span.start);
    let text: Arc<str> = text.into();
    faults
        .into_iter()
        .map(|fault| {
            let (line, column) = lines.place(&text, fault.span.start);
            LoadError {
                file: path.to_owned(),
                line,
                column,
                message: fault.message,
                hint: fault.hint,
                text: Arc::clone(&text),
                span: fault.span,
            }
        })
        .collect()
}

fn read(text: &str, source: &Source<'_>, sets: &Sets) -> Result<Vec<Arc<Instance>>, Vec<Fault>> {
    let one = |fault| vec![fault];
    let document = tree::parse(text).map_err(one)?;
    known_keys(&document, FILE, "a case file").map_err(one)?;
    let defaults = group(&document, source).map_err(one)?;
    let cases = cases(&document).map_err(one)?;

    let mut faults = Vec::new();
    let mut instances = Vec::new();
    for node in cases {
        let Some(own) = node.as_table() else {
            faults.push(Fault::new(&node.span, "a case is a table"));
            continue;
        };
        let mut table = own.clone();
        table.merge(&defaults);
        match case::instances(&table, node, source, sets) {
            Ok(made) => instances.extend(made),
            Err(own) => faults.extend(own),
        }
    }
    if faults.is_empty() {
        Ok(instances)
    } else {
        Err(faults)
    }
}

/// The cases of a document.
pub(crate) fn cases(document: &Table) -> Result<&[Node], Fault> {
    let Some(cases) = document.get("case") else {
        return Err(Fault::new(&(0..0), "a case file needs `[[case]]`"));
    };
    cases
        .as_list()
        .ok_or_else(|| Fault::new(&cases.span, "cases are written `[[case]]`"))
}

/// Checks `[group]` and gives its defaults for cases.
fn group(document: &Table, source: &Source<'_>) -> Result<Table, Fault> {
    let Some(node) = document.get("group") else {
        return Ok(Table::default());
    };
    let table = node
        .as_table()
        .ok_or_else(|| Fault::new(&node.span, "`group` is a table"))?;
    let (own, defaults): (Vec<_>, Vec<_>) = table
        .entries
        .iter()
        .cloned()
        .partition(|entry| GROUP_OWN.iter().any(|field| field.name == entry.key));
    let scope = Scope {
        columns: &std::collections::BTreeSet::new(),
        values: &[],
        saved: &std::collections::BTreeSet::new(),
        loops: Vec::new(),
        folder: source.folder,
    };
    let own = Table { entries: own };
    Fields::of_case(&own, &node.span, GROUP_OWN, "`[group]`", &scope)?;
    let defaults = Table { entries: defaults };
    known_keys(&defaults, CASE, "`[group]`")?;
    Ok(defaults)
}

fn known_keys(table: &Table, grammar: &[Field], what: &str) -> Result<(), Fault> {
    let unknown = |entry: &&tree::Entry| !grammar.iter().any(|field| field.name == entry.key);
    match table.entries.iter().find(unknown) {
        Some(entry) => {
            let names = grammar.iter().map(|field| field.name);
            Err(Fault::unknown(
                &entry.key_span,
                &format!("key in {what}:"),
                &entry.key,
                names,
            ))
        }
        None => Ok(()),
    }
}
