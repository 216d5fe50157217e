//! What is secret about a URL or a field.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The secrets in the userinfo of `url`: as written, percent-decoded, the password alone, and as HTTP Basic sends
/// them (RFC 7617).
pub fn secrets_of_url(url: &str) -> Vec<String> {
    let Some((_, rest)) = url.split_once("://") else {
        return Vec::new();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((userinfo, _)) = authority.rsplit_once('@') else {
        return Vec::new();
    };
    let decoded = percent_decode(userinfo);
    let mut secrets = vec![
        userinfo.to_owned(),
        BASE64_STANDARD.encode(&decoded),
        decoded.clone(),
    ];
    for form in [userinfo, &decoded] {
        secrets.extend(form.split_once(':').map(|(_, password)| password.to_owned()));
    }
    secrets
}

/// The secrets in the field `name: value`; empty when `name` is no credential field.
///
/// These are the whole value, the credentials behind the scheme, what HTTP Basic credentials decode to, and the values
/// of cookies.
pub fn secrets_of_field(name: &str, value: &str) -> Vec<String> {
    let value = value.trim();
    let mut secrets = vec![value.to_owned()];
    match name.trim().to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => {
            let Some((scheme, credentials)) = value.split_once(' ') else {
                return secrets;
            };
            secrets.push(credentials.trim().to_owned());
            let basic = scheme.eq_ignore_ascii_case("basic");
            let decoded = BASE64_STANDARD.decode(credentials.trim()).ok().filter(|_| basic);
            if let Some(pair) = decoded.and_then(|octets| String::from_utf8(octets).ok()) {
                secrets.extend(pair.split_once(':').map(|(_, password)| password.to_owned()));
                secrets.push(pair);
            }
        }
        "cookie" => secrets.extend(value.split(';').filter_map(cookie_value)),
        // What follows the first pair are attributes such as Path (RFC 6265 section 4.1.1).
        "set-cookie" => secrets.extend(value.split(';').next().and_then(cookie_value)),
        _ => secrets.clear(),
    }
    secrets
}

fn cookie_value(pair: &str) -> Option<String> {
    pair.split_once('=')
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

fn percent_decode(text: &str) -> String {
    let octets = text.as_bytes();
    let mut out = Vec::with_capacity(octets.len());
    let mut at = 0;
    while let Some(&octet) = octets.get(at) {
        let pair = octets
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let escaped = pair
            .filter(|_| octet == b'%')
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        out.push(escaped.unwrap_or(octet));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_password_in_a_url() {
        let secrets = secrets_of_url("wss://me:p%40ss%zz@host/");
        assert!(secrets.contains(&"p%40ss%zz".to_owned()));
        assert!(secrets.contains(&"p@ss%zz".to_owned()));
        assert!(secrets.contains(&BASE64_STANDARD.encode("me:p@ss%zz")));
        assert!(secrets_of_url("ws://host/a@b").is_empty());
    }

    #[test]
    fn what_is_secret_in_fields() {
        let basic = secrets_of_field("Authorization", "Basic bWU6aHVudGVyMg==");
        assert!(basic.contains(&"hunter2".to_owned()) && basic.contains(&"me:hunter2".to_owned()));
        assert!(
            secrets_of_field("cookie", "a=one; b=\"two\"").ends_with(&["one".to_owned(), "two".to_owned()])
        );
        assert!(!secrets_of_field("Set-Cookie", "a=one; Path=/x").contains(&"/x".to_owned()));
        assert!(secrets_of_field("Host", "example.net").is_empty());
    }
}
