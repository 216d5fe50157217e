//! What must not be shown: credentials of the command line, the environment and the configuration.

use wsanvil_report::redact::{secrets_of_field, secrets_of_url};

use crate::failure::Failure;

/// Shorter secrets would hit ordinary words when they are replaced everywhere.
const SHORTEST: usize = 4;
const MASK: &str = "***";

/// The known secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// Adds what is secret about a URL.
    pub(crate) fn url(&mut self, url: &str) {
        self.extend(secrets_of_url(url));
    }

    /// Adds what is secret about a field of the opening request.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        self.extend(secrets_of_field(name, value));
    }

    /// Adds a text that is secret as a whole; `user:password` gives the password too, in plain and as HTTP Basic
    /// sends it (RFC 7617).
    pub(crate) fn credentials(&mut self, text: &str) {
        self.extend(vec![text.to_owned()]);
        self.url(&format!("ws://{}@h", text.replace(['/', '?', '#'], "")));
        self.field("Authorization", text);
    }

    /// All of them, for the redaction of reports.
    pub(crate) fn list(&self) -> &[String] {
        &self.0
    }

    /// `text` without them and without userinfo of URLs.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = wsanvil_report::redact_url(text);
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        text
    }

    /// The failure without them: output of the target may repeat them.
    pub(crate) fn clean(&self, failure: &Failure) -> Failure {
        Failure {
            code: failure.code,
            message: self.hide(&failure.message),
            hint: failure.hint.as_deref().map(|hint| self.hide(hint)),
        }
    }

    fn extend(&mut self, secrets: Vec<String>) {
        self.0
            .extend(secrets.into_iter().filter(|secret| secret.len() >= SHORTEST));
        // The longest first, so that no remainder of a longer one stays.
        self.0
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.0.dedup();
    }
}

/// Whether the value of that field is a secret.
pub(crate) fn is_credential(name: &str) -> bool {
    ["authorization", "proxy-authorization", "cookie"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// `name: value` with the value masked when it is a secret.
pub(crate) fn shown_field(name: &str, value: &str) -> String {
    let value = if is_credential(name) { MASK } else { value };
    format!("{name}: {value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_wherever_they_stand() {
        let mut secrets = Secrets::default();
        secrets.url("ws://alice:wonderland@host/");
        secrets.field("Cookie", "sid=0123456789");
        let text = secrets.hide("ws://alice:wonderland@host/ said wonderland and 0123456789");
        assert_eq!(text, "ws://***@host/ said *** and ***");
    }

    #[test]
    fn credential_fields_are_masked() {
        assert_eq!(shown_field("authorization", "Bearer x"), "authorization: ***");
        assert_eq!(shown_field("X-Trace", "7"), "X-Trace: 7");
    }
}
