//! Values known only while a script runs, and the payloads made from them.

use std::collections::BTreeMap;

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wsanvil_case::corpus::Unit;
use wsanvil_case::script::{At, Length, Payload, Piece, RandomKind, RunVar, Source, Text};
use wsanvil_wire::deflate::Compressor;

use crate::content::Content;
use crate::settings::TargetFacts;

/// What a connection adds to the names.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnVars {
    /// Sec-WebSocket-Key.
    pub(crate) key: String,
    /// Sec-WebSocket-Accept that belongs to it.
    pub(crate) accept: String,
    /// Index in its group.
    pub(crate) index: u32,
    /// Where `at = "next"` goes on, in units of the corpus last used.
    pub(crate) cursor: u64,
}

/// The names of an instance.
#[derive(Debug)]
pub(crate) struct Vars {
    /// Loop counters.
    pub(crate) loops: BTreeMap<String, i64>,
    /// What expectations saved.
    pub(crate) saved: BTreeMap<String, Bytes>,
    rng: ChaCha8Rng,
}

impl Vars {
    /// Names and random choices of the instance `name` under a run's seed.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a: spreads names over streams; no secret rests on it.
        let stream = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, octet| {
            (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3)
        });
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self {
            loops: BTreeMap::new(),
            saved: BTreeMap::new(),
            rng,
        }
    }

    /// Random octets.
    pub(crate) fn octets<const N: usize>(&mut self) -> [u8; N] {
        let mut octets = [0; N];
        self.rng.fill_bytes(&mut octets);
        octets
    }

    /// The text with its names filled in.
    pub(crate) fn text(&self, text: &Text, target: &TargetFacts, conn: &ConnVars) -> String {
        if let Some(literal) = text.as_literal() {
            return literal.to_owned();
        }
        text.0
            .iter()
            .map(|piece| self.piece(piece, target, conn))
            .collect()
    }

    fn piece(&self, piece: &Piece, target: &TargetFacts, conn: &ConnVars) -> String {
        let (name, add) = match piece {
            Piece::Lit(text) => return text.clone(),
            Piece::Var { name, add } => (name, *add),
        };
        let value = match name {
            RunVar::Host => target.host.clone(),
            RunVar::Path => target.path.clone(),
            RunVar::Scheme => target.scheme.clone(),
            RunVar::Key => conn.key.clone(),
            RunVar::Accept => conn.accept.clone(),
            RunVar::Conn => conn.index.to_string(),
            RunVar::Target(name) => target.declared.get(name).cloned().unwrap_or_default(),
            RunVar::Loop(name) => self.loops.get(name).copied().unwrap_or_default().to_string(),
            RunVar::Saved(name) => self
                .saved
                .get(name)
                .map(|octets| String::from_utf8_lossy(octets).into_owned())
                .unwrap_or_default(),
        };
        match value.parse::<i64>() {
            Ok(number) if add != 0 => number.saturating_add(add).to_string(),
            _ => value,
        }
    }

    /// The octets of a payload that is sent.
    pub(crate) fn payload(
        &mut self,
        payload: &Payload,
        target: &TargetFacts,
        conn: &mut ConnVars,
    ) -> Content {
        let mut rng = self.rng.clone();
        let content = self.resolve(payload, target, conn, &mut |kind, len| {
            random(&mut rng, kind, len)
        });
        self.rng = rng;
        content
    }

    /// The piece of a corpus that a payload is, when it is just that.
    pub(crate) fn corpus_piece(
        payload: &Payload,
        conn: &ConnVars,
        window: u8,
    ) -> Option<crate::compressed::Piece> {
        match (&payload.source, payload.times) {
            (
                Source::Corpus {
                    corpus,
                    unit,
                    at,
                    len,
                },
                1,
            ) => Some(crate::compressed::Piece {
                corpus: *corpus,
                unit: *unit,
                start: match at {
                    At::Fixed(at) => *at,
                    At::Next => conn.cursor,
                },
                len: *len,
                window,
            }),
            _ => None,
        }
    }

    /// The octets of a payload that is expected. Nothing is drawn and no cursor moves.
    pub(crate) fn expected(&self, payload: &Payload, target: &TargetFacts, conn: &ConnVars) -> Content {
        self.resolve(payload, target, &mut conn.clone(), &mut |_, _| Bytes::new())
    }

    fn resolve(
        &self,
        payload: &Payload,
        target: &TargetFacts,
        conn: &mut ConnVars,
        random: &mut dyn FnMut(RandomKind, u64) -> Bytes,
    ) -> Content {
        let once = match &payload.source {
            Source::Empty => Content::EMPTY,
            Source::Text(text) => Content::Octets(self.text(text, target, conn).into()),
            Source::Octets(octets) => Content::Octets(octets.clone()),
            Source::Fill { unit, len } => Content::Fill {
                unit: unit.clone(),
                len: length(len, target),
            },
            Source::Corpus {
                corpus,
                unit,
                at,
                len,
            } => {
                let all = match unit {
                    Unit::Octet => corpus.bytes().len() as u64,
                    Unit::Char => corpus.code_points(),
                };
                let start = match at {
                    At::Fixed(at) => *at,
                    At::Next => conn.cursor,
                };
                conn.cursor = start.saturating_add(*len) % all.max(1);
                Content::Octets(corpus.slice(*unit, start, *len))
            }
            Source::Random { kind, len } => Content::Octets(random(*kind, *len)),
            Source::Bomb { len } => bomb(*len),
            Source::Saved(name) => Content::Octets(self.saved.get(name).cloned().unwrap_or_default()),
            Source::Parts(parts) => {
                let parts = parts.iter().map(|part| self.resolve(part, target, conn, random));
                Content::concat(parts.collect())
            }
        };
        match payload.times {
            1 => once,
            times => Content::concat(vec![once; times as usize]),
        }
    }
}

/// A length in octets; what is not declared is nothing.
fn length(len: &Length, target: &TargetFacts) -> u64 {
    match len {
        Length::Fixed(len) => *len,
        Length::Declared { name, add } => {
            let declared = target
                .declared
                .get(name)
                .and_then(|value| value.parse::<u64>().ok());
            declared.unwrap_or_default().saturating_add_signed(*add)
        }
    }
}

fn random(rng: &mut ChaCha8Rng, kind: RandomKind, len: u64) -> Bytes {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let mut octets = vec![0; len];
    rng.fill_bytes(&mut octets);
    match kind {
        RandomKind::Octets => octets.into(),
        RandomKind::Ascii => {
            for octet in &mut octets {
                *octet = 0x20 + *octet % 0x5F;
            }
            octets.into()
        }
        RandomKind::Utf8 => {
            let mut text = String::with_capacity(len);
            for word in octets.chunks(4) {
                let seed = word.iter().fold(0_u32, |sum, octet| sum << 8 | u32::from(*octet));
                // One to four octets with equal chance.
                let limit = [0x80, 0x800, 0x1_0000, 0x11_0000][(seed & 3) as usize];
                let character = char::from_u32((seed >> 2) % limit).unwrap_or('\u{FFFD}');
                if text.len() + character.len_utf8() > len {
                    break;
                }
                text.push(character);
            }
            text.into()
        }
    }
}

/// A DEFLATE stream of `len` zero octets: the first MiB is compressed, and its blocks are repeated. A byte-aligned
/// stream of zeros is legal again behind itself, since every distance in it reaches zeros.
fn bomb(len: u64) -> Content {
    const PIECE: u64 = 1 << 20;
    let compress = |octets: u64| {
        let mut compressor = Compressor::new(15, false);
        let mut out = Vec::new();
        compressor.compress(&vec![0; usize::try_from(octets).unwrap_or(0)], &mut out);
        out
    };
    let whole = len / PIECE;
    let mut parts = Vec::new();
    if whole > 0 {
        let mut piece = compress(PIECE);
        // The tail that RFC 7692 strips is what makes the piece end on an octet.
        piece.extend_from_slice(&[0x00, 0x00, 0xFF, 0xFF]);
        let octets = piece.len() as u64 * whole;
        parts.push(Content::Fill {
            unit: piece.into(),
            len: octets,
        });
    }
    parts.push(Content::Octets(compress(len % PIECE).into()));
    Content::concat(parts)
}
