//! Names of alerts, as RFC 8446 section 6 and the registry of IANA have them.

use rustls::AlertDescription;

const NAMES: &[(u8, &str)] = &[
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (22, "record_overflow"),
    (40, "handshake_failure"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
];

/// The name of an alert; its number when it has none.
pub(super) fn name(alert: AlertDescription) -> String {
    let code = u8::from(alert);
    let known = NAMES.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| format!("alert {code}"), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_registry() {
        assert_eq!(name(AlertDescription::from(112)), "unrecognized_name");
        assert_eq!(name(AlertDescription::from(200)), "alert 200");
        assert!(NAMES.is_sorted_by_key(|(code, _)| *code));
    }
}
