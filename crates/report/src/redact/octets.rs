//! Secrets in recorded octets.
//!
//! Heads and raw octets of one direction of a connection form a stream, so a secret is found wherever the writes were
//! cut. Where octets were not kept, a run ends: there a part of a secret at either edge is masked too.

use wsanvil_model::{Direction, Entry, What};

use super::{SHORTEST, secrets_of_field};
use crate::hexdump;

/// Octets that followed each other on the wire.
#[derive(Debug)]
struct Run {
    octets: Vec<u8>,
    /// Octets before the run are unknown.
    cut_before: bool,
    /// Octets behind it are unknown.
    cut_after: bool,
    /// The run holds (parts of) HTTP heads.
    http: bool,
    pieces: Vec<Piece>,
}

/// Where octets of a run are kept: in an entry's `hex` or `tail_hex`.
#[derive(Debug)]
struct Piece {
    entry: usize,
    tail: bool,
    start: usize,
}

/// Adds the values of credential fields in recorded heads to `secrets`.
pub(super) fn collect(transcript: &[Entry], secrets: &mut Vec<String>) {
    for run in runs(transcript) {
        if !run.http {
            continue;
        }
        for (name, value) in credential_values(&run) {
            let value = String::from_utf8_lossy(&run.octets[value]).into_owned();
            secrets.extend(secrets_of_field(&name, &value));
        }
    }
}

/// Replaces the octets of secrets and of credential fields by asterisks.
pub(super) fn mask(transcript: &mut [Entry], secrets: &[String]) {
    for mut run in runs(transcript) {
        let before = run.octets.clone();
        let mut masked: Vec<std::ops::Range<usize>> = Vec::new();
        for secret in secrets {
            masked.extend(occurrences(&run, secret.as_bytes()));
        }
        if run.http {
            masked.extend(credential_values(&run).into_iter().map(|(_, value)| value));
            if run.cut_before {
                // The name of this field was not kept.
                masked.push(0..line_end(&run.octets, 0));
            }
        }
        for range in masked {
            run.octets[range].fill(b'*');
        }
        if run.octets != before {
            write_back(&run, transcript);
        }
    }
}

fn runs(transcript: &[Entry]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    // The open run of each direction of each connection.
    let mut open: Vec<(&str, Direction, usize)> = Vec::new();
    for (index, entry) in transcript.iter().enumerate() {
        let streamed = matches!(entry.what, What::Head | What::Raw);
        let http = entry.what == What::Head;
        if entry.omitted_before > 0 {
            // Which connection the missing entries were on is not known.
            for (_, _, run) in open.drain(..) {
                runs[run].cut_after = true;
            }
        }
        let place = open
            .iter()
            .position(|&(on, dir, _)| streamed && on == entry.on && dir == entry.dir);
        let head = hexdump::decode(&entry.hex);
        let tail = hexdump::decode(&entry.tail_hex);
        let whole = (head.len() + tail.len()) as u64 == entry.len;
        let mut run = if let Some(place) = place {
            let (.., run) = open.swap_remove(place);
            run
        } else {
            if head.is_empty() && tail.is_empty() {
                continue;
            }
            runs.push(Run::new(entry.omitted_before > 0 && streamed, http));
            runs.len() - 1
        };
        runs[run].http |= http;
        runs[run].push(index, false, &head);
        if !whole {
            runs[run].cut_after = true;
            runs.push(Run::new(true, http));
            run = runs.len() - 1;
        }
        runs[run].push(index, true, &tail);
        if streamed {
            open.push((&entry.on, entry.dir, run));
        }
    }
    runs
}

impl Run {
    fn new(cut_before: bool, http: bool) -> Self {
        Self {
            octets: Vec::new(),
            cut_before,
            cut_after: false,
            http,
            pieces: Vec::new(),
        }
    }

    fn push(&mut self, entry: usize, tail: bool, octets: &[u8]) {
        if !octets.is_empty() {
            self.pieces.push(Piece {
                entry,
                tail,
                start: self.octets.len(),
            });
            self.octets.extend_from_slice(octets);
        }
    }
}

fn write_back(run: &Run, transcript: &mut [Entry]) {
    for (index, piece) in run.pieces.iter().enumerate() {
        let end = run
            .pieces
            .get(index + 1)
            .map_or(run.octets.len(), |next| next.start);
        let hex = hexdump::encode(&run.octets[piece.start..end]);
        let entry = &mut transcript[piece.entry];
        *(if piece.tail {
            &mut entry.tail_hex
        } else {
            &mut entry.hex
        }) = hex;
    }
}

fn occurrences(run: &Run, secret: &[u8]) -> Vec<std::ops::Range<usize>> {
    let octets = run.octets.as_slice();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = octets.get(at..at + secret.len()) {
        if window == secret {
            found.push(at..at + secret.len());
            at += secret.len();
        } else {
            at += 1;
        }
    }
    let partial = || (SHORTEST..secret.len()).rev();
    if run.cut_after
        && let Some(len) = partial().find(|&len| octets.ends_with(&secret[..len]))
    {
        found.push(octets.len() - len..octets.len());
    }
    if run.cut_before
        && let Some(len) = partial().find(|&len| octets.starts_with(&secret[secret.len() - len..]))
    {
        found.push(0..len);
    }
    found
}

/// Names and places of the values of credential fields, folded lines included (RFC 9112 section 5.2).
fn credential_values(run: &Run) -> Vec<(String, std::ops::Range<usize>)> {
    let octets = run.octets.as_slice();
    let mut found: Vec<(String, std::ops::Range<usize>)> = Vec::new();
    let mut inside = false;
    let mut at = 0;
    while at < octets.len() {
        let end = line_end(octets, at);
        let line = &octets[at..end];
        if inside && line.first().is_some_and(|octet| matches!(octet, b' ' | b'\t')) {
            if let Some((_, value)) = found.last_mut() {
                value.end = end;
            }
        } else {
            let colon = line.iter().position(|&octet| octet == b':').unwrap_or(0);
            let name = String::from_utf8_lossy(&line[..colon])
                .trim()
                .to_ascii_lowercase();
            inside = matches!(
                name.as_str(),
                "authorization" | "proxy-authorization" | "cookie" | "set-cookie"
            );
            if inside {
                let blank = line[colon + 1..]
                    .iter()
                    .take_while(|octet| matches!(octet, b' ' | b'\t'))
                    .count();
                found.push((name, at + colon + 1 + blank..end));
            }
        }
        at = end + octets[end..].iter().take_while(|octet| **octet == b'\r').count() + 1;
    }
    found
}

/// End of the line that begins at `start`, without CR and LF.
fn line_end(octets: &[u8], start: usize) -> usize {
    let line = octets[start..]
        .split(|&octet| octet == b'\n')
        .next()
        .unwrap_or_default();
    start + line.len() - line.iter().rev().take_while(|octet| **octet == b'\r').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(what: What, octets: &[u8]) -> Entry {
        Entry {
            t_us: 0,
            on: "main".to_owned(),
            dir: Direction::Out,
            what,
            len: octets.len() as u64,
            hex: hexdump::encode(octets),
            tail_hex: String::new(),
            sha1: String::new(),
            frame: None,
            remark: String::new(),
            omitted_before: 0,
        }
    }

    fn masked(mut transcript: Vec<Entry>, secrets: &[&str]) -> Vec<String> {
        let secrets: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        mask(&mut transcript, &secrets);
        let text = |hex: &str| String::from_utf8(hexdump::decode(hex)).unwrap();
        transcript
            .iter()
            .map(|entry| text(&entry.hex) + "|" + &text(&entry.tail_hex))
            .collect()
    }

    #[test]
    fn credential_fields_of_heads_go() {
        let head = b"GET / HTTP/1.1\r\nHost: h\r\naUTHORIZATION:  Basic eA==\r\n folded\r\nCookie: a\r\nX: y\r\n\r\n";
        let shown = masked(vec![entry(What::Head, head)], &[]);
        assert_eq!(
            shown[0],
            "GET / HTTP/1.1\r\nHost: h\r\naUTHORIZATION:  *******************\r\nCookie: *\r\nX: y\r\n\r\n|"
        );
    }

    #[test]
    fn a_secret_over_several_writes_goes() {
        let parts = vec![
            entry(What::Head, b"X: hun"),
            entry(What::Raw, b"te"),
            entry(What::Raw, b"r2\r\n"),
        ];
        assert_eq!(masked(parts, &["hunter2"]), ["X: ***|", "**|", "**\r\n|"]);
    }

    #[test]
    fn payloads_of_frames_are_searched_alone() {
        let frames = vec![
            entry(What::Frame, b"my hunter2!"),
            entry(What::Frame, b"hunt"),
            entry(What::Frame, b"er2"),
        ];
        assert_eq!(masked(frames, &["hunter2"]), ["my *******!|", "hunt|", "er2|"]);
    }

    #[test]
    fn edges_of_what_was_kept() {
        let mut cut = entry(What::Frame, b"see hunt");
        cut.tail_hex = hexdump::encode(b"ter2 end");
        cut.len = 500;
        assert_eq!(masked(vec![cut.clone()], &["hunter2"]), ["see ****|**** end"]);
        cut.len = 16;
        assert_eq!(masked(vec![cut], &["hunter2"]), ["see hunt|ter2 end"]);
        let mut head = entry(What::Head, b"GET / HTTP/1.1\r\nAuthoriz");
        head.tail_hex = hexdump::encode(b"earer x\r\nHost: h\r\n\r\n");
        head.len = 500;
        assert_eq!(
            masked(vec![head], &[]),
            ["GET / HTTP/1.1\r\nAuthoriz|*******\r\nHost: h\r\n\r\n"]
        );
    }

    #[test]
    fn values_of_heads_become_secrets() {
        let mut secrets = Vec::new();
        collect(
            &[entry(
                What::Head,
                b"HTTP/1.1 101 x\r\nSet-Cookie: sid=s3cr3t; Path=/\r\n\r\n",
            )],
            &mut secrets,
        );
        assert!(secrets.contains(&"s3cr3t".to_owned()), "{secrets:?}");
    }
}
