//! `cargo xtask defects`: every instance that can be run in memory against every defect of the reference endpoint.

mod matrix;
mod report;
mod scope;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use wsanvil_case::{Instance, Library};
use wsanvil_echo::Defect;
use wsanvil_model::Level;
use wsanvil_testkit::proof::{Elsewhere, candidates, elsewhere};

use crate::error::Error;
use crate::{Done, project};
use matrix::Matrix;
use scope::Scope;
use sources::Uses;

/// The matrix as it is committed.
const REPORT: &str = "reports/defects.md";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only these defects; * and ? stand for any text and any character (repeatable)
    #[arg(long, value_name = "GLOB")]
    defect: Vec<String>,

    /// Only these cases: an id, area, instance name or alias, with * and ? (repeatable)
    #[arg(long, value_name = "GLOB")]
    case: Vec<String>,

    /// Only the cases, and the defects, of files that are not as in this revision
    #[arg(long, value_name = "REV", conflicts_with_all = ["defect", "case"])]
    changed: Option<String>,

    /// Only the instances of the default profile, and all of cases that have none there: minutes become seconds
    #[arg(long)]
    sample: bool,

    /// Threads
    #[arg(long, value_name = "N", default_value_t = default_threads())]
    jobs: usize,

    /// Leave the committed matrix as it is
    #[arg(long)]
    check: bool,
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Everything that is run, and where its results are by number.
pub(crate) struct Product {
    instances: Vec<Arc<Instance>>,
    defects: &'static [Defect],
    uses: BTreeMap<Defect, Uses>,
}

/// Runs the product, writes the matrix, and fails when something is not proved.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let library = Library::embedded().map_err(|error| Error::Wsanvil(error.to_string()))?;
    let mut instances = candidates(&library);
    if arguments.sample {
        retain_sample(&mut instances);
    }
    let product = Product {
        instances,
        defects: Defect::ALL,
        uses: sources::uses()?,
    };
    let scope = Scope::new(arguments, &library, &product)?;
    let runs = scope.runs();
    println!(
        "{} cases, {} instances, {} defects: {runs} runs",
        scope.cases(&product),
        product.instances.len(),
        product.defects.len()
    );
    if runs == 0 {
        println!("nothing to run");
        return Ok(());
    }
    let started = Instant::now();
    let matrix = Matrix::run(&product, &scope, arguments.jobs);
    println!("{:.1} s", started.elapsed().as_secs_f64());
    if scope.is_whole() {
        if !arguments.check && !arguments.sample {
            let text = report::markdown(&product, &matrix);
            project::write(&project::root().join(REPORT), &text)?;
            println!("{REPORT} is written");
        }
    } else {
        print!("{}", report::terminal(&product, &scope, &matrix));
    }
    let complaints = complaints(&product, &scope, &matrix);
    if complaints.is_empty() {
        return Ok(());
    }
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    Err(Error::Differs(format!("{} complaints", complaints.len())))
}

/// Leaves the instances that show whether a case fails on a defect, and whether the default profile catches it.
fn retain_sample(instances: &mut Vec<Arc<Instance>>) {
    let by_default: BTreeSet<String> = instances
        .iter()
        .filter(|instance| instance.profiles.default)
        .map(|instance| instance.case.id.clone())
        .collect();
    instances.retain(|instance| instance.profiles.default || !by_default.contains(&instance.case.id));
}

/// What is not as it must be; only of what ran completely.
fn complaints(product: &Product, scope: &Scope, matrix: &Matrix) -> Vec<String> {
    let mut complaints = matrix.broken_runs.clone();
    for (number, defect) in product.defects.iter().enumerate() {
        if !scope.is_defect_whole(number) {
            continue;
        }
        if product.uses.get(defect).is_none_or(|uses| uses.places.is_empty()) {
            complaints.push(format!("{defect} is switched nowhere in crates/echo/src"));
        }
        if wsanvil_case::requirement(defect.requirement()).is_none() {
            complaints.push(format!("{defect}: unknown requirement {}", defect.requirement()));
        }
        complaints.extend(uncaught(product, matrix, number));
    }
    let mut proved: BTreeMap<&str, bool> = BTreeMap::new();
    for (number, instance) in product.instances.iter().enumerate() {
        if scope.is_instance_whole(number) && instance.case.level != Level::May {
            *proved.entry(&instance.case.id).or_default() |= matrix.catches_any(number);
        }
    }
    let unproved = proved.iter().filter(|(_, proved)| !**proved);
    complaints.extend(unproved.map(|(id, _)| format!("{id} fails on no defect")));
    complaints
}

/// What is wrong with the cases that a defect fails.
fn uncaught(product: &Product, matrix: &Matrix, number: usize) -> Option<String> {
    let defect = product.defects[number];
    let catchers = matrix.catchers(product, number);
    if defect.is_legal() {
        if !catchers.is_empty() {
            let names: Vec<&str> = catchers.keys().map(String::as_str).collect();
            return Some(format!(
                "{defect} is legal and does not pass {}",
                names.join(", ")
            ));
        }
        let must_be_noted = elsewhere(defect) == Some(Elsewhere::Noted);
        return (must_be_noted && matrix.noters(product, number).is_empty())
            .then(|| format!("{defect} is legal and noted by no case"));
    }
    let is_caught = catchers.values().any(|by_default| *by_default);
    (!is_caught && elsewhere(defect).is_none())
        .then(|| format!("{defect}: no case of level must or should in the default profile catches it"))
}
