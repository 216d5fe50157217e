//! When the events of a transcript happened: a strip with what was sent above the line and what was received below it.

use std::collections::BTreeSet;
use std::fmt::Write;

use wsanvil_model::{Direction, Entry};

use super::counted;

/// Width of the strip in its own units.
const WIDTH: u64 = 1_000;
/// A silence is named from this length on, in microseconds.
const LONG: u64 = 100_000;

pub(super) struct Timeline {
    /// Path of what was sent.
    pub(super) sent: String,
    /// Path of what was received.
    pub(super) received: String,
    /// Path of the event that proves the finding.
    pub(super) proof: String,
    /// Start and width of the longest silence.
    pub(super) silence: Option<(u64, u64)>,
    /// All of it in words.
    pub(super) says: String,
}

impl Timeline {
    /// `None` when there is no time between the events. `places` is the most marks on each side, so that a long
    /// transcript does not make a large page.
    pub(super) fn of(transcript: &[Entry], proof: Option<usize>, places: u64) -> Option<Self> {
        let first = transcript.iter().map(|entry| entry.t_us).min()?;
        let last = transcript.iter().map(|entry| entry.t_us).max()?;
        let span = last.checked_sub(first).filter(|span| *span > 0)?;
        let step = (WIDTH / places.clamp(1, WIDTH)).max(1);
        let x = |t: u64| {
            let exact = u128::from(t.saturating_sub(first)) * u128::from(WIDTH) / u128::from(span);
            u64::try_from(exact).unwrap_or(WIDTH) / step * step
        };
        let silence = longest_silence(transcript);
        let path = |dir: Direction| {
            let own = transcript.iter().filter(|entry| entry.dir == dir);
            let places: BTreeSet<u64> = own.map(|entry| x(entry.t_us)).collect();
            places.into_iter().map(|x| tick(x, dir)).collect::<String>()
        };
        let proof = proof
            .and_then(|index| transcript.get(index))
            .map_or_else(String::new, |entry| tick(x(entry.t_us), entry.dir));
        Some(Self {
            sent: path(Direction::Out),
            received: path(Direction::In),
            proof,
            silence: silence.map(|(from, to)| (x(from), x(to).saturating_sub(x(from)))),
            says: says(transcript, span, silence),
        })
    }
}

/// A line from the middle of the strip upwards or downwards.
fn tick(x: u64, dir: Direction) -> String {
    match dir {
        Direction::Out => format!("M{x} 11V1"),
        Direction::In => format!("M{x} 13V23"),
    }
}

/// Start and end of the longest time without an event, when it is worth a word and nothing is left out there.
fn longest_silence(transcript: &[Entry]) -> Option<(u64, u64)> {
    transcript
        .windows(2)
        .filter(|pair| pair[1].omitted_before == 0)
        .map(|pair| (pair[0].t_us, pair[1].t_us))
        .filter(|(from, to)| to.saturating_sub(*from) >= LONG)
        .max_by_key(|(from, to)| to - from)
}

fn says(transcript: &[Entry], span: u64, silence: Option<(u64, u64)>) -> String {
    let sent = transcript
        .iter()
        .filter(|entry| entry.dir == Direction::Out)
        .count();
    let mut out = format!(
        "{} in {}: → {sent} sent above the line, ← {} received below",
        counted(transcript.len() as u64, "event", "events"),
        milliseconds(span),
        transcript.len() - sent
    );
    if let Some((from, to)) = silence {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "; nothing for {} after {}",
            milliseconds(to - from),
            milliseconds(from)
        );
    }
    out
}

/// Microseconds as a reader wants them: three digits behind the point for little, none for much.
pub(super) fn milliseconds(us: u64) -> String {
    match us {
        0..10_000 => format!("{}.{:03} ms", us / 1_000, us % 1_000),
        10_000..100_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{} ms", us / 1_000),
    }
}

/// The silence between two neighbours, in words, when it is long.
pub(super) fn silence(before: &Entry, after: &Entry) -> Option<String> {
    let length = after.t_us.saturating_sub(before.t_us);
    (length >= LONG && after.omitted_before == 0).then(|| format!("nothing for {}", milliseconds(length)))
}

#[cfg(test)]
mod tests {
    use wsanvil_model::What;

    use super::*;

    fn event(t_us: u64, dir: Direction) -> Entry {
        Entry {
            t_us,
            on: "main".to_owned(),
            dir,
            what: What::Fin,
            len: 0,
            hex: String::new(),
            tail_hex: String::new(),
            sha1: String::new(),
            frame: None,
            remark: String::new(),
            omitted_before: 0,
        }
    }

    #[test]
    fn events_stand_where_they_happened() {
        let transcript = [
            event(1_000, Direction::Out),
            event(2_000, Direction::In),
            event(501_000, Direction::In),
        ];
        let timeline = Timeline::of(&transcript, Some(1), 500).unwrap();
        assert_eq!(timeline.sent, "M0 11V1");
        assert_eq!(timeline.received, "M2 13V23M1000 13V23");
        assert_eq!(timeline.proof, "M2 13V23");
        assert_eq!(timeline.silence, Some((2, 998)));
        assert_eq!(
            timeline.says,
            "3 events in 500 ms: → 1 sent above the line, ← 2 received below; nothing for 499 ms after 2.000 ms"
        );
    }

    #[test]
    fn long_transcripts_make_no_long_paths() {
        // Times of a foreign report may go to and fro.
        let transcript: Vec<Entry> = (0..100_000)
            .map(|t| event(t * 7_919 % 100_000, Direction::In))
            .collect();
        let timeline = Timeline::of(&transcript, None, 50).unwrap();
        // Both ends have a place.
        assert_eq!(timeline.received.matches('M').count(), 51);
    }

    #[test]
    fn nothing_is_drawn_without_time_and_odd_times_are_no_danger() {
        assert!(Timeline::of(&[], None, 50).is_none());
        assert!(Timeline::of(&[event(7, Direction::In)], None, 50).is_none());
        let back = [event(u64::MAX, Direction::In), event(0, Direction::Out)];
        let timeline = Timeline::of(&back, Some(9), 50).unwrap();
        assert_eq!(timeline.silence, None);
        assert_eq!(timeline.proof, "");
    }

    #[test]
    fn a_gap_in_the_transcript_is_no_silence() {
        let (before, mut after) = (event(0, Direction::In), event(900_000, Direction::In));
        assert_eq!(silence(&before, &after).as_deref(), Some("nothing for 900 ms"));
        after.omitted_before = 3;
        assert_eq!(silence(&before, &after), None);
        assert_eq!(longest_silence(&[before, after]), None);
    }
}
