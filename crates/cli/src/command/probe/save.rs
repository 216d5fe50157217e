//! `--save`: a case file with the steps, and with what came as expectations.

use std::fmt::Write as _;
use std::path::Path;

use wsanvil_engine::{Came, Untaken};
use wsanvil_model::{Direction, Entry};

use super::steps::{Steps, literal, quoted};
use super::talk::Talk;
use super::words::digits;
use crate::cli::ProbeArgs;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal::shell_quote;

/// Longer messages are expected by their type, not by their octets.
const LONGEST: usize = 4096;

/// Whether the file can be written, as far as that is known before anything is done.
pub(super) fn try_out(path: &Path, force: bool) -> Result<(), Failure> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Failure::usage(format!("{shown} is a folder")));
    }
    if path.symlink_metadata().is_ok() && !force {
        return Err(Failure::usage(format!("{shown} is there already")).hint("--force writes over it"));
    }
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Err(Failure::usage(format!("{shown} does not end in .toml")).hint("case files do"));
    }
    Ok(())
}

/// Writes the file.
pub(super) fn save(
    path: &Path,
    args: &ProbeArgs,
    steps: &Steps,
    talk: &Talk,
    entries: &[Entry],
) -> Result<(), Failure> {
    let text = case(path, args, steps, talk, entries);
    wsanvil_report::write_atomic(path, text.as_bytes())
        .map_err(|error| Failure::new(exit_code::OUTPUT, error.to_string()))
}

fn case(path: &Path, args: &ProbeArgs, steps: &Steps, talk: &Talk, entries: &[Entry]) -> String {
    let id = format!("probe/{}", slug(path));
    let expectations = expectations(talk, entries);
    let spec = requirement(&talk.untaken);
    let typed: Vec<String> = steps
        .typed()
        .iter()
        .map(|step| shell_quote(step).into_owned())
        .collect();
    let title = format!("As observed: {}", shortened(&typed.join(" ")));
    let mut text = String::new();
    let file = path.display().to_string();
    let _ = writeln!(
        text,
        "# Written by `wsanvil probe`: the steps, and what the target did then."
    );
    let _ = writeln!(
        text,
        "# Run it: wsanvil run URL --cases {} --case {id} --app echo",
        shell_quote(&one_line(&file))
    );
    let _ = writeln!(
        text,
        "# `spec` should name the requirement that matters: see `wsanvil explain {spec}`."
    );
    let _ = writeln!(text, "[[case]]");
    let _ = writeln!(text, "id = {}", quoted(&id));
    let _ = writeln!(text, "title = {}", literal(&title));
    let _ = writeln!(text, "spec = [{}]", quoted(spec));
    let _ = writeln!(text, "role = \"server\"");
    if let Some(ms) = deadline(steps, args) {
        let _ = writeln!(text, "deadline_ms = {ms}");
    }
    let _ = writeln!(text, "steps = [");
    for line in steps.lines().map(str::to_owned).chain(expectations) {
        let _ = writeln!(text, "  {line},");
    }
    let _ = writeln!(text, "]");
    text
}

/// What came, as expectations: messages, then answers to Pings, then the end. Lanes are separate, so that Pongs may be
/// expected behind messages that came later.
fn expectations(talk: &Talk, entries: &[Entry]) -> Vec<String> {
    let mut lines = Vec::new();
    let is_end = |one: &&Untaken| matches!(one.what, Came::Close { .. } | Came::End(_));
    let end = talk
        .untaken
        .iter()
        .position(|one| is_end(&one))
        .unwrap_or(talk.untaken.len());
    let (before, behind) = talk.untaken.split_at(end);
    let is_pong = |one: &&Untaken| matches!(one.what, Came::Pong(_));
    let pongs = talk.untaken.iter().filter(is_pong);
    let data = before.iter().filter(|one| !is_pong(one));
    let last = behind.iter().filter(|one| !is_pong(one));
    let mut asking = pings(entries);
    for one in data.chain(pongs).chain(last) {
        let on = if &*one.on == "main" {
            String::new()
        } else {
            format!(", on = {}", quoted(&one.on))
        };
        let want = match &one.what {
            Came::Message { binary, octets, len } => Some(message(*binary, octets, *len)),
            Came::Pong(octets) => {
                // Others come of the target's own accord, at times of its own.
                let asked = asking.iter().position(|ping| *ping == digits(octets));
                asked.map(|place| {
                    asking.remove(place);
                    format!("\"pong\"{}", payload(octets))
                })
            }
            Came::Close { code: Some(code), .. } => Some(format!("\"close\", code = {code}")),
            Came::Close { code: None, .. } => Some("\"close\", code = \"none\"".to_owned()),
            Came::End(_) => Some("\"eof\"".to_owned()),
            Came::Response(status) => Some(format!("\"response\", status = {status}")),
            Came::Ping(_) | Came::Other => None,
        };
        lines.extend(want.map(|want| format!("{{ expect = {want}{on} }}")));
    }
    lines
}

fn message(binary: bool, octets: &[u8], len: u64) -> String {
    let kind = if binary { "binary" } else { "text" };
    let whole = octets.len() as u64 == len && octets.len() <= LONGEST;
    match (whole, std::str::from_utf8(octets)) {
        (false, _) => format!("\"{kind}\""),
        (true, Ok(text)) if !binary => format!("\"text\", data = {}", literal(text)),
        (true, _) => format!("\"{kind}\", hex = {}", quoted(&digits(octets))),
    }
}

fn payload(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) if !text.chars().any(char::is_control) => format!(", data = {}", literal(text)),
        _ => format!(", hex = {}", quoted(&digits(octets))),
    }
}

/// Payloads of the Pings that were sent, in hexadecimal.
fn pings(entries: &[Entry]) -> Vec<String> {
    let sent = entries.iter().filter(|entry| {
        let ping = entry.frame.as_ref().is_some_and(|info| info.opcode == 9);
        ping && entry.dir == Direction::Out
    });
    sent.map(|entry| entry.hex.clone()).collect()
}

/// The requirement that the first thing that came has to do with.
fn requirement(untaken: &[Untaken]) -> &'static str {
    let of = |one: &Untaken| match one.what {
        Came::Message { binary: false, .. } => Some("6455-5.6-5"),
        Came::Message { binary: true, .. } => Some("6455-5.6-4"),
        Came::Pong(_) => Some("6455-5.5.2-2"),
        Came::Close { .. } => Some("6455-5.5.1-8"),
        Came::End(_) => Some("6455-5.5.1-13"),
        Came::Response(_) => Some("6455-4.2.2-18"),
        Came::Ping(_) | Came::Other => None,
    };
    untaken.iter().find_map(of).unwrap_or("6455-5.6-5")
}

/// An absolute end, when the pauses of the steps do not fit into the ordinary one.
fn deadline(steps: &Steps, args: &ProbeArgs) -> Option<u64> {
    const ORDINARY: u64 = 30_000;
    let waits = steps.typed().iter().filter_map(|step| {
        let ms = step.strip_prefix("wait ")?;
        ms.trim().parse::<u64>().ok()
    });
    let pauses: u64 = waits.fold(0, u64::saturating_add);
    let timeout = args.reach.timeout.map_or(0, |timeout| timeout.as_millis() as u64);
    let needed = pauses.saturating_add(timeout);
    (needed > ORDINARY / 2).then(|| needed.saturating_add(ORDINARY))
}

/// The name of the file as the last part of an id.
fn slug(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
    let mut slug = String::new();
    for c in stem.unwrap_or_default().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "saved".to_owned()
    } else {
        slug.to_owned()
    }
}

fn shortened(text: &str) -> String {
    const LONG: usize = 100;
    let mut short: String = one_line(text).chars().take(LONG).collect();
    if text.chars().count() > LONG {
        short.push('…');
    }
    short
}

/// Without line ends and other control characters.
fn one_line(text: &str) -> String {
    let clean = |c: char| if crate::terminal::is_harmful(c) { ' ' } else { c };
    text.chars().map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_become_ids() {
        for (file, slug_) in [
            ("a/Close Twice.toml", "close-twice"),
            ("ünïcode_2.toml", "n-code-2"),
            ("--.toml", "saved"),
        ] {
            assert_eq!(slug(Path::new(file)), slug_);
        }
    }

    #[test]
    fn what_cannot_stand_in_a_text_is_hexadecimal() {
        assert_eq!(message(false, b"a{b}", 4), "\"text\", data = \"a{{b}}\"");
        assert_eq!(message(false, b"\xff", 1), "\"text\", hex = \"ff\"");
        assert_eq!(message(true, b"ab", 2), "\"binary\", hex = \"6162\"");
        assert_eq!(message(true, b"ab", 3), "\"binary\"");
        assert_eq!(payload(b""), ", data = \"\"");
        assert_eq!(payload(b"\x01"), ", hex = \"01\"");
    }
}
