//! Transcripts: frames with times and octets.

use std::collections::BTreeMap;

use wsanvil_model::{Direction, Entry, Finding, FrameInfo, What};

use super::counted;
use super::timeline::{Timeline, silence};
use crate::hexdump::{self, HexRow};
use crate::visible::Visible;

/// The part of a transcript that is shown.
pub(super) struct Wire {
    pub(super) entries: Vec<Shown>,
    /// Entries behind the last one shown.
    pub(super) omitted_after: u64,
    pub(super) timeline: Option<Timeline>,
}

pub(super) struct Shown {
    pub(super) omitted: u64,
    /// How long nothing happened before it, when that was long.
    pub(super) silence: Option<String>,
    pub(super) time: String,
    pub(super) sent: bool,
    pub(super) on: Visible,
    pub(super) what: String,
    pub(super) facts: Visible,
    pub(super) remark: Visible,
    /// Says which octet is marked, on the entry that proves the finding.
    pub(super) proof: Option<String>,
    pub(super) header: Vec<HexRow>,
    /// Whether the octets are shown as lines of text.
    pub(super) lines: bool,
    pub(super) rows: Vec<HexRow>,
    /// Octets between `rows` and `tail`.
    pub(super) gap: u64,
    pub(super) tail: Vec<HexRow>,
    pub(super) sha1: Visible,
}

impl Wire {
    /// Entries of `transcript` worth at most about `share` octets of the page: what proves the finding, then from the
    /// end backwards, because what went wrong is there.
    pub(super) fn of(transcript: &[Entry], finding: Option<&Finding>, share: usize) -> Self {
        let proof = finding.and_then(|finding| Proof::find(transcript, finding));
        let tight = share < 16_000;
        let mut left = share.clamp(400, 64_000);
        let mut shown: BTreeMap<usize, Shown> = BTreeMap::new();
        let order = proof
            .iter()
            .map(|proof| proof.entry)
            .chain((0..transcript.len()).rev());
        for index in order {
            if shown.contains_key(&index) {
                continue;
            }
            let mark = proof.as_ref().filter(|proof| proof.entry == index);
            let entry = Shown::of(&transcript[index], mark, tight);
            let cost = entry.cost();
            if cost > left && !shown.is_empty() {
                break;
            }
            left = left.saturating_sub(cost);
            shown.insert(index, entry);
        }
        let mut wire = Self::joined(transcript, shown);
        let places = (share / 60).clamp(10, 200) as u64;
        wire.timeline = Timeline::of(transcript, proof.map(|proof| proof.entry), places);
        wire
    }

    /// Counts what is missing between the entries shown.
    fn joined(transcript: &[Entry], shown: BTreeMap<usize, Shown>) -> Self {
        let mut entries = Vec::with_capacity(shown.len());
        let mut next = 0;
        for (index, mut entry) in shown {
            entry.omitted = missing(&transcript[next..index]) + transcript[index].omitted_before;
            let before = index.checked_sub(1).filter(|_| entry.omitted == 0);
            entry.silence = before.and_then(|before| silence(&transcript[before], &transcript[index]));
            next = index + 1;
            entries.push(entry);
        }
        Self {
            entries,
            omitted_after: missing(&transcript[next..]),
            timeline: None,
        }
    }
}

fn missing(skipped: &[Entry]) -> u64 {
    skipped.iter().fold(0, |sum, entry| {
        sum.saturating_add(entry.omitted_before).saturating_add(1)
    })
}

/// The octet that proves a finding: an entry, and the place within its header and payload.
struct Proof {
    entry: usize,
    octet: u64,
    within: u64,
}

impl Proof {
    fn find(transcript: &[Entry], finding: &Finding) -> Option<Self> {
        let octet = finding.offset?;
        let mut position = 0_u64;
        for (index, entry) in transcript.iter().enumerate() {
            if entry.omitted_before > 0 {
                // From here on nobody can say where in the stream an entry lies.
                return None;
            }
            if entry.on != finding.on || entry.dir != Direction::In {
                continue;
            }
            let end = position
                .saturating_add(header_octets(entry).len() as u64)
                .saturating_add(entry.len);
            if octet < end {
                return Some(Self {
                    entry: index,
                    octet,
                    within: octet - position,
                });
            }
            position = end;
        }
        None
    }
}

impl Shown {
    fn of(entry: &Entry, proof: Option<&Proof>, tight: bool) -> Self {
        let header = header_octets(entry);
        let mut head = hexdump::decode(&entry.hex);
        let mut tail = hexdump::decode(&entry.tail_hex);
        let at = proof.map(|proof| proof.within);
        let in_payload = at.and_then(|at| at.checked_sub(header.len() as u64));
        if tight {
            // The octet that proves the finding stays, with its row and the next.
            // A head is read as a whole: what is wrong often stands in its last field.
            let usual = if entry.what == What::Head { 512 } else { 32 };
            head.truncate(in_payload.map_or(usual, |at| usual.max((at as usize).saturating_add(32) & !15)));
            let in_tail = in_payload.is_some_and(|at| at >= entry.len.saturating_sub(tail.len() as u64));
            let kept = if in_tail { tail.len() } else { 0 };
            tail.drain(..tail.len() - kept);
        }
        let tail_start = entry.len.saturating_sub(tail.len() as u64);
        let dump = if entry.what == What::Head {
            head_lines
        } else {
            hexdump::rows
        };
        Self {
            omitted: 0,
            silence: None,
            time: format!("{}.{:03}", entry.t_us / 1_000, entry.t_us % 1_000),
            sent: entry.dir == Direction::Out,
            on: Visible::new(&entry.on),
            what: name(entry),
            facts: Visible::new(&facts(entry, &head)),
            remark: Visible::new(&entry.remark),
            proof: proof.map(|proof| format!("octet {} received is marked", proof.octet)),
            header: header_rows(&header, at),
            gap: tail_start.saturating_sub(head.len() as u64),
            lines: entry.what == What::Head,
            rows: dump(&head, 0, in_payload),
            tail: dump(&tail, tail_start, in_payload),
            sha1: Visible::new(&entry.sha1),
        }
    }

    /// About how many octets it takes in the page.
    fn cost(&self) -> usize {
        let rows: usize = self
            .header
            .iter()
            .chain(&self.rows)
            .chain(&self.tail)
            .map(|row| row.before.len() + row.marked.len() + row.after.len())
            .sum();
        rows + self.facts.to_string().len() + self.remark.to_string().len() + 300
    }
}

/// What an entry is, in a word.
pub(super) fn name(entry: &Entry) -> String {
    match (&entry.frame, entry.what) {
        (Some(frame), _) => match frame.opcode {
            0 => "continuation".to_owned(),
            1 => "text".to_owned(),
            2 => "binary".to_owned(),
            8 => "close".to_owned(),
            9 => "ping".to_owned(),
            10 => "pong".to_owned(),
            other => format!("opcode 0x{other:x}"),
        },
        (None, What::Opened) => "opened".to_owned(),
        (None, What::OpenFailed) => "open failed".to_owned(),
        (None, What::Head) => "HTTP head".to_owned(),
        (None, What::Frame) => "frame".to_owned(),
        (None, What::Raw) => "octets".to_owned(),
        (None, What::Fin) => "FIN".to_owned(),
        (None, What::Reset) => "RST".to_owned(),
        (None, What::Pause) => "pause".to_owned(),
        (None, _) => "event".to_owned(),
    }
}

fn facts(entry: &Entry, payload: &[u8]) -> String {
    let Some(frame) = &entry.frame else {
        return match entry.what {
            What::Head | What::Raw => counted(entry.len, "octet", "octets"),
            _ => String::new(),
        };
    };
    let mut facts = vec![
        format!("fin={}", u8::from(frame.fin)),
        format!("len={}", entry.len),
    ];
    if frame.rsv != 0 {
        let bits = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")];
        let names: Vec<_> = bits
            .iter()
            .filter(|(bit, _)| frame.rsv & bit != 0)
            .map(|(_, name)| *name)
            .collect();
        facts.push(format!("rsv={} ({})", frame.rsv, names.join(" ")));
    }
    if frame.declared != entry.len {
        facts.push(format!("declared={}", frame.declared));
    }
    if frame.length_bits != shortest_form(frame) {
        facts.push(format!("length in {} bits", frame.length_bits));
    }
    facts.push(
        frame
            .key
            .as_ref()
            .map_or_else(|| "unmasked".to_owned(), |key| format!("masked {key}")),
    );
    if frame.opcode == 8
        && let [high, low, reason @ ..] = payload
    {
        facts.push(format!("code={}", u16::from_be_bytes([*high, *low])));
        if !reason.is_empty() {
            facts.push(format!("reason=“{}”", String::from_utf8_lossy(reason)));
        }
    }
    facts.join(" ")
}

/// Bits of the shortest length field for what the frame declares (RFC 6455 section 5.2).
fn shortest_form(frame: &FrameInfo) -> u8 {
    match frame.declared {
        0..=125 => 7,
        126..=0xffff => 16,
        _ => 64,
    }
}

fn header_octets(entry: &Entry) -> Vec<u8> {
    entry
        .frame
        .as_ref()
        .map_or_else(Vec::new, |frame| hexdump::decode(&frame.header_hex))
}

/// The octets of a frame's header: at most 14, so one row, which is called so.
fn header_rows(header: &[u8], mark: Option<u64>) -> Vec<HexRow> {
    let mut rows = hexdump::rows(header, 0, mark);
    for row in &mut rows {
        row.before = row.before.replacen("0000", "head", 1);
    }
    rows
}

/// An HTTP head as lines, every octet unambiguous: `\xe9` for what is not printable, `\\` for a backslash.
fn head_lines(octets: &[u8], start: u64, mark: Option<u64>) -> Vec<HexRow> {
    let mut lines = Vec::new();
    let mut position = start;
    for line in octets.split_inclusive(|&octet| octet == b'\n') {
        let next = position + line.len() as u64;
        let pointed = mark.and_then(|mark| usize::try_from(mark.checked_sub(position)?).ok());
        let pointed = pointed.filter(|&at| at < line.len());
        // A line ending that is pointed at is text like the rest.
        let (text, end) = match line {
            [text @ .., b'\r', b'\n'] if pointed.is_none_or(|at| at < text.len()) => (text, "\\r\\n\n"),
            [text @ .., b'\n'] if pointed.is_none_or(|at| at < text.len()) => (text, "\\n\n"),
            text => (text, "\n"),
        };
        let (before, marked, after) = match pointed {
            Some(at) => (
                escaped(&text[..at]),
                escaped(&text[at..=at]),
                escaped(&text[at + 1..]),
            ),
            None => (escaped(text), String::new(), String::new()),
        };
        lines.push(HexRow {
            before,
            marked,
            after,
            end,
        });
        position = next;
    }
    lines
}

fn escaped(octets: &[u8]) -> String {
    octets
        .escape_ascii()
        .to_string()
        .replace("\\'", "'")
        .replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use wsanvil_model::FindingKind;

    use super::*;

    fn frame(payload: &[u8]) -> Entry {
        Entry {
            t_us: 1_005,
            on: "main".to_owned(),
            dir: Direction::In,
            what: What::Frame,
            len: payload.len() as u64,
            hex: hexdump::encode(payload),
            tail_hex: String::new(),
            sha1: String::new(),
            frame: Some(FrameInfo {
                fin: true,
                rsv: 0,
                opcode: 1,
                key: None,
                length_bits: 7,
                declared: payload.len() as u64,
                header_hex: format!("81{:02x}", payload.len()),
            }),
            remark: String::new(),
            omitted_before: 0,
        }
    }

    fn at(offset: u64) -> Finding {
        Finding {
            kind: FindingKind::WrongEcho,
            rule: None,
            requirement: String::new(),
            expected: String::new(),
            observed: String::new(),
            on: "main".to_owned(),
            line: 0,
            offset: Some(offset),
        }
    }

    #[test]
    fn the_octet_of_the_proof_is_marked() {
        let transcript = [frame(b"hello"), frame(b"Hello")];
        let wire = Wire::of(&transcript, Some(&at(9)), 10_000);
        assert!(wire.entries[0].proof.is_none());
        assert_eq!(wire.entries[1].rows[0].marked, "48");
        let wire = Wire::of(&transcript, Some(&at(7)), 10_000);
        assert_eq!(wire.entries[1].header[0].marked, "81");
        assert!(
            Wire::of(&transcript, Some(&at(14)), 10_000)
                .entries
                .iter()
                .all(|entry| entry.proof.is_none())
        );
    }

    #[test]
    fn long_transcripts_keep_the_proof_and_the_end() {
        let mut transcript = vec![frame(b"x"); 1_000];
        transcript[999].omitted_before = 5;
        let wire = Wire::of(&transcript, Some(&at(4)), 3_000);
        assert_eq!(wire.entries[0].rows[0].before.get(..4), Some("0000"));
        assert_eq!(wire.entries[0].omitted, 1);
        assert!(wire.entries[0].proof.is_some());
        let shown = wire.entries.len() as u64;
        let omitted: u64 = wire.entries.iter().map(|entry| entry.omitted).sum();
        assert_eq!(shown + omitted + wire.omitted_after, 1_005);
        assert_eq!(wire.omitted_after, 0);
    }

    #[test]
    fn facts_name_what_is_out_of_the_ordinary() {
        let mut entry = frame(b"\x03\xeabye");
        if let Some(frame) = &mut entry.frame {
            (frame.opcode, frame.rsv, frame.length_bits, frame.declared) = (8, 6, 16, 9);
            frame.key = Some("37fa213d".to_owned());
        }
        assert_eq!(
            facts(&entry, b"\x03\xeabye"),
            "fin=1 len=5 rsv=6 (RSV1 RSV2) declared=9 length in 16 bits masked 37fa213d code=1002 reason=“bye”"
        );
    }

    #[test]
    fn heads_are_lines() {
        let text = |octets, mark| -> Vec<String> {
            let lines = head_lines(octets, 0, mark);
            lines
                .iter()
                .map(|row| format!("{}[{}]{}|{}", row.before, row.marked, row.after, row.end))
                .collect()
        };
        assert_eq!(
            text(b"A: \xff\\\r\n\x1b\nend", None),
            ["A: \\xff\\\\[]|\\r\\n\n", "\\x1b[]|\\n\n", "end[]|\n"]
        );
        assert_eq!(
            text(b"A: 'x'\r\nB: y\r\n", Some(4)),
            ["A: '[x]'|\\r\\n\n", "B: y[]|\\r\\n\n"]
        );
        assert_eq!(text(b"A\r\nB\r\n", Some(2)), ["A\\r[\\n]|\n", "B[]|\\r\\n\n"]);
    }
}
