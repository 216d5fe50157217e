//! The table of disagreements as a page. The accounts are not written down, they are made when the page is.

use std::fmt::Write;

use super::peers::{LIMIT, Peer, ours};
use super::stream::Cuts;
use super::table::{Disagreement, TABLE};

/// The most octets of an example that are shown.
const SHOWN: usize = 24;

/// The page.
pub fn markdown() -> String {
    let mut page = format!(
        "# Disagreements\n\n\
         Made by `cargo xtask fuzz --disagreements`. The fuzz targets `differential_*` give the same octets to our \
         endpoint and to\nanother implementation, both with limits of {LIMIT} octets and otherwise as they come. \
         Where they part and no entry below\nexplains it, the target fails; a test fails when an example does not \
         show its disagreement any more.\n\n\
         The octets are what both receive behind the opening handshake, in the role named. \"Goes on\": it waits for \
         more.\n"
    );
    for peer in Peer::ALL {
        let entries: Vec<_> = TABLE.iter().filter(|entry| entry.peer == peer).collect();
        let _ = write!(page, "\n## {peer} {}\n", peer.version());
        for entry in entries {
            page.push_str(&section(entry));
        }
    }
    page
}

fn section(entry: &Disagreement) -> String {
    let Disagreement {
        id,
        peer,
        role,
        example,
        what,
        section,
        right,
        why,
        ..
    } = entry;
    let (ours, _) = ours(*role, LIMIT as u64, example, Cuts::Octets);
    let theirs = peer.account(*role, example, Cuts::Octets);
    let role = role.name();
    format!(
        "\n### {id}\n\n\
         It {what}.\n\n\
         | | |\n|---|---|\n\
         | octets to the {role} | `{}` |\n\
         | we | {ours} |\n\
         | {peer} | {theirs} |\n\
         | section | {section} |\n\
         | right | {right}: {why} |\n",
        hex(example)
    )
}

fn hex(octets: &[u8]) -> String {
    let pair = |octet: &u8| format!("{octet:02x}");
    let first: Vec<String> = octets.iter().take(SHOWN).map(pair).collect();
    let first = first.join(" ");
    if octets.len() > SHOWN {
        format!("{first} …, {} in all", octets.len())
    } else {
        first
    }
}
