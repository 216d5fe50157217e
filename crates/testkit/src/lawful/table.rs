//! The rows: name, what is done and where the texts leave it open, how.

mod frames;
mod heads;

use wsanvil_engine::App;

use super::Lawful;
use super::manner::Manner;

/// All of them.
pub fn lawful_servers() -> impl Iterator<Item = &'static Lawful> {
    heads::ROWS.iter().chain(frames::ROWS)
}

const PLAIN: Manner = Manner::PLAIN;

const fn row(name: &'static str, describe: &'static str, manner: Manner) -> Lawful {
    Lawful {
        name,
        describe,
        few_connections: false,
        app: App::Echo,
        nonstrict_in: None,
        manner,
    }
}

const fn few(name: &'static str, describe: &'static str, manner: Manner) -> Lawful {
    Lawful {
        few_connections: true,
        ..row(name, describe, manner)
    }
}

const fn service(name: &'static str, describe: &'static str, manner: Manner) -> Lawful {
    Lawful {
        app: App::None,
        ..row(name, describe, manner)
    }
}
