//! What each defect does to a head before it is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsanvil_wire::http::{is_token, list_elements};

use crate::Defect;

use super::head::{Head, name_of, split, value_of};

const HOST: &str = "Host";
const UPGRADE: &str = "Upgrade";
const CONNECTION: &str = "Connection";
const KEY: &str = "Sec-WebSocket-Key";
const VERSION: &str = "Sec-WebSocket-Version";
const LENGTH: &str = "Content-Length";
const CODING: &str = "Transfer-Encoding";

/// Fields that a reader with room for so many keeps.
const ROOM: usize = 16;

type Mend = fn(&mut Head);

/// The behaviours, those that make lines first.
pub(super) const MENDS: &[(Defect, Mend)] = &[
    // Lines.
    (Defect::BareCrEndsLine, |head| {
        let ended = |line: &Vec<u8>| split(line, b"\r");
        head.lines = head
            .lines
            .iter()
            .flat_map(ended)
            .filter(|line| !line.is_empty())
            .collect();
    }),
    (Defect::FoldsAreFields, |head| {
        for line in head.lines.iter_mut().skip(1) {
            *line = line.trim_ascii_start().to_vec();
        }
    }),
    (Defect::IndentedFirstFieldUsed, |head| {
        if let Some(first) = head.lines.first_mut() {
            *first = first.trim_ascii_start().to_vec();
        }
    }),
    (Defect::NulEndsValue, |head| {
        for line in &mut head.lines {
            let end = line.iter().position(|octet| *octet == 0).unwrap_or(line.len());
            line.truncate(end);
        }
    }),
    (Defect::SpaceBeforeColonTaken, |head| {
        for line in &mut head.lines {
            if line.contains(&b':') {
                *line = [name_of(line).trim_ascii_end(), b":", value_of(line)].concat();
            }
        }
    }),
    (Defect::SkipsMalformedLines, |head| {
        head.lines
            .retain(|line| line.contains(&b':') && is_token(name_of(line)));
    }),
    (Defect::ControlsRemoved, |head| {
        for line in &mut head.lines {
            line.retain(|octet| *octet >= b' ' && *octet != 0x7F);
        }
    }),
    // Names.
    (Defect::NamesBySuffix, |head| {
        rename(head, |name, known| name.to_ascii_lowercase().ends_with(known));
    }),
    (Defect::NamesByPrefix, |head| {
        rename(head, |name, known| name.to_ascii_lowercase().starts_with(known));
    }),
    (Defect::UnderscoresAreHyphens, |head| {
        rename(head, |name, known| {
            name.to_ascii_lowercase().replace('_', "-") == known
        });
    }),
    (Defect::NamesCaseSensitive, |head| {
        head.lines.retain(|line| {
            let known = [HOST, UPGRADE, CONNECTION, KEY, VERSION];
            let name = name_of(line);
            let other_case =
                |known: &str| name.eq_ignore_ascii_case(known.as_bytes()) && name != known.as_bytes();
            !known.into_iter().any(other_case)
        });
    }),
    (Defect::RoomForSixteenFields, |head| head.lines.truncate(ROOM)),
    (Defect::WantsHostFirst, |head| {
        if head
            .lines
            .first()
            .is_some_and(|line| !name_of(line).eq_ignore_ascii_case(b"host"))
        {
            head.remove(HOST);
        }
    }),
    (Defect::KeyFoundAnywhere, |head| {
        let text = head.octets();
        let at = text
            .windows(18)
            .position(|window| window.eq_ignore_ascii_case(b"sec-websocket-key:"));
        let rest = at.and_then(|at| text.get(at + 18..)).unwrap_or_default();
        let key = rest
            .split(|octet| matches!(octet, b'\r' | b' '))
            .find(|word| !word.is_empty());
        if let Some(key) = key.filter(|_| head.has(KEY)) {
            head.take_key(key);
        }
    }),
    // Whitespace around values.
    (Defect::WantsSpaceBehindColon, |head| {
        head.lines.retain(|line| value_of(line).first() == Some(&b' '));
    }),
    (Defect::KeepsTrailingSpace, |head| {
        for name in [UPGRADE, CONNECTION, VERSION] {
            let padded = |line: &&Vec<u8>| name_of(line).eq_ignore_ascii_case(name.as_bytes());
            if head
                .lines
                .iter()
                .filter(padded)
                .any(|line| line.ends_with(b" ") || line.ends_with(b"\t"))
            {
                head.remove(name);
            }
        }
    }),
    (Defect::AcceptOverPaddedKey, |head| {
        let line = head
            .lines
            .iter()
            .find(|line| name_of(line).eq_ignore_ascii_case(KEY.as_bytes()));
        let value = line.map(|line| value_of(line)).unwrap_or_default();
        let padded = value.strip_prefix(b" ").unwrap_or(value).to_vec();
        if padded.trim_ascii() != padded && !padded.trim_ascii().is_empty() {
            head.accept_over = Some(padded);
        }
    }),
    // The request line.
    (Defect::AcceptsAnyMethod, |head| {
        head.mend_word(0, is_token, b"GET");
    }),
    (Defect::MethodIgnoresCase, |head| {
        head.mend_word(0, |word| word.eq_ignore_ascii_case(b"GET"), b"GET");
    }),
    (Defect::MethodByPrefix, |head| {
        head.mend_word(0, |word| word.starts_with(b"GE"), b"GET");
    }),
    (Defect::AcceptsOldHttp, |head| {
        head.mend_word(
            2,
            |word| matches!(word, b"HTTP/1.0" | b"HTTP/0.9" | b"HTTP/0.0"),
            b"HTTP/1.1",
        );
    }),
    (Defect::AcceptsAnyHttpVersion, |head| {
        head.mend_word(2, |_| true, b"HTTP/1.1");
    }),
    (Defect::HttpVersionByPrefix, |head| {
        head.mend_word(2, |word| word.starts_with(b"HTTP/1.1"), b"HTTP/1.1");
    }),
    (Defect::HttpNameIgnoresCase, |head| {
        head.mend_word(2, |word| word.eq_ignore_ascii_case(b"HTTP/1.1"), b"HTTP/1.1");
    }),
    (Defect::HttpMajorUnchecked, |head| {
        head.mend_word(
            2,
            |word| word.starts_with(b"HTTP/") && word > b"HTTP/1.1".as_slice() && word.len() == 8,
            b"HTTP/1.1",
        );
    }),
    (Defect::BlanksInTarget, |head| {
        head.mend_word(
            1,
            |word| {
                word.iter()
                    .any(|octet| octet.is_ascii_control() || *octet == b' ')
            },
            b"/",
        );
    }),
    (Defect::AcceptsAnyTarget, |head| {
        head.mend_word(
            1,
            |word| !word.is_empty() && word.iter().all(u8::is_ascii_graphic),
            b"/",
        );
    }),
    // Host.
    (Defect::AcceptsNoHost, |head| {
        if !head.has(HOST) {
            head.set(HOST, b"h");
        }
    }),
    (Defect::AcceptsTwoHosts, |head| {
        if head.values(HOST).len() > 1 {
            head.set(HOST, b"h");
        }
    }),
    (Defect::AcceptsAnyHost, |head| {
        if head.values(HOST).len() == 1 {
            head.set(HOST, b"h");
        }
    }),
    // Upgrade and Connection.
    (Defect::AcceptsNoUpgrade, |head| {
        if !head.has(UPGRADE) {
            head.set(UPGRADE, b"websocket");
        }
    }),
    (Defect::UpgradeUnchecked, |head| {
        head.mend(UPGRADE, |_| true, b"websocket");
    }),
    (Defect::UpgradeBySubstring, |head| {
        head.mend(UPGRADE, |value| contains(value, b"websocket"), b"websocket");
    }),
    (Defect::UpgradeFoldsUnicode, |head| {
        head.mend(
            UPGRADE,
            |value| String::from_utf8_lossy(value).to_lowercase() == "websocket",
            b"websocket",
        );
    }),
    (Defect::AcceptsNoConnection, |head| {
        if !head.has(CONNECTION) {
            head.set(CONNECTION, b"Upgrade");
        }
    }),
    (Defect::ConnectionUnchecked, |head| {
        head.mend(CONNECTION, |_| true, b"Upgrade");
    }),
    (Defect::ConnectionBySubstring, |head| {
        head.mend(CONNECTION, |value| contains(value, b"upgrade"), b"Upgrade");
    }),
    (Defect::ConnectionSplitAtBlanks, |head| {
        let names = |value: &[u8]| {
            let mut words = value.split(|octet| matches!(octet, b' ' | b',' | b';'));
            words.any(|word| word.eq_ignore_ascii_case(b"upgrade"))
        };
        head.mend(CONNECTION, names, b"Upgrade");
    }),
    (Defect::ConnectionFirstElement, |head| {
        let joined = head.joined(CONNECTION);
        if let Some(first) = list_elements(&joined).next() {
            head.set(CONNECTION, first);
        }
    }),
    (Defect::RejectsEmptyElements, |head| {
        let joined = head.joined(CONNECTION);
        if joined
            .split(|octet| *octet == b',')
            .any(|element| element.trim_ascii().is_empty())
        {
            head.remove(CONNECTION);
        }
    }),
    // The key.
    (Defect::AcceptsNoKey, |head| {
        if !head.has(KEY) {
            head.take_key(b"");
        }
    }),
    (Defect::AcceptsEmptyKey, |head| {
        if head.values(KEY) == [b""] {
            head.take_key(b"");
        }
    }),
    (Defect::KeyUnchecked, |head| {
        if let [key] = head.values(KEY).as_slice()
            && !key.is_empty()
        {
            head.take_key(key);
        }
    }),
    (Defect::KeyLengthUnchecked, |head| {
        if let [key] = head.values(KEY).as_slice()
            && STANDARD.decode(key).is_ok_and(|octets| !octets.is_empty())
        {
            head.take_key(key);
        }
    }),
    (Defect::KeyReencoded, |head| {
        if let [key] = head.values(KEY).as_slice()
            && key.len() == 24
            && key.ends_with(b"==")
        {
            let mut again = key.clone();
            if let Some(last) = again.get_mut(21) {
                *last = match *last {
                    b'A'..=b'P' => b'A',
                    b'Q'..=b'Z' | b'a'..=b'f' => b'Q',
                    b'g'..=b'v' => b'g',
                    _ => b'w',
                };
            }
            head.accept_over = Some(again);
        }
    }),
    (Defect::FirstKeyTaken, |head| {
        if let [key, _, ..] = head.values(KEY).as_slice() {
            head.take_key(key);
        }
    }),
    (Defect::LastKeyTaken, |head| {
        if let [_, .., key] = head.values(KEY).as_slice() {
            head.take_key(key);
        }
    }),
    (Defect::KeysJoined, |head| {
        if head.values(KEY).len() > 1 {
            head.take_key(&head.joined(KEY));
        }
    }),
    // The version.
    (Defect::AcceptsNoVersion, |head| {
        if !head.has(VERSION) {
            head.set(VERSION, b"13");
        }
    }),
    (Defect::VersionUnchecked, |head| {
        head.mend(VERSION, |_| true, b"13");
    }),
    (Defect::VersionAtLeast, |head| {
        head.mend(
            VERSION,
            |value| number(value).is_some_and(|number| number >= 13),
            b"13",
        );
    }),
    (Defect::VersionAtMost, |head| {
        head.mend(
            VERSION,
            |value| number(value).is_some_and(|number| number <= 13),
            b"13",
        );
    }),
    (Defect::VersionBySubstring, |head| {
        head.mend(VERSION, |value| contains(value, b"13"), b"13");
    }),
    (Defect::VersionByPrefix, |head| {
        let leading = |value: &[u8]| {
            let digits: Vec<u8> = value.iter().copied().take_while(u8::is_ascii_digit).collect();
            number(&digits) == Some(13)
        };
        head.mend(VERSION, leading, b"13");
    }),
    (Defect::VersionLoosely, |head| {
        let parsed = |value: &[u8]| {
            String::from_utf8_lossy(value)
                .parse::<f64>()
                .is_ok_and(|number| number.to_bits() == 13_f64.to_bits())
        };
        head.mend(VERSION, parsed, b"13");
    }),
    (Defect::VersionWraps, |head| {
        head.mend(
            VERSION,
            |value| number(value).is_some_and(|number| number % 256 == 13),
            b"13",
        );
    }),
    (Defect::VersionFromList, |head| {
        head.mend(
            VERSION,
            |value| list_elements(value).any(|version| version == b"13"),
            b"13",
        );
    }),
    (Defect::FirstVersionTaken, |head| {
        if let [version, _, ..] = head.values(VERSION).as_slice() {
            head.set(VERSION, version);
        }
    }),
    (Defect::LastVersionTaken, |head| {
        if let [_, .., version] = head.values(VERSION).as_slice() {
            head.set(VERSION, version);
        }
    }),
    // Bodies: without these fields what follows the head is read as frames.
    (Defect::LengthAndCodingTaken, |head| {
        if head.has(LENGTH) && head.has(CODING) {
            head.remove(LENGTH);
            head.remove(CODING);
        }
    }),
    (Defect::BodyReadAsFrames, |head| {
        if !(head.has(LENGTH) && head.has(CODING))
            && (head.has(CODING) || number(&head.joined(LENGTH)).is_some())
        {
            head.remove(LENGTH);
            head.remove(CODING);
        }
    }),
    (Defect::InvalidLengthTaken, |head| {
        if number(&head.joined(LENGTH)).is_none() {
            head.remove(LENGTH);
        }
    }),
    (Defect::UnknownCodingTaken, |head| {
        head.mend(CODING, |value| value != b"chunked", b"");
        if head.joined(CODING).is_empty() {
            head.remove(CODING);
        }
    }),
];

/// Gives a field its known name when `stands_for` says that its own means it.
fn rename(head: &mut Head, stands_for: impl Fn(&str, &str) -> bool) {
    for known in [UPGRADE, CONNECTION, KEY, VERSION] {
        for line in &mut head.lines {
            let name = String::from_utf8_lossy(name_of(line)).into_owned();
            if stands_for(&name, &known.to_ascii_lowercase()) {
                *line = [known.as_bytes(), b":", value_of(line)].concat();
            }
        }
    }
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    value
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

/// A number of digits only.
fn number(value: &[u8]) -> Option<u128> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| digits)?.parse().ok()
}
