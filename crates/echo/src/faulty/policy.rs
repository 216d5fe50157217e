//! Defects of who is admitted: origins and credentials.

use wsanvil_wire::http::RequestHead;
use wsanvil_wire::upgrade::{self, ResponseSpec};

use crate::{Defect, Defects};

/// Whether a defect admits an origin that the list lacks.
pub(crate) fn admits_origin(origin: &[u8], list: &[String], defects: Defects) -> bool {
    let has = |defect| defects.has(defect);
    let alike = |alike: fn(&[u8], &[u8]) -> bool| list.iter().any(|known| alike(origin, known.as_bytes()));
    has(Defect::OriginUnchecked)
        || (has(Defect::OriginAdmitsNull) && origin == b"null")
        || (has(Defect::OriginAdmitsEmpty) && origin.is_empty())
        || (has(Defect::OriginByPrefix) && alike(<[u8]>::starts_with))
        || (has(Defect::OriginBySubstring)
            && alike(|origin, known| origin.windows(known.len()).any(|part| part == known)))
}

/// Whether the credentials do, though they are not the expected ones. `expected` is what stands behind the scheme.
pub(crate) fn admits_credentials(head: &RequestHead, expected: &[u8], defects: Defects) -> bool {
    let has = |defect| defects.has(defect);
    let value = head.fields.get("Authorization");
    has(Defect::AuthUnchecked)
        || (has(Defect::AuthAnyCredentials) && value.is_some_and(|value| value.len() > "Basic ".len()))
        || (has(Defect::AuthByPrefix)
            && value.is_some_and(|value| value.get(6..).is_some_and(|token| token.starts_with(expected))))
        || (has(Defect::AuthIgnoresScheme) && value.is_some_and(|value| value.ends_with(expected)))
}

/// The refusal of an origin as a 101 that is closed at once, when a defect refuses like that.
pub(crate) fn refuses_late(head: &RequestHead, defects: Defects) -> Option<Vec<u8>> {
    if !defects.has(Defect::OriginRefusedLate) {
        return None;
    }
    let accepted = upgrade::check_request(head).ok()?;
    let mut octets = accepted.response().write();
    // Close 1008.
    octets.extend_from_slice(&[0x88, 0x02, 0x03, 0xF0]);
    Some(octets)
}

/// The challenge of a 401, unless a defect leaves it out.
pub(crate) fn challenge(response: &mut ResponseSpec, defects: Defects) {
    if !defects.has(Defect::AuthWithoutChallenge) {
        response.add("WWW-Authenticate", "Basic realm=\"wsanvil\"");
    }
}
