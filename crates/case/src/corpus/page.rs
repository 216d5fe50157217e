//! `page`: an HTML table of lent books, every row laid out alike.

use std::fmt::Write as _;

use super::noise::Noise;

const LEN: usize = 263_647;
const TAIL: &str = "--></body></html>\n";
/// The only characters beyond ASCII: 25 of two octets, the Euro sign of three.
const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"de\"><head><meta charset=\"utf-8\"><title>Leihb\u{fc}cherei</title>\n\
    <style>\n.due{background:#e8b030;color:#200}\n.back{background:#60c060}\n.lost{background:#902020;color:#fff}\n\
    table{border-collapse:collapse;width:100%}td,th{border:1px solid #888;padding:.2em .6em;vertical-align:top}\n\
    </style></head>\n<body>\n<h1>Leihb\u{fc}cherei \u{c4}u\u{df}ere Br\u{fc}ckenstra\u{df}e</h1>\n\
    <p>Ge\u{f6}ffnet t\u{e4}glich au\u{df}er w\u{e4}hrend der Ferien. F\u{fc}r jedes vers\u{e4}umte Buch erh\u{f6}ht sich die \
    Geb\u{fc}hr um 1 \u{20ac}; \u{fc}ber R\u{fc}ckst\u{e4}nde h\u{f6}rt man sp\u{e4}ter. B\u{fc}cher sch\u{fc}tzen, \
    H\u{e4}nde waschen, k\u{f6}nnen gr\u{fc}\u{df}en.</p>\n<table>\n\
    <tr><th>Shelf</th><th>Book</th><th>Reader</th><th colspan=6>Weeks</th></tr>\n";
const READERS: [&str; 12] = [
    "A. Adler",
    "B. Bruhn",
    "C. Carst",
    "D. Dohm",
    "E. Ehlers",
    "F. Friese",
    "G. Goos",
    "H. Hinz",
    "I. Imhoff",
    "J. Jessen",
    "K. Kunze",
    "L. Lampe",
];
/// Cells of a row that resemble each other.
const WEEKS: u32 = 6;
const STATES: [&str; 3] = ["due", "back", "lost"];

/// A row is longer than a window of 512 octets and has little that repeats inside it, so that a compressor with
/// a small window pays for the layout again and again.
pub(super) fn make() -> Vec<u8> {
    let mut noise = Noise::new(0x7061_6765);
    let mut out = String::with_capacity(LEN + 1024);
    out.push_str(HEAD);
    let mut number = 0;
    while out.len() < LEN - 1400 {
        number += 1;
        row(&mut out, &mut noise, number);
    }
    out.push_str("</table>\n<!-- ");
    while out.len() + TAIL.len() < LEN {
        let end = "end of the list; ";
        out.push_str(&end[..end.len().min(LEN - TAIL.len() - out.len())]);
    }
    out.push_str(TAIL);
    out.into_bytes()
}

fn row(out: &mut String, noise: &mut Noise, number: u32) {
    let reader = READERS[noise.below(READERS.len() as u32) as usize];
    let (day, copies) = (noise.below(28) + 1, noise.below(3) + 1);
    let (shelf, inventory) = (number / 12 + 1, noise.below(1_000_000));
    let _ = write!(
        out,
        "<tr id=\"loan-{number}\">\n\
         \x20<td headers=\"place\" title=\"where it stands\">shelf {shelf}, {copies} pcs</td>\n\
         \x20<th><cite><a href=\"catalogue/volume_{number:04}.html\">Collected Letters</a></cite>\
         <br><small>green linen; dust jacket missing (inv. {inventory:06})</small></th>\n\
         \x20<td align=\"right\"><time datetime=\"1998-10-{day:02}T09:30\">{reader}</time></td>\n"
    );
    for week in 1..=WEEKS {
        let state = STATES[noise.below(12).saturating_sub(9) as usize];
        let _ = writeln!(
            out,
            " <td class=\"week_{state}\"><a href=\"weeks/volume_{number:04}_week_{week}.html\">{state}</a></td>"
        );
    }
    out.push_str("</tr>\n");
}
