//! A transcript in one line, for instances without a finding.

use wsanvil_model::{Direction, Entry, What};

use super::wire;
use crate::visible::Visible;

/// Events shown of one transcript.
const MOST: usize = 10;

/// The first events with an arrow each: `→ text 5 · ← text 5 · → close 2`.
pub(super) fn line(transcript: &[Entry]) -> Visible {
    let mut events: Vec<String> = transcript.iter().take(MOST).map(event).collect();
    let left: u64 = transcript.iter().map(|entry| entry.omitted_before).sum::<u64>()
        + transcript.len().saturating_sub(MOST) as u64;
    if left > 0 {
        events.push(format!("… {left} more"));
    }
    Visible::new(&events.join(" · "))
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
