//! `wsanvil check FILE`: everything that loading finds, and what loads but cannot be meant.

mod connections;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use wsanvil_model::{Level, TargetRole};

use crate::error::{Fault, LoadError, nearest};
use crate::library::{Library, read};
use crate::load::file::{cases, placed};
use crate::load::lines::Lines;
use crate::load::tree::{self, Node, Table};
use crate::requirement;
use crate::script::{Action, SendWhat, Step};
use crate::types::{Case, Instance};

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look.
    Warning,
    /// Wrong.
    Error,
}

/// Something to say about a case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What and where.
    pub error: LoadError,
}

/// Checks a case file against the library it would be added to.
///
/// A file that is part of the library already is not compared with itself.
pub fn lint_file(library: &Library, path: &Path) -> Vec<Diagnostic> {
    match read(path) {
        Ok(text) => lint_text(library, &path.display().to_string(), &text, path.parent()),
        Err(errors) => all(Severity::Error, errors),
    }
}

/// As [`lint_file`] for a text; `path` is for messages, `folder` is where payload files are.
pub fn lint_text(library: &Library, path: &str, text: &str, folder: Option<&Path>) -> Vec<Diagnostic> {
    let mut own = library.without_cases();
    if let Err(errors) = own.add_text(path, text, folder) {
        return all(Severity::Error, errors);
    }
    let instances = own.instances;
    let Ok(document) = tree::parse(text) else {
        return Vec::new();
    };
    let lines = Lines::of(text);
    let others: Vec<&Arc<Instance>> = library
        .instances
        .iter()
        .filter(|instance| !path.replace('\\', "/").ends_with(&instance.case.file))
        .collect();
    let mut lint = Lint {
        lines: &lines,
        found: Vec::new(),
    };
    lint.names(&document, &instances, &others);
    for node in cases(&document).unwrap_or_default() {
        let Some(own) = node.as_table() else { continue };
        let mut table = own.clone();
        if let Some(group) = document.get("group").and_then(Node::as_table) {
            table.merge(group);
        }
        let id = own.get("id").and_then(Node::as_text).unwrap_or_default();
        let made: Vec<&Arc<Instance>> = instances
            .iter()
            .filter(|instance| instance.case.id == id)
            .collect();
        if let Some(first) = made.first() {
            lint.requirements(&first.case, &table, node);
            lint.steps(&made, &table, node);
        }
    }
    let mut diagnostics = Vec::new();
    for severity in [Severity::Error, Severity::Warning] {
        let faults = lint.found.iter().filter(|(own, _)| *own == severity);
        let faults = faults.map(|(_, fault)| fault.clone()).collect();
        diagnostics.extend(all(severity, placed(path, text, &lines, faults)));
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.error.span.start);
    diagnostics
}

fn all(severity: Severity, errors: Vec<LoadError>) -> Vec<Diagnostic> {
    errors
        .into_iter()
        .map(|error| Diagnostic { severity, error })
        .collect()
}

struct Lint<'l> {
    lines: &'l Lines,
    found: Vec<(Severity, Fault)>,
}

impl Lint<'_> {
    fn error(&mut self, fault: Fault) {
        self.found.push((Severity::Error, fault));
    }

    fn warn(&mut self, fault: Fault) {
        self.found.push((Severity::Warning, fault));
    }

    /// Ids, names and aliases belong to one instance, in the file and in the library.
    fn names(&mut self, document: &Table, instances: &[Arc<Instance>], others: &[&Arc<Instance>]) {
        let places: BTreeMap<&str, Range<usize>> = cases(document)
            .unwrap_or_default()
            .iter()
            .filter_map(|node| {
                let id = node.as_table()?.get("id")?;
                Some((id.as_text()?, id.span.clone()))
            })
            .collect();
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for other in others {
            for name in all_names(other) {
                owners.insert(
                    name.to_owned(),
                    format!("`{}` in {}", other.name, other.case.file),
                );
            }
        }
        for instance in instances {
            let span = places.get(instance.case.id.as_str()).cloned().unwrap_or(0..0);
            for name in all_names(instance) {
                let owner = format!("`{}`", instance.name);
                if let Some(other) = owners.insert(name.to_owned(), owner.clone())
                    && other != owner
                    && !(name == instance.case.id && other.starts_with(&format!("`{name}[")))
                {
                    self.error(Fault::new(
                        &span,
                        format!("`{name}` of {owner} belongs to {other} already"),
                    ));
                }
            }
        }
    }

    fn requirements(&mut self, case: &Case, table: &Table, node: &Node) {
        let Some(entry) = table.entry("spec").filter(|_| !case.spec.is_empty()) else {
            self.error(
                Fault::new(&first_line(node, self.lines), "a case needs `spec`")
                    .hint("requirement ids, the main one first"),
            );
            return;
        };
        for id in entry.node.as_list().unwrap_or(std::slice::from_ref(&entry.node)) {
            let name = id.as_text().unwrap_or_default();
            if requirement(name).is_none() {
                let known = wsanvil_cases::requirements().iter().map(|row| row.id);
                let fault = Fault::new(&id.span, format!("unknown requirement `{name}`"));
                let near = nearest(name, known, 3);
                self.error(if near.is_empty() {
                    fault
                } else {
                    fault.hint(format!("nearest: {}", near.join(", ")))
                });
            }
        }
        let Some(main) = requirement(&case.spec[0]) else {
            return;
        };
        let says = match main.level {
            "MUST" | "MUST NOT" => Level::Must,
            "SHOULD" | "SHOULD NOT" => Level::Should,
            _ => Level::May,
        };
        // A MAY is the freedom of one side, which the other must cope with: a case may be as strict as it likes.
        if says != case.level && says != Level::May {
            let span = table.get("level").map_or(&entry.node.span, |level| &level.span);
            self.warn(
                Fault::new(
                    span,
                    format!(
                        "`{}` costs as a {}, and its main requirement {} is a {}",
                        case.id,
                        case.level.word(),
                        main.id,
                        main.level
                    ),
                )
                .hint(main.requirement),
            );
        }
    }

    fn steps(&mut self, instances: &[&Arc<Instance>], table: &Table, node: &Node) {
        let Some(first) = instances.first() else {
            return;
        };
        if instances.iter().any(|instance| instance.script.steps.is_empty()) {
            let span = table
                .get("steps")
                .map_or_else(|| first_line(node, self.lines), |steps| steps.span.clone());
            self.error(Fault::new(&span, "`steps` is empty"));
        }
        let role = first.case.role;
        let unopened = instances
            .iter()
            .find_map(|instance| connections::unopened(&instance.script.steps));
        if let Some((line, name)) = unopened {
            let fault = format!("the connection `{name}` is used before it is opened");
            self.error(Fault::new(&self.lines.span(line), fault));
        }
        let wrong = instances
            .iter()
            .find_map(|instance| wrong_head(&instance.script.steps, role));
        if let Some((line, message)) = wrong {
            self.warn(Fault::new(&self.lines.span(line), message));
        }
    }
}

/// A head that the tester's side never sends.
fn wrong_head(steps: &[Step], role: TargetRole) -> Option<(u32, &'static str)> {
    steps.iter().find_map(|step| match &step.action {
        Action::Send(send) => match (&send.what, role) {
            (SendWhat::Request(_), TargetRole::Client | TargetRole::Both) => Some((
                step.line,
                "a request is sent by the tester as a client: `role = \"server\"`",
            )),
            (SendWhat::Response(_), TargetRole::Server | TargetRole::Both) => Some((
                step.line,
                "a response is sent by the tester as a server: `role = \"client\"`",
            )),
            _ => None,
        },
        Action::Repeat(repeat) => wrong_head(&repeat.steps, role),
        _ => None,
    })
}

fn all_names(instance: &Instance) -> impl Iterator<Item = &str> {
    [instance.case.id.as_str(), instance.name.as_str()]
        .into_iter()
        .chain(instance.case.was.iter().map(String::as_str))
        .chain(instance.alias.iter().map(String::as_str))
}

/// The first line of a case, which may span pages.
fn first_line(node: &Node, lines: &Lines) -> Range<usize> {
    lines.span(lines.line(node.span.start))
}
