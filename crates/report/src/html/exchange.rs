//! A transcript in one line, for instances without a finding.

use wsanvil_model::{Direction, Entry, What};

use super::wire;
use crate::visible::Visible;

/// Events shown of one transcript.
const MOST: usize = 10;

/// The first events with an arrow each: `handshake · → text 5 · ← text 5 · → close 2`.
pub(super) fn line(transcript: &[Entry]) -> Visible {
    let (mut events, rest) = match transcript {
        [opened, request, answer, rest @ ..] if is_handshake([opened, request, answer]) => {
            (vec!["handshake".to_owned()], rest)
        }
        all => (Vec::new(), all),
    };
    events.extend(rest.iter().take(MOST).map(event));
    let omitted = rest.iter().map(|entry| entry.omitted_before);
    let left = omitted.fold(rest.len().saturating_sub(MOST) as u64, u64::saturating_add);
    if left > 0 {
        events.push(format!("… {left} more"));
    }
    Visible::new(&events.join(" · "))
}

/// Whether these are the events of an ordinary opening handshake, which nearly all transcripts begin with.
fn is_handshake(first: [&Entry; 3]) -> bool {
    let plain = |entry: &Entry| entry.on == "main" && entry.omitted_before == 0;
    let kinds = first.map(|entry| (entry.what, entry.dir));
    first.into_iter().all(plain)
        && kinds
            == [
                (What::Opened, Direction::Out),
                (What::Head, Direction::Out),
                (What::Head, Direction::In),
            ]
}

fn event(entry: &Entry) -> String {
    let arrow = match entry.dir {
        Direction::Out => '→',
        Direction::In => '←',
    };
    let name = wire::name(entry);
    let connection = if entry.on == "main" {
        String::new()
    } else {
        format!("{} ", entry.on)
    };
    match entry.what {
        What::Frame | What::Raw => format!("{arrow} {connection}{name} {}", entry.len),
        _ => format!("{arrow} {connection}{name}"),
    }
}
