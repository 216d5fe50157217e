//! What of a finding does not change from run to run.

use wsanvil_model::{FindingKind, InstanceReport, Verdict};

/// What two runs of the same instance against the same target have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence<'r> {
    verdict: Verdict,
    kind: Option<FindingKind>,
    rule: Option<&'r str>,
    requirement: Option<&'r str>,
    code: Option<u16>,
    observed: String,
}

/// The evidence for a verdict. A pass needs none.
pub(super) fn of(instance: &InstanceReport) -> Evidence<'_> {
    let finding = instance
        .finding
        .as_ref()
        .filter(|_| instance.verdict.is_finding());
    let observed = if instance.observed.is_empty() {
        &instance.reason
    } else {
        &instance.observed
    };
    Evidence {
        verdict: instance.verdict,
        kind: finding.map(|finding| finding.kind),
        rule: finding.and_then(|finding| finding.rule.as_deref()),
        requirement: finding.map(|finding| finding.requirement.as_str()),
        code: instance.close.code.filter(|_| finding.is_some()),
        observed: finding.map(|_| lasting(observed)).unwrap_or_default(),
    }
}

/// Digits of an octet string that is short enough to be a word or a code.
const SHORT_HEX: usize = 8;
/// Units of what is measured.
const UNITS: [&str; 5] = ["ms", "s", "µs", "MiB", "KiB"];

/// `text` with what another run would say differently taken out: quoted payloads, octets in hexadecimal, times, ports.
fn lasting(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    for (index, piece) in text.split('"').enumerate() {
        quoted = index % 2 == 1;
        if index > 0 {
            out.push('"');
        }
        if !quoted {
            plain(piece, &mut out);
        }
    }
    if quoted {
        // The quotation was cut: what follows the mark is still payload.
        out.push('…');
    }
    out
}

fn plain(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        // A fraction belongs to its number.
        let end = from
            .char_indices()
            .find(|(at, c)| {
                let decimal = *c == '.' && from[at + 1..].starts_with(|c: char| c.is_ascii_digit());
                !c.is_ascii_alphanumeric() && *c != 'µ' && !decimal
            })
            .map_or(from.len(), |(at, _)| at);
        let (word, behind) = from.split_at(end);
        if varies(before, word, behind) {
            out.push('#');
        } else {
            out.push_str(word);
        }
        rest = behind;
    }
    out.push_str(rest);
}

/// Whether a word between these is an octet string, a measurement or a port.
fn varies(before: &str, word: &str, behind: &str) -> bool {
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let hexadecimal = word.len() >= SHORT_HEX && word.bytes().all(|octet| octet.is_ascii_hexdigit());
    let with_unit = UNITS.iter().any(|unit| {
        let value = word.strip_suffix(unit).unwrap_or_default();
        number(value) && value.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.')
    });
    let unit_behind = number(word)
        && UNITS.iter().any(|unit| {
            let rest = behind
                .strip_prefix(' ')
                .and_then(|behind| behind.strip_prefix(unit));
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
    let port = before.ends_with(':') && word.len() >= 4 && word.bytes().all(|octet| octet.is_ascii_digit());
    hexadecimal || with_unit || unit_behind || port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_from_run_to_run_is_taken_out() {
        for (one, other) in [
            (
                "a binary message of 8 octets: 00fffefdfcfb00ff",
                "a binary message of 8 octets: 11fffefdfcfb00f0",
            ),
            ("nothing came within 5.0 s", "nothing came within 4.93 s"),
            ("nothing came within 5000ms", "nothing came within 5001ms"),
            ("refused by 127.0.0.1:43839", "refused by 127.0.0.1:9001"),
            ("a text message: \"ab\"", "a text message: \"other\""),
            ("a cut one: \"ab", "a cut one: \"xyz"),
        ] {
            assert_eq!(lasting(one), lasting(other));
        }
        for (one, other) in [
            ("a Close with 1002", "a Close with 1007"),
            ("a text message of 13 octets", "a text message of 14 octets"),
            ("a Pong", "a Ping"),
            ("status 400", "status 500"),
            ("TCP ended", "nothing came"),
            ("deadbeef", "dead"),
        ] {
            assert_ne!(lasting(one), lasting(other));
        }
    }
}
