//! `verse`: a play in rhymed lines, made of a small German vocabulary.

use super::noise::Noise;
use super::words::{DEEDS, LINKS, OPENERS, QUALITIES, RHYMES, SPEAKERS, THINGS};

const LEN: usize = 222_218;
/// Two-octet characters (umlauts and ß) in the whole text.
const WIDE: usize = 2_845;
const BYTE_ORDER_MARK: &str = "\u{FEFF}";
/// Room kept for the last line, which brings both counts to their exact value.
const TAIL: usize = 120;

/// Speakers in turn; each says two to six couplets. Words with umlauts are chosen only while the text is
/// behind its share of them.
pub(super) fn make() -> Vec<u8> {
    let mut play = Play {
        noise: Noise::new(0x7665_7273),
        text: BYTE_ORDER_MARK.to_owned(),
        wide: 0,
    };
    play.text.reserve(LEN);
    'scenes: loop {
        let speaker = play.noise.favour(SPEAKERS, 1);
        play.wide += wide(speaker);
        play.text.push_str(speaker);
        play.text.push_str(":\n");
        for _ in 0..2 + play.noise.below(5) {
            play.couplet();
            if play.text.len() + TAIL > LEN {
                break 'scenes;
            }
        }
        play.text.push('\n');
    }
    play.finish()
}

struct Play {
    noise: Noise,
    text: String,
    wide: usize,
}

impl Play {
    fn couplet(&mut self) {
        let group = RHYMES[self.noise.below(RHYMES.len() as u32) as usize];
        let first = self.noise.below(group.len() as u32) as usize;
        let step = 1 + self.noise.below(group.len() as u32 - 1) as usize;
        self.line(group[first], ",\n");
        let end = ["\n", ".\n", "!\n", ";\n", ".\n", "?\n"][self.noise.below(6) as usize];
        self.line(group[(first + step) % group.len()], end);
    }

    fn line(&mut self, rhyme: &str, end: &str) {
        self.word(OPENERS, 2);
        for _ in 0..=self.noise.below(2) {
            match self.noise.below(4) {
                0 => self.words(&[(DEEDS, 1), (LINKS, 2)]),
                1 => self.words(&[(LINKS, 2), (QUALITIES, 1), (THINGS, 1)]),
                2 => self.words(&[(LINKS, 2), (THINGS, 1), (LINKS, 2)]),
                _ => self.words(&[(THINGS, 1), (DEEDS, 1)]),
            }
        }
        self.wide += wide(rhyme);
        self.text.push_str(rhyme);
        self.text.push_str(end);
    }

    fn words(&mut self, pattern: &[(&[&'static str], u32)]) {
        for (list, draws) in pattern {
            self.word(list, *draws);
        }
    }

    fn word(&mut self, list: &[&'static str], draws: u32) {
        let behind = self.wide * LEN < WIDE * self.text.len();
        let mut word = self.noise.favour(list, draws);
        for _ in 0..8 {
            if (wide(word) > 0) == behind {
                break;
            }
            word = self.noise.favour(list, draws);
        }
        self.wide += wide(word);
        self.text.push_str(word);
        self.text.push(' ');
    }

    /// A last line of laughter: as many umlauts as are missing, then plain ones up to the exact length.
    fn finish(mut self) -> Vec<u8> {
        self.text.push_str("\nALLE:\n");
        for _ in self.wide..WIDE {
            self.text.push_str("hä ");
        }
        while self.text.len() + 1 < LEN {
            let laughter = "ha ha, ";
            self.text
                .push_str(&laughter[..laughter.len().min(LEN - 1 - self.text.len())]);
        }
        self.text.push('\n');
        self.text.into_bytes()
    }
}

/// Two-octet characters of `word`, which has no longer ones.
fn wide(word: &str) -> usize {
    word.len() - word.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_has_one_and_two_octet_characters_only() {
        let lists = [OPENERS, LINKS, QUALITIES, THINGS, DEEDS, SPEAKERS];
        let mut words = lists.into_iter().chain(RHYMES.iter().copied()).flatten();
        assert!(words.all(|word| word.chars().all(|char| char.len_utf8() <= 2)));
    }
}
