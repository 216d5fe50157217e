//! The matrix as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wsanvil_model::Level;

use super::Product;
use super::matrix::Matrix;
use super::scope::Scope;

/// Names in a cell; the rest is counted.
const SHOWN: usize = 6;

/// The committed matrix.
pub(super) fn markdown(product: &Product, matrix: &Matrix) -> String {
    let levels = levels(product);
    let mut text = format!(
        "# Which case catches which defect\n\nWritten by `cargo xtask defects`: {} instances of {} cases, each in memory on \
         the reference endpoint and on its {} defects. A case catches a defect when an instance fails or is nonstrict on it; \
         `standing/…` are the rules watched in every case. Instances that move more than a MiB are left out.\n\n## Defects\n\n\
         `default`: cases of level must or should that catch it in the default profile; `all`: in any profile.\n\n\
         | defect | breaks | switched at | default | all | caught by |\n|---|---|---|---:|---:|---|\n",
        product.instances.len(),
        levels.len(),
        product.defects.len(),
    );
    for (number, defect) in product.defects.iter().enumerate() {
        let catchers = matrix.catchers(product, number);
        let by_default = catchers.values().filter(|by_default| **by_default).count();
        let mut names: Vec<(&bool, &str)> = catchers
            .iter()
            .map(|(id, default)| (default, id.as_str()))
            .collect();
        names.sort_by(|left, right| right.0.cmp(left.0).then(left.1.cmp(right.1)));
        let names: Vec<&str> = names.into_iter().map(|(_, id)| id).collect();
        let which = if defect.is_legal() {
            let noters = matrix.noters(product, number);
            let noters: Vec<&str> = noters.iter().map(String::as_str).collect();
            format!("legal; noted by {}", few(&noters))
        } else {
            few(&names)
        };
        let _ = writeln!(
            text,
            "| {defect} | {} | {} | {by_default} | {} | {} |",
            defect.requirement(),
            places(product, number),
            catchers.len(),
            which,
        );
    }
    text.push_str("\n## Cases\n\n| case | level | defects | which |\n|---|---|---:|---|\n");
    for (case, defects) in matrix.by_case(product) {
        let names: Vec<&str> = defects.iter().map(|defect| defect.name()).collect();
        let level = levels.get(case.as_str()).copied().map_or("watched", Level::word);
        let _ = writeln!(text, "| {case} | {level} | {} | {} |", names.len(), few(&names));
    }
    text
}

/// What a part of the product found.
pub(super) fn terminal(product: &Product, scope: &Scope, matrix: &Matrix) -> String {
    let mut text = String::new();
    for (number, defect) in product.defects.iter().enumerate() {
        if !scope.touches_defect(number) {
            continue;
        }
        let catchers = matrix.catchers(product, number);
        let noters = matrix.noters(product, number);
        if catchers.is_empty() && noters.is_empty() && !scope.is_defect_whole(number) {
            continue;
        }
        let _ = writeln!(
            text,
            "{defect} ({}, {})",
            defect.requirement(),
            places(product, number)
        );
        for (case, by_default) in catchers {
            let _ = writeln!(text, "  {case}{}", if by_default { "" } else { " (full only)" });
        }
        for case in noters {
            let _ = writeln!(text, "  {case} (note)");
        }
    }
    text
}

/// Level of each case.
fn levels(product: &Product) -> BTreeMap<&str, Level> {
    let instances = product.instances.iter();
    instances
        .map(|instance| (instance.case.id.as_str(), instance.case.level))
        .collect()
}

fn few(names: &[&str]) -> String {
    let mut shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        let _ = write!(shown, " and {} more", names.len() - SHOWN);
    }
    shown
}

/// Files in which a defect is switched; lines would change with every edit.
fn places(product: &Product, defect: usize) -> String {
    let uses = product.uses.get(&product.defects[defect]);
    let places = uses.map(|uses| uses.places.as_slice()).unwrap_or_default();
    let mut files: Vec<&str> = places
        .iter()
        .map(|place| place.file.trim_start_matches("crates/echo/src/"))
        .collect();
    files.dedup();
    files.join(", ")
}
