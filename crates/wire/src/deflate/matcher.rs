//! Greedy search for repetitions, for blocks with the fixed codes.

/// The longest distance and the longest match (RFC 1951 section 2).
const FARTHEST: usize = 1 << 15;
const LONGEST: usize = 258;

/// Places remembered, one for each hash of three octets.
const SLOTS: usize = 1 << 12;

/// What stands for a stretch of octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// An octet as it is.
    Literal(u8),
    /// So many octets as stand so far back.
    Reference { length: u16, distance: u16 },
}

/// Octets taken before, and where three of them were last seen together.
///
/// Places are counted from the first octet taken, so that the table stays true when old octets are let go; an octet
/// costs the same however the input is cut.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    octets: Vec<u8>,
    /// The place of the first octet kept.
    first: usize,
    /// The place behind the last one in the table.
    known: usize,
    /// Empty until there is something to remember.
    last_seen: Vec<Option<usize>>,
}

impl Matcher {
    /// Takes a part; a match refers at most `window` octets back.
    pub(super) fn take(&mut self, part: &[u8], window: usize) -> Vec<Token> {
        self.last_seen.resize(SLOTS, None);
        let mut at = self.first + self.octets.len();
        self.octets.extend_from_slice(part);
        // The last two before could not be looked up without what follows them.
        self.remember_up_to(at);
        let mut tokens = Vec::new();
        while let Some(&octet) = self.from(at).first() {
            let earlier = self.remember(at).filter(|earlier| at - earlier <= window);
            let length = earlier.map_or(0, |earlier| {
                let pairs = self.from(earlier).iter().zip(self.from(at));
                pairs
                    .take(LONGEST)
                    .take_while(|(left, right)| left == right)
                    .count()
            });
            let distance = at - earlier.unwrap_or(at);
            at += if let (Ok(length @ 3..), Ok(distance)) = (u16::try_from(length), u16::try_from(distance)) {
                tokens.push(Token::Reference { length, distance });
                usize::from(length)
            } else {
                tokens.push(Token::Literal(octet));
                1
            };
            self.remember_up_to(at);
        }
        if self.octets.len() > 2 * FARTHEST {
            let old = self.octets.len() - FARTHEST;
            self.octets.drain(..old);
            self.first += old;
        }
        tokens
    }

    /// Refers to nothing before from now on.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The octets from a place on.
    fn from(&self, place: usize) -> &[u8] {
        let kept = place.checked_sub(self.first);
        kept.and_then(|at| self.octets.get(at..)).unwrap_or_default()
    }

    /// Remembers all places before `end` that can be.
    fn remember_up_to(&mut self, end: usize) {
        for place in self.known..end {
            self.remember(place);
        }
    }

    /// Remembers a place; gives the last earlier one where the same three octets may stand.
    fn remember(&mut self, place: usize) -> Option<usize> {
        let &[first, second, third] = self.from(place).first_chunk()?;
        let hash = [first, second, third]
            .iter()
            .fold(0_usize, |hash, &octet| hash * 31 + usize::from(octet));
        if place >= self.known {
            self.known = place + 1;
        }
        self.last_seen.get_mut(hash % SLOTS)?.replace(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_together(tokens: impl IntoIterator<Item = Token>) -> Vec<u8> {
        let mut octets = Vec::new();
        for token in tokens {
            match token {
                Token::Literal(octet) => octets.push(octet),
                Token::Reference { length, distance } => {
                    for _ in 0..length {
                        octets.push(octets[octets.len() - usize::from(distance)]);
                    }
                }
            }
        }
        octets
    }

    #[test]
    fn repetitions_are_found_across_parts_however_they_are_cut() {
        let text: Vec<u8> = b"to be or not to be, "
            .repeat(50)
            .into_iter()
            .chain(0..=255)
            .collect();
        for size in [1, 2, 3, 7, 100, text.len()] {
            let mut matcher = Matcher::default();
            let parts = text.chunks(size);
            let tokens: Vec<Token> = parts.flat_map(|part| matcher.take(part, FARTHEST)).collect();
            assert_eq!(put_together(tokens.clone()), text);
            let found = tokens
                .iter()
                .any(|token| matches!(token, Token::Reference { .. }));
            assert_eq!(found, size > 2, "pieces of {size}");
        }
    }

    #[test]
    fn nothing_is_referred_to_beyond_the_window_or_before_forgetting() {
        let mut matcher = Matcher::default();
        let literal = |tokens: Vec<Token>| tokens.iter().all(|token| matches!(token, Token::Literal(_)));
        assert!(literal(matcher.take(b"abcdef", 4)));
        assert!(literal(matcher.take(b"abc", 4)));
        assert_eq!(
            matcher.take(b"abc", 4),
            [Token::Reference {
                length: 3,
                distance: 3
            }]
        );
        matcher.forget();
        assert!(literal(matcher.take(b"abc", 4)));
    }

    #[test]
    fn what_is_let_go_leaves_the_rest_findable() {
        let mut matcher = Matcher::default();
        let noise: Vec<u8> = (0..3 * FARTHEST as u32)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 23) as u8)
            .collect();
        let tokens = matcher.take(&noise, FARTHEST);
        assert_eq!(put_together(tokens), noise);
        assert!(matcher.octets.len() <= 2 * FARTHEST);
        assert_eq!(
            matcher.take(&noise[noise.len() - 100..], FARTHEST),
            [Token::Reference {
                length: 100,
                distance: 100
            }]
        );
    }
}
