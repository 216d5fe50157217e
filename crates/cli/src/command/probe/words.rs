//! Entries of a transcript in words.

use std::fmt::Write as _;

use wsanvil_case::requirement;
use wsanvil_engine::StandingHit;
use wsanvil_model::{Direction, Entry, FrameInfo, What};
use wsanvil_report::Place;
use wsanvil_wire::close::{CodeClass, classify};

use crate::terminal::{escape, style};

/// Columns before the words.
const MARGIN: &str = "                ";

/// An entry: when, which way, what. Several lines for a head.
pub(super) fn entry(entry: &Entry) -> String {
    let arrow = match (entry.what, entry.dir) {
        (What::Opened | What::OpenFailed | What::Pause, _) => " ",
        (_, Direction::Out) => "→",
        (_, Direction::In) => "←",
    };
    let dim = style::DIM;
    let ms = entry.t_us as f64 / 1000.0;
    let mut text = String::new();
    if entry.omitted_before > 0 {
        let _ = writeln!(text, "{MARGIN}… {} entries are not shown", entry.omitted_before);
    }
    let on = if entry.on == "main" {
        String::new()
    } else {
        format!("[{}] ", escape(&entry.on))
    };
    let _ = write!(text, "{dim}{ms:>9.1} ms{dim:#} {arrow} {on}");
    let octets = octets(&entry.hex);
    match (&entry.frame, entry.what) {
        (Some(info), _) => frame(&mut text, entry, info, &octets),
        (None, What::Head) => head(&mut text, &octets, entry.len),
        (None, What::Raw) => {
            let _ = write!(text, "{} {}", count(entry.len), hex(entry));
        }
        (None, What::Fin) if entry.dir == Direction::Out => {
            let how = entry.remark.strip_prefix("tester: ").unwrap_or(&entry.remark);
            let _ = writeln!(text, "end of TCP ({})", escape(&how.to_lowercase()));
            return text;
        }
        (None, _) => {}
    }
    if !entry.remark.is_empty() {
        let gap = if entry.frame.is_some() || entry.what == What::Raw {
            "; "
        } else {
            ""
        };
        let _ = write!(text, "{gap}{}", escape(&entry.remark));
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A rule that the target broke.
pub(super) fn broken(hit: &StandingHit) -> String {
    let (error, dim) = (style::ERROR, style::DIM);
    let finding = &hit.finding;
    let place = Place::of(&finding.requirement).map(|place| format!("{place}, "));
    let mut text = format!(
        "{MARGIN}{error}{} broken{error:#}: {} ({}{})\n",
        hit.level.word(),
        escape(&finding.observed),
        place.unwrap_or_default(),
        escape(&finding.requirement)
    );
    if let Some(row) = requirement(&finding.requirement) {
        let _ = writeln!(text, "{MARGIN}{dim}{}{dim:#}", row.requirement);
    }
    text
}

/// `FIN RSV1 text, 2 octets, masked 37fa213d "hi"`.
fn frame(text: &mut String, entry: &Entry, info: &FrameInfo, octets: &[u8]) {
    if info.fin {
        text.push_str("FIN ");
    }
    for (bit, name) in [(4, "RSV1 "), (2, "RSV2 "), (1, "RSV3 ")] {
        if info.rsv & bit != 0 {
            text.push_str(name);
        }
    }
    text.push_str(&opcode(info.opcode));
    if info.opcode == 8 && info.rsv == 0 {
        close(text, octets);
    } else {
        let _ = write!(text, ", {}", count(entry.len));
    }
    if info.declared != entry.len {
        let _ = write!(text, " of {} announced", info.declared);
    }
    let shortest = match info.declared {
        0..=125 => 7,
        126..=0xFFFF => 16,
        _ => 64,
    };
    if info.length_bits != shortest {
        let _ = write!(text, ", length in {} bits", info.length_bits);
    }
    if let Some(key) = &info.key {
        let dim = style::DIM;
        let _ = write!(text, "{dim}, masked {}{dim:#}", escape(key));
    }
    if info.opcode == 8 && info.rsv == 0 && octets.len() >= 2 {
        return;
    }
    if entry.len > 0 {
        let compressed = info.rsv & 4 != 0;
        let shown = (!compressed && info.opcode != 2)
            .then(|| printable(octets, entry))
            .flatten();
        let _ = write!(text, " {}", shown.unwrap_or_else(|| hex(entry)));
    }
}

/// Code, meaning and reason.
fn close(text: &mut String, octets: &[u8]) {
    match octets {
        [] => text.push_str(" without a code"),
        [_] => text.push_str(" with a body of one octet"),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let _ = write!(text, " {code} ({})", meaning(code));
            text.push_str(&brief(reason));
        }
    }
}

/// What a close code says (RFC 6455 section 7.4.1 and the registry of IANA).
pub(super) fn meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no code was sent; never sent itself",
        1006 => "no Close came; never sent itself",
        1007 => "invalid payload",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "an extension is missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS failed; never sent itself",
        3000..=3999 => "for libraries and applications",
        4000..=4999 => "private use",
        code => match classify(code) {
            CodeClass::BelowRange => "not used",
            CodeClass::AboveRange => "outside the registry",
            _ => "kept for the protocol",
        },
    }
}

fn opcode(opcode: u8) -> String {
    match opcode {
        0 => "continuation".to_owned(),
        1 => "text".to_owned(),
        2 => "binary".to_owned(),
        8 => "Close".to_owned(),
        9 => "Ping".to_owned(),
        10 => "Pong".to_owned(),
        other => format!("opcode {other}"),
    }
}

/// The lines of a head, the first one beside the time.
fn head(text: &mut String, octets: &[u8], len: u64) {
    let shown = String::from_utf8_lossy(octets);
    for (index, line) in shown.lines().filter(|line| !line.is_empty()).enumerate() {
        if index > 0 {
            text.push_str(MARGIN);
        }
        let _ = writeln!(text, "{}", escape(line));
    }
    if (octets.len() as u64) < len {
        let _ = writeln!(text, "{MARGIN}… {} more", count(len - octets.len() as u64));
    }
}

/// The octets as text in quotes, when they are text.
fn printable(octets: &[u8], entry: &Entry) -> Option<String> {
    let whole = octets.len() as u64 == entry.len;
    let text = match std::str::from_utf8(octets) {
        Ok(text) => text,
        // The excerpt, or a fragment, may end inside a character.
        Err(error) if error.error_len().is_none() && !whole => {
            std::str::from_utf8(&octets[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return None,
    };
    let more = if whole { "" } else { "…" };
    Some(format!("\"{}\"{more}", escape(text)))
}

fn hex(entry: &Entry) -> String {
    let more = if (entry.hex.len() / 2) as u64 == entry.len {
        ""
    } else {
        "…"
    };
    format!("{}{more}", escape(&entry.hex))
}

/// A payload behind a word: nothing when there is none.
pub(super) fn brief(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        _ if octets.is_empty() => String::new(),
        Ok(text) => format!(" \"{}\"", escape(text)),
        Err(_) => format!(" {}", digits(octets)),
    }
}

/// Lower-case hexadecimal.
pub(super) fn digits(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn octets(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks_exact(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// `1 octet`, `2 octets`.
pub(super) fn count(octets: u64) -> String {
    format!("{octets} octet{}", if octets == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame_entry(opcode: u8, payload: &[u8]) -> Entry {
        Entry {
            t_us: 1500,
            on: "main".to_owned(),
            dir: Direction::In,
            what: What::Frame,
            len: payload.len() as u64,
            hex: digits(payload),
            tail_hex: String::new(),
            sha1: String::new(),
            frame: Some(FrameInfo {
                fin: true,
                rsv: 0,
                opcode,
                key: None,
                length_bits: 7,
                declared: payload.len() as u64,
                header_hex: String::new(),
            }),
            remark: String::new(),
            omitted_before: 0,
        }
    }

    fn shown(one: &Entry) -> String {
        anstream::adapter::strip_str(&entry(one)).to_string()
    }

    #[test]
    fn frames_in_words() {
        let of = |opcode, payload: &[u8]| shown(&frame_entry(opcode, payload));
        assert_eq!(of(1, b"hi"), "      1.5 ms ← FIN text, 2 octets \"hi\"\n");
        assert_eq!(of(2, b"hi"), "      1.5 ms ← FIN binary, 2 octets 6869\n");
        assert_eq!(of(9, b"\xff"), "      1.5 ms ← FIN Ping, 1 octet ff\n");
        assert_eq!(of(8, b""), "      1.5 ms ← FIN Close without a code\n");
        assert_eq!(
            of(8, b"\x03\xeaoh \x1b[2J"),
            "      1.5 ms ← FIN Close 1002 (protocol error) \"oh \\u{1b}[2J\"\n"
        );
        let mut odd = frame_entry(11, b"");
        odd.dir = Direction::Out;
        odd.frame = odd.frame.map(|info| FrameInfo {
            fin: false,
            rsv: 6,
            key: Some("01020304".to_owned()),
            length_bits: 16,
            declared: 9,
            ..info
        });
        assert_eq!(
            shown(&odd),
            "      1.5 ms → RSV1 RSV2 opcode 11, 0 octets of 9 announced, length in 16 bits, masked 01020304\n"
        );
    }

    #[test]
    fn text_that_is_cut_inside_a_character_is_text() {
        let mut cut = frame_entry(1, "abcé".as_bytes());
        cut.hex.truncate(8);
        assert!(shown(&cut).ends_with("\"abc\"…\n"), "{}", shown(&cut));
        assert!(shown(&frame_entry(1, b"abc\xc3")).ends_with(" 616263c3\n"));
    }

    #[test]
    fn nothing_of_a_head_drives_the_terminal() {
        let mut entry = frame_entry(1, b"HTTP/1.1 101 \x1b[31m\r\nServer: \xe2\x80\xae\x9b\r\n\r\n");
        entry.frame = None;
        entry.what = What::Head;
        assert_eq!(
            shown(&entry),
            "      1.5 ms ← HTTP/1.1 101 \\u{1b}[31m\n                Server: \\u{202e}\u{fffd}\n"
        );
    }
}
