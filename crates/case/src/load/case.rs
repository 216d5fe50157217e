//! One `[[case]]`: its fields, and its instances.

use std::collections::BTreeSet;
use std::sync::Arc;

use wsanvil_model::{Level, TargetRole};

use super::autobahn;
use super::build::Builder;
use super::expand::{Combination, expand};
use super::fields::Fields;
use super::file::Source;
use super::grammar::CASE;
use super::scope::{Scope, filled};
use super::sets::Sets;
use super::template;
use super::tree::{Node, Table, Value};
use crate::checks;
use crate::error::Fault;
use crate::script::{Action, Kind, Script, SendWhat, Step};
use crate::types::{Autobahn, Case, End, Instance, Limits, Need, Profiles, Transport};

/// Faults of one case after which the rest is noise.
const MAX_FAULTS: usize = 8;

/// Builds the instances of a case; every independent fault is given, each once.
pub(super) fn instances(
    table: &Table,
    case_node: &Node,
    source: &Source<'_>,
    sets: &Sets,
) -> Result<Vec<Arc<Instance>>, Vec<Fault>> {
    let one = |fault| vec![fault];
    let expansion = expand(table, sets).map_err(one)?;
    let saved = saved_names(table.get("steps"));
    let outer = Scope {
        columns: &expansion.columns,
        values: expansion.instances.first().map_or(&[], |first| &first.values),
        saved: &saved,
        loops: Vec::new(),
        folder: source.folder,
    };
    let fields = Fields::of_case(table, &case_node.span, CASE, "a case", &outer).map_err(one)?;
    let first_case = case(&fields, case_node, source).map_err(one)?;
    let varies = has_templates(table);

    let mut faults: Vec<Fault> = Vec::new();
    let mut made = Vec::with_capacity(expansion.instances.len());
    for combination in &expansion.instances {
        let scope = Scope {
            values: &combination.values,
            ..outer.clone()
        };
        let name = instance_name(&first_case.id, &combination.label);
        let parts = instance(&fields, combination, &scope, source).and_then(|parts| {
            let own = varies
                .then(|| own_case(table, case_node, source, &scope))
                .transpose();
            own.map(|own| (parts, own)).map_err(one)
        });
        match parts {
            Ok((parts, own)) => made.push((name, parts, own)),
            Err(own) => {
                for fault in own {
                    remember(&mut faults, fault, &name, !combination.label.is_empty());
                }
                if faults.len() >= MAX_FAULTS {
                    break;
                }
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let derived = Derived {
        over_h2: (!fields.has("transport"))
            .then(|| !made.iter().any(|(_, parts, _)| speaks_h1(&parts.script.steps))),
        autobahn: made.iter().any(|(_, parts, _)| parts.profiles.autobahn),
    };
    let mut shared = Arc::new(derived.complete(first_case));
    let mut instances = Vec::with_capacity(made.len());
    for ((name, parts, own), combination) in made.into_iter().zip(expansion.instances) {
        if let Some(own) = own.map(|own| derived.complete(own)).filter(|own| *own != *shared) {
            shared = Arc::new(own);
        }
        instances.push(Arc::new(Instance {
            case: Arc::clone(&shared),
            name,
            title: parts.title,
            why: parts.why,
            values: combination
                .values
                .iter()
                .map(|(name, node)| (name.clone(), node.to_json()))
                .collect(),
            alias: parts.alias,
            profiles: parts.profiles,
            script: parts.script,
        }));
    }
    Ok(instances)
}

/// What a case gets from the scripts of its instances.
struct Derived {
    /// Whether it runs over HTTP/2 too; `None` when the file says which transports.
    over_h2: Option<bool>,
    /// Whether some instance has an Autobahn alias.
    autobahn: bool,
}

impl Derived {
    fn complete(&self, mut case: Case) -> Case {
        if let Some(over_h2) = self.over_h2 {
            case.transport.h2 = over_h2;
        }
        if self.autobahn && case.autobahn.is_none() {
            case.autobahn = Some(Autobahn::default());
        }
        case
    }
}

/// The case as one instance has it, when its fields depend on the row.
fn own_case(table: &Table, node: &Node, source: &Source<'_>, scope: &Scope<'_>) -> Result<Case, Fault> {
    let fields = Fields::of_case(table, &node.span, CASE, "a case", scope)?;
    case(&fields, node, source)
}

/// Whether a field that instances usually share, such as a timer, names a column.
fn has_templates(table: &Table) -> bool {
    fn inside(node: &Node) -> bool {
        match &node.value {
            Value::Text(text) => !template::is_plain(text),
            Value::List(list) => list.iter().any(inside),
            Value::Table(table) => table.entries.iter().any(|entry| inside(&entry.node)),
            Value::Int(_) | Value::Bool(_) => false,
        }
    }
    let is_shared = |name: &str| {
        CASE.iter()
            .any(|field| field.name == name && !field.shape.is_filled_later())
    };
    table
        .entries
        .iter()
        .any(|entry| is_shared(&entry.key) && inside(&entry.node))
}

/// The same mistake shows in every instance: it is kept once, with the first that has it.
fn remember(faults: &mut Vec<Fault>, mut fault: Fault, instance: &str, named: bool) {
    let known = |other: &Fault| other.span == fault.span && other.message.starts_with(&fault.message);
    if faults.iter().any(known) {
        return;
    }
    if named {
        fault.message = format!("{} [instance {instance}]", fault.message);
    }
    faults.push(fault);
}

fn instance_name(id: &str, label: &str) -> String {
    if label.is_empty() {
        id.to_owned()
    } else {
        format!("{id}[{label}]")
    }
}

/// What differs between the instances of a case.
struct Parts {
    title: String,
    why: Option<String>,
    alias: Vec<String>,
    profiles: Profiles,
    script: Script,
}

fn instance(
    fields: &Fields<'_>,
    combination: &Combination,
    scope: &Scope<'_>,
    source: &Source<'_>,
) -> Result<Parts, Vec<Fault>> {
    let one = |fault| vec![fault];
    let title = match fields.node("title") {
        Some(node) => filled(scope, node)
            .and_then(|title| {
                title.ok_or_else(|| Fault::new(&node.span, "the title names a column that this row lacks"))
            })
            .map_err(one)?,
        None => {
            return Err(one(Fault::new(fields.span(), "a case needs `title`")));
        }
    };
    let why = match fields.node("why") {
        Some(node) => filled(scope, node).map_err(one)?,
        None => None,
    };
    let mut alias = Vec::new();
    for node in fields.raw_items("alias") {
        alias.extend(filled(scope, node).map_err(one)?);
    }
    if let Some(wild) = alias.iter().find(|alias| alias.contains(['*', '?'])) {
        return Err(one(Fault::new(
            fields.span(),
            format!("the alias `{wild}` holds a wildcard; an alias belongs to one instance"),
        )));
    }
    let profiles = profiles(fields, combination, &alias).map_err(one)?;
    let mut builder = Builder {
        lines: source.lines,
        faults: Vec::new(),
    };
    let steps = match fields.node("steps") {
        Some(list) => builder.steps(list, scope),
        None => {
            return Err(one(Fault::new(fields.span(), "a case needs `steps`")));
        }
    };
    let needs_tls = || {
        fields
            .items("needs")
            .is_ok_and(|items| items.iter().any(|need| need.as_text() == Some("tls")))
    };
    let script = Script { steps };
    if script.chooses_tls() && !needs_tls() {
        let fault = Fault::new(
            fields.span(),
            "steps with `tls` are for targets behind wss: the case needs `tls`",
        );
        return Err(one(fault));
    }
    if builder.faults.is_empty() {
        Ok(Parts {
            title,
            why,
            alias,
            profiles,
            script,
        })
    } else {
        Err(builder.faults)
    }
}

/// Profiles of an instance: `quick` is part of `default`, that of `full`; a row's own list takes the place of
/// the case's; values outside of an axis' `default` are for `full` only.
fn profiles(fields: &Fields<'_>, combination: &Combination, alias: &[String]) -> Result<Profiles, Fault> {
    let mut profiles = Profiles {
        autobahn: alias.iter().any(|alias| alias.starts_with("autobahn:")),
        ..Profiles::default()
    };
    let node = combination.profile.as_ref().or_else(|| fields.node("profile"));
    let words: Vec<&str> = match node {
        None => vec!["default"],
        Some(node) => {
            let shape = CASE.iter().find(|field| field.name == "profile");
            if let Some(field) = shape {
                field.shape.check("profile", node, fields.scope())?;
            }
            let list = node.as_list().unwrap_or(std::slice::from_ref(node));
            list.iter().filter_map(Node::as_text).collect()
        }
    };
    for word in words {
        match word {
            "quick" => (profiles.quick, profiles.default, profiles.full) = (true, true, true),
            "default" => (profiles.default, profiles.full) = (true, true),
            "full" => profiles.full = true,
            "perf" => profiles.perf = true,
            // Every instance with an Autobahn alias is in that profile.
            _ => {}
        }
    }
    if !combination.in_default {
        (profiles.quick, profiles.default) = (false, false);
    }
    Ok(profiles)
}

fn case(fields: &Fields<'_>, node: &Node, source: &Source<'_>) -> Result<Case, Fault> {
    let id = fields
        .plain("id")?
        .ok_or_else(|| Fault::new(&node.span, "a case needs `id`"))?;
    if !is_id(&id) {
        let span = fields.node("id").map_or(&node.span, |node| &node.span);
        return Err(
            Fault::new(span, format!("`{id}` is not `area/slug`")).hint("lower-case letters, digits and `-`")
        );
    }
    let title = fields
        .node("title")
        .and_then(Node::as_text)
        .ok_or_else(|| Fault::new(&node.span, "a case needs `title`"))?;
    let role = match fields.plain("role")?.as_deref() {
        Some("server") => TargetRole::Server,
        Some("client") => TargetRole::Client,
        Some("proxy") => {
            let span = fields.node("role").map_or(&node.span, |node| &node.span);
            return Err(Fault::new(span, "role `proxy` is not supported by this version"));
        }
        _ => TargetRole::Both,
    };
    let transports = fields.plains("transport")?;
    if !transports.is_empty() && !transports.iter().any(|name| name == "h1") {
        let span = fields.node("transport").map_or(&node.span, |node| &node.span);
        return Err(Fault::new(
            span,
            "a case over HTTP/2 alone is not supported by this version",
        ));
    }
    let mut limits = None;
    for (name, node) in fields.inner("limits")? {
        let limit = node.as_int().and_then(|number| u64::try_from(number).ok());
        let limits = limits.get_or_insert(Limits {
            rss_mib: None,
            cpu_ms: None,
        });
        if name == "rss_mib" {
            limits.rss_mib = limit;
        } else {
            limits.cpu_ms = limit;
        }
    }
    Ok(Case {
        id,
        was: fields.plains("was")?,
        title: title.to_owned(),
        why: fields.node("why").and_then(Node::as_text).map(str::to_owned),
        spec: fields.plains("spec")?,
        level: match fields.plain("level")?.as_deref() {
            Some("should") => Level::Should,
            Some("may") => Level::May,
            _ => Level::Must,
        },
        role,
        transport: Transport {
            h1: true,
            h2: transports.iter().any(|name| name == "h2"),
        },
        needs: needs(fields)?,
        serial: fields.flag("serial").unwrap_or(false) || limits.is_some(),
        disruptive: fields.flag("disruptive").unwrap_or(false),
        deadline_ms: fields.int("deadline_ms").unwrap_or(30_000),
        limits,
        check: rules(fields, "check", &[checks::STANDING_RULES, checks::NAMED_CHECKS])?,
        waive: rules(fields, "waive", &[checks::STANDING_RULES])?,
        end: match fields.plain("end")?.as_deref() {
            Some("drop") => End::Drop,
            _ => End::Close,
        },
        autobahn: match fields.node("autobahn") {
            Some(node) => Some(autobahn::autobahn(node, fields.scope())?),
            None => None,
        },
        file: source.path.to_owned(),
        line: source.lines.line(node.span.start),
    })
}

/// `area/slug`: lower-case letters, digits and `-`, with at least one slash.
fn is_id(id: &str) -> bool {
    let segments: Vec<&str> = id.split('/').collect();
    segments.len() > 1
        && segments.iter().all(|segment| {
            !segment.is_empty()
                && segment.chars().all(|character| {
                    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
                })
        })
}

fn needs(fields: &Fields<'_>) -> Result<Vec<Need>, Fault> {
    const NEEDS: &[&str] = &[
        "echo",
        "deflate",
        "launched",
        "driven",
        "reconnects",
        "tls",
        "h2",
        "declares:NAME",
    ];
    let mut needs = Vec::new();
    for node in fields.items("needs")? {
        let name = node.as_text().unwrap_or_default();
        needs.push(match name {
            "echo" => Need::Echo,
            "deflate" => Need::Deflate,
            "launched" => Need::Launched,
            "driven" => Need::Driven,
            "reconnects" => Need::Reconnects,
            "tls" => Need::Tls,
            "h2" => Need::H2,
            _ => match name.strip_prefix("declares:") {
                Some(declared) if !declared.is_empty() => Need::Declares(declared.to_owned()),
                _ => return Err(Fault::unknown(&node.span, "need", name, NEEDS.iter().copied())),
            },
        });
    }
    Ok(needs)
}

fn rules(fields: &Fields<'_>, field: &str, tables: &[&[checks::Check]]) -> Result<Vec<String>, Fault> {
    let known = || tables.iter().copied().flatten().map(|check| check.name);
    let mut names = Vec::new();
    for node in fields.items(field)? {
        let name = node.as_text().unwrap_or_default();
        if !known().any(|check| check == name) {
            return Err(Fault::unknown(&node.span, &format!("{field}:"), name, known()));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// The names that expectations of these steps save, in loops and alternatives too.
fn saved_names(steps: Option<&Node>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(steps) = steps {
        collect_saved(steps, &mut names);
    }
    names
}

fn collect_saved(list: &Node, names: &mut BTreeSet<String>) {
    for step in list
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(Node::as_table)
    {
        match step.get("save").map(|node| &node.value) {
            Some(Value::Text(name)) => {
                names.insert(name.clone());
            }
            Some(Value::Table(table)) => {
                names.extend(table.entries.iter().map(|entry| entry.key.clone()));
            }
            _ => {}
        }
        for inner in ["steps", "or"] {
            if let Some(list) = step.get(inner) {
                collect_saved(list, names);
            }
        }
    }
}

/// Whether a script has a step that only HTTP/1.1 can do.
fn speaks_h1(steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Open(open) => open.how == crate::script::OpenHow::Tcp,
        Action::Send(send) => matches!(send.what, SendWhat::Request(_) | SendWhat::Response(_)),
        Action::Expect(expect) => {
            is_head(&expect.want.kind) || expect.or.iter().any(|other| is_head(&other.want.kind))
        }
        Action::Probe(probe) => is_head(&probe.want.kind),
        Action::Repeat(repeat) => speaks_h1(&repeat.steps),
        Action::Wait(_) | Action::Close(_) | Action::Drop(_) | Action::Read(_) => false,
    })
}

fn is_head(kind: &Kind) -> bool {
    matches!(kind, Kind::Response(_) | Kind::Request(_))
}
