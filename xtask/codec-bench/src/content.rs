//! Inputs: texts, JSON and octets that look like what WebSockets carry, the same on every machine.

/// Numbers without a pattern (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next_u64() % end.max(1) as u64) as usize
    }

    /// One of the choices, the earlier ones far more often, as words are in a language.
    fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let (a, b) = (self.below(words.len()), self.below(words.len()));
        words[a * b / words.len()]
    }
}

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// English words.
    Ascii,
    /// Words of which many have a letter of two octets.
    Latin,
    /// Characters of three octets.
    Cjk,
    /// Characters of four octets.
    Emoji,
}

const ENGLISH: &str = "the of and to in is that for it on with as was are this be at by have from or one had not but what \
    all were when we there can an your which their said if do will each about how up out them then she \
    many some so these would other into has more two like him see time could no make than first been its \
    who now people my made over did down only way find use may water long little very after words called \
    just where most know connection server message payload between another because different picture \
    example important children through sentence something together without morning weather mountain \
    river window garden question answer listen carry quick yellow travel";

const LATIN: &str = "über straße für und der schön mañana señor niño está qué garçon déjà forêt où être naïve smörgås på \
    går også ærlig żółty łódź kůň příliš çok güneş les una por avec ich nicht dans para como Öl Ärger \
    été leçon coração não informação ção țară și";

/// A text of exactly `octets` octets. It begins with one octet, so that characters of two and four octets are not
/// aligned to the chunks it is cut into.
pub fn text(script: Script, octets: usize, seed: u64) -> String {
    let mut random = Random::new(seed);
    let (english, latin) = (split(ENGLISH), split(LATIN));
    let mut text = String::from("-");
    while text.len() < octets {
        match script {
            Script::Ascii => sentence(&mut text, &english, &mut random),
            Script::Latin => sentence(&mut text, &latin, &mut random),
            Script::Cjk => text.extend(char::from_u32(0x4E00 + random.below(0x2000) as u32)),
            Script::Emoji => text.extend(char::from_u32(0x1F600 + random.below(0x40) as u32)),
        }
    }
    while text.len() > octets {
        text.pop();
    }
    let missing = octets - text.len();
    text.extend(std::iter::repeat_n('.', missing));
    text
}

fn split(words: &str) -> Vec<&str> {
    words.split(' ').collect()
}

/// The next word, and what follows a word.
fn sentence(text: &mut String, words: &[&str], random: &mut Random) {
    text.push_str(random.word(words));
    text.push_str(match random.below(14) {
        0 => ". ",
        1 => ", ",
        _ => " ",
    });
}

/// An event of a chat as JSON, exactly `octets` octets.
pub fn json(octets: usize, seed: u64) -> String {
    let english = split(ENGLISH);
    let mut random = Random::new(seed);
    let mut json = format!(
        "{{\"type\":\"message\",\"id\":\"{:016x}\",\"channel\":\"room-{}\",\"sent_at\":{},\"author\":{{\"id\":{},\
         \"name\":\"user{}\",\"verified\":{}}},\"reactions\":[",
        random.next_u64(),
        random.below(40),
        1_700_000_000_000 + random.below(100_000_000) as u64,
        random.below(1_000_000),
        random.below(1_000_000),
        random.below(2) == 0,
    );
    for index in 0..4 + random.below(4) {
        if index > 0 {
            json.push(',');
        }
        let (name, count, own) = (random.word(&english), random.below(30), random.below(2) == 0);
        let reaction = format!("{{\"name\":\"{name}\",\"count\":{count},\"me\":{own}}}");
        json.push_str(&reaction);
    }
    json.push_str("],\"attachments\":null,\"text\":\"");
    let end = "\"}";
    let room = octets.saturating_sub(json.len() + end.len());
    json.push_str(&text(Script::Ascii, room.max(1), random.next_u64()));
    json.push_str(end);
    json
}

/// Octets without a pattern.
pub fn octets(size: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..size).map(|_| random.next_u64() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact() {
        for script in [Script::Ascii, Script::Latin, Script::Cjk, Script::Emoji] {
            for octets in [1, 16, 125, 1000, 65536] {
                let text = text(script, octets, 7);
                assert_eq!(text.len(), octets, "{script:?}");
                assert_eq!(text.is_ascii(), script == Script::Ascii || octets < 3);
            }
        }
        assert_eq!(json(1024, 3).len(), 1024);
        assert!(serde_json::from_str::<serde_json::Value>(&json(1024, 3)).is_ok());
    }
}
