//! Serves a peer of the testkit on a loopback port until it is killed, to see by hand what wsanvil makes of it:
//! `cargo run -p wsanvil-testkit --example hostile -- KIND PORT`, with `list` for the kinds.

use std::process::ExitCode;

use wsanvil_echo::Defect;
use wsanvil_testkit::hostile::{self, HOSTILE};
use wsanvil_testkit::{Kind, tcp};

const USAGE: &str = "usage: hostile KIND PORT (port 0: a free one), or hostile list";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["list"] => {
            list();
            ExitCode::SUCCESS
        }
        [name, port] => {
            let Err(why) = serve(name, port);
            eprintln!("{why}");
            ExitCode::FAILURE
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::FAILURE
        }
    }
}

/// Ends only when it cannot begin.
fn serve(name: &str, port: &str) -> Result<std::convert::Infallible, String> {
    let kind = kind(name).ok_or_else(|| format!("no kind is called {name}: see hostile list"))?;
    let port = port.parse().map_err(|_| USAGE.to_owned())?;
    let target = tcp::serve_at(port, kind).map_err(|error| format!("port {port}: {error}"))?;
    println!("{}", target.url());
    loop {
        std::thread::park();
    }
}

fn kind(name: &str) -> Option<Kind> {
    let hostile = || hostile::by_name(name).map(Kind::Hostile);
    let defect = || name.parse().ok().map(Kind::Defect);
    match name {
        "reference" => Some(Kind::Reference),
        _ => hostile().or_else(defect),
    }
}

fn list() {
    println!("{:<32} the reference endpoint", "reference");
    for hostile in HOSTILE {
        println!("{:<32} {}", hostile.name, hostile.describe);
    }
    for defect in Defect::ALL {
        println!("{:<32} {}", defect.name(), defect.describe());
    }
}
