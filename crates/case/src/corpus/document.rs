//! `document`: pages of a paper in the PDF manner, compressed streams between plain objects.

use std::io::Write as _;

use super::noise::Noise;

const LEN: usize = 1_042_328;
const PAGES: usize = 145;
/// Octets of a page's own stream: what is compressed already looks like noise.
const TEXT: usize = 5_300;
/// Octets of the ornament, the same on every page: the repeats of the document are about 7 KiB apart.
const ORNAMENT: usize = 600;
/// Annotations of a page, in plain text.
const LINKS: u32 = 6;

/// 145 pages of a stream, an ornament and annotations, one stream that brings the length to its exact value, a
/// cross-reference table with true offsets and the trailer.
pub(super) fn make() -> Vec<u8> {
    let mut noise = Noise::new(0x646F_6375);
    let mut ornament = Vec::with_capacity(ORNAMENT);
    noise.fill(&mut ornament, ORNAMENT);
    let mut file = File {
        out: Vec::with_capacity(LEN),
        offsets: Vec::new(),
    };
    file.out.extend_from_slice(b"%PDF-1.2\n%\xE2\xE3\xCF\xD3\n");
    for page in 0..PAGES {
        let length = TEXT - 96 + noise.below(192) as usize;
        file.object(format_args!(
            "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate 0 /Number {page}"
        ));
        file.stream("/Filter /FlateDecode", length, |out| noise.fill(out, length));
        file.stream(
            "/Subtype /Form /BBox [0 0 48 12] /Filter /FlateDecode",
            ORNAMENT,
            |out| {
                out.extend_from_slice(&ornament);
            },
        );
        let mut y = 780;
        for _ in 0..LINKS {
            let (x, width, target) = (
                72 + noise.below(300),
                10 + noise.below(90),
                noise.below(PAGES as u32),
            );
            y -= 12 * (1 + noise.below(4));
            let right = x + width;
            let top = y + 11;
            file.object(format_args!(
                "/Type /Annot /Subtype /Link /Border [0 0 0] /Rect [{x} {y} {right} {top}] /Dest [{target} 0 R /XYZ null null 0]"
            ));
        }
    }
    // Every number behind the pages has a fixed width, so a trial with an empty last stream tells its length.
    let rest = LEN - file.clone().finish(&mut noise, 0).len();
    file.finish(&mut noise, rest)
}

#[derive(Clone)]
struct File {
    out: Vec<u8>,
    offsets: Vec<usize>,
}

impl File {
    fn begin(&mut self) -> usize {
        self.offsets.push(self.out.len());
        self.offsets.len()
    }

    fn object(&mut self, entries: std::fmt::Arguments<'_>) {
        let number = self.begin();
        // Writing to a vector cannot fail.
        let _ = write!(self.out, "{number} 0 obj\n<< {entries} >>\nendobj\n");
    }

    fn stream(&mut self, entries: &str, length: usize, fill: impl FnOnce(&mut Vec<u8>)) {
        let number = self.begin();
        let _ = write!(
            self.out,
            "{number} 0 obj\n<< {entries} /Length {length:06} >>\nstream\n"
        );
        fill(&mut self.out);
        self.out.extend_from_slice(b"\nendstream\nendobj\n");
    }

    fn finish(mut self, noise: &mut Noise, rest: usize) -> Vec<u8> {
        self.stream("/Subtype /Rest", rest, |out| noise.fill(out, rest));
        let table = self.out.len();
        let count = self.offsets.len() + 1;
        let _ = write!(self.out, "xref\n0 {count:06}\n0000000000 65535 f \n");
        for offset in &self.offsets {
            let _ = writeln!(self.out, "{offset:010} 00000 n ");
        }
        let _ = write!(
            self.out,
            "trailer\n<< /Size {count:06} /Root 1 0 R >>\nstartxref\n{table:010}\n%%EOF\n"
        );
        self.out
    }
}
