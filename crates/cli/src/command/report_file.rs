//! Reading reports back.

use std::path::Path;

use wsanvil_model::Report;

use crate::failure::Failure;

/// Reads the JSON report in a file.
pub(super) fn read(path: &Path) -> Result<Report, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("the report {shown} cannot be read: {error}"))
            .hint("wsanvil run writes one to wsanvil-report/report.json, and with --report json=PATH")
    })?;
    wsanvil_report::json::from_json(&text).map_err(|error| {
        Failure::usage(format!("{shown}: {error}")).hint("a report is what --report json=PATH writes")
    })
}
