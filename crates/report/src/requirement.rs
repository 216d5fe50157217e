//! Where a requirement stands, read off its id.

/// A requirement as the inventory words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementText {
    /// Level in capitals: `MUST`, `MUST NOT`, `SHOULD`, `SHOULD NOT` or `MAY`.
    pub level: String,
    /// The requirement in own words.
    pub text: String,
}

/// Place of a requirement: document and section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Such as `RFC 6455`.
    pub document: String,
    /// Such as `5.5.3`.
    pub section: String,
    /// Address of the section, for RFCs.
    pub address: Option<String>,
}

impl Place {
    /// Splits an id such as `6455-5.5.3-2`: document, section, number within the section. None when the id does not
    /// have this form.
    pub fn of(id: &str) -> Option<Self> {
        let (rest, number) = id.rsplit_once('-')?;
        let count = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if count.is_empty() || !count.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        let (document, section) = OTHER_DOCUMENTS
            .iter()
            .find_map(|(prefix, name)| Some(((*name).to_owned(), rest.strip_prefix(prefix)?)))
            .or_else(|| {
                let (rfc, section) = rest.split_once('-')?;
                let digits = !rfc.is_empty() && rfc.bytes().all(|octet| octet.is_ascii_digit());
                digits.then(|| (format!("RFC {rfc}"), section))
            })?;
        let plain = !section.is_empty()
            && section
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-'));
        let address = document
            .strip_prefix("RFC ")
            .filter(|_| section.starts_with(|c: char| c.is_ascii_digit()))
            .map(|rfc| format!("https://www.rfc-editor.org/rfc/rfc{rfc}#section-{section}"));
        plain.then(|| Self {
            document,
            section: section.to_owned(),
            address,
        })
    }
}

/// Prefixes of ids of documents that are no RFC.
const OTHER_DOCUMENTS: &[(&str, &str)] = &[
    ("whatwg-ws-", "WHATWG WebSockets"),
    ("fetch-", "WHATWG Fetch"),
    ("iana-ws-", "IANA WebSocket registry"),
    ("unicode-", "Unicode"),
];

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} section {}", self.document, self.section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_sections() {
        let say = |id: &str| Place::of(id).map(|place| place.to_string());
        assert_eq!(say("6455-5.2-3").as_deref(), Some("RFC 6455 section 5.2"));
        assert_eq!(say("7692-7.2.1-1b").as_deref(), Some("RFC 7692 section 7.2.1"));
        assert_eq!(
            say("whatwg-ws-3.1-8").as_deref(),
            Some("WHATWG WebSockets section 3.1")
        );
        assert_eq!(
            say("fetch-port-blocking-1").as_deref(),
            Some("WHATWG Fetch section port-blocking")
        );
        assert_eq!(say("unicode-T3-7-10").as_deref(), Some("Unicode section T3-7"));
        for odd in [
            "",
            "-",
            "6455",
            "6455-5.2",
            "6455--1",
            "x-5-1",
            "6455-5.2-x",
            "6455-<b>-1",
        ] {
            assert_eq!(say(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_rfcs_have_an_address() {
        let address = |id: &str| Place::of(id).unwrap().address;
        assert_eq!(
            address("6455-5.5.3-2").as_deref(),
            Some("https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3")
        );
        assert_eq!(address("iana-ws-close-codes-1"), None);
    }
}
