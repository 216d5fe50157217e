//! Transcripts within bounds: a target that floods every case must not fill the memory of the tester.

use wsanvil_model::Entry;

/// What the transcripts of a run may take in memory before they are kept short, in octets, roughly.
const PLENTY: usize = 4 << 20;
/// Entries kept of either end of a short transcript.
const EDGE: usize = 8;
/// What an entry takes beside its octets.
const ENTRY: usize = 256;

/// What is left for transcripts.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// None: the user wants all of them.
    left: Option<usize>,
}

impl Evidence {
    /// Room for transcripts; without a bound when `keep_all`.
    pub(crate) fn new(keep_all: bool) -> Self {
        Self {
            left: (!keep_all).then_some(PLENTY),
        }
    }

    /// Takes a transcript in, as it is or, when the run has used up its room, without its middle.
    pub(crate) fn fit(&mut self, transcript: &mut Vec<Entry>) {
        let Some(left) = &mut self.left else { return };
        let size: usize = transcript
            .iter()
            .map(|entry| ENTRY + entry.hex.len() + entry.tail_hex.len() + entry.remark.len())
            .sum();
        if size <= *left {
            *left -= size;
        } else {
            shorten(transcript);
        }
    }
}

/// Takes the middle out, which the entry behind it tells.
fn shorten(transcript: &mut Vec<Entry>) {
    let Some(end) = transcript.len().checked_sub(EDGE).filter(|end| *end > EDGE) else {
        return;
    };
    let omitted = transcript
        .drain(EDGE..end)
        .map(|entry| entry.omitted_before.saturating_add(1))
        .fold(0_u64, u64::saturating_add);
    if let Some(behind) = transcript.get_mut(EDGE) {
        behind.omitted_before = behind.omitted_before.saturating_add(omitted);
    }
}

#[cfg(test)]
mod tests {
    use wsanvil_model::{Direction, What};

    use super::*;

    fn transcript(entries: u64, octets: usize) -> Vec<Entry> {
        let entry = |t_us| Entry {
            t_us,
            on: "main".to_owned(),
            dir: Direction::In,
            what: What::Raw,
            len: octets as u64,
            hex: "00".repeat(octets),
            tail_hex: String::new(),
            sha1: String::new(),
            frame: None,
            remark: String::new(),
            omitted_before: 0,
        };
        (0..entries).map(entry).collect()
    }

    #[test]
    fn a_flood_in_every_case_keeps_its_edges_only() {
        let mut evidence = Evidence::new(false);
        let mut first = transcript(96, 256);
        evidence.fit(&mut first);
        assert_eq!(first.len(), 96);
        for _ in 0..100 {
            evidence.fit(&mut transcript(96, 256));
        }
        let mut late = transcript(96, 256);
        late[40].omitted_before = 1000;
        evidence.fit(&mut late);
        assert_eq!(late.len(), 2 * EDGE);
        assert_eq!(late[EDGE].omitted_before, 80 + 1000);
        assert_eq!(late.last().map(|entry| entry.t_us), Some(95));
        let mut small = transcript(16, 1);
        evidence.fit(&mut small);
        assert_eq!(small, transcript(16, 1));
    }

    #[test]
    fn who_wants_all_gets_all() {
        let mut evidence = Evidence::new(true);
        for _ in 0..200 {
            let mut all = transcript(96, 256);
            evidence.fit(&mut all);
            assert_eq!(all.len(), 96);
        }
    }
}
