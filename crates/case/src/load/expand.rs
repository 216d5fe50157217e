//! Rows × matrix: the instances of a case.

use std::collections::BTreeSet;

use super::pairwise;
use super::sets::{AxisValues, Sets, is_named};
use super::tree::{Node, Table, Value};
use crate::error::Fault;

/// More instances of one case than this is a mistake.
const MAX_INSTANCES: usize = 100_000;

/// Values of all axes of a covering array; its table of pairs grows with the square.
const MAX_PAIRWISE_VALUES: usize = 4096;

/// What rows and matrix of a case give.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// Every name that some row or axis has.
    pub(crate) columns: BTreeSet<String>,
    pub(crate) instances: Vec<Combination>,
}

/// The values of one instance.
#[derive(Debug)]
pub(crate) struct Combination {
    /// What stands in the brackets of the instance name; empty without rows and matrix.
    pub(crate) label: String,
    pub(crate) values: Vec<(String, Node)>,
    /// Whether every value is among those of profile default.
    pub(crate) in_default: bool,
    /// `profile` of the row.
    pub(crate) profile: Option<Node>,
}

/// One place that varies: the rows, or an axis.
struct Axis {
    choices: Vec<Choice>,
}

struct Choice {
    label: String,
    values: Vec<(String, Node)>,
    in_default: bool,
    profile: Option<Node>,
}

/// Expands the rows and the matrix of a case.
pub(crate) fn expand(case: &Table, sets: &Sets) -> Result<Expansion, Fault> {
    let mut axes = Vec::new();
    if let Some(rows) = case.get("rows") {
        axes.push(rows_axis(rows)?);
    }
    for entry in case
        .get("matrix")
        .and_then(Node::as_table)
        .map_or(&[][..], |table| &table.entries)
    {
        let values = sets.axis(&entry.node)?;
        axes.push(matrix_axis(&entry.key, values, &entry.node)?);
    }
    let columns = columns(&axes, case)?;
    let except = excepted(case, &columns)?;
    let combos = combinations(&axes, case, &except)?;
    let instances = combos.iter().map(|combo| combination(&axes, combo)).collect();
    Ok(Expansion { columns, instances })
}

fn rows_axis(rows: &Node) -> Result<Axis, Fault> {
    let mut choices: Vec<Choice> = Vec::new();
    for row in rows.as_list().unwrap_or_default() {
        let table = row
            .as_table()
            .ok_or_else(|| Fault::new(&row.span, format!("a row is a table, not {}", row.shown())))?;
        let name = table
            .get("name")
            .ok_or_else(|| Fault::new(&row.span, "a row needs `name`: the label of its instance"))?;
        let label = name.label();
        if choices.iter().any(|choice| choice.label == label) {
            return Err(Fault::new(
                &name.span,
                format!("two rows have the name `{label}`"),
            ));
        }
        choices.push(Choice {
            label,
            values: table
                .entries
                .iter()
                .filter(|entry| entry.key != "profile")
                .map(|entry| (entry.key.clone(), entry.node.clone()))
                .collect(),
            in_default: true,
            profile: table.get("profile").cloned(),
        });
    }
    if choices.is_empty() {
        return Err(Fault::new(&rows.span, "`rows` is empty"));
    }
    Ok(Axis { choices })
}

fn matrix_axis(name: &str, axis: AxisValues, node: &Node) -> Result<Axis, Fault> {
    let mut seen = BTreeSet::new();
    let mut choices = Vec::with_capacity(axis.values.len());
    for value in axis.values {
        let in_default = axis
            .default
            .as_ref()
            .is_none_or(|default| default.iter().any(|chosen| is_named(&value, chosen)));
        let (label, values) = match &value.value {
            Value::Table(table) => {
                let title = table.get("name").ok_or_else(|| {
                    Fault::new(
                        &value.span,
                        "a table on an axis needs `name`: the label of its instance",
                    )
                })?;
                let columns = table
                    .entries
                    .iter()
                    .filter(|entry| entry.key != "name")
                    .map(|entry| (entry.key.clone(), entry.node.clone()));
                let values = std::iter::once((name.to_owned(), title.clone()))
                    .chain(columns)
                    .collect();
                (title.label(), values)
            }
            _ => (value.label(), vec![(name.to_owned(), value)]),
        };
        if !seen.insert(label.clone()) {
            return Err(Fault::new(
                &node.span,
                format!("the axis `{name}` has `{label}` twice"),
            ));
        }
        choices.push(Choice {
            label: format!("{name}={label}"),
            values,
            in_default,
            profile: None,
        });
    }
    if choices.is_empty() {
        return Err(Fault::new(&node.span, format!("the axis `{name}` is empty")));
    }
    Ok(Axis { choices })
}

/// All column names; a name that two axes have would hide a value.
fn columns(axes: &[Axis], case: &Table) -> Result<BTreeSet<String>, Fault> {
    let mut all = BTreeSet::new();
    for axis in axes {
        let own: BTreeSet<&String> = axis
            .choices
            .iter()
            .flat_map(|choice| choice.values.iter().map(|(name, _)| name))
            .collect();
        for name in own {
            if !all.insert(name.clone()) {
                let span = case.entry("matrix").map_or(0..0, |entry| entry.key_span.clone());
                return Err(Fault::new(&span, format!("two axes have the column `{name}`")));
            }
        }
    }
    Ok(all)
}

/// The combinations of `except`, checked for names.
fn excepted<'t>(case: &'t Table, columns: &BTreeSet<String>) -> Result<Vec<&'t Table>, Fault> {
    let mut tables = Vec::new();
    for node in case.get("except").and_then(Node::as_list).unwrap_or_default() {
        let table = node
            .as_table()
            .ok_or_else(|| Fault::new(&node.span, "`except` takes tables { axis = value }"))?;
        for entry in &table.entries {
            if !columns.contains(&entry.key) {
                return Err(Fault::unknown(
                    &entry.key_span,
                    "row or axis",
                    &entry.key,
                    columns.iter().map(String::as_str),
                ));
            }
        }
        tables.push(table);
    }
    Ok(tables)
}

fn combinations(axes: &[Axis], case: &Table, except: &[&Table]) -> Result<Vec<Vec<usize>>, Fault> {
    let allowed = |chosen: &[Option<usize>]| {
        !except.iter().any(|table| {
            table.entries.iter().all(|entry| {
                axes.iter()
                    .zip(chosen)
                    .filter_map(|(axis, index)| index.map(|index| &axis.choices[index]))
                    .flat_map(|choice| &choice.values)
                    .any(|(name, node)| *name == entry.key && is_named(node, &entry.node))
            })
        })
    };
    let sizes: Vec<usize> = axes.iter().map(|axis| axis.choices.len()).collect();
    let span = || {
        let entry = case.entry("matrix").or_else(|| case.entry("rows"));
        entry.map_or(0..0, |entry| entry.key_span.clone())
    };
    let pairwise = case.get("strength").and_then(Node::as_int) == Some(2) && axes.len() > 1;
    let combos = if pairwise && sizes.iter().sum::<usize>() > MAX_PAIRWISE_VALUES {
        return Err(Fault::new(
            &span(),
            format!("`strength = 2` takes at most {MAX_PAIRWISE_VALUES} values"),
        ));
    } else if pairwise {
        covering(axes, &sizes, &allowed)
    } else {
        let count = sizes
            .iter()
            .try_fold(1_usize, |count, size| count.checked_mul(*size));
        if count.is_none_or(|count| count > MAX_INSTANCES) {
            return Err(
                Fault::new(&span(), format!("more than {MAX_INSTANCES} instances"))
                    .hint("`strength = 2` makes a pairwise array"),
            );
        }
        let mut combos = product(&sizes);
        if !except.is_empty() {
            combos.retain(|combo| {
                let chosen: Vec<Option<usize>> = combo.iter().copied().map(Some).collect();
                allowed(&chosen)
            });
        }
        combos
    };
    if combos.is_empty() {
        return Err(Fault::new(&span(), "`except` leaves no instance"));
    }
    Ok(combos)
}

/// A covering array of the values of profile default, extended to one of all values.
fn covering(axes: &[Axis], sizes: &[usize], allowed: &dyn Fn(&[Option<usize>]) -> bool) -> Vec<Vec<usize>> {
    let default: Vec<Vec<usize>> = axes
        .iter()
        .map(|axis| {
            let indices = axis.choices.iter().enumerate();
            indices
                .filter(|(_, choice)| choice.in_default)
                .map(|(index, _)| index)
                .collect()
        })
        .collect();
    let default_sizes: Vec<usize> = default.iter().map(Vec::len).collect();
    let first = if default_sizes == sizes || default_sizes.contains(&0) {
        Vec::new()
    } else {
        let real = |combo: &[Option<usize>]| -> Vec<Option<usize>> {
            combo
                .iter()
                .zip(&default)
                .map(|(index, values)| index.map(|index| values[index]))
                .collect()
        };
        pairwise::array(&default_sizes, Vec::new(), &|combo| allowed(&real(combo)))
            .into_iter()
            .map(|combo| {
                let values = combo.iter().zip(&default);
                values.map(|(index, values)| values[*index]).collect()
            })
            .collect()
    };
    pairwise::array(sizes, first, allowed)
}

/// The full product, the last axis moving fastest.
fn product(sizes: &[usize]) -> Vec<Vec<usize>> {
    let mut combos = vec![Vec::new()];
    for size in sizes {
        combos = combos
            .into_iter()
            .flat_map(|combo: Vec<usize>| {
                (0..*size).map(move |index| {
                    let mut longer = combo.clone();
                    longer.push(index);
                    longer
                })
            })
            .collect();
    }
    combos
}

fn combination(axes: &[Axis], combo: &[usize]) -> Combination {
    let chosen: Vec<&Choice> = axes
        .iter()
        .zip(combo)
        .map(|(axis, index)| &axis.choices[*index])
        .collect();
    let labels: Vec<&str> = chosen.iter().map(|choice| choice.label.as_str()).collect();
    Combination {
        label: labels.join(","),
        values: chosen.iter().flat_map(|choice| choice.values.clone()).collect(),
        in_default: chosen.iter().all(|choice| choice.in_default),
        profile: chosen.iter().find_map(|choice| choice.profile.clone()),
    }
}
