//! Octets in hexadecimal and as ASCII.

use std::fmt::Write;

/// Octets in a row.
const WIDTH: usize = 16;

/// One row: text before the octet that is pointed at, that octet, text after it, and how the row ends. Without an octet
/// to point at everything stands in `before`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HexRow {
    pub(crate) before: String,
    pub(crate) marked: String,
    pub(crate) after: String,
    /// Ends with a newline; what stands before that is shown faintly.
    pub(crate) end: &'static str,
}

/// Rows for `octets`, the first of which has the number `start`; `mark` is the number of the octet to point at.
pub(crate) fn rows(octets: &[u8], start: u64, mark: Option<u64>) -> Vec<HexRow> {
    let mut rows = Vec::with_capacity(octets.len().div_ceil(WIDTH));
    for (index, chunk) in octets.chunks(WIDTH).enumerate() {
        let first = start + (index * WIDTH) as u64;
        let place = mark
            .and_then(|mark| usize::try_from(mark.checked_sub(first)?).ok())
            .filter(|&at| at < chunk.len());
        rows.push(row(chunk, first, place));
    }
    rows
}

fn row(chunk: &[u8], first: u64, place: Option<usize>) -> HexRow {
    let mut row = HexRow {
        before: String::new(),
        marked: String::new(),
        after: String::new(),
        end: "\n",
    };
    let mut text = format!("{first:04x}  ");
    for column in 0..WIDTH {
        if column == WIDTH / 2 {
            text.push(' ');
        }
        match chunk.get(column) {
            Some(octet) if place == Some(column) => {
                row.before = std::mem::take(&mut text);
                row.marked = format!("{octet:02x}");
            }
            // Writing to a String cannot fail.
            Some(octet) => drop(write!(text, "{octet:02x}")),
            None => text.push_str("  "),
        }
        text.push(' ');
    }
    text.push(' ');
    text.extend(chunk.iter().map(|&octet| {
        if (0x20..0x7f).contains(&octet) {
            octet as char
        } else {
            '.'
        }
    }));
    if place.is_some() {
        row.after = text;
    } else {
        row.before = text;
    }
    row
}

/// The octets that `hex` spells. Reading ends at the first pair that is not hexadecimal: reports may come from elsewhere.
pub(crate) fn decode(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks_exact(2)
        .map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// `octets` in lower-case hexadecimal.
pub(crate) fn encode(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::with_capacity(octets.len() * 2), |mut out, octet| {
            out.push(char::from_digit(u32::from(octet >> 4), 16).unwrap_or('0'));
            out.push(char::from_digit(u32::from(octet & 15), 16).unwrap_or('0'));
            out
        })
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_one_width_and_point_at_octets() {
        let octets: Vec<u8> = (0x41..0x41 + 18).collect();
        let rows = rows(&octets, 0x100, Some(0x111));
        assert_eq!(
            rows[0].before,
            "0100  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP"
        );
        assert_eq!(
            (rows[1].before.as_str(), rows[1].marked.as_str()),
            ("0110  51 ", "52")
        );
        assert_eq!(
            rows[1].after.find("QR"),
            Some(rows[0].before.find("AB").unwrap() - 11)
        );
    }

    #[test]
    fn decoding_and_encoding() {
        assert_eq!(decode("00ffA5"), [0, 255, 0xa5]);
        assert_eq!(decode("00zz11"), [0]);
        assert_eq!(decode("0"), [] as [u8; 0]);
        assert_eq!(encode(&[0, 255, 0xa5]), "00ffa5");
    }
}
