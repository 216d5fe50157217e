//! The transcript of an instance: bounded, with the beginning and the end of long ones.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use sha1::{Digest as _, Sha1};
use wsanvil_model::{Direction, Entry, FrameInfo, KEPT_OCTETS, What};
use wsanvil_wire::frame::Header;

use crate::content::Content;
use crate::io::Time;
use crate::lanes::hex;

/// Entries kept from the beginning and from the end.
const KEPT_ENTRIES: usize = 48;

/// Collects entries.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Time,
    first: Vec<Raw>,
    last: VecDeque<Raw>,
    omitted: u64,
}

/// An entry before it is written out: most of a long transcript never is.
#[derive(Debug, Clone)]
struct Raw {
    at: Time,
    on: Arc<str>,
    dir: Direction,
    what: What,
    octets: Excerpt,
    header: Option<Header>,
    remark: Cow<'static, str>,
}

/// Octets of an entry: the first ones, the last ones and how many there were.
#[derive(Debug, Default, Clone)]
pub(crate) struct Excerpt {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    len: u64,
    digest: Option<Sha1>,
}

impl Excerpt {
    /// An excerpt of so many octets to come. Where they are too many to be kept and `recorder` keeps the entry for
    /// sure, their digest is made on the way.
    pub(crate) fn expecting(len: u64, recorder: &Recorder) -> Self {
        let digest = recorder.wants_digest(len).then(Sha1::new);
        Self {
            digest,
            ..Self::default()
        }
    }

    /// Takes more octets.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        self.len += octets.len() as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(octets);
        }
        let room = KEPT_OCTETS - self.head.len();
        let (front, rest) = octets.split_at(room.min(octets.len()));
        self.head.extend_from_slice(front);
        if rest.len() >= KEPT_OCTETS {
            self.tail.clear();
        }
        let rest = rest.get(rest.len().saturating_sub(KEPT_OCTETS)..).unwrap_or(rest);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(KEPT_OCTETS);
        self.tail.drain(..surplus);
    }

    /// The excerpt of octets in memory.
    pub(crate) fn of(octets: &[u8]) -> Self {
        let mut excerpt = Self::default();
        excerpt.push(octets);
        excerpt
    }

    /// The excerpt of a piece of content.
    pub(crate) fn of_content(content: &Content, start: u64, len: u64, recorder: &Recorder) -> Self {
        let mut head = Vec::new();
        let kept = KEPT_OCTETS as u64;
        content.read_at(start, len.min(kept) as usize, &mut head);
        let mut tail = Vec::new();
        if len > kept {
            let rest = (len - kept).min(kept);
            content.read_at(start + len - rest, rest as usize, &mut tail);
        }
        let digest = recorder.wants_digest(len).then(|| content.digest(start, len));
        Self {
            head,
            tail: tail.into(),
            len,
            digest,
        }
    }
}

impl Recorder {
    /// A transcript that begins now.
    pub(crate) fn new(start: Time) -> Self {
        Self {
            start,
            first: Vec::new(),
            last: VecDeque::new(),
            omitted: 0,
        }
    }

    /// Whether an entry of so many octets needs a digest: not all of them are kept, but the entry is.
    fn wants_digest(&self, len: u64) -> bool {
        self.first.len() < KEPT_ENTRIES && len > 2 * KEPT_OCTETS as u64
    }

    /// Adds an event without octets.
    pub(crate) fn event(
        &mut self,
        at: Time,
        on: &Arc<str>,
        dir: Direction,
        what: What,
        remark: impl Into<Cow<'static, str>>,
    ) {
        self.octets(at, on, dir, what, Excerpt::default(), remark);
    }

    /// Adds octets that are no frame.
    pub(crate) fn octets(
        &mut self,
        at: Time,
        on: &Arc<str>,
        dir: Direction,
        what: What,
        octets: Excerpt,
        remark: impl Into<Cow<'static, str>>,
    ) {
        self.add(Raw {
            at,
            on: Arc::clone(on),
            dir,
            what,
            octets,
            header: None,
            remark: remark.into(),
        });
    }

    /// Adds a frame.
    pub(crate) fn frame(
        &mut self,
        at: Time,
        on: &Arc<str>,
        dir: Direction,
        header: &Header,
        payload: Excerpt,
        remark: impl Into<Cow<'static, str>>,
    ) {
        let (what, header) = (What::Frame, Some(*header));
        self.add(Raw {
            at,
            on: Arc::clone(on),
            dir,
            what,
            octets: payload,
            header,
            remark: remark.into(),
        });
    }

    fn add(&mut self, entry: Raw) {
        if self.first.len() < KEPT_ENTRIES {
            self.first.push(entry);
            return;
        }
        if self.last.len() >= KEPT_ENTRIES {
            self.last.pop_front();
            self.omitted += 1;
        }
        self.last.push_back(entry);
    }

    /// The entries from number `from` on that are still there; `from` becomes the number of the next one.
    pub(crate) fn since(&self, from: &mut u64) -> Vec<Entry> {
        let split = self.first.len() as u64;
        let late = split + self.omitted;
        let begin = std::mem::replace(from, late + self.last.len() as u64);
        let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let first = self.first.iter().skip(index(begin));
        let mut last = self.last.iter().skip(index(begin.saturating_sub(late)));
        let mut entries: Vec<Entry> = first
            .cloned()
            .map(|raw| raw.write(self.start, KEPT_OCTETS))
            .collect();
        if let Some(raw) = last.next() {
            let mut entry = raw.clone().write(self.start, KEPT_OCTETS);
            entry.omitted_before = late.saturating_sub(begin.max(split));
            entries.push(entry);
        }
        entries.extend(last.cloned().map(|raw| raw.write(self.start, KEPT_OCTETS)));
        entries
    }

    /// The transcript; only its edges, with shorter excerpts, when `brief`.
    pub(crate) fn finish(self, brief: bool) -> Vec<Entry> {
        const BRIEF: usize = 12;
        let (start, omitted) = (self.start, self.omitted);
        let split = self.first.len();
        let raw: Vec<Raw> = self.first.into_iter().chain(self.last).collect();
        let cut = if brief && raw.len() > 2 * BRIEF {
            BRIEF..raw.len() - BRIEF
        } else {
            0..0
        };
        let mut left_out = 0;
        let mut entries = Vec::with_capacity(raw.len() - cut.len());
        for (index, raw) in raw.into_iter().enumerate() {
            if index == split {
                left_out += omitted;
            }
            if cut.contains(&index) {
                left_out += 1;
                continue;
            }
            let mut entry = raw.write(start, if brief { KEPT_OCTETS / 4 } else { KEPT_OCTETS });
            entry.omitted_before = std::mem::take(&mut left_out);
            entries.push(entry);
        }
        entries
    }
}

impl Raw {
    /// The entry with up to `kept` octets from either end.
    fn write(self, start: Time, kept: usize) -> Entry {
        let head = self.octets.head.get(..kept).unwrap_or(&self.octets.head);
        let tail: Vec<u8> = self.octets.tail.iter().copied().collect();
        let tail = if kept < KEPT_OCTETS { &[][..] } else { &tail };
        Entry {
            t_us: self.at.0.saturating_sub(start.0),
            on: self.on.to_string(),
            dir: self.dir,
            what: self.what,
            len: self.octets.len,
            hex: hex(head),
            tail_hex: hex(tail),
            sha1: self
                .octets
                .digest
                .map(|digest| hex(&digest.finalize()))
                .unwrap_or_default(),
            frame: self.header.as_ref().map(info),
            remark: self.remark.into_owned(),
            omitted_before: 0,
        }
    }
}

fn info(header: &Header) -> FrameInfo {
    let (octets, len) = header.encode();
    FrameInfo {
        fin: header.fin,
        rsv: header.rsv,
        opcode: header.opcode.get(),
        key: header.mask.map(|key| hex(&key)),
        length_bits: match header.form.extra_len() {
            0 => 7,
            2 => 16,
            _ => 64,
        },
        declared: header.payload_len,
        header_hex: hex(octets.get(..len).unwrap_or(&octets)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_keeps_both_ends() {
        let octets: Vec<u8> = (0..2000_u32).map(|n| n as u8).collect();
        for chunk in [1, 7, 256, 300, 2000] {
            let mut excerpt = Excerpt::default();
            for piece in octets.chunks(chunk) {
                excerpt.push(piece);
            }
            assert_eq!(excerpt.head, octets[..256]);
            assert_eq!(
                excerpt.tail.iter().copied().collect::<Vec<_>>(),
                octets[2000 - 256..]
            );
            assert_eq!(excerpt.len, 2000);
        }
        let content = Content::Octets(octets.clone().into());
        let recorder = Recorder::new(Time(0));
        let excerpt = Excerpt::of_content(&content, 0, 300, &recorder);
        assert_eq!(excerpt.tail.len(), 44);
        assert_eq!(Excerpt::of(&octets[..300]).tail.len(), 44);
    }

    #[test]
    fn what_is_not_kept_has_a_digest() {
        let octets = vec![b'a'; 1000];
        let mut recorder = Recorder::new(Time(0));
        let mut came = Excerpt::expecting(1000, &recorder);
        octets.chunks(7).for_each(|piece| came.push(piece));
        let went = Excerpt::of_content(&Content::Octets(octets.into()), 0, 1000, &recorder);
        let on = Arc::from("main");
        recorder.octets(Time(0), &on, Direction::In, What::Raw, came, "");
        recorder.octets(Time(0), &on, Direction::Out, What::Raw, went, "");
        recorder.octets(Time(0), &on, Direction::In, What::Raw, Excerpt::of(b"short"), "");
        let digests: Vec<String> = recorder
            .finish(false)
            .into_iter()
            .map(|entry| entry.sha1)
            .collect();
        let expected = "291e9a6c66994949b57ba5e650361e98fc36b1ba";
        assert_eq!(digests, [expected, expected, ""]);
    }

    #[test]
    fn what_is_new_comes_once_and_what_was_missed_is_counted() {
        let mut recorder = Recorder::new(Time(0));
        let mut seen = 0;
        let mut told = 0;
        let mut next = 0_u64;
        for many in [0, 1, 40, 20, 30, 300, 96, 97, 1] {
            for _ in 0..many {
                let remark = format!("{next}");
                recorder.event(Time(0), &Arc::from("main"), Direction::In, What::Pause, remark);
                next += 1;
            }
            for entry in recorder.since(&mut seen) {
                told += entry.omitted_before;
                assert_eq!(entry.remark, format!("{told}"));
                told += 1;
            }
            assert_eq!(told, next);
            assert_eq!(recorder.since(&mut seen), []);
        }
    }

    #[test]
    fn long_transcripts_say_what_is_left_out() {
        let mut recorder = Recorder::new(Time(5));
        for n in 0..1000 {
            recorder.event(
                Time(5 + n),
                &Arc::from("main"),
                Direction::Out,
                What::Pause,
                format!("{n}"),
            );
        }
        let entries = recorder.finish(false);
        assert_eq!(entries.len(), 2 * KEPT_ENTRIES);
        let omitted: u64 = entries.iter().map(|entry| entry.omitted_before).sum();
        assert_eq!(entries.len() as u64 + omitted, 1000);
        assert_eq!(entries.last().unwrap().remark, "999");
    }
}
