//! Laws of the Close body (RFC 6455 sections 5.5.1 and 7.4).

use proptest::prelude::*;
use wsanvil_wire::Rule;
use wsanvil_wire::close::{CloseBody, MAX_REASON_LEN, may_be_sent, parse_body, write_body};

/// Codes that RFC 6455 section 7.4 and the registry let stand in a frame.
fn legal_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[test]
fn every_code_is_read_or_refused_by_its_number() {
    for code in 0..=u16::MAX {
        let mut body = Vec::new();
        write_body(code, "bye", &mut body);
        assert_eq!(may_be_sent(code), legal_code(code), "{code}");
        let expected = if legal_code(code) {
            Ok(CloseBody {
                code: Some(code),
                reason: "bye",
            })
        } else {
            Err(Rule::CloseCode(code))
        };
        assert_eq!(parse_body(&body), expected);
    }
}

proptest! {
    #[test]
    fn a_body_that_fits_reads_back_whole(code in 1007..=1014_u16, reason in "\\PC{0,30}") {
        let mut body = b"before".to_vec();
        write_body(code, &reason, &mut body);
        prop_assert_eq!(body.len(), 6 + 2 + reason.len());
        prop_assert_eq!(parse_body(&body[6..]), Ok(CloseBody { code: Some(code), reason: &reason }));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters(code in 3000..=4999_u16, reason in "\\PC{30,200}") {
        let mut body = Vec::new();
        write_body(code, &reason, &mut body);
        prop_assert!(body.len() <= 125);
        let read = parse_body(&body).unwrap().reason;
        prop_assert!(reason.starts_with(read));
        // One more character would not have fitted.
        if let Some(next) = reason[read.len()..].chars().next() {
            prop_assert!(read.len() + next.len_utf8() > MAX_REASON_LEN);
        }
    }

    #[test]
    fn any_octets_are_judged_by_the_first_fault(body in prop::collection::vec(any::<u8>(), 0..12), legal: bool) {
        let mut body = body;
        if legal && let [first, second, ..] = body.as_mut_slice() {
            (*first, *second) = (0x03, 0xE8);
        }
        let parsed = parse_body(&body);
        match body.as_slice() {
            [] => prop_assert_eq!(parsed, Ok(CloseBody { code: None, reason: "" })),
            [_] => prop_assert_eq!(parsed, Err(Rule::CloseBodyOneOctet)),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                match std::str::from_utf8(reason) {
                    _ if !legal_code(code) => prop_assert_eq!(parsed, Err(Rule::CloseCode(code))),
                    Ok(reason) => prop_assert_eq!(parsed, Ok(CloseBody { code: Some(code), reason })),
                    Err(error) => {
                        let Err(Rule::CloseReasonUtf8 { at }) = parsed else {
                            return Err(TestCaseError::fail(format!("{parsed:?}")));
                        };
                        let at = usize::try_from(at).unwrap();
                        prop_assert!((error.valid_up_to()..=reason.len()).contains(&at));
                        // Certain there and not before.
                        prop_assert!(at == reason.len() || std::str::from_utf8(&reason[..=at]).is_err_and(|e| e.error_len().is_some()));
                        prop_assert!(std::str::from_utf8(&reason[..at]).map_or_else(|e| e.error_len().is_none(), |_| true));
                    }
                }
            }
        }
    }
}
