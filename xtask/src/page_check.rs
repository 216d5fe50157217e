//! The HTML report in a real browser: it is used as a reader uses it, and it must stay small, fast, accessible and inert.

mod pages;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::tester::{self, Tester};
use crate::{Done, process, project};

/// How long an installation may take.
const INSTALL_LIMIT: Duration = Duration::from_secs(300);
/// How long the run against the reference may take.
const RUN_LIMIT: Duration = Duration::from_secs(600);
/// Defects of the reference endpoint whose findings make the ordinary page.
const DEFECTS: [&str; 3] = ["pong-ends-at-nul", "utf8-accepts-surrogates", "accepts-two-hosts"];
/// Most octets of an ordinary page.
const ORDINARY: u64 = 2_000_000;
/// Most octets of the page of a target that fails hundreds of instances.
const LARGE: u64 = 4_000_000;
/// Most octets of a page in which every text is hostile: all of them are shown, with what is hidden spelled out.
const HOSTILE: u64 = 8_000_000;
/// Where a browser may be, in the order in which they are tried.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// What is checked.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Check the page of this report in JSON instead of one of a run against the reference endpoint (repeatable)
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,
    /// Write screenshots and a printed page into this folder
    #[arg(long, value_name = "DIR")]
    shots: Option<PathBuf>,
    /// The browser; without it CHROMIUM, then the search path
    #[arg(long, value_name = "PATH")]
    chromium: Option<PathBuf>,
    /// Another binary of wsanvil than the one of this workspace
    #[arg(long, value_name = "PATH")]
    wsanvil: Option<PathBuf>,
    /// Milliseconds until a page must be interactive; a busy machine needs more
    #[arg(long, default_value_t = 1_000)]
    limit_ms: u32,
}

/// What the script under `xtask/page-check` is told.
#[derive(Debug, Serialize)]
struct Plan {
    chromium: PathBuf,
    pages: Vec<Page>,
    shots: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Page {
    name: String,
    kind: pages::Kind,
    file: PathBuf,
    limit_ms: u32,
    limit_octets: u64,
}

/// Makes the pages and checks them.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let chromium = browser(arguments.chromium.as_deref())?;
    let script = install()?;
    let folder = project::emptied("page-check/pages")?;
    let mut reports = Vec::new();
    for path in &arguments.report {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        reports.push((stem.into_owned(), tester::read(path)?));
    }
    if reports.is_empty() {
        reports.push(("reference".to_owned(), reference(arguments, &folder)?));
    }
    let mut made = Vec::new();
    for (name, report) in &reports {
        made.push((name.clone(), pages::kind(report), report.clone()));
    }
    let (_, model) = &reports[0];
    made.push(("many".to_owned(), pages::Kind::Large, pages::many(model)));
    made.push(("hostile".to_owned(), pages::Kind::Hostile, pages::hostile(model)));
    let mut plan = Plan {
        chromium,
        pages: Vec::new(),
        shots: arguments.shots.as_deref().map(absolute).transpose()?,
    };
    for (name, kind, report) in made {
        let file = folder.join(format!("{name}.html"));
        project::write(&file, &pages::render(&report)?)?;
        plan.pages.push(Page {
            name,
            kind,
            file,
            limit_ms: arguments.limit_ms,
            limit_octets: match kind {
                pages::Kind::Ordinary => ORDINARY,
                pages::Kind::Large => LARGE,
                pages::Kind::Hostile => HOSTILE,
            },
        });
    }
    let told = folder.join("plan.json");
    let text = serde_json::to_string_pretty(&plan).map_err(|cause| Error::Usage(cause.to_string()))?;
    project::write(&told, &text)?;
    let status = Command::new("node").arg(&script).arg(&told).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) if status.code() == Some(1) => {
            Err(Error::Differs("the page does not hold what it must".to_owned()))
        }
        Ok(status) => Err(Error::Environment(format!("node: {status}"))),
        Err(cause) => Err(Error::Environment(format!(
            "node: {cause}; it needs Node.js 20 or later"
        ))),
    }
}

/// The browser that is named, or the first that is found.
fn browser(given: Option<&Path>) -> Done<PathBuf> {
    let named = env::var_os("CHROMIUM").filter(|name| !name.is_empty());
    if let Some(path) = given.map(Path::to_owned).or(named.map(PathBuf::from)) {
        return path
            .canonicalize()
            .map_err(|cause| Error::Usage(format!("no browser at {}: {cause}", path.display())));
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders)
        .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::Environment(format!(
            "no browser: none of {} is in the search path. Install Debian's chromium, or name one: --chromium PATH",
            BROWSERS.join(", ")
        ))
    })
}

/// Installs what the script needs below `target/`, when its pins have changed; the script beside it.
fn install() -> Done<PathBuf> {
    let source = project::root().join("xtask/page-check");
    let place = project::scratch("page-check")?;
    let pins = project::read(&source.join("package.json"))?;
    let script = place.join("check.mjs");
    project::write(&script, &project::read(&source.join("check.mjs"))?)?;
    let stamp = place.join("installed");
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&pins) {
        eprintln!("installing playwright-core and axe-core");
        project::write(&place.join("package.json"), &pins)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
        npm.current_dir(&place);
        process::step("npm", npm, &place.join("install.log"), INSTALL_LIMIT)?;
        project::write(&stamp, &pins)?;
    }
    Ok(script)
}

/// A run against the reference endpoint with a few defects.
fn reference(arguments: &Arguments, folder: &Path) -> Done<wsanvil_model::Report> {
    let binary = project::wsanvil(arguments.wsanvil.as_deref())?;
    let mut command = vec![
        binary.display().to_string(),
        "echo".to_owned(),
        "127.0.0.1:{port}".to_owned(),
    ];
    for defect in DEFECTS {
        command.extend(["--defect".to_owned(), defect.to_owned()]);
    }
    Tester {
        binary: &binary,
        url: "ws://127.0.0.1:{port}/",
        options: Vec::new(),
        command,
        folder: folder.to_owned(),
        limit: RUN_LIMIT,
    }
    .report()
}

fn absolute(path: &Path) -> Done<PathBuf> {
    std::path::absolute(path).map_err(Error::file(path))
}
