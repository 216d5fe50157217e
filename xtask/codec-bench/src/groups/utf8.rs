//! Group `utf8`: is this text well-formed (RFC 6455 section 8.1), whole and as it arrives in chunks?

use std::hint::black_box;

use bytes::Bytes;
use tungstenite::Utf8Bytes;
use wsanvil_wire::utf8::{Validator, from_utf8};

use crate::content::{self, Script};
use crate::peers::utf8::{carried, incremental};
use crate::{Contender, Group, OURS, Remark};

/// What contenders do differently.
pub const NOTES: &[Remark] = &[
    (
        "utf8",
        OURS,
        "names the octet that proves a text wrong; the others name the character at most, simdutf8 basic, sockudo-ws \
         and wtx nothing",
    ),
    (
        "utf8/stream",
        "std",
        "the validator on each chunk, with a character that is cut by the edge carried by us; fails at the end of the \
         character, not at the octet that proves it wrong",
    ),
    ("utf8/stream", "simdutf8 basic", "as std"),
    ("utf8/stream", "simdutf8 compat", "as std"),
    (
        "utf8/whole",
        "tungstenite",
        "makes `Utf8Bytes` of octets that are in `Bytes` already",
    ),
    ("utf8/whole", "wtx", "with its feature `optimization`"),
];

/// Who is missing, and why.
pub const NOT_COMPARED: &[Remark] = &[
    (
        "utf8/stream",
        "tungstenite",
        "its incremental validator is not public; it is made as utf-8 is",
    ),
    ("utf8/stream", "wtx", "its incremental validator is not public"),
    (
        "utf8",
        "fastwebsockets",
        "no public validator; inside it uses simdutf8 and, for fragments, utf-8",
    ),
    (
        "utf8",
        "yawc",
        "no public validator; inside it uses simdutf8 basic",
    ),
    (
        "utf8",
        "tokio-websockets",
        "no public validator; inside it uses simdutf8",
    ),
    (
        "utf8",
        "websocket-codec",
        "no public validator; inside it uses std",
    ),
    (
        "utf8",
        "soketto",
        "no public validator; text comes as octets, its user validates",
    ),
    ("utf8", "websocket-sans-io", "does not validate"),
    ("utf8", "web-socket", "does not validate"),
];

/// Its edges cut characters of three octets, and of two and four behind the first octet of the text.
const CHUNK: usize = 1000;

/// Octets of a large text.
const LARGE: usize = 64 << 10;

/// The groups of this module, every contender checked.
pub fn groups() -> Vec<Group> {
    const SCRIPTS: [(&str, Script); 4] = [
        ("ascii", Script::Ascii),
        ("latin", Script::Latin),
        ("cjk", Script::Cjk),
        ("emoji", Script::Emoji),
    ];
    let mut groups = vec![
        whole("ascii-16B", texts(Script::Ascii, 16, 512)),
        whole("ascii-125B", texts(Script::Ascii, 125, 256)),
    ];
    groups.extend(
        SCRIPTS
            .iter()
            .map(|&(label, script)| whole(label, texts(script, LARGE, 1))),
    );
    groups.extend(SCRIPTS.iter().map(|&(label, script)| {
        let text = content::text(script, LARGE, 11);
        let mut edges = (CHUNK..LARGE).step_by(CHUNK);
        let cut = edges.any(|edge| !text.is_char_boundary(edge));
        assert_eq!(cut, script != Script::Ascii, "no character of {label} is cut");
        streamed(label, text)
    }));
    groups
}

fn texts(script: Script, octets: usize, count: u64) -> Vec<&'static [u8]> {
    // Leaked, as the texts live as long as the program and every contender reads the same ones.
    (0..count)
        .map(|seed| content::text(script, octets, seed).leak().as_bytes())
        .collect()
}

fn whole(label: &str, texts: Vec<&'static [u8]>) -> Group {
    let octets: usize = texts.iter().map(|text| text.len()).sum();
    let given: Vec<Bytes> = texts.iter().map(|&text| Bytes::from_static(text)).collect();
    check("tungstenite", |text| {
        Utf8Bytes::try_from(Bytes::copy_from_slice(text)).is_ok()
    });
    let tungstenite = move || {
        let valid = given
            .iter()
            .filter(|text| Utf8Bytes::try_from(black_box((*text).clone())).is_ok());
        valid.count()
    };
    Group {
        id: format!("utf8/whole-{label}"),
        unit: "text",
        units: texts.len() as u64,
        octets: octets as u64,
        contenders: vec![
            over(OURS, &texts, |text| from_utf8(text).is_ok()),
            over("std", &texts, |text| std::str::from_utf8(text).is_ok()),
            over("simdutf8 basic", &texts, |text| {
                simdutf8::basic::from_utf8(text).is_ok()
            }),
            over("simdutf8 compat", &texts, |text| {
                simdutf8::compat::from_utf8(text).is_ok()
            }),
            over("utf-8", &texts, |text| utf8::decode(text).is_ok()),
            over("sockudo-ws", &texts, sockudo_ws::utf8::validate_utf8),
            over("wtx", &texts, |text| wtx::misc::from_utf8_basic(text).is_ok()),
            Contender::checked("tungstenite", &texts.len(), tungstenite),
        ],
        limit: Some(memcpy(texts)),
    }
}

fn streamed(label: &str, text: String) -> Group {
    let texts = [text.leak().as_bytes()];
    let mut ours = Validator::new();
    let mut sockudo = sockudo_ws::utf8::Utf8Stream::new();
    Group {
        id: format!("utf8/stream-{label}"),
        unit: "text",
        units: 1,
        octets: texts[0].len() as u64,
        contenders: vec![
            over(OURS, &texts, move |text| {
                ours.reset();
                text.chunks(CHUNK).all(|chunk| ours.push(chunk).is_ok()) && ours.finish().is_ok()
            }),
            over("std", &texts, |text| {
                carried(text.chunks(CHUNK), |whole| std::str::from_utf8(whole).is_ok())
            }),
            over("simdutf8 basic", &texts, |text| {
                carried(text.chunks(CHUNK), |whole| {
                    simdutf8::basic::from_utf8(whole).is_ok()
                })
            }),
            over("simdutf8 compat", &texts, |text| {
                carried(text.chunks(CHUNK), |whole| {
                    simdutf8::compat::from_utf8(whole).is_ok()
                })
            }),
            over("utf-8", &texts, |text| incremental(text.chunks(CHUNK))),
            over("sockudo-ws", &texts, move |text| {
                sockudo.reset();
                text.chunks(CHUNK).all(|chunk| sockudo.push(chunk)) && sockudo.finish()
            }),
        ],
        limit: Some(memcpy(texts.to_vec())),
    }
}

/// A contender that must find all of the texts well-formed, and the ill-formed ones of [`check`] not.
fn over(
    name: &'static str,
    texts: &[&'static [u8]],
    mut validate: impl FnMut(&[u8]) -> bool + 'static,
) -> Contender {
    check(name, &mut validate);
    let texts = texts.to_vec();
    let expected = texts.len();
    Contender::checked(name, &expected, move || {
        let valid = texts.iter().filter(|text| validate(black_box(text)));
        valid.count()
    })
}

/// Ill-formed sequences of every kind of Unicode table 3-7, alone and where a chunk is cut.
fn check(name: &str, mut validate: impl FnMut(&[u8]) -> bool) {
    const ILL_FORMED: [&[u8]; 10] = [
        b"\x80",
        b"\xc1\xbf",
        b"\xc3A",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xe2\x82A",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xff",
    ];
    for sequence in ILL_FORMED {
        for before in [0, 30, CHUNK - 2, CHUNK - 1, 2 * CHUNK] {
            let mut text = vec![b'a'; before];
            text.extend_from_slice(sequence);
            text.extend_from_slice(&[b'b'; 70]);
            assert!(!validate(&text), "{name} takes {sequence:02x?} at {before}");
        }
    }
    let cut = "text and €".as_bytes();
    assert!(!validate(&cut[..cut.len() - 1]), "{name} takes a cut character");
}

fn memcpy(texts: Vec<&'static [u8]>) -> Contender {
    let mut target = vec![0; texts.iter().map(|text| text.len()).max().unwrap_or(0)];
    Contender {
        name: "memcpy",
        work: Box::new(move || {
            for text in &texts {
                black_box(&mut target[..text.len()]).copy_from_slice(black_box(text));
            }
            black_box(&target);
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "x takes [80] at 0")]
    fn a_validator_that_takes_everything_is_found() {
        check("x", |_| true);
    }

    #[test]
    #[should_panic(expected = "x takes a cut character")]
    fn a_validator_that_waits_for_ever_is_found() {
        check("x", |text| {
            let read = std::str::from_utf8(text);
            read.map_or_else(|error| error.error_len().is_none(), |_| true)
        });
    }
}
