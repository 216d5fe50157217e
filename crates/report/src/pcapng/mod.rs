//! A capture file (pcapng) of what crossed the wire in the clear, for Wireshark and its kin.
//!
//! The packets are made from the transcripts: TCP between 192.0.2.1 (the tester) and port 80 of 192.0.2.2 (the target),
//! addresses that belong to nobody (RFC 5737). Each connection has a port of the tester to itself, and a comment says
//! which instance it is of. Octets that a transcript did not keep are zeros, and packets of very long payloads are cut;
//! a comment says so.

mod blocks;
mod stream;

use wsanvil_model::{Entry, InstanceReport, Report, What};

use self::blocks::Blocks;
use self::stream::Stream;
use crate::Context;
use crate::plain::line;

/// Microseconds between two instances in the file: transcripts do not say when they began.
const GAP: u64 = 1_000;
/// Octets that were not kept and are written as zeros, for each entry; packets behind them hold no payload.
const FILLED: u64 = 64 << 10;

/// The octets of the file.
pub(crate) fn render(report: &Report, _: &Context<'_>) -> Vec<u8> {
    let mut blocks = Blocks::new(&format!(
        "{} {}",
        line(&report.tool.name),
        line(&report.tool.version)
    ));
    let mut start = microseconds(&report.run.started).unwrap_or(0);
    let mut connections = 0_u32;
    for case in &report.cases {
        for instance in &case.instances {
            let end = conversation(&mut blocks, instance, start, &mut connections);
            start = end + GAP;
        }
    }
    blocks.finish()
}

/// Writes the connections of an instance; gives the time of its last packet.
fn conversation(blocks: &mut Blocks, instance: &InstanceReport, start: u64, connections: &mut u32) -> u64 {
    let mut open: Vec<(&str, Stream)> = Vec::new();
    let mut end = start;
    for entry in &instance.transcript {
        let at = start.saturating_add(entry.t_us);
        end = end.max(at);
        if entry.what == What::Opened {
            open.retain(|(name, _)| *name != entry.on);
            let stream = Stream::new(*connections);
            *connections = connections.wrapping_add(1);
            open.push((&entry.on, stream));
        }
        let Some((_, stream)) = open.iter_mut().find(|(name, _)| *name == entry.on) else {
            continue;
        };
        match entry.what {
            What::Opened => {
                let said = format!(
                    "{}, connection {}: {}: {}",
                    line(&instance.name),
                    line(&entry.on),
                    instance.verdict.name(),
                    line(&instance.reason)
                );
                stream.open(blocks, at, &said);
            }
            What::Head | What::Frame | What::Raw => data(blocks, stream, entry, at),
            What::Fin => stream.fin(blocks, at, entry.dir, &line(&entry.remark)),
            What::Reset => stream.reset(blocks, at, entry.dir, &line(&entry.remark)),
            _ => {}
        }
    }
    end
}

fn data(blocks: &mut Blocks, stream: &mut Stream, entry: &Entry, at: u64) {
    let mut octets = Vec::new();
    let mut key = None;
    if let Some(frame) = &entry.frame {
        octets.extend(unhex(&frame.header_hex));
        key = frame.key.as_deref().map(unhex).filter(|key| key.len() == 4);
    }
    let header = octets.len();
    let (head, tail) = (unhex(&entry.hex), unhex(&entry.tail_hex));
    let kept = (head.len() + tail.len()) as u64;
    let missing = entry.len.saturating_sub(kept);
    let filled = missing.min(FILLED);
    octets.extend(head);
    octets.resize(octets.len() + filled as usize, 0);
    let cut = missing - filled;
    if cut == 0 {
        octets.extend(&tail);
    }
    if let Some(key) = key {
        for (octet, key) in octets.iter_mut().skip(header).zip(key.iter().cycle()) {
            *octet ^= key;
        }
    }
    let mut said = Vec::new();
    if entry.omitted_before > 0 {
        said.push(format!(
            "{} entries before this one were not kept",
            entry.omitted_before
        ));
    }
    if missing > 0 {
        said.push(format!(
            "{missing} octets were not kept: they are zeros here, or cut off"
        ));
    }
    if !entry.remark.is_empty() {
        said.push(line(&entry.remark));
    }
    let behind = if cut == 0 { 0 } else { cut + tail.len() as u64 };
    stream.data(blocks, at, entry.dir, &octets, behind, &said.join("; "));
}

/// The octets of a hexadecimal text, up to what is not one.
fn unhex(text: &str) -> Vec<u8> {
    let digit = |octet: u8| char::from(octet).to_digit(16).map(|digit| digit as u8);
    text.as_bytes()
        .chunks_exact(2)
        .map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// Microseconds since 1970 of an RFC 3339 time in UTC, fractions left out.
fn microseconds(time: &str) -> Option<u64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days of the civil calendar, with years that begin in March so that leap days come last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let since = days.checked_sub(719_468)?;
    Some((((since * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(microseconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(microseconds("2026-11-20T09:41:07Z"), Some(1_795_167_667_000_000));
        assert_eq!(microseconds("2024-02-29T23:59:59Z"), Some(1_709_251_199_000_000));
        assert_eq!(microseconds("soon"), None);
    }

    #[test]
    fn foreign_hexadecimal_ends_where_it_is_none() {
        assert_eq!(unhex("00ffzz11"), [0, 255]);
        assert!(unhex("é").is_empty());
    }
}
