//! Close frames read with holes, and answered wrongly.

use wsanvil_wire::Rule;
use wsanvil_wire::close::{self, CloseBody, CodeClass, classify};
use wsanvil_wire::utf8;

use crate::{Defect, Defects};

/// Octets of a reason that the check of its start looks at.
const REASON_START: usize = 32;
/// Octets of a reason that are repeated.
const REASON_CUT: usize = 40;

/// The code of a Close body, as the defects let it be read.
pub(super) fn read(defects: Defects, payload: &[u8]) -> Result<Option<u16>, Rule> {
    let code = match close::parse_body(payload) {
        Ok(CloseBody { code, .. }) => code,
        Err(Rule::CloseBodyOneOctet) if defects.has(Defect::CloseAcceptsOneOctet) => None,
        Err(Rule::CloseCode(code)) if takes_code(defects, code) => Some(code),
        Err(Rule::CloseReasonUtf8 { at }) if takes_reason(defects, payload, at) => {
            payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code))
        }
        Err(rule) => return Err(rule),
    };
    if refuses(defects, code, payload.len()) {
        return Err(Rule::CloseCode(code.unwrap_or(close::NO_STATUS)));
    }
    Ok(code)
}

/// Whether a code that must not be sent is taken.
fn takes_code(defects: Defects, code: u16) -> bool {
    let class = classify(code);
    [
        (Defect::CloseAcceptsBadCodes, true),
        (
            Defect::CloseAcceptsBelow1000,
            class == CodeClass::BelowRange && code > 0,
        ),
        (Defect::CloseAccepts999, code == 999),
        (Defect::CloseAccepts1015, code == 1015),
        (Defect::CloseAcceptsUnassigned, class == CodeClass::Reserved),
    ]
    .iter()
    .any(|(defect, matches)| *matches && defects.has(*defect))
}

/// Whether a reason that is wrong from octet `at` on is taken.
fn takes_reason(defects: Defects, payload: &[u8], at: u64) -> bool {
    let reason = payload.get(2..).unwrap_or_default();
    let is_cut = utf8::from_utf8(reason).is_err()
        && std::str::from_utf8(reason).is_err_and(|error| error.error_len().is_none());
    defects.has(Defect::CloseAcceptsBadReason)
        || (is_cut && defects.has(Defect::CloseAcceptsCutReason))
        || (at as usize >= REASON_START && defects.has(Defect::CloseChecksReasonStart))
}

/// Whether a legal Close is refused.
fn refuses(defects: Defects, code: Option<u16>, len: usize) -> bool {
    let code_is = |of: &dyn Fn(u16) -> bool| code.is_some_and(of);
    [
        (
            Defect::CloseRejectsRegistered,
            code_is(&|code| (1012..=1014).contains(&code)),
        ),
        (Defect::CloseRejectsPrivate, code_is(&|code| code >= 3000)),
        (
            Defect::CloseRejectsRangeEnds,
            code_is(&|code| matches!(code, 3000 | 3999 | 4000 | 4999)),
        ),
        (
            Defect::CloseRejectsLaterCodes,
            code_is(&|code| (1007..=1011).contains(&code)),
        ),
        (Defect::CloseRejectsLongReason, len > 123),
        (Defect::CloseRejectsReason, len > 2),
        (Defect::CloseRejectsEmpty, len == 0),
    ]
    .iter()
    .any(|(defect, matches)| *matches && defects.has(*defect))
}

/// The code of the answer.
pub(super) fn answer(defects: Defects, code: Option<u16>) -> Option<u16> {
    match code {
        _ if defects.has(Defect::CloseEmptyAlways) => None,
        _ if defects.has(Defect::CloseWrongCode) => Some(3999),
        None if defects.has(Defect::CloseInvents1005) => Some(close::NO_STATUS),
        Some(code) if defects.has(Defect::CloseSwapsOctets) => Some(code.swap_bytes()),
        Some(code) if defects.has(Defect::CloseTruncatesCode) => Some(code & 0xFF),
        code => code,
    }
}

/// The whole body that is repeated in place of the code alone, when it is.
pub(super) fn repeated(defects: Defects, payload: &[u8]) -> Option<&[u8]> {
    let cut = payload.get(..payload.len().min(2 + REASON_CUT));
    cut.filter(|_| defects.has(Defect::CloseCutsReason))
}
