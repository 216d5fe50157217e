//! The corpora keep their sizes, their natures and every one of their octets.

#![forbid(unsafe_code)]

use flate2::{Compress, Compression, Crc, FlushCompress};
use wsanvil_case::corpus::{Corpus, Unit};

/// What a corpus must be: sizes exact, ratios within 15 per cent.
struct Nature {
    corpus: Corpus,
    octets: u64,
    code_points: u64,
    /// Octets above 7F where the count is exact, as it is for text.
    above_7f: Option<usize>,
    /// Raw DEFLATE, level 6, window bits 15 and 9: size after to size before.
    ratio_15: f64,
    ratio_9: f64,
    crc32: u32,
}

const NATURES: [Nature; 5] = [
    Nature {
        corpus: Corpus::Json,
        octets: 194_056,
        code_points: 194_056,
        above_7f: Some(0),
        ratio_15: 0.043,
        ratio_9: 0.037,
        crc32: 0x486D_90FE,
    },
    Nature {
        corpus: Corpus::Image,
        octets: 263_222,
        code_points: 263_222,
        above_7f: None,
        ratio_15: 0.851,
        ratio_9: 0.903,
        crc32: 0x7A86_CCE2,
    },
    Nature {
        corpus: Corpus::Verse,
        octets: 222_218,
        code_points: 219_371,
        above_7f: Some(5_693),
        ratio_15: 0.389,
        ratio_9: 0.523,
        crc32: 0x16D1_C646,
    },
    Nature {
        corpus: Corpus::Page,
        octets: 263_647,
        code_points: 263_620,
        above_7f: Some(53),
        ratio_15: 0.055,
        ratio_9: 0.311,
        crc32: 0x007D_70D5,
    },
    Nature {
        corpus: Corpus::Document,
        octets: 1_042_328,
        code_points: 1_042_328,
        above_7f: None,
        ratio_15: 0.758,
        ratio_9: 0.866,
        crc32: 0xB200_316F,
    },
];

fn ratio(data: &[u8], window_bits: u8) -> f64 {
    let mut compressor = Compress::new_with_window_bits(Compression::new(6), false, window_bits);
    let mut out = Vec::with_capacity(data.len() + data.len() / 2 + 1024);
    compressor
        .compress_vec(data, &mut out, FlushCompress::Finish)
        .expect("the compressor accepts any input");
    out.len() as f64 / data.len() as f64
}

#[test]
fn sizes_are_exact() {
    for nature in NATURES {
        let data = nature.corpus.bytes();
        assert_eq!(data.len() as u64, nature.octets, "{:?}", nature.corpus);
        assert_eq!(
            nature.corpus.code_points(),
            nature.code_points,
            "{:?}",
            nature.corpus
        );
        if let Some(above_7f) = nature.above_7f {
            assert_eq!(
                data.iter().filter(|octet| **octet > 0x7F).count(),
                above_7f,
                "{:?}",
                nature.corpus
            );
        }
    }
}

#[test]
fn compressibility_is_near_its_mark() {
    for nature in NATURES {
        for (window_bits, wanted) in [(15, nature.ratio_15), (9, nature.ratio_9)] {
            let found = ratio(nature.corpus.bytes(), window_bits);
            let error = (found / wanted - 1.0).abs();
            assert!(
                error < 0.15,
                "{:?} window {window_bits}: {found:.3}, wanted {wanted}",
                nature.corpus
            );
        }
    }
}

#[test]
fn no_octet_ever_changes() {
    for nature in NATURES {
        let mut crc = Crc::new();
        crc.update(nature.corpus.bytes());
        assert_eq!(
            crc.sum(),
            nature.crc32,
            "{:?}: {:#010x}",
            nature.corpus,
            crc.sum()
        );
    }
}

#[test]
fn text_is_utf_8_and_the_rest_is_not() {
    for corpus in Corpus::ALL {
        assert_eq!(
            std::str::from_utf8(corpus.bytes()).is_ok(),
            corpus.is_text(),
            "{corpus:?}"
        );
    }
}

#[test]
fn the_document_points_at_its_own_objects() {
    let data = Corpus::Document.bytes();
    let text = |at: u64, len: u64| {
        String::from_utf8_lossy(&Corpus::Document.slice(Unit::Octet, at, len)).into_owned()
    };
    let tail = text(data.len() as u64 - 40, 40);
    let table: u64 = tail.split("startxref\n").nth(1).unwrap()[..10].parse().unwrap();
    let entries: usize = text(table, 13).strip_prefix("xref\n0 ").unwrap()[..6]
        .parse()
        .unwrap();
    for number in 1..entries as u64 {
        let offset: u64 = text(table + 14 + 20 * number, 10).parse().unwrap();
        assert!(
            text(offset, 12).starts_with(&format!("{number} 0 obj\n")),
            "object {number}"
        );
    }
}
