//! Secrets taken out of a report before anything shows it.
//!
//! Three things go: values the caller names, the values of `Authorization`, `Proxy-Authorization`, `Cookie` and
//! `Set-Cookie` wherever a head was recorded, and the userinfo of URLs (RFC 3986 section 3.2.1).

mod octets;
mod source;
mod strings;

use wsanvil_model::{Entry, Report};

pub use source::{secrets_of_field, secrets_of_url};

/// What stands in a text where a secret stood.
const MASK: &str = "***";

/// Secrets shorter than this are only removed where their place gives them away (a field value, a userinfo): replacing
/// them everywhere would hit ordinary words and numbers.
const SHORTEST: usize = 4;

/// Takes `secrets`, values of credential fields and userinfo of URLs out of every text and every dump of octets.
///
/// In texts a secret becomes `***`; in dumps each of its octets becomes an asterisk, so that lengths stay true. A
/// value found in a recorded head counts as a secret in all other places too. Ids of cases, requirements, rules and
/// aliases are left as they are: they come from case files. Secrets of fewer than four octets are not searched for.
pub fn redact(report: &mut Report, secrets: &[String]) {
    let mut secrets: Vec<String> = secrets.to_vec();
    for instance in report.cases.iter().flat_map(|case| &case.instances) {
        octets::collect(&instance.transcript, &mut secrets);
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    // The longest first, so that no remainder of a longer one stays.
    secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    secrets.dedup();
    for instance in report.cases.iter_mut().flat_map(|case| &mut case.instances) {
        octets::mask(&mut instance.transcript, &secrets);
    }
    strings::visit(report, &mut |text| {
        if let Some(clean) = redact_text(text, &secrets) {
            *text = clean;
        }
    });
}

/// As [`redact()`] for entries of a transcript that are shown before there is a report.
pub fn redact_transcript(transcript: &mut [Entry], secrets: &[String]) {
    let mut secrets: Vec<String> = secrets.to_vec();
    octets::collect(transcript, &mut secrets);
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    octets::mask(transcript, &secrets);
    for entry in transcript {
        if let Some(clean) = redact_text(&entry.remark, &secrets) {
            entry.remark = clean;
        }
    }
}

/// `url` with its userinfo replaced. Any text may be given: every URL in it is treated.
pub fn redact_url(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after
            .find(|c: char| matches!(c, '/' | '?' | '#' | '\'' | '"' | '`' | '<' | '>') || c.is_whitespace())
            .unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        match authority.rfind('@') {
            Some(at) => {
                out.push_str(MASK);
                out.push_str(&authority[at..]);
            }
            None => out.push_str(authority),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The clean form of `text`; none when it is clean.
fn redact_text(text: &str, secrets: &[String]) -> Option<String> {
    let mut clean = mask_fields(&redact_url(text));
    for secret in secrets {
        if clean.contains(secret.as_str()) {
            clean = clean.replace(secret.as_str(), MASK);
        }
    }
    (clean != text).then_some(clean)
}

/// Ends of the names of credential fields, with the colon: `proxy-authorization:` ends as `authorization:` does.
const FIELD_ENDS: [&str; 2] = ["authorization:", "cookie:"];

/// Masks what follows the name of a credential field in a text, up to the end of the line or a quotation mark.
fn mask_fields(text: &str) -> String {
    // ASCII only, so that offsets hold in both.
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(end) = FIELD_ENDS
        .iter()
        .filter_map(|name| Some(lower[done..].find(name)? + done + name.len()))
        .min()
    {
        let value = &text[end..];
        let start = end + value.len() - value.trim_start_matches([' ', '\t']).len();
        let stop = text[start..]
            .find(['\r', '\n', '\'', '"', '`'])
            .map_or(text.len(), |at| start + at);
        out.push_str(&text[done..start]);
        if stop > start {
            out.push_str(MASK);
        }
        done = stop;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_goes() {
        assert_eq!(redact_url("ws://user:pa@ss@host:80/a@b"), "ws://***@host:80/a@b");
        assert_eq!(redact_url("wss://host/path?q=a@b"), "wss://host/path?q=a@b");
        assert_eq!(
            redact_url("run 'ws://u@h' ws://v@h/"),
            "run 'ws://***@h' ws://***@h/"
        );
        assert_eq!(redact_url("://"), "://");
    }

    #[test]
    fn fields_in_texts_go() {
        assert_eq!(
            mask_fields("-H 'Authorization: Bearer x' ws://h"),
            "-H 'Authorization: ***' ws://h"
        );
        assert_eq!(
            mask_fields("got Set-Cookie: sid=1; Path=/\r\nX: y"),
            "got Set-Cookie: ***\r\nX: y"
        );
        assert_eq!(mask_fields("no Cookie:"), "no Cookie:");
        assert_eq!(mask_fields("COOKIE:a\ncookie: b"), "COOKIE:***\ncookie: ***");
    }

    #[test]
    fn secrets_in_texts_go() {
        let secrets = ["hunter2".to_owned()];
        assert_eq!(
            redact_text("pw=hunter2&hunter2", &secrets).as_deref(),
            Some("pw=***&***")
        );
        assert_eq!(redact_text("nothing here", &secrets), None);
    }
}
